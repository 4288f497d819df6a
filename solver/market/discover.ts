/** Which pools there are, from the logs of the factories that made them. */
import type { Log } from '../chain/block.ts'
import type { Address, Hex } from '../core/hex.ts'
import { poolModules } from '../pools/index.ts'
import type { CreationLogs, PoolId, PoolRef } from '../pools/pool.ts'

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

/** All logs from which {@link discoverPools} learns of pools: what to ask a node for. Each address once. */
export function creationLogs(): CreationLogs {
  // What the port calls optional a literal module may lack.
  const modules: readonly { kind: string; creation?: CreationLogs }[] = Object.values(poolModules)
  const all = modules.flatMap(({ creation }) => (creation === undefined ? [] : [creation]))
  return {
    addresses: [...new Set<Address>(all.flatMap(({ addresses }) => addresses))],
    topics: [...new Set<Hex>(all.flatMap(({ topics }) => topics))],
  }
}
