/** Stands for the one edge that tests of the chain cannot have: a node whose history they write themselves. */
import { bytesToHex, zeroHash } from 'viem'
import type { BlockRef, Log } from '../../solver/chain/block.ts'
import { bloomOf } from '../../solver/chain/bloom.ts'
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
  /** From now on it knows the tag `finalized`: a block of this number, on its own chain or as `fake` says. */
  finalize(number: bigint, fake?: Hex): void
  /** Every request so far, by method. */
  readonly asked: readonly string[]
}

/**
 * A chain of one block, number 100. Hashes are counters: no two blocks ever share one.
 *
 * @param firstHash - The counter before the first; another one makes another chain.
 */
export function createFakeNode(firstHash = 0): FakeNode {
  let made = firstHash
  const asked: string[] = []
  const chain: FakeBlock[] = []
  const known = new Map<Hex, FakeBlock>()
  let lagging = { blocks: 0, looks: 0 }
  let dropsBeforeLogs = false
  let finalized: { number: bigint; fake: Hex | undefined } | undefined

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
  const numbered = (name: unknown) => chain.find(({ number }) => number === BigInt(String(name)))
  const tagged = () => {
    if (finalized === undefined)
      throw new NodeRefusedError({ method: 'eth_getBlockByNumber', cause: 'unknown block tag' })
    const { number, fake } = finalized
    const block = numbered(number)
    return block === undefined || fake === undefined ? block : { ...block, hash: fake }
  }
  const logsOf = (hash: Hex, topics: readonly Hex[] | undefined) => {
    if (dropsBeforeLogs) drop(1)
    dropsBeforeLogs = false
    const block = known.get(hash)
    if (block === undefined)
      throw new NodeRefusedError({ method: 'eth_getLogs', cause: 'unknown block' })
    return block.logs
      .map((log, index) => ({
        ...log,
        blockHash: hash,
        blockNumber: toQuantity(block.number),
        logIndex: toQuantity(index),
      }))
      .filter((log) => topics === undefined || topics.includes(log.topics[0] ?? zeroHash))
  }
  const answer = (method: string, name: unknown): unknown => {
    if (method === 'eth_chainId') return '0x1'
    if (method === 'eth_blockNumber') return toQuantity(head()?.number ?? 0n)
    if (method === 'eth_call') return '0x'
    if (/^eth_get(Transaction|StorageAt)/.test(method)) return null
    if (method === 'eth_getBlockByHash') return toRpc(known.get(name as Hex))
    if (method === 'eth_getLogs') {
      const { blockHash, topics } = name as { blockHash: Hex; topics?: [readonly Hex[]] }
      return logsOf(blockHash, topics?.[0])
    }
    if (method !== 'eth_getBlockByNumber') throw new TypeError(`the fake does not know ${method}`)
    if (name === 'finalized') return toRpc(tagged())
    return toRpc(name === 'latest' ? head() : numbered(name))
  }
  mine()
  return {
    asked,
    canonical: () => chain,
    mine,
    drop,
    lag: (blocks, looks) => (lagging = { blocks, looks }),
    dropBeforeLogs: () => (dropsBeforeLogs = true),
    finalize: (number, fake) => (finalized = { number, fake }),
    request({ method, params = [] }) {
      asked.push(method)
      return Promise.resolve().then(() => answer(method, params[0]))
    },
  }
}

function toRpc(block: FakeBlock | undefined): unknown {
  if (block === undefined) return null
  const { number, hash, parentHash, timestamp, logs } = block
  const items = logs.flatMap(({ address, topics }) => [address, ...topics])
  return {
    number: toQuantity(number),
    hash,
    parentHash,
    timestamp: toQuantity(timestamp),
    logsBloom: bytesToHex(bloomOf(items)),
  }
}

/** The 32-byte hash that stands for `count`. */
export function hashOf(count: number): Hex {
  return `0x${count.toString(16).padStart(64, '0')}`
}
