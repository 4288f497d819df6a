/** A local chain with tokens that cost whoever trades them, each with a real V2 and V3 pool against WETH. */
import { encodeFunctionData, getContractAddress } from 'viem/utils'
import { mainnet } from '../../solver/chain/chains/mainnet.ts'
import type { Address } from '../../solver/core/hex.ts'
import { toAddress } from '../../solver/core/hex.ts'
import { buildContracts, ownArtifact } from '../../solver/localnet/artifacts.ts'
import { createLocalChain, type LocalChain } from '../../solver/localnet/chain.ts'
import { deployAt } from '../../solver/localnet/deploy.ts'
import { sendCall } from '../../solver/localnet/node.ts'
import { uniswapV2Deployments, uniswapV3Deployments } from '../../solver/pools/deployments.ts'
import { type PoolRef, toPoolId } from '../../solver/pools/pool.ts'
import { uniswapV2Address, uniswapV3Address } from '../../solver/settle/poolAddress.ts'

/** Where the seeder of the local chain stands: it is rich in WETH and pays whoever asks. */
const seeder: Address = '0x5eed000000000000000000000000000000005eed'
const ether = 10n ** 18n
const feePips = 3_000

/** A chain on which tokens can be made and given pools. It mines by itself. */
export type TrapChain = LocalChain & {
  /** A new trap token, all its switches off. */
  trapToken(): Promise<Address>
  /** Sets switches of a trap token. */
  set(token: Address, name: string, ...args: readonly unknown[]): Promise<void>
  /** A V2 pair of 100 WETH and 1,000,000 tokens, the token told that it is a pool. */
  pairOf(
    token: Address,
    depth?: { readonly weth?: bigint; readonly base?: Address },
  ): Promise<PoolRef>
  /** A V3 pool at price 1 with a wide position. */
  tickPoolOf(token: Address): Promise<PoolRef>
}

/** Starts the chain. */
export async function createTrapChain(): Promise<TrapChain> {
  const source = 'test/helpers/TrapToken.sol'
  await buildContracts([source])
  const chain = await createLocalChain()
  const { provider } = chain
  await provider.request({ method: 'evm_setAutomine', params: [true] })
  const trap = ownArtifact(source, 'TrapToken')
  const { abi: seeds } = ownArtifact('localnet/Seeder.sol', 'Seeder')
  const deployer = chain.accounts.deployer.address
  let made = 0
  const set: TrapChain['set'] = async (token, name, ...args) =>
    sendCall(provider, deployer, { to: token, abi: trap.abi, name, args })
  const isTrap = async (token: Address) => {
    const data = encodeFunctionData({ abi: trap.abi, functionName: 'OWNER' })
    const params = [{ to: token, data }, 'latest']
    return provider.request({ method: 'eth_call', params }).then(
      (answer) => answer !== '0x',
      () => false,
    )
  }
  return {
    ...chain,
    set,
    async trapToken() {
      made += 1
      const at = toAddress(getContractAddress({ from: deployer, nonce: BigInt(10_000 + made) }))
      await deployAt(provider, deployer, at, trap)
      return at
    },
    async pairOf(token, { weth = 100n * ether, base = mainnet.wrappedNative } = {}) {
      const amount = 1_000_000n * ether
      await set(token, 'mint', seeder, amount)
      const tokens = sorted(token, base)
      const amounts = tokens[0] === token ? [amount, weth] : [weth, amount]
      const args = [...tokens, ...amounts]
      await sendCall(provider, deployer, { to: seeder, abi: seeds, name: 'seedV2', args })
      const [deployment] = uniswapV2Deployments
      const id = toPoolId(uniswapV2Address(deployment, ...tokens))
      if (await isTrap(token)) await set(token, 'setPool', id)
      return { kind: 'uniswapV2', id, tokens, exchange: deployment.exchange, feePips }
    },
    async tickPoolOf(token) {
      await set(token, 'mint', seeder, 1_000_000n * ether)
      const tokens = sorted(token, mainnet.wrappedNative)
      const call = async (name: string, args: readonly unknown[]) =>
        sendCall(provider, deployer, { to: seeder, abi: seeds, name, args })
      await call('createV3', [...tokens, feePips, 2n ** 96n])
      const [deployment] = uniswapV3Deployments
      const id = toPoolId(uniswapV3Address(deployment, ...tokens, feePips))
      const position = { lower: -60_000, upper: 60_000, liquidity: 100n * ether }
      await call('mintV3', [id, [position]])
      if (await isTrap(token)) await set(token, 'setPool', id)
      const { exchange } = deployment
      return { kind: 'uniswapV3', id, tokens, exchange, feePips, tickSpacing: 60 }
    },
  }
}

function sorted(one: Address, other: Address): [Address, Address] {
  return one < other ? [one, other] : [other, one]
}
