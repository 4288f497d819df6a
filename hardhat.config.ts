/** Compilers, the local network and the Solidity tests. No plugin: mocha runs the TypeScript tests. */
import { createRequire } from 'node:module'
import { defineConfig } from 'hardhat/config'

const require = createRequire(import.meta.url)

/** The compiler from npm, pinned by the lockfile; `SOLC_NATIVE=1` takes Hardhat's native build of the same version. */
const solcPath =
  process.env['SOLC_NATIVE'] === '1' ? {} : { path: require.resolve('solc/soljson.js') }

/** Artifacts of the AMMs that the Solidity tests put at their mainnet addresses. */
const realBytecode = [
  'canonical-weth/build/contracts/WETH9.json',
  '@uniswap/v2-core/build/UniswapV2Factory.json',
  '@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json',
  '@uniswap/v4-periphery/foundry-out/PoolManager.sol/PoolManager.default.json',
  '@uniswap/v4-periphery/lib/permit2/test/utils/DeployPermit2.sol',
].map((path) => `node_modules/${path}`)

function compiler(viaIR: boolean, runs: number) {
  // No hash of the sources' surroundings in the code: the same contract gives the same bytes on every machine.
  const metadata = { bytecodeHash: 'none' }
  const settings = { optimizer: { enabled: true, runs }, viaIR, evmVersion: 'osaka', metadata }
  return { compilers: [{ version: '0.8.37', ...solcPath, settings }] }
}

export default defineConfig({
  networks: {
    localnet: {
      type: 'edr-simulated',
      chainType: 'l1',
      chainId: 1,
      hardfork: 'osaka',
      // The builder decides the order of a block; the node must not sort by fee behind its back.
      mining: { mempool: { order: 'fifo' } },
    },
  },
  test: {
    solidity: {
      fuzz: { runs: Number(process.env['FUZZ_RUNS'] ?? 256), seed: '0x1' },
      invariant: { runs: Number(process.env['INVARIANT_RUNS'] ?? 16), depth: 32 },
      // Real pools for the contracts' tests: creation code out of the npm packages.
      fsPermissions: { readFile: realBytecode },
    },
  },
  solidity: {
    splitTestsCompilation: true,
    profiles: {
      default: compiler(false, 200),
      // viaIR takes three times the compile time, so only what is deployed for real is built with it.
      production: compiler(true, 1_000_000),
    },
  },
})
