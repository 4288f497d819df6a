/**
 * The line in one place: chain -> market -> quote -> order -> auction -> calldata -> private inclusion -> fill.
 *
 * Composition only: every step is another room's. One settlement is under way at a time, so each is planned
 * on a market that has seen the one before.
 */
import type { Auction } from '../auction/auction.ts'
import { type Rejection, type ScoredSolution, scoreSolution } from '../auction/score.ts'
import { selectWinners } from '../auction/select.ts'
import type { ChainClient } from '../chain/client.ts'
import { followHead } from '../chain/head.ts'
import type { Address } from '../core/hex.ts'
import { limits } from '../core/limits.ts'
import { createChecks } from './checks.ts'
import { type BookOrder, createOrderBook, type OrderBook } from '../intents/orderBook.ts'
import type { OrderDigest, SignedOrder } from '../intents/order.ts'
import { type Market, marketTopics } from '../market/market.ts'
import { readMarket } from '../market/reader.ts'
import { type MarketView, requireFresh } from '../market/view.ts'
import { type Bundle, createBundle } from '../route/bundle.ts'
import { findQuote } from '../route/quote.ts'
import type { Quote, QuoteOptions, QuoteRequest } from '../route/route.ts'
import { settleSolution, type SettleWith, withVerbs } from './settleSolution.ts'
import { solvers } from '../solve/index.ts'
import type { SettledIntent } from '../measure/report.ts'

/** Time as an argument: Unix seconds. */
export type Clock = { now(): bigint }

/** What the engine is composed of. */
export type EngineOptions = SettleWith & {
  readonly client: ChainClient
  readonly market: Market
  readonly clock: Clock
  /** Between two looks at the head, in milliseconds; 500 when absent. */
  readonly pollMs?: number | undefined
  readonly onSettled?: ((settled: SettledIntent) => void) | undefined
  readonly onEvent?: ((line: string) => void) | undefined
}

/** A plan with its replayable bundle. */
export type FirmQuote = { readonly quote: Quote; readonly bundle: Bundle }

/** What a running engine keeps. */
type State = { readonly book: OrderBook; readonly firm: Map<OrderDigest, FirmQuote> }

/** A running line. */
export type Engine = {
  readonly book: OrderBook
  readonly settlement: Address
  /** The newest view. @throws {StaleMarketError} `market.stale`. */
  view(): MarketView
  /** The best plan that the settlement can run, with its replayable bundle; `undefined` when there is none. */
  quote(request: QuoteRequest, options?: QuoteOptions): FirmQuote | undefined
  /**
   * Checks a signed order as the settlement would, and the owner's funds, and opens it.
   *
   * @param firm - The quote that the owner was given for it: executed as quoted while its pools stand still.
   */
  accept(signed: SignedOrder, firm?: FirmQuote): Promise<BookOrder>
  /** Follows the chain and settles open orders until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>
}

/** Composes the line. What its functions throw is their rooms'. */
export function createEngine(options: EngineOptions): Engine {
  const { market, clock, settlement } = options
  const book = createOrderBook()
  const state: State = { book, firm: new Map() }
  const checks = createChecks(options)
  const view = () => requireFresh(market.view(), clock.now(), limits.viewAgeSeconds)
  return {
    book,
    settlement,
    view,
    quote(request, choices = {}) {
      const now = view()
      const all = { executable: true, ...choices }
      const quote = findQuote(now, request, all)
      return quote === undefined ? undefined : { quote, bundle: createBundle(now, quote, all) }
    },
    async accept(signed, firm) {
      const known = book.get(signed.digest)
      if (known !== undefined) return known
      await checks.requireFillable(signed)
      if (firm !== undefined) state.firm.set(signed.digest, firm)
      return book.add(signed)
    },
    run: (signal) => run(options, state, signal),
  }
}

async function run(options: EngineOptions, state: State, signal: AbortSignal): Promise<void> {
  const { client, market, pollMs = 500 } = options
  const from = market.view().block
  if (from === undefined) return
  let landing: SettledIntent | undefined
  for await (const event of followHead(client, { from, topics: marketTopics, pollMs, signal })) {
    const { discovered } = market.apply(event)
    if (discovered.length > 0) {
      const blockNumber = market.view().block?.number
      const { view } = await readMarket(client, discovered, { blockNumber })
      market.add(view.block, [...withVerbs(view.pools).values()], [...view.tokens.values()])
    }
    // An order is filled when the market has seen its block: until then a quote would be of the time before.
    const head = market.view().block?.number ?? 0n
    if (landing !== undefined && head >= landing.block) {
      close(options, state, landing)
      landing = undefined
    }
    landing ??= await settleOpen(options, state)
  }
}

function close(options: EngineOptions, { book, firm }: State, settled: SettledIntent): void {
  const { received: bought, sold, transaction, block } = settled
  book.update(settled.hash, { status: 'filled', fill: { sold, bought, transaction, block } })
  firm.delete(settled.hash)
  options.onSettled?.(settled)
}

/** One auction over all open orders; the best winner is settled, the others wait for the next block's view. */
async function settleOpen(
  options: EngineOptions,
  { book, firm }: State,
): Promise<SettledIntent | undefined> {
  const { market, clock, onEvent = () => undefined } = options
  const view = market.view()
  const now = clock.now()
  const orders = book.open(Number(now))
  if (orders.length === 0 || view.block === undefined) return undefined
  const auction: Auction = {
    view,
    orders,
    // Limits only fall: what passes at the view's own time passes in any later block.
    settlesAt: Number(view.block.timestamp),
    solver: options.solver,
    firm: new Map([...firm].map(([digest, { quote }]) => [digest, quote])),
  }
  const scored = solveAll(auction)
  explainLosers(book, orders, scored)
  const [best] = [...selectWinners(scored.filter(isScored))].sort((a, b) =>
    a.scoreWei === b.scoreWei ? 0 : a.scoreWei > b.scoreWei ? -1 : 1,
  )
  if (best === undefined) return undefined
  const { digest } = best.solution.order
  book.update(digest, { status: 'submitted', why: 'waiting-inclusion' })
  const { quote } = best.solution
  const quoted = firm.get(digest)
  const bundle =
    quoted?.quote === quote ? quoted.bundle : createBundle(view, quote, { executable: true })
  const outcome = await settleSolution(options, view, best.solution, bundle)
  if (!('why' in outcome)) return outcome
  onEvent(`${digest.slice(0, 10)}… not settled: ${outcome.why}`)
  book.update(digest, { status: 'open', why: outcome.why })
  return undefined
}

function solveAll(auction: Auction): (ScoredSolution | Rejection)[] {
  return Object.values(solvers).flatMap((solver) =>
    solver.solve(auction).map((solution) => scoreSolution(auction, solution)),
  )
}

function isScored(result: ScoredSolution | Rejection): result is ScoredSolution {
  return 'scoreWei' in result
}

/** An order that is not filled always says why. */
function explainLosers(
  book: OrderBook,
  orders: readonly SignedOrder[],
  results: readonly (ScoredSolution | Rejection)[],
): void {
  for (const { digest } of orders) {
    const mine = results.filter(({ solution }) => solution.order.digest === digest)
    if (mine.some(isScored)) continue
    const refused = mine.find((result) => !isScored(result))
    const reason = refused !== undefined && 'rejected' in refused ? refused.rejected : undefined
    book.update(digest, {
      status: 'open',
      why: reason === 'below-limit' ? 'limit-above-market' : (reason ?? 'no-depth'),
    })
  }
}
