/** Keeps the line running: follows the chain, takes turns, and comes back after whatever a node does. */
import { followHead } from '../chain/head.ts'
import { BaseError } from '../core/errors.ts'
import type { Hex } from '../core/hex.ts'
import { limits } from '../core/limits.ts'
import { marketTopics } from '../market/market.ts'
import { readMarket } from '../market/reader.ts'
import { fillTopic, readFills } from '../measure/fill.ts'
import type { SettledIntent } from '../measure/report.ts'
import type { EngineOptions } from './options.ts'
import { withVerbs } from './settleSolution.ts'
import { type State, takeTurn } from './turn.ts'

/** Faults after which the market cannot go on from where it is and must be read again. */
const rereadCodes = new Set(['market.gap', 'market.reorg-too-deep', 'chain.reorg-too-deep'])
/** Faults of a node that pass: an answer that is missing, late or nonsense. */
const passingCodes =
  /^(chain\.(unreachable|refused|bad-answer|reorg-too-deep)|market\.(gap|moved|reorg-too-deep))$/

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
  for await (const event of followHead(client, { from, topics, pollMs, signal })) {
    const { wanted: asked } = market.apply(event)
    if (asked.length > 0) {
      const blockNumber = market.view().block?.number
      const { view } = await readMarket(client, asked, { blockNumber })
      const pools = [...withVerbs(view.pools).values()]
      market.add({ block: view.block, pools, tokens: [...view.tokens.values()], asked })
    }
    onProgress()
    land(options, state)
    if (event.kind === 'block')
      for (const { digest, sold, bought } of readFills(event.logs, settlement))
        closeSeen(state, digest, { sold, bought, block: event.block.number })
    state.landing ??= await takeTurn(options, state)
  }
}

/** An order is filled when the market has seen its block: until then a quote would be of the time before. */
function land(options: EngineOptions, state: State): void {
  const { landing, book } = state
  const head = options.market.view().block?.number ?? 0n
  if (landing === undefined || head < landing.block) return
  const { received: bought, sold, transaction, block } = landing
  state.landing = undefined
  book.update(landing.hash, { status: 'filled', fill: { sold, bought, transaction, block } })
  options.onSettled?.(landing)
}

/** A fill that the chain shows and nobody reported: of another solver, or ours whose receipt never came. */
function closeSeen(
  { book, landing }: State,
  digest: Hex,
  fill: Pick<SettledIntent, 'sold' | 'block'> & { readonly bought: bigint },
): void {
  const entry = book.get(digest)
  if (entry === undefined || landing?.hash === digest) return
  if (entry.status === 'open' || entry.status === 'submitted')
    book.update(entry.signed.digest, { status: 'filled', fill })
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
