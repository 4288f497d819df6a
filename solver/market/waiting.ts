/** Pools that a market does not hold now and should: those to be read, and those it does not trust for a while. */
import type { Log } from '../chain/block.ts'
import { limits } from '../core/limits.ts'
import { type PoolId, type PoolRef, toPoolId } from '../pools/pool.ts'

/** A pool whose state differed from the chain's. */
export type Quarantined = {
  readonly ref: PoolRef
  /** Block from which on it is read again. */
  readonly untilBlock: bigint
  /** How often it has differed: each time it waits twice as long. */
  readonly times: number
}

/** The pools that wait; a closure, since it lives as long as its market. */
export type Waiting = {
  /** What to read now. */
  wanted(): readonly PoolRef[]
  want(refs: Iterable<PoolRef>): void
  /** They were asked for: found or not, nobody waits for them any more. */
  settle(ids: Iterable<PoolId>): void
  /**
   * They were not there at `block`: a pool may be created in one block and get its first price in a later one, or a
   * node may have answered nothing. They are wanted again after a while, longer each time.
   */
  rest(refs: Iterable<PoolRef>, block: bigint): void
  /** Those that were not there and now log something are wanted again at once. */
  wake(logs: readonly Log[]): void
  quarantine(ref: PoolRef, block: bigint): void
  isQuarantined(id: PoolId): boolean
  quarantined(): readonly Quarantined[]
  /** Those whose time is over by `block` are wanted again. */
  release(block: bigint): void
  /** Forgets what is wanted and for how long anything was to wait, not how often it differed. */
  clear(): void
}

/** Nothing waits at first. */
export function createWaiting(): Waiting {
  const wanted = new Map<PoolId, PoolRef>()
  const quarantined = new Map<PoolId, Quarantined>()
  const times = new Map<PoolId, number>()
  const dormant = new Map<PoolId, { ref: PoolRef; untilBlock: bigint }>()
  const rests = new Map<PoolId, number>()
  const wakeOne = (name: string | undefined) => {
    const ref = name === undefined ? undefined : dormant.get(toPoolId(name))?.ref
    if (ref === undefined) return
    dormant.delete(ref.id)
    wanted.set(ref.id, ref)
  }
  return {
    wanted: () => [...wanted.values()],
    want(refs) {
      for (const ref of refs) if (!quarantined.has(ref.id)) wanted.set(ref.id, ref)
    },
    settle(ids) {
      for (const id of ids) wanted.delete(id)
    },
    rest(refs, block) {
      for (const ref of refs) {
        const nth = (rests.get(ref.id) ?? 0) + 1
        rests.set(ref.id, nth)
        dormant.set(ref.id, { ref, untilBlock: block + restOf(limits.dormantBlocks, nth) })
      }
      for (const id of dormant.keys()) {
        if (dormant.size <= limits.dormantPools) break
        dormant.delete(id)
        rests.delete(id)
      }
    },
    wake(logs) {
      if (dormant.size === 0) return
      for (const { address, topics } of logs) {
        wakeOne(address)
        wakeOne(topics[1])
      }
    },
    quarantine(ref, block) {
      const nth = (times.get(ref.id) ?? 0) + 1
      times.set(ref.id, nth)
      wanted.delete(ref.id)
      const untilBlock = block + restOf(limits.quarantineBlocks, nth)
      quarantined.set(ref.id, { ref, untilBlock, times: nth })
    },
    isQuarantined: (id) => quarantined.has(id),
    quarantined: () => [...quarantined.values()],
    release(block) {
      for (const [id, { ref, untilBlock }] of quarantined)
        if (untilBlock <= block) {
          quarantined.delete(id)
          wanted.set(id, ref)
        }
      for (const [id, { untilBlock }] of dormant) if (untilBlock <= block) wakeOne(id)
    },
    clear() {
      wanted.clear()
      quarantined.clear()
      dormant.clear()
    },
  }
}

/** Blocks of the `nth` rest: twice as many each time, up to about a day. */
function restOf(first: bigint, nth: number): bigint {
  const doubled = first * 2n ** BigInt(Math.min(nth - 1, 32))
  return doubled < limits.quarantineBlocksMax ? doubled : limits.quarantineBlocksMax
}
