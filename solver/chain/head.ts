/**
 * Follows the head of a chain: every block once and in order, with its logs, and every reorg.
 *
 * Polls, and believes hashes alone: a block is delivered only on top of its parent. Logs are asked by block
 * hash, so they are those of exactly that block, and checked against the block's bloom filter. A node's message
 * that it has a new head only makes the follower look sooner: lost, doubled and mixed-up ones change nothing.
 */
import type { Hex } from '../core/hex.ts'
import type { BlockRef, Log } from './block.ts'
import { judgeLogs } from './bloom.ts'
import { type ChainNode, ChainUnreachableError } from './client.ts'
import { type Clock, createBell, pause, systemClock } from './clock.ts'
import {
  findPath,
  type Header,
  readHeader,
  readHeaderOf,
  ReorgTooDeepError,
  requestJudged,
} from './headers.ts'
import { readLogs } from './quantity.ts'

export { nextBaseFeeOf, ReorgTooDeepError } from './headers.ts'

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
  /** Blocks before `from`, oldest first: a reorg while nobody followed goes back to one of them. */
  readonly before?: readonly BlockRef[] | undefined
  /** First topics of the logs to ask for; absent means every log. */
  readonly topics?: readonly Hex[] | undefined
  /** Longest pause between two looks at the head, in milliseconds; 1,000 when absent. */
  readonly pollMs?: number | undefined
  /** Called each time the node's head turned out to be the last block delivered: until now nothing was missed. */
  readonly onLook?: (() => void) | undefined
  /** Ends the stream. */
  readonly signal?: AbortSignal | undefined
  readonly clock?: Clock | undefined
}

/** Blocks below the head that count as final where the node does not say so: two epochs. Never fewer. */
export const finalityBlocks = 64
/** Blocks kept to recognise a reorg while the chain finalizes nothing. */
const rememberedBlocks = 1_024
/** Looks at a head that is an ancestor of ours before we believe that it is no lagging node. */
const lagLooks = 3
/** Least pause between two looks: messages by the thousand must not become requests by the thousand. */
const wakeGapMs = 20
/** The same after a message that brought no news: a node that sends nothing but messages gets no more than this. */
const quietGapMs = 250
/** Blocks whose logs are asked for at once. */
const parallelLogs = 8
const pollMsDefault = 1_000

/**
 * Yields `block`, `reorg` and `finalize` events until `signal` aborts.
 *
 * A node that falls behind for a moment causes nothing; one that says three times in a row that an older block
 * of ours is the head causes a reorg down to it. `finalize` names one block after the other, up to the node's
 * `finalized` block and never less than 64 blocks behind the head; without that tag, 64 behind it.
 *
 * @throws {ReorgTooDeepError} `chain.reorg-too-deep`, when the chain forks off below all blocks that are not final.
 * @throws {ChainUnreachableError} `chain.unreachable`, retryable: follow again from the last block.
 * @throws {BadAnswerError} `chain.bad-answer`: no node gave blocks or logs that fit together.
 */
export async function* followHead(
  node: ChainNode,
  options: FollowOptions,
): AsyncGenerator<ChainEvent, void, undefined> {
  const { from, before = [], topics, pollMs = pollMsDefault } = options
  const { signal, onLook, clock = systemClock } = options
  const delivered: BlockRef[] = [...before, from]
  const finality = createFinality(node)
  const bell = createBell()
  const stopWatching = node.watchHeads?.(bell.ring)
  let looksBehind = 0
  let isTimely = true
  const isOver = () => signal?.aborted === true
  try {
    while (!isOver()) {
      const path = await findPath(node, delivered)
      // Messages may come in bursts: only looks that lie a pause apart count.
      if (path.kind !== 'behind') looksBehind = 0
      else if (isTimely) looksBehind += 1
      const isReorg = path.kind === 'path' || looksBehind >= lagLooks
      if (path.kind !== 'same' && isReorg && path.depth > 0) {
        if (path.depth >= delivered.length)
          throw new ReorgTooDeepError({ last: lastOf(delivered), kept: delivered.length })
        delivered.length -= path.depth
        yield { kind: 'reorg', depth: path.depth, ancestor: lastOf(delivered) }
      }
      if (path.kind === 'path') {
        for await (const event of blocksOf(node, path.headers, topics)) {
          delivered.push(event.block)
          yield event
        }
        for (const block of await finality.take(delivered)) yield { kind: 'finalize', block }
        if (path.isPartial) continue
        if (lastOf(delivered).hash === path.headers.at(-1)?.block.hash) onLook?.()
      }
      if (path.kind === 'same' && path.isHead) onLook?.()
      const gapMs = path.kind === 'same' && !isTimely ? quietGapMs : wakeGapMs
      const waitedFrom = clock.nowMs()
      await bell.wait(clock, pollMs, signal)
      isTimely = clock.nowMs() - waitedFrom >= pollMs
      if (!isTimely) await pause(clock, Math.min(pollMs, gapMs), signal)
    }
  } finally {
    stopWatching?.()
  }
}

