/** The venues' published bytecode at their mainnet addresses. */
import { mainnet } from '../chain/chains/mainnet.ts'
import { type Address, zeroAddress } from '../core/hex.ts'
import { multicall3Artifact, packageArtifact, permit2Code } from './artifacts.ts'
import { deployAt } from './deploy.ts'
import { type Artifact, type HiddenNode, sendCall } from './node.ts'

const v3Core = '@uniswap/v3-core/artifacts/contracts'
const v3Periphery = '@uniswap/v3-periphery/artifacts/contracts'
const v4 = '@uniswap/v4-periphery/foundry-out'

/** Uniswap V4's PoolManager as published. */
export function poolManagerArtifact(): Artifact {
  return packageArtifact(`${v4}/PoolManager.sol/PoolManager.default.json`)
}

/**
 * Deploys Uniswap V2, V3 and V4 with their routers and lenses, Permit2 and Multicall3.
 *
 * The node must mine by itself; `deployer` is unlocked and owns what can be owned.
 *
 * @throws {SetUpFailedError} `localnet.set-up-failed`.
 */
export async function deployVenues(node: HiddenNode, deployer: Address): Promise<void> {
  const at = (address: Address, path: string, args: readonly unknown[] = []) =>
    deployAt(node, deployer, address, packageArtifact(path), args)
  const weth = mainnet.wrappedNative
  const [factoryV2, factoryV3] = [mainnet.uniswapV2Factory, mainnet.uniswapV3Factory]
  const positions = mainnet.uniswapV3PositionManager
  const manager = mainnet.uniswapV4PoolManager
  await at(factoryV2, '@uniswap/v2-core/build/UniswapV2Factory.json', [deployer])
  await at(mainnet.uniswapV2Router, '@uniswap/v2-periphery/build/UniswapV2Router02.json', [
    factoryV2,
    weth,
  ])
  await at(factoryV3, `${v3Core}/UniswapV3Factory.sol/UniswapV3Factory.json`)
  // The descriptor draws pictures of positions; nothing here looks at them.
  await at(
    positions,
    `${v3Periphery}/NonfungiblePositionManager.sol/NonfungiblePositionManager.json`,
    [factoryV3, weth, zeroAddress],
  )
  await at(mainnet.uniswapV3QuoterV2, `${v3Periphery}/lens/QuoterV2.sol/QuoterV2.json`, [
    factoryV3,
    weth,
  ])
  await at(
    mainnet.uniswapV3SwapRouter02,
    '@uniswap/swap-router-contracts/artifacts/contracts/SwapRouter02.sol/SwapRouter02.json',
    [factoryV2, factoryV3, positions, weth],
  )
  await deployAt(node, deployer, manager, poolManagerArtifact(), [deployer])
  await at(mainnet.uniswapV4Quoter, `${v4}/V4Quoter.sol/V4Quoter.json`, [manager])
  await at(mainnet.uniswapV4StateView, `${v4}/StateView.sol/StateView.json`, [manager])
  await node.request({ method: 'hardhat_setCode', params: [mainnet.permit2, permit2Code()] })
  await deployAt(node, deployer, mainnet.multicall3, multicall3Artifact())
  await enableHundredthTier(node, deployer)
}

/** Mainnet's governance added the tier of 1/100 % after the deployment. */
async function enableHundredthTier(node: HiddenNode, deployer: Address): Promise<void> {
  const { abi } = packageArtifact(`${v3Core}/UniswapV3Factory.sol/UniswapV3Factory.json`)
  const to = mainnet.uniswapV3Factory
  await sendCall(node, deployer, { to, abi, name: 'enableFeeAmount', args: [100, 1] })
}
