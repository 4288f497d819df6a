/**
 * A chain that moves a seeded market: every block swaps in some pools and changes the liquidity of others, some
 * blocks are taken back. It knows the true state of every pool at every block, from its own books and not from
 * the logs, and answers as a node does.
 */
import type { BlockRef, Log } from '../../solver/chain/block.ts'
import { mainnet } from '../../solver/chain/chains/mainnet.ts'
import { finalityBlocks } from '../../solver/chain/head.ts'
import { toQuantity } from '../../solver/chain/quantity.ts'
import { type RpcServer, serveRpc } from '../../solver/chain/rpcServer.ts'
import type { Hex } from '../../solver/core/hex.ts'
import { createRng, type Rng } from '../../solver/core/rng.ts'
import type { MarketView } from '../../solver/market/view.ts'
import { moduleOf, type PoolState } from '../../solver/pools/index.ts'
import { toWord } from '../../solver/pools/logWords.ts'
import type { PoolId } from '../../solver/pools/pool.ts'
import type { UniswapV3State, UniswapV4State } from '../../solver/pools/states.ts'
import { hashOf } from './fakeNode.ts'
import { ticksOf } from './pools.ts'
import { createUniverse } from './universe.ts'

type Pools = ReadonlyMap<PoolId, PoolState>
type Block = BlockRef & { readonly logs: readonly Log[]; readonly before: Pools }

/** The chain and its truth. */
export type MovingChain = {
  /** The market at the first block. */
  readonly start: MarketView & { readonly block: BlockRef }
  head(): BlockRef
  /** One more block. */
  mine(): void
  /** Takes the newest `depth` blocks back; the first block stays. */
  drop(depth: number): void
  /** Every pool after the block of `hash`, `undefined` for a block that is not on the chain now. */
  truthAt(hash: Hex): ReadonlyMap<PoolId, PoolState> | undefined
  /** Serves the chain on 127.0.0.1. */
  serve(): Promise<RpcServer>
}

/** Topics by what they are for: events of the pools, as `solver/pools` reads them. */
const topics = {
  sync: '0x1c411e9a96e071241c2f21f7726b17ae89e3cab4c78be50e062b03a9fffbbad1',
  v3Swap: '0xc42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67',
  v3Mint: '0x7a53080ba414158be7ec69b987b5fb7d07dee101fe85488f0853ae16239d0bde',
  v4Swap: '0x40e9cecb9f5f1f1c5b9c97dec2917b7ee92e57ba5563708daca94dd84ad7112f',
  v4Modify: '0xf208f4912782fd25c7f114ca3723a2d5dd6f3bcc3ac8db5af63baa85f711d5ec',
} as const satisfies Record<string, Hex>

/** Makes the chain of `seed`: `pools` pools, `changes` of them changed in each block. */
export function createMovingChain(options: {
  readonly seed: number
  readonly pools: number
  readonly changes: number
}): MovingChain {
  const rng = createRng(options.seed)
  const { view } = createUniverse({
    seed: options.seed,
    pools: options.pools,
    tokens: Math.max(8, Math.ceil(options.pools / 8)),
    v4Share: 0.3,
    gasPrice: 10n ** 9n,
  })
  const ids = [...view.pools.keys()]
  let made = 1
  const first = { number: 100n, hash: hashOf(1), parentHash: hashOf(0), timestamp: 1_700_000_000n }
  const chain: Block[] = [{ ...first, logs: [], before: new Map() }]
  const truth = new Map(view.pools)
  const last = () => chain.at(-1) ?? { ...first, logs: [], before: new Map() }

  const mine = () => {
    const before = new Map<PoolId, PoolState>()
    const logs = Array.from({ length: options.changes }, () => {
      const id = ids[rng.int(0, ids.length - 1)] ?? ids[0]
      const state = id === undefined ? undefined : truth.get(id)
      if (state === undefined) return []
      const { next, log } = move(state, rng)
      if (!before.has(state.id)) before.set(state.id, state)
      truth.set(state.id, next)
      return [log]
    }).flat()
    const { number, hash: parentHash, timestamp } = last()
    const head = { number: number + 1n, hash: hashOf(++made), parentHash }
    chain.push({ ...head, timestamp: timestamp + 12n, logs, before })
  }
  const handler = (method: string, [name]: readonly unknown[]) => {
    if (method === 'eth_chainId') return toQuantity(view.chainId)
    if (method === 'eth_getBlockByHash') return toRpc(chain.find(({ hash }) => hash === name))
    if (method === 'eth_getLogs') return logsOf(chain, (name as { blockHash: Hex }).blockHash)
    if (method !== 'eth_getBlockByNumber') throw new TypeError(`unknown method ${method}`)
    if (name === 'latest') return toRpc(last())
    if (name === 'finalized') return toRpc(chain.at(-1 - finalityBlocks) ?? chain[0])
    return toRpc(chain.find((each) => toQuantity(each.number) === name))
  }
  return {
    start: { ...view, block: first },
    head: last,
    mine,
    drop(depth) {
      for (const block of chain.splice(Math.max(1, chain.length - depth)).toReversed())
        for (const [id, state] of block.before) truth.set(id, state)
    },
    truthAt(hash) {
      const at = chain.findIndex((block) => block.hash === hash)
      if (at === -1) return undefined
      const then = new Map(truth)
      for (const block of chain.slice(at + 1).toReversed())
        for (const [id, state] of block.before) then.set(id, state)
      return then
    },
    serve: () => serveRpc(handler),
  }
}

