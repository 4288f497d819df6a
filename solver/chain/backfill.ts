/** Old logs by ranges of blocks that adapt to what the node allows. */
import type { Address, Hex } from '../core/hex.ts'
import type { Log } from './block.ts'
import { type ChainNode, ChainUnreachableError } from './client.ts'
import { readLogs, toQuantity } from './quantity.ts'

/** Which logs: all that match an address and a first topic. Absent fields match everything. */
export type LogFilter = {
  readonly addresses?: readonly Address[] | undefined
  readonly topics?: readonly Hex[] | undefined
  /** Inclusive, both. */
  readonly fromBlock: bigint
  readonly toBlock: bigint
}

/** Blocks of the first request; halved when the node refuses, doubled after a success, never above. */
const rangeBlocks = 10_000n

/**
 * Yields the matching logs in chain order, one request's at a time.
 *
 * @throws {NodeRefusedError} `chain.refused`, when the node refuses even a single block.
 * @throws {ChainUnreachableError} `chain.unreachable`, retryable.
 */
export async function* readPastLogs(
  node: ChainNode,
  filter: LogFilter,
): AsyncGenerator<readonly Log[], void, undefined> {
  const { addresses, topics, toBlock } = filter
  const match = {
    ...(addresses === undefined ? {} : { address: addresses }),
    ...(topics === undefined ? {} : { topics: [topics] }),
  }
  let from = filter.fromBlock
  let range = rangeBlocks
  while (from <= toBlock) {
    const last = from + range - 1n < toBlock ? from + range - 1n : toBlock
    const span = { fromBlock: toQuantity(from), toBlock: toQuantity(last) }
    try {
      yield readLogs(await node.request({ method: 'eth_getLogs', params: [{ ...match, ...span }] }))
      from = last + 1n
      range = range * 2n < rangeBlocks ? range * 2n : rangeBlocks
    } catch (error) {
      if (error instanceof ChainUnreachableError || range === 1n) throw error
      range /= 2n
    }
  }
}