/** The blocks of `headers` with their logs, read a few ahead. Ends early at a block that is gone meanwhile. */
async function* blocksOf(
  node: ChainNode,
  headers: readonly Header[],
  topics: readonly Hex[] | undefined,
): AsyncGenerator<ChainEvent & { kind: 'block' }, void, undefined> {
  const reading: Promise<Log[] | undefined>[] = []
  for (const [index, { block, nextBaseFee }] of headers.entries()) {
    for (const header of headers.slice(reading.length, index + parallelLogs)) {
      const logs = logsOf(node, header, topics)
      // Looked at in its turn, or not at all when an earlier one fails.
      logs.catch(() => undefined)
      reading.push(logs)
    }
    const logs = await reading[index]
    // Gone between two requests: look again, from what was delivered.
    if (logs === undefined) return
    yield { kind: 'block', block, logs, ...(nextBaseFee === undefined ? {} : { nextBaseFee }) }
  }
}

async function logsOf(
  node: ChainNode,
  { block, logged }: Header,
  topics: readonly Hex[] | undefined,
): Promise<Log[] | undefined> {
  const filter = { blockHash: block.hash, ...(topics === undefined ? {} : { topics: [topics] }) }
  try {
    const args = { method: 'eth_getLogs', params: [filter] }
    return readLogs(await requestJudged(node, args, judgeLogs(logged, topics)))
  } catch (error) {
    // Nodes refuse logs of a block that they dropped; any other refusal is the caller's to see.
    const isGone =
      !(error instanceof ChainUnreachableError) &&
      (await readHeaderOf(node, block.hash)) === undefined
    if (isGone) return undefined
    throw error
  }
}

/** Which delivered blocks are final, oldest first. Taking them also forgets them. */
function createFinality(node: ChainNode): {
  take(delivered: BlockRef[]): Promise<readonly BlockRef[]>
} {
  let tagged: BlockRef | undefined
  let hasTag = true
  const readTag = async () => {
    try {
      tagged = (await readHeader(node, 'finalized'))?.block
    } catch (error) {
      // A node without the tag refuses it; one that does not answer now may do so at the next block.
      hasTag = error instanceof ChainUnreachableError
    }
  }
  return {
    async take(delivered) {
      if (delivered.length <= finalityBlocks) return []
      const [oldest] = delivered
      const count = delivered.length - finalityBlocks
      if (hasTag && (tagged === undefined || tagged.number < (oldest?.number ?? 0n)))
        await readTag()
      if (!hasTag) return delivered.splice(0, count)
      const number = tagged?.number ?? -1n
      const same = delivered.find((block) => block.number === number)
      // Final is another block than ours: we are on a fork that will end, and the next look shows it.
      const isOurs = same === undefined || same.hash === tagged?.hash
      const upTo = isOurs ? delivered.findLastIndex((block) => block.number <= number) + 1 : 0
      if (!isOurs) tagged = undefined
      const final = delivered.splice(0, Math.min(count, upTo))
      // Remembering has an end; what is forgotten so is never called final.
      delivered.splice(0, Math.max(0, delivered.length - rememberedBlocks))
      return final
    },
  }
}

/** @throws {ReorgTooDeepError} `chain.reorg-too-deep`. */
function lastOf(delivered: readonly BlockRef[]): BlockRef {
  const last = delivered.at(-1)
  if (last === undefined) throw new ReorgTooDeepError({ last, kept: 0 })
  return last
}