function toRpc(block: BlockRef | undefined): unknown {
  if (block === undefined) return null
  const { number, hash, parentHash, timestamp } = block
  return { number: toQuantity(number), hash, parentHash, timestamp: toQuantity(timestamp) }
}

function logsOf(chain: readonly Block[], hash: Hex): unknown {
  const block = chain.find((each) => each.hash === hash)
  if (block === undefined) throw new TypeError('unknown block')
  return block.logs.map((log, index) => ({
    ...log,
    blockHash: hash,
    blockNumber: toQuantity(block.number),
    logIndex: toQuantity(index),
  }))
}

/** What happens to one pool: its state after, and the log that says so. */
function move(state: PoolState, rng: Rng): { next: PoolState; log: Log } {
  if (state.kind === 'uniswapV2') {
    const reserves = [nudged(state.reserves[0], rng), nudged(state.reserves[1], rng)] as const
    return { next: { ...state, reserves }, log: aLog(state.id, [topics.sync], reserves) }
  }
  if (state.kind !== 'uniswapV3' && state.kind !== 'uniswapV4')
    throw new TypeError(`the universe has no ${state.kind}`)
  return rng.next() < 0.4 ? addLiquidity(state, rng) : swap(state, rng)
}

function nudged(reserve: bigint, rng: Rng): bigint {
  return (reserve * BigInt(rng.int(900_000, 1_100_000))) / 1_000_000n + 1n
}

type TickPool = UniswapV3State | UniswapV4State

function swap(state: TickPool, rng: Rng): { next: PoolState; log: Log } {
  const indexIn = rng.int(0, 1)
  const amountIn = rng.logUniform(10n ** 3n, 10n ** 20n)
  const module = moduleOf(state)
  const done = module.swapExactIn(state, { indexIn, indexOut: 1 - indexIn, amountIn })
  // Of the swap only what it leaves is taken over, as a node's slot would show it.
  const { sqrtPriceX96, tick, liquidity } = done.next
  const next = { ...state, sqrtPriceX96, tick, liquidity }
  const after = [sqrtPriceX96, liquidity, BigInt(tick)]
  const [paid, taken] = [done.amountIn, -done.amountOut]
  if (state.kind === 'uniswapV3') {
    const amounts = indexIn === 0 ? [paid, taken] : [taken, paid]
    const names = [topics.v3Swap, hashOf(7), hashOf(7)]
    return { next, log: aLog(state.id, names, [...amounts, ...after]) }
  }
  // V4 says what the swapper's balance changed by.
  const amounts = indexIn === 0 ? [-paid, -taken] : [-taken, -paid]
  const words = [...amounts, ...after, BigInt(state.feePips)]
  return {
    next,
    log: aLog(mainnet.uniswapV4PoolManager, [topics.v4Swap, state.id, hashOf(7)], words),
  }
}

/** A new position; its ticks are booked here by adding it to the list of all positions' ends. */
function addLiquidity(state: TickPool, rng: Rng): { next: PoolState; log: Log } {
  const { tickSpacing, tick } = state
  const centre = Math.floor(tick / tickSpacing)
  const lower = (centre - rng.int(1, 40)) * tickSpacing
  const upper = (centre + rng.int(1, 40)) * tickSpacing
  const liquidity = rng.logUniform(10n ** 6n, 10n ** 18n)
  const added = ticksOf([{ lower, upper, liquidity }])
  const sums = new Map(state.ticks.map((each) => [each.index, each]))
  for (const each of added) {
    const held = sums.get(each.index)
    sums.set(each.index, {
      index: each.index,
      liquidityNet: (held?.liquidityNet ?? 0n) + each.liquidityNet,
      liquidityGross: (held?.liquidityGross ?? 0n) + (each.liquidityGross ?? 0n),
    })
  }
  const ticks = [...sums.values()].toSorted((left, right) => left.index - right.index)
  const isActive = lower <= tick && tick < upper
  const next = { ...state, ticks, liquidity: state.liquidity + (isActive ? liquidity : 0n) }
  const ends = [lower, upper].map((each) => word(BigInt(each)))
  if (state.kind === 'uniswapV3') {
    const names = [topics.v3Mint, hashOf(7), ...ends]
    return { next, log: aLog(state.id, names, [7n, liquidity, 1n, 1n]) }
  }
  const words = [BigInt(lower), BigInt(upper), liquidity, 0n]
  const names = [topics.v4Modify, state.id, hashOf(7)]
  return { next, log: aLog(mainnet.uniswapV4PoolManager, names, words) }
}

function aLog(address: Hex, names: readonly Hex[], words: readonly bigint[]): Log {
  return { address, topics: names, data: `0x${words.map(toWord).join('')}` }
}

function word(value: bigint): Hex {
  return `0x${toWord(value)}`
}
