/**
 * Follows the head of a chain: every block once and in order, with its logs, and every reorg.
 *
 * Polls, and believes hashes alone: a block is delivered only on top of its parent. Logs are asked by block
 * hash, so they are those of exactly that block.
 */
import { nextBaseFee } from '../core/baseFee.ts'
import { BaseError } from '../core/errors.ts'
import type { Hex } from '../core/hex.ts'
import type { BlockRef, Log } from './block.ts'
import { type ChainNode, ChainUnreachableError } from './client.ts'
import { type RpcObject, readBlockRef, readLogs, readObject, readQuantity } from './quantity.ts'

/** What happens to the chain, in the order in which it must be applied. */
export type ChainEvent =
  | {
      readonly kind: 'block'
      readonly block: BlockRef
      /** All logs of the block, in its order, that the follower asked for. */
      readonly logs: readonly Log[]
      /** Wei per gas unit that the next block will ask (EIP-1559); absent before London. */
      readonly nextBaseFee?: bigint | undefined
    }
  | {
      readonly kind: 'reorg'
      /** How many of the delivered blocks are no longer part of the chain; at least 1. */
      readonly depth: number
      /** The newest delivered block that still is. */
      readonly ancestor: BlockRef
    }
  | { readonly kind: 'finalize'; readonly block: BlockRef }

/** How to follow. */
export type FollowOptions = {
  /** The last block that the caller already has. The first event is its child, or a reorg. */
  readonly from: BlockRef
  /** First topics of the logs to ask for; absent means every log. */
  readonly topics?: readonly Hex[] | undefined
  /** Pause between two looks at the head, in milliseconds; 1,000 when absent. */
  readonly pollMs?: number | undefined
  /** Ends the stream. */
  readonly signal?: AbortSignal | undefined
}

/** Blocks kept to recognise a reorg, and blocks below the head that count as final: two epochs. */
export const finalityBlocks = 64
/** Blocks fetched at a time when the follower is far behind: bounds what it holds in memory. */
const catchUpBlocks = 128
/** Looks at a head that is an ancestor of ours before we believe that it is no lagging node. */
const lagLooks = 3
const pollMsDefault = 1_000

/**
 * Yields `block`, `reorg` and `finalize` events until `signal` aborts.
 *
 * A node that falls behind for a moment causes nothing; one that says three times in a row that an older block
 * of ours is the head causes a reorg down to it. `finalize` follows 64 blocks behind the head.
 *
 * @throws {ReorgTooDeepError} `chain.reorg-too-deep`, when none of the last 64 blocks is on the chain any more.
 * @throws {ChainUnreachableError} `chain.unreachable`, retryable: follow again from the last block.
 * @throws {BadAnswerError} `chain.bad-answer`.
 */
export async function* followHead(
  node: ChainNode,
  options: FollowOptions,
): AsyncGenerator<ChainEvent, void, undefined> {
  const { from, topics, pollMs = pollMsDefault, signal } = options
  const delivered: BlockRef[] = [from]
  let looksBehind = 0
  const isOver = () => signal?.aborted === true
  while (!isOver()) {
    const path = await findPath(node, delivered)
    looksBehind = path.kind === 'behind' ? looksBehind + 1 : 0
    const isReorg = path.kind === 'path' || looksBehind >= lagLooks
    if (path.kind !== 'same' && isReorg && path.depth > 0) {
      delivered.length -= path.depth
      yield { kind: 'reorg', depth: path.depth, ancestor: lastOf(delivered) }
    }
    for (const header of path.kind === 'path' ? path.headers : []) {
      const logs = await logsOf(node, header.block, topics)
      // Gone between two requests: look again, from what was delivered.
      if (logs === undefined) break
      delivered.push(header.block)
      const { block, nextBaseFee } = header
      yield { kind: 'block', block, logs, ...(nextBaseFee === undefined ? {} : { nextBaseFee }) }
      const final = delivered.length > finalityBlocks ? delivered.shift() : undefined
      if (final !== undefined) yield { kind: 'finalize', block: final }
    }
    if (path.kind !== 'path' || !path.isPartial) await pause(pollMs, signal)
  }
}

type Header = { readonly block: BlockRef; readonly nextBaseFee: bigint | undefined }

