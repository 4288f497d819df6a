/** Old logs by ranges of blocks that adapt to what the node allows. */
import type { Address, Hex } from '../core/hex.ts'
import type { Log } from './block.ts'
import { type ChainNode, ChainUnreachableError } from './client.ts'
import {
  BadAnswerError,
  readList,
  readLogs,
  readObject,
  readQuantity,
  toQuantity,
} from './quantity.ts'

/** Which logs: all that match an address and a first topic. Absent fields match everything. */
export type LogFilter = {
  readonly addresses?: readonly Address[] | undefined
  readonly topics?: readonly Hex[] | undefined
  /** Inclusive, both. */
  readonly fromBlock: bigint
  readonly toBlock: bigint
  /** Requests under way at a time; 4 when absent. */
  readonly parallel?: number | undefined
}

/** The logs of a range of blocks, inclusive, in chain order: to go on after it, start at `toBlock + 1`. */
export type LogRange = {
  readonly fromBlock: bigint
  readonly toBlock: bigint
  readonly logs: readonly Log[]
}

/** Blocks of the first request. Halved when the node refuses, doubled after a success. */
const startBlocks = 10_000n
/** The most blocks of one request: a rare event of a year takes some ten requests. */
const mostBlocks = 320_000n
/** Logs of one answer above which the range does not grow: many nodes refuse at 10,000, some cut off silently. */
const manyLogs = 4_000
/** Successes after which a refused size is tried again, since what was dense may be sparse now; doubled each time. */
const firstPatience = 16
const parallelDefault = 4

/**
 * Yields the matching logs in chain order, one request's at a time.
 *
 * @throws {NodeRefusedError} `chain.refused`, when the node refuses even a single block.
 * @throws {ChainUnreachableError} `chain.unreachable`, retryable.
 * @throws {BadAnswerError} `chain.bad-answer`, when a node gives logs of other blocks.
 */
export async function* readPastLogs(
  node: ChainNode,
  filter: LogFilter,
): AsyncGenerator<readonly Log[], void, undefined> {
  for await (const { logs } of readPastRanges(node, filter)) yield logs
}

/**
 * The same with the range of each answer. The ranges follow each other without a gap, so a reader that keeps the
 * last `toBlock` goes on exactly there after any error or restart.
 *
 * @throws {NodeRefusedError} `chain.refused`, {@link ChainUnreachableError} `chain.unreachable`.
 * @throws {BadAnswerError} `chain.bad-answer`.
 */
export async function* readPastRanges(
  node: ChainNode,
  filter: LogFilter,
): AsyncGenerator<LogRange, void, undefined> {
  const { fromBlock, toBlock, parallel = parallelDefault } = filter
  const size = createSize()
  // In order and without gaps; those under way have an answer to come.
  let spans: readonly Span[] = fromBlock > toBlock ? [] : [{ fromBlock, toBlock }]
  while (spans.length > 0) {
    spans = launch(spans, parallel, size.blocks(), (span) => ask(node, filter, span, size))
    const [first, ...rest] = spans
    const range = await first?.answer
    if (range !== undefined) {
      yield range
      spans = rest
    } else if (first !== undefined) {
      // Refused: again, in smaller pieces.
      spans = [{ fromBlock: first.fromBlock, toBlock: first.toBlock }, ...rest]
    }
  }
}

/** Blocks to read. `answer` is there once they were asked for; it is `undefined` when the node refused them. */
type Span = {
  readonly fromBlock: bigint
  readonly toBlock: bigint
  readonly answer?: Promise<LogRange | undefined>
}

/** The same blocks with the first of them under way: `parallel` requests of at most `blocks` blocks. */
function launch(
  spans: readonly Span[],
  parallel: number,
  blocks: bigint,
  start: (span: Span) => Promise<LogRange | undefined>,
): readonly Span[] {
  const next: Span[] = []
  const todo = [...spans]
  let room = parallel - spans.filter(({ answer }) => answer !== undefined).length
  while (room > 0) {
    const span = todo.shift()
    if (span === undefined) break
    if (span.answer !== undefined) {
      next.push(span)
      continue
    }
    const { fromBlock, toBlock } = span
    const last = least(fromBlock + blocks - 1n, toBlock)
    const answer = start({ fromBlock, toBlock: last })
    // An earlier range may fail first; then nobody waits for this one.
    answer.catch(() => undefined)
    next.push({ fromBlock, toBlock: last, answer })
    if (last < toBlock) todo.unshift({ fromBlock: last + 1n, toBlock })
    room -= 1
  }
  return [...next, ...todo]
}

/** The logs of `span`; `undefined` when the node refuses so many blocks at once. */
async function ask(
  node: ChainNode,
  filter: LogFilter,
  { fromBlock, toBlock }: Span,
  size: Size,
): Promise<LogRange | undefined> {
  const blocks = toBlock - fromBlock + 1n
  try {
    const logs = await readSpan(node, filter, fromBlock, toBlock)
    size.worked(blocks, logs.length)
    return { fromBlock, toBlock, logs }
  } catch (error) {
    const isRefusal = !(error instanceof ChainUnreachableError || error instanceof BadAnswerError)
    if (!isRefusal || blocks === 1n) throw error
    size.refused(blocks)
    return undefined
  }
}

async function readSpan(
  node: ChainNode,
  { addresses, topics }: LogFilter,
  fromBlock: bigint,
  toBlock: bigint,
): Promise<readonly Log[]> {
  const match = {
    ...(addresses === undefined ? {} : { address: addresses }),
    ...(topics === undefined ? {} : { topics: [topics] }),
  }
  const span = { fromBlock: toQuantity(fromBlock), toBlock: toQuantity(toBlock) }
  const answer = await node.request({ method: 'eth_getLogs', params: [{ ...match, ...span }] })
  for (const each of readList(answer, 'logs')) {
    const number = readQuantity(readObject(each, 'log')['blockNumber'], 'log.blockNumber')
    if (number < fromBlock || number > toBlock)
      throw new BadAnswerError({ what: 'log within the blocks asked for', value: each })
  }
  return readLogs(answer)
}

/** How many blocks the next request asks for. */
type Size = {
  blocks(): bigint
  worked(blocks: bigint, logs: number): void
  refused(blocks: bigint): void
}

function createSize(): Size {
  let blocks = startBlocks
  /** The smallest size that was refused lately. */
  let ceiling: bigint | undefined
  let successes = 0
  let patience = firstPatience
  return {
    blocks: () => blocks,
    worked(size, logs) {
      successes += 1
      if (ceiling !== undefined && successes >= patience) {
        ceiling = undefined
        patience *= 2
      }
      // What was cut short by the end of all says nothing of larger sizes.
      if (size < blocks || logs > manyLogs) return
      const doubled = least(2n * blocks, mostBlocks)
      if (ceiling === undefined || doubled < ceiling) blocks = doubled
    },
    refused(size) {
      successes = 0
      ceiling = ceiling === undefined ? size : least(ceiling, size)
      blocks = least(blocks, size > 1n ? size / 2n : 1n)
    },
  }
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}
