/** What the logs of one block do to the pools of a view. Pure. */
import type { Log } from '../chain/block.ts'
import { moduleOf, type PoolState } from '../pools/index.ts'
import { type PoolId, type PoolRef, toPoolId } from '../pools/pool.ts'
import { applyLog } from './sound.ts'
import type { MarketView } from './view.ts'

/** States after a block, of the pools that it changed; `null` for one that must be read again. */
export type Changes = Map<PoolId, PoolState | null>

/** The states that `logs` change, after the last of them; `null` where they do not say enough. */
export function changesOf(pools: MarketView['pools'], logs: readonly Log[]): Changes {
  const changed: Changes = new Map()
  for (const log of logs)
    for (const id of candidates(log)) {
      const known = changed.get(id)
      const before = known === undefined ? pools.get(id) : known
      if (before === undefined || before === null) continue
      const after = applyLog(before, log)
      if (after !== before) changed.set(id, after)
    }
  return changed
}

/** True when a swap through the pool also depends on what no log of its own tells. */
export function isDrifting(state: PoolState): boolean {
  return moduleOf(state).drifts?.(state) === true
}

/** What is needed to read the pool of `state` again. */
export function refOf(state: PoolState): PoolRef {
  return moduleOf(state).refOf(state)
}

/**
 * The pool that emits, or the pool that a singleton's log names first: whole (Uniswap V4), as the address that
 * its id starts with (Balancer V2), or as an address (Balancer V3). The module decides whether it is meant.
 */
function candidates(log: Log): PoolId[] {
  const named = log.topics[1]
  if (named === undefined) return [toPoolId(log.address)]
  return [log.address, named, named.slice(0, 42), `0x${named.slice(26)}`].map(toPoolId)
}