type Path =
  | { readonly kind: 'same' }
  /** The node's head is a block that we delivered `depth` blocks ago. */
  | { readonly kind: 'behind'; readonly depth: number }
  | {
      readonly kind: 'path'
      /** Delivered blocks to take back before `headers`. */
      readonly depth: number
      readonly headers: readonly Header[]
      /** True when the head is further up than one catch-up. */
      readonly isPartial: boolean
    }

/** Walks from the node's head (or a block on the way to it) down to a block that was delivered. */
async function findPath(node: ChainNode, delivered: readonly BlockRef[]): Promise<Path> {
  const last = lastOf(delivered)
  const depthOf = (hash: Hex) =>
    delivered.length - 1 - delivered.findIndex((block) => block.hash === hash)
  const isDelivered = (hash: Hex) => delivered.some((block) => block.hash === hash)
  let header = await readHeader(node, 'eth_getBlockByNumber', 'latest')
  if (header === undefined || header.block.hash === last.hash) return { kind: 'same' }
  if (isDelivered(header.block.hash)) return { kind: 'behind', depth: depthOf(header.block.hash) }
  const isPartial = header.block.number > last.number + BigInt(catchUpBlocks)
  if (isPartial) {
    const number = `0x${(last.number + BigInt(catchUpBlocks)).toString(16)}`
    header = await readHeader(node, 'eth_getBlockByNumber', number)
  }
  const lowest = delivered[0]?.number ?? 0n
  const headers: Header[] = []
  while (header !== undefined) {
    headers.unshift(header)
    const { parentHash, number } = header.block
    if (isDelivered(parentHash))
      return { kind: 'path', depth: depthOf(parentHash), headers, isPartial }
    if (number <= lowest) throw new ReorgTooDeepError({ last, kept: delivered.length })
    header = await readHeader(node, 'eth_getBlockByHash', parentHash)
  }
  // A parent that the node does not have any more: it changed its mind while we asked.
  return { kind: 'same' }
}

async function readHeader(
  node: ChainNode,
  method: 'eth_getBlockByNumber' | 'eth_getBlockByHash',
  name: string,
): Promise<Header | undefined> {
  const answer = await node.request({ method, params: [name, false] })
  if (answer === null) return undefined
  return { block: readBlockRef(answer), nextBaseFee: nextBaseFeeOf(readObject(answer, 'block')) }
}

async function logsOf(
  node: ChainNode,
  block: BlockRef,
  topics: readonly Hex[] | undefined,
): Promise<Log[] | undefined> {
  const filter = { blockHash: block.hash, ...(topics === undefined ? {} : { topics: [topics] }) }
  try {
    return readLogs(await node.request({ method: 'eth_getLogs', params: [filter] }))
  } catch (error) {
    // Nodes refuse logs of a block that they dropped; any other refusal is the caller's to see.
    const isGone =
      !(error instanceof ChainUnreachableError) &&
      (await readHeader(node, 'eth_getBlockByHash', block.hash)) === undefined
    if (isGone) return undefined
    throw error
  }
}

/**
 * What the block after this one asks per gas unit, in wei.
 *
 * @param header - A block as JSON-RPC gives it.
 * @returns `undefined` for a block before London.
 * @see EIP-1559, https://eips.ethereum.org/EIPS/eip-1559
 */
export function nextBaseFeeOf(header: RpcObject): bigint | undefined {
  if (header['baseFeePerGas'] === undefined || header['baseFeePerGas'] === null) return undefined
  return nextBaseFee({
    baseFeePerGas: readQuantity(header['baseFeePerGas'], 'block.baseFeePerGas'),
    gasUsed: readQuantity(header['gasUsed'], 'block.gasUsed'),
    gasLimit: readQuantity(header['gasLimit'], 'block.gasLimit'),
  })
}

function lastOf(delivered: readonly BlockRef[]): BlockRef {
  const last = delivered.at(-1)
  if (last === undefined) throw new ReorgTooDeepError({ last, kept: 0 })
  return last
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve()
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
  })
}

/** None of the blocks that we remember is on the chain any more: what was built on them must be read anew. */
export class ReorgTooDeepError extends BaseError {
  override readonly code = 'chain.reorg-too-deep'

  constructor({ last, kept }: { last: BlockRef | undefined; kept: number }) {
    super(`The chain no longer holds any of the last ${kept} blocks that we saw.`, {
      facts: { lastNumber: last?.number, lastHash: last?.hash },
      hint: 'Read the market again from the new head; if this repeats, the node is on another chain.',
    })
  }
}
