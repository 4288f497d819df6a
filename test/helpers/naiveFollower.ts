/** A follower as the naive write it, for controls: it believes each message, asks by number, and knows no reorg. */
import type { ChainNode } from '../../solver/chain/client.ts'
import type { ChainEvent, FollowOptions } from '../../solver/chain/head.ts'
import { readBlockRef, readLogs, toQuantity } from '../../solver/chain/quantity.ts'
import type { BlockRef } from '../../solver/chain/block.ts'

/** Yields one block per message of a new head; parents are what the market wants to hear. */
export async function* followNaively(
  node: ChainNode,
  { from, topics, signal }: FollowOptions,
): AsyncGenerator<ChainEvent, void, undefined> {
  let waiting = 0
  const stop = node.watchHeads?.(() => (waiting += 1))
  let last: BlockRef = from
  const isOver = () => signal?.aborted === true
  try {
    while (!isOver()) {
      if (waiting === 0) await new Promise((resolve) => setTimeout(resolve, 5))
      if (waiting === 0) continue
      waiting -= 1
      const tag = toQuantity(last.number + 1n)
      const header = await node.request({ method: 'eth_getBlockByNumber', params: [tag, false] })
      if (header === null) continue
      const block = { ...readBlockRef(header), parentHash: last.hash }
      const filter = { fromBlock: tag, toBlock: tag, topics: topics === undefined ? [] : [topics] }
      const logs = readLogs(await node.request({ method: 'eth_getLogs', params: [filter] }))
      last = block
      yield { kind: 'block', block, logs }
    }
  } finally {
    stop?.()
  }
}
