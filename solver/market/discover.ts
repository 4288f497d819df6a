/** Which pools there are, from the logs of the factories that made them. */
import type { Log } from '../chain/block.ts'
import { poolModules } from '../pools/index.ts'
import type { PoolId, PoolRef } from '../pools/pool.ts'

/**
 * The pools that `logs` create, in their order and each once. Pure. Each pool type believes only the factories
 * that it knows, so anybody's log that looks like a factory's creates nothing.
 */
export function discoverPools(logs: Iterable<Log>): PoolRef[] {
  const refs = new Map<PoolId, PoolRef>()
  const modules = Object.values(poolModules)
  for (const log of logs)
    for (const module of modules) {
      const ref = module.discover(log)
      if (ref !== undefined && !refs.has(ref.id)) refs.set(ref.id, ref)
    }
  return [...refs.values()]
}
