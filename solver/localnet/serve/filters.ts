/** Polling filters of the public side: pending transactions, blocks, logs. */
import { randomBytes } from 'node:crypto'
import type { Hex } from '../../core/hex.ts'
import { limits } from '../../core/limits.ts'
import { RpcError, rpcCodes } from './rpcError.ts'

/** Which logs: as `eth_getLogs` takes it. */
export type LogCriteria = Readonly<Record<string, unknown>>

/** The node's own filters would see blocks that are only tried, so these keep their own books. */
export type Filters = {
  create(kind: 'pending' | 'block'): Hex
  createLogs(criteria: LogCriteria, head: bigint): Hex
  remove(id: unknown): boolean
  /** A new block's or a public transaction's hash. */
  push(kind: 'pending' | 'block', hash: Hex): void
  /** What came since the last poll. Rejects with -32000 `filter not found`. */
  changes(id: unknown, head: bigint): Promise<readonly unknown[]>
  logs(id: unknown): Promise<readonly unknown[]>
}

type Filter =
  | { readonly kind: 'pending' | 'block'; items: Hex[] }
  | { readonly kind: 'logs'; readonly criteria: LogCriteria; nextBlock: bigint }

/**
 * Makes the filters; `getLogs` asks the sealed chain.
 *
 * @throws {RpcError} -32000, from `changes` and `logs`, for an unknown filter.
 */
export function createFilters(
  getLogs: (criteria: LogCriteria) => Promise<readonly unknown[]>,
): Filters {
  const filters = new Map<string, Filter>()
  const add = (filter: Filter): Hex => {
    const id: Hex = `0x${randomBytes(16).toString('hex')}`
    const [oldest] = filters.keys()
    if (filters.size >= limits.filters && oldest !== undefined) filters.delete(oldest)
    filters.set(id, filter)
    return id
  }
  const find = (id: unknown): Filter => {
    const filter = filters.get(String(id))
    if (filter === undefined) throw new RpcError(rpcCodes.server, 'filter not found')
    return filter
  }
  return {
    create: (kind) => add({ kind, items: [] }),
    createLogs: (criteria, head) => add({ kind: 'logs', criteria, nextBlock: head + 1n }),
    remove: (id) => filters.delete(String(id)),
    push(kind, hash) {
      for (const filter of filters.values())
        if (filter.kind === kind) filter.items = [...filter.items, hash].slice(-limits.filterItems)
    },
    async changes(id, head) {
      const filter = find(id)
      if (filter.kind !== 'logs') {
        const { items } = filter
        filter.items = []
        return items
      }
      if (head < filter.nextBlock) return []
      const fromBlock = `0x${filter.nextBlock.toString(16)}`
      filter.nextBlock = head + 1n
      return getLogs({ ...filter.criteria, fromBlock, toBlock: `0x${head.toString(16)}` })
    },
    async logs(id) {
      const filter = find(id)
      if (filter.kind !== 'logs') throw new RpcError(rpcCodes.server, 'filter not found')
      return getLogs(filter.criteria)
    },
  }
}
