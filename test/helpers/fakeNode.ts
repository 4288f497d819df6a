/** Stands for the one edge that tests of the chain cannot have: a node whose history they write themselves. */
import type { BlockRef, Log } from '../../solver/chain/block.ts'
import { type ChainNode, NodeRefusedError } from '../../solver/chain/client.ts'
import { toQuantity } from '../../solver/chain/quantity.ts'
import type { Hex } from '../../solver/core/hex.ts'

type FakeBlock = BlockRef & { readonly logs: readonly Log[] }

/** A node with a history that grows, forks and forgets on demand. */
export type FakeNode = ChainNode & {
  /** The true chain, oldest first. */
  canonical(): readonly FakeBlock[]
  /** Adds one block. */
  mine(logs?: readonly Log[]): FakeBlock
  /** Drops the newest `depth` blocks. */
  drop(depth: number): void
  /** The next `looks` questions for the head are answered with a block `blocks` below it. */
  lag(blocks: number, looks: number): void
  /** The next question for logs is refused and the head dropped first, as when it is reorganised meanwhile. */
  dropBeforeLogs(): void
  /** Every request so far, by method. */
  readonly asked: readonly string[]
}

/** A chain of one block, number 100. Hashes are counters: no two blocks ever share one. */
export function createFakeNode(): FakeNode {
  let made = 0
  const asked: string[] = []
  const chain: FakeBlock[] = []
  const known = new Map<Hex, FakeBlock>()
  let lagging = { blocks: 0, looks: 0 }
  let dropsBeforeLogs = false

  const mine = (logs: readonly Log[] = []): FakeBlock => {
    const parent = chain.at(-1)
    const block: FakeBlock = {
      number: (parent?.number ?? 99n) + 1n,
      hash: hashOf(++made),
      parentHash: parent?.hash ?? hashOf(0),
      timestamp: (parent?.timestamp ?? 1_700_000_000n) + 12n,
      logs,
    }
    chain.push(block)
    known.set(block.hash, block)
    return block
  }
  const drop = (depth: number) => {
    for (const block of chain.splice(chain.length - depth, depth)) known.delete(block.hash)
  }
  const head = (): FakeBlock | undefined => {
    if (lagging.looks === 0) return chain.at(-1)
    lagging = { ...lagging, looks: lagging.looks - 1 }
    return chain.at(-1 - lagging.blocks)
  }
  const logsOf = (hash: Hex) => {
    if (dropsBeforeLogs) drop(1)
    dropsBeforeLogs = false
    const block = known.get(hash)
    if (block === undefined)
      throw new NodeRefusedError({ method: 'eth_getLogs', cause: 'unknown block' })
    return block.logs.map((log, index) => ({
      ...log,
      blockNumber: toQuantity(block.number),
      logIndex: toQuantity(index),
    }))
  }
  mine()
  return {
    asked,
    canonical: () => chain,
    mine,
    drop,
    lag: (blocks, looks) => (lagging = { blocks, looks }),
    dropBeforeLogs: () => (dropsBeforeLogs = true),
    request({ method, params = [] }) {
      asked.push(method)
      const [name] = params
      if (method === 'eth_getBlockByHash') return Promise.resolve(toRpc(known.get(name as Hex)))
      if (method === 'eth_getLogs')
        return Promise.resolve().then(() => logsOf((name as { blockHash: Hex }).blockHash))
      if (method !== 'eth_getBlockByNumber') throw new TypeError(`the fake does not know ${method}`)
      const block =
        name === 'latest' ? head() : chain.find((each) => each.number === BigInt(String(name)))
      return Promise.resolve(toRpc(block))
    },
  }
}

function toRpc(block: FakeBlock | undefined): unknown {
  if (block === undefined) return null
  const { number, hash, parentHash, timestamp } = block
  return { number: toQuantity(number), hash, parentHash, timestamp: toQuantity(timestamp) }
}

/** The 32-byte hash that stands for `count`. */
export function hashOf(count: number): Hex {
  return `0x${count.toString(16).padStart(64, '0')}`
}
