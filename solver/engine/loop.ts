/** Keeps the line running: follows the chain, takes turns, and comes back after whatever a node does. */
import { followHead } from '../chain/head.ts'
import { BaseError } from '../core/errors.ts'
import type { Hex } from '../core/hex.ts'
import { limits } from '../core/limits.ts'
import { marketTopics } from '../market/market.ts'
import { readMarket } from '../market/reader.ts'
import { type Fill, fillTopic, readFills } from '../measure/fill.ts'
import type { PoolRef } from '../pools/pool.ts'
import type { EngineOptions } from './options.ts'
import { withVerbs } from './settleSolution.ts'
import { type State, takeTurn } from './turn.ts'

/** Faults after which the market cannot go on from where it is and must be read again. */
const rereadCodes = new Set(['market.gap', 'market.reorg-too-deep', 'chain.reorg-too-deep'])
/** Faults of a node that pass: an answer that is missing, late or nonsense. */
const passingCodes =
  /^(chain\.(unreachable|refused|bad-answer|disagreement|reorg-too-deep)|market\.(gap|moved|reorg-too-deep))$/

/**
 * Follows the chain and settles open orders until `signal` aborts. A node's fault is waited out, longer each
 * time; meanwhile the view grows stale and quotes are refused. Anything else is a bug: it is kept in
 * `state.failure`, so that the doors can say that nothing will be settled any more, and thrown.
 */
export async function runLoop(
  options: EngineOptions,
  state: State,
  signal: AbortSignal,
): Promise<void> {
  const { pollMs = 500, onEvent = () => undefined } = options
  let failures = 0
  while (!signal.aborted) {
    try {
      await follow(options, state, signal, () => {
        failures = 0
      })
    } catch (error) {
      const code = codeOf(error)
      if (!passingCodes.test(code)) {
        state.failure = error
        throw error
      }
      failures += 1
      const pauseMs = Math.min(pollMs * 2 ** failures, limits.followAgainMs)
      onEvent(`the chain cannot be followed (${code}); again in ${(pauseMs / 1_000).toFixed(1)} s`)
      await pause(pauseMs, signal)
      if (rereadCodes.has(code)) await reread(options).catch(() => undefined)
    }
  }
}

async function follow(
  options: EngineOptions,
  state: State,
  signal: AbortSignal,
  onProgress: () => void,
): Promise<void> {
  const { client, market, settlement, pollMs = 500 } = options
  const from = market.view().block
  if (from === undefined) return
  const topics = [...marketTopics, fillTopic]
  for await (const event of followHead(client, {
    from,
    before: market.past(),
    topics,
    pollMs,
    signal,
  })) {
    const { wanted } = market.apply(event)
    if (wanted.length > 0) await readWanted(options, wanted)
    onProgress()
    if (event.kind === 'reorg')
      for (const digest of state.book.undoAfter(event.ancestor.number))
        options.onEvent?.(`${digest.slice(0, 10)}… is open again: a reorg took its fill back`)
    if (event.kind === 'block') {
      for (const fill of readFills(event.logs, settlement))
        seeFill(options, state, fill, event.block.number)
      giveUpLanding(state, event.block.number)
      await options.watch?.()
    }
    state.landing ??= await takeTurn(options, state)
    market.reprice()
  }
}

/** Reads what the market waits for, at the block of its view. */
async function readWanted(
  { client, market }: EngineOptions,
  asked: readonly PoolRef[],
): Promise<void> {
  const blockNumber = market.view().block?.number
  const { view } = await readMarket(client, asked, { blockNumber })
  const pools = [...withVerbs(view.pools).values()]
  market.add({ block: view.block, pools, tokens: [...view.tokens.values()], asked })
}

/**
 * An order is filled when the market has seen its fill in a block: until then a quote would be of the time
 * before. It may be ours, another solver's, or ours whose receipt never came.
 */
function seeFill(options: EngineOptions, state: State, fill: Fill, block: bigint): void {
  const { book, landing } = state
  const { digest, sold, bought } = fill
  if (landing?.hash === digest) {
    const { received, transaction } = landing
    state.landing = undefined
    book.update(landing.hash, {
      status: 'filled',
      fill: { sold, bought: received, transaction, block },
    })
    options.onSettled?.({ ...landing, block })
    return
  }
  const entry = book.get(digest)
  if (entry?.status === 'open' || entry?.status === 'submitted')
    book.update(entry.signed.digest, { status: 'filled', fill: { sold, bought, block } })
}

/** Blocks after the one that a settlement was in for its fill to show: more, and a reorg has dropped it. */
const landingBlocks = 2n

/** A settlement whose block was replaced by one without it: the order is open again. */
function giveUpLanding(state: State, head: bigint): void {
  const { landing, book } = state
  if (landing === undefined || head < landing.block + landingBlocks) return
  state.landing = undefined
  if (book.get(landing.hash)?.status === 'submitted')
    book.update(landing.hash, { status: 'open', why: 'fill-reorganised' })
}

/** Reads every pool of the market again at the head. */
async function reread({ client, market, tipWei = 0n }: EngineOptions): Promise<void> {
  const { view } = await readMarket(client, [...market.view().pools.values()])
  market.restart({ ...view, gasPrice: (view.gasPrice ?? 0n) + tipWei })
}

function codeOf(error: unknown): string {
  return error instanceof BaseError ? (error as BaseError & { readonly code: string }).code : ''
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
  })
}
