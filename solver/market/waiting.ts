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
  /** They were not there: a pool may be created in one block and get its first price in a later one. */
  rest(refs: Iterable<PoolRef>): void
  /** Those that were not there and now log something are wanted again. */
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
  const dormant = new Map<PoolId, PoolRef>()
  const wakeOne = (name: string | undefined) => {
    const ref = name === undefined ? undefined : dormant.get(toPoolId(name))
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
    rest(refs) {
      for (const ref of refs) dormant.set(ref.id, ref)
      for (const id of dormant.keys()) {
        if (dormant.size <= limits.dormantPools) break
        dormant.delete(id)
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
      const doubled = limits.quarantineBlocks * 2n ** BigInt(nth - 1)
      const rest = doubled < limits.quarantineBlocksMax ? doubled : limits.quarantineBlocksMax
      times.set(ref.id, nth)
      wanted.delete(ref.id)
      quarantined.set(ref.id, { ref, untilBlock: block + rest, times: nth })
    },
    isQuarantined: (id) => quarantined.has(id),
    quarantined: () => [...quarantined.values()],
    release(block) {
      for (const [id, { ref, untilBlock }] of quarantined)
        if (untilBlock <= block) {
          quarantined.delete(id)
          wanted.set(id, ref)
        }
    },
    clear() {
      wanted.clear()
      quarantined.clear()
    },
  }
}
