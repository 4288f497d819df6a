/**
 * The consistency watch: at random blocks some pools are read on chain again and compared with what the market
 * made of the logs. What differs is taken out at once, since a quote through it would promise a price that is
 * not there.
 */
import type { BlockRef } from '../chain/block.ts'
import { limits } from '../core/limits.ts'
import type { Rng } from '../core/rng.ts'
import type { PoolState } from '../pools/index.ts'
import type { PoolId, PoolRef } from '../pools/pool.ts'
import { refOf } from './changes.ts'
import { type Difference, differenceOf } from './difference.ts'
import type { Market } from './market.ts'

/** A pool whose state was not the chain's. */
export type Mismatch = {
  readonly pool: PoolId
  readonly kind: string
  readonly block: BlockRef
  /** Absent when the chain does not have the pool at all. */
  readonly difference?: Difference | undefined
}

/** A reading in which most pools differed. */
export type Suspicion = {
  readonly block: BlockRef
  readonly differing: number
  readonly compared: number
}

/** What a watch is made of. */
export type WatchOptions = {
  readonly market: Market
  /** Reads pools at a block, as `readMarket` does. */
  readonly read: (
    refs: readonly PoolRef[],
    blockNumber: bigint,
  ) => Promise<{ readonly block: BlockRef; readonly pools: ReadonlyMap<PoolId, PoolState> }>
  /** Draws the blocks and the pools: who could foresee them could hide from them. */
  readonly rng: Rng
  /** One block in so many is looked at; 5 when absent. */
  readonly everyBlocks?: number | undefined
  /** Pools read each time; 16 when absent. */
  readonly sample?: number | undefined
  readonly onMismatch?: ((mismatch: Mismatch) => void) | undefined
  /** Most of a sample differed: the reading is doubted, and nothing is taken out. */
  readonly onSuspect?: ((suspicion: Suspicion) => void) | undefined
}

/**
 * A function to call after each block that the market took. It draws whether to look, reads a sample of the pools
 * at the view's block, and quarantines those that differ.
 *
 * @returns What differed; empty on most blocks. A reading of another branch of the chain is no evidence, and one in
 *   which most pools differ speaks against the node.
 */
export function createWatch(options: WatchOptions): () => Promise<readonly Mismatch[]> {
  const { market, read, rng, onMismatch, onSuspect } = options
  const { everyBlocks = limits.watchEveryBlocks, sample = limits.watchSample } = options
  return async () => {
    const { block, pools } = market.view()
    if (block === undefined || rng.next() * everyBlocks >= 1) return []
    const drawn = draw([...pools.values()], sample, rng)
    const seen = await read(drawn.map(refOf), block.number)
    if (seen.block.hash !== block.hash || market.view().block?.hash !== block.hash) return []
    const mismatches = drawn.flatMap((held): Mismatch[] => {
      const chain = seen.pools.get(held.id)
      const difference = chain === undefined ? undefined : differenceOf(held, chain)
      if (chain !== undefined && difference === undefined) return []
      return [{ pool: held.id, kind: held.kind, block, difference }]
    })
    // Our maths is wrong about one pool or another, never about most at once: then it is the node that is wrong.
    if (mismatches.length * 2 > drawn.length && drawn.length > 1) {
      onSuspect?.({ block, differing: mismatches.length, compared: drawn.length })
      return []
    }
    for (const mismatch of mismatches) {
      market.quarantine(mismatch.pool)
      onMismatch?.(mismatch)
    }
    return mismatches
  }
}

/** `count` different ones of `items`, or all when there are no more. */
function draw<item>(items: item[], count: number, rng: Rng): readonly item[] {
  const drawn = Math.min(count, items.length)
  for (let i = 0; i < drawn; i++) {
    const other = rng.int(i, items.length - 1)
    const [a, b] = [items[i], items[other]]
    if (a !== undefined && b !== undefined) [items[i], items[other]] = [b, a]
  }
  return items.slice(0, drawn)
}
