/**
 * A local chain that trades and forks: swaps on Uniswap V2 and V3, positions on V3 and V4, and reorgs that take
 * blocks back and put others in their place, with the same transactions or with new ones.
 */
import { encodeFunctionData, parseAbi } from 'viem/utils'
import { mainnet, mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import { createRng, type Rng } from '../../solver/core/rng.ts'
import { type Address, type Hex, zeroAddress } from '../../solver/core/hex.ts'
import { createLocalChain, type LocalChain } from '../../solver/localnet/chain.ts'
import { type ServedNode, serveNode } from '../../solver/localnet/serve/serve.ts'
import type { PoolRef } from '../../solver/pools/pool.ts'

const abi = parseAbi([
  'function approve(address spender, uint256 amount)',
  'function swapExactTokensForTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline)',
  'function exactInputSingle((address tokenIn, address tokenOut, uint24 fee, address recipient, uint256 amountIn, uint256 amountOutMinimum, uint160 sqrtPriceLimitX96) params)',
  'struct Position { int24 lower; int24 upper; uint128 liquidity; }',
  'struct PoolKey { address currency0; address currency1; uint24 fee; int24 tickSpacing; address hooks; }',
  'function mintV3(address pool, Position[] positions)',
  'function mintV4(PoolKey key, Position[] positions)',
])

const seeder: Address = '0x5eed000000000000000000000000000000005eed'
const routers = [mainnet.uniswapV2Router, mainnet.uniswapV3SwapRouter02]

/** A transaction to send again on another branch. */
type Trade = { readonly to: Address; readonly data: Hex }

/** What one reorg did. */
export type Reorg = { readonly depth: number; readonly orphans: readonly Hex[] }

/** The chain, and what may happen to it. */
export type ReorgWorld = {
  readonly chain: LocalChain
  readonly served: ServedNode
  /** Seals one block with up to four trades. */
  mine(): Promise<void>
  /** Takes the last `depth` blocks back and seals `depth + 1` others. `again` brings their transactions back. */
  reorg(depth: number, again: boolean): Promise<Reorg>
  head(): Promise<{ readonly number: bigint; readonly hash: Hex; readonly timestamp: bigint }>
  /** Trades that were sent, by what they do. */
  readonly sent: Map<string, number>
  close(): Promise<void>
}

/** Blocks that a reorg may take back. */
const depthMax = 7

/** Starts the world of `seed`, with a few blocks of trades to fall back on. */
export async function createReorgWorld(seed: number): Promise<ReorgWorld> {
  const rng = createRng(seed)
  const chain = await createLocalChain()
  const { address: trader } = chain.accounts.owner(0)
  await fundTrader(chain, trader)
  const served = await serveNode(chain.provider, { port: 0 })
  const sent = new Map<string, number>()
  /** Before each of the last blocks: where to fall back to, and what the block held. */
  let past: { point: unknown; hash: Hex; trades: readonly Trade[] }[] = []
  const head = async () => {
    const block = await served.node.request({
      method: 'eth_getBlockByNumber',
      params: ['latest', false],
    })
    const { number, hash, timestamp } = block as { number: Hex; hash: Hex; timestamp: Hex }
    return { number: BigInt(number), hash, timestamp: BigInt(timestamp) }
  }
  const seal = async (trades: readonly Trade[], seconds = 12n) => {
    const point = await served.node.request({ method: 'evm_snapshot', params: [] })
    for (const { to, data } of trades)
      await served.node.request({
        method: 'eth_sendTransaction',
        params: [{ from: trader, to, data, gas: '0x2dc6c0' }],
      })
    const { timestamp } = await head()
    const { hash } = await served.seal({ timestamp: timestamp + seconds })
    past = [...past.slice(1 - depthMax), { point, hash, trades }]
  }
  const draw = () =>
    Array.from({ length: rng.int(0, 4) }, () => {
      const [name, trade] = aTrade(chain.pools, trader, rng)
      sent.set(name, (sent.get(name) ?? 0) + 1)
      return trade
    })
  const mine = () => seal(draw())
  for (let block = 0; block < depthMax; block++) await mine()
  return {
    chain,
    served,
    mine,
    head,
    sent,
    async reorg(depth, again) {
      const gone = past.slice(-depth)
      past = past.slice(0, -depth)
      await served.node.request({ method: 'evm_revert', params: [gone[0]?.point] })
      // Later by a second than what it replaces: the same trades at the same time would be the same block.
      for (const { trades } of gone) await seal(again ? trades : draw(), 13n)
      await mine()
      return { depth, orphans: gone.map(({ hash }) => hash) }
    },
    async close() {
      await served.close()
      await chain.close()
    },
  }
}

async function fundTrader(chain: LocalChain, trader: Address): Promise<void> {
  const send = (to: Address, data: Hex) =>
    chain.provider.request({ method: 'eth_sendTransaction', params: [{ from: trader, to, data }] })
  for (const { address, decimals } of Object.values(mainnetTokens)) {
    await chain.fund(trader, address, 10n ** BigInt(decimals + 6))
    for (const spender of routers)
      await send(
        address,
        encodeFunctionData({ abi, functionName: 'approve', args: [spender, 10n ** 40n] }),
      )
    await chain.provider.request({ method: 'evm_mine' })
  }
}

function aTrade(
  pools: readonly PoolRef[],
  trader: Address,
  rng: Rng,
): readonly [name: string, trade: Trade] {
  const pool = pools[rng.int(0, pools.length - 1)]
  if (pool === undefined) throw new TypeError('a chain without pools')
  const side = rng.int(0, 1)
  const tokenIn = pool.tokens[side] ?? zeroAddress
  const tokenOut = pool.tokens[1 - side] ?? zeroAddress
  const decimals = Object.values(mainnetTokens).find(({ address }) => address === tokenIn)?.decimals
  const amountIn = rng.logUniform(
    10n ** BigInt((decimals ?? 18) - 3),
    10n ** BigInt(decimals ?? 18),
  )
  if (pool.kind === 'uniswapV2') {
    const args = [amountIn, 0n, [tokenIn, tokenOut], trader, 10n ** 12n] as const
    const data = encodeFunctionData({ abi, functionName: 'swapExactTokensForTokens', args })
    return ['swap V2', { to: mainnet.uniswapV2Router, data }]
  }
  const { feePips: fee = 0, tickSpacing = 1 } = pool
  if (pool.kind === 'uniswapV3' && rng.next() < 0.7) {
    const params = {
      tokenIn,
      tokenOut,
      fee,
      recipient: trader,
      amountIn,
      amountOutMinimum: 0n,
      sqrtPriceLimitX96: 0n,
    }
    const data = encodeFunctionData({ abi, functionName: 'exactInputSingle', args: [params] })
    return ['swap V3', { to: mainnet.uniswapV3SwapRouter02, data }]
  }
  const lower = rng.int(-600, 500) * tickSpacing
  const upper = lower + rng.int(1, 200) * tickSpacing
  const positions = [{ lower, upper, liquidity: rng.logUniform(10n ** 3n, 10n ** 9n) }]
  if (pool.kind === 'uniswapV3') {
    const data = encodeFunctionData({ abi, functionName: 'mintV3', args: [pool.id, positions] })
    return ['mint V3', { to: seeder, data }]
  }
  const [currency0 = zeroAddress, currency1 = zeroAddress] = pool.tokens
  const key = { currency0, currency1, fee, tickSpacing, hooks: zeroAddress }
  const data = encodeFunctionData({ abi, functionName: 'mintV4', args: [key, positions] })
  return ['mint V4', { to: seeder, data }]
}
