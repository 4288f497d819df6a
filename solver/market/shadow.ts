/**
 * What waits for finality: the changes of each block that a reorg may still take back. Pure values.
 */
import type { BlockRef } from '../chain/block.ts'
import type { PoolState } from '../pools/index.ts'
import type { PoolId, PoolRef } from '../pools/pool.ts'
import type { MarketView } from './view.ts'

/**
 * A pool as a checkpoint knows it. `unread` stands for one whose state is not known at that block: just created,
 * distrusted, or changed by a log that did not say enough. `forgotten` takes it out.
 */
export type KnownPool =
  | { readonly kind: 'state'; readonly state: PoolState }
  | { readonly kind: 'unread'; readonly ref: PoolRef }
  | { readonly kind: 'forgotten' }

/** A view without its pools, at a block that is known. */
export type MarketHead = Omit<MarketView, 'pools' | 'block'> & { readonly block: BlockRef }

/** A block that is not final yet, with the pools that stand otherwise after it than before. */
export type ShadowBlock = {
  readonly head: MarketHead
  readonly pools: ReadonlyMap<PoolId, KnownPool>
}

/**
 * The blocks from the last checkpoint's to the head's, oldest first. The first may be final already: its pools are
 * what is known of that block and not saved. A value; the functions here return the next one.
 */
export type Shadow = readonly [ShadowBlock, ...ShadowBlock[]]

/** `shadow` with what `pools` became known to be at its newest block, whose view `head` is of. */
export function noteNow(
  shadow: Shadow,
  head: MarketHead,
  pools: ReadonlyMap<PoolId, KnownPool>,
): Shadow {
  const [first, ...rest] = shadow
  const newest = rest.at(-1) ?? first
  const next = { head, pools: new Map([...newest.pools, ...pools]) }
  return rest.length === 0 ? [next] : [first, ...rest.slice(0, -1), next]
}

/** `shadow` with one more block. */
export function noteBlock(
  shadow: Shadow,
  head: MarketHead,
  pools: ReadonlyMap<PoolId, KnownPool>,
): Shadow {
  return [...shadow, { head, pools }]
}

/** `shadow` without its newest `depth` blocks. The oldest stays in any case: it is final. */
export function noteReorg(shadow: Shadow, depth: number): Shadow {
  const [first, ...rest] = shadow
  return [first, ...rest.slice(0, Math.max(0, rest.length - depth))]
}

/** `shadow` from block `number` on, and what the blocks up to there changed, the newest word on each pool. */
export function takeFinal(
  shadow: Shadow,
  number: bigint,
): { readonly shadow: Shadow; readonly pools: ReadonlyMap<PoolId, KnownPool> } {
  const [first, ...rest] = shadow
  const final = rest.filter(({ head }) => head.block.number <= number)
  const pools = new Map(first.pools)
  for (const block of final) for (const [id, pool] of block.pools) pools.set(id, pool)
  const base = { head: (final.at(-1) ?? first).head, pools: new Map<PoolId, KnownPool>() }
  return { shadow: [base, ...rest.slice(final.length)], pools }
}

/** `shadow` in which nothing of `pools` is believed any more, at no block: `known` takes its place from the oldest on. */
export function noteDoubt(shadow: Shadow, pools: ReadonlyMap<PoolId, KnownPool>): Shadow {
  const without = shadow.map(({ head, pools: held }) => ({
    head,
    pools: new Map([...held].filter(([id]) => !pools.has(id))),
  }))
  const [first, ...rest] = without
  if (first === undefined) return shadow
  return [{ head: first.head, pools: new Map([...first.pools, ...pools]) }, ...rest]
}

/** `shadow` to which `pools`, taken before and not saved after all, are given back: what came after them counts. */
export function putBack(shadow: Shadow, pools: ReadonlyMap<PoolId, KnownPool>): Shadow {
  const [first, ...rest] = shadow
  return [{ head: first.head, pools: new Map([...pools, ...first.pools]) }, ...rest]
}
