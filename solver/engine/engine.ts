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
import type { SignedOrder } from '../intents/order.ts'
import { type Market, marketTopics } from '../market/market.ts'
import { readMarket } from '../market/reader.ts'
import { type MarketView, requireFresh } from '../market/view.ts'
import { type Bundle, createBundle } from '../route/bundle.ts'
import { findQuote } from '../route/quote.ts'
import type { Quote, QuoteOptions, QuoteRequest } from '../route/route.ts'
import { settleSolution, type SettleWith } from './settleSolution.ts'
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

/** A running line. */
export type Engine = {
  readonly book: OrderBook
  readonly settlement: Address
  /** The newest view. @throws {StaleMarketError} `market.stale`. */
  view(): MarketView
  /** The best plan that the settlement can run, with its replayable bundle; `undefined` when there is none. */
  quote(request: QuoteRequest, options?: QuoteOptions): { quote: Quote; bundle: Bundle } | undefined
  /** Checks a signed order as the settlement would, and the owner's funds, and opens it. */
  accept(signed: SignedOrder): Promise<BookOrder>
  /** Follows the chain and settles open orders until `signal` aborts. */
  run(signal: AbortSignal): Promise<void>
}

/** Composes the line. What its functions throw is their rooms'. */
export function createEngine(options: EngineOptions): Engine {
  const { market, clock, settlement } = options
  const book = createOrderBook()
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
    async accept(signed) {
      const known = book.get(signed.digest)
      if (known !== undefined) return known
      await checks.requireFillable(signed)
      return book.add(signed)
    },
    run: (signal) => run(options, book, signal),
  }
}

async function run(options: EngineOptions, book: OrderBook, signal: AbortSignal): Promise<void> {
  const { client, market, pollMs = 500 } = options
  const from = market.view().block
  if (from === undefined) return
  // An order may arrive between two blocks, so the loop also turns on a timer's event: the follower's polls.
  for await (const event of followHead(client, { from, topics: marketTopics, pollMs, signal })) {
    const { discovered } = market.apply(event)
    if (discovered.length > 0) {
      const blockNumber = market.view().block?.number
      const { view } = await readMarket(client, discovered, { blockNumber })
      market.add(view.block, [...view.pools.values()], [...view.tokens.values()])
    }
    await settleOpen(options, book)
  }
}

/** One auction over all open orders; the best winner is settled, the others wait for the next block's view. */
async function settleOpen(options: EngineOptions, book: OrderBook): Promise<void> {
  const { market, clock, onEvent = () => undefined } = options
  const view = market.view()
  const now = clock.now()
  const orders = book.open(Number(now))
  if (orders.length === 0 || view.block === undefined) return
  const auction: Auction = {
    view,
    orders,
    // Limits only fall: what passes at the view's own time passes in any later block.
    settlesAt: Number(view.block.timestamp),
    solver: options.solver,
  }
  const scored = solveAll(auction)
  explainLosers(book, orders, scored)
  const [best] = [...selectWinners(scored.filter(isScored))].sort((a, b) =>
    a.scoreWei === b.scoreWei ? 0 : a.scoreWei > b.scoreWei ? -1 : 1,
  )
  if (best === undefined) return
  const { digest } = best.solution.order
  book.update(digest, { status: 'submitted', why: 'waiting-inclusion' })
  const outcome = await settleSolution(options, view, best.solution)
  if ('why' in outcome) {
    onEvent(`${digest.slice(0, 10)}… not settled: ${outcome.why}`)
    book.update(digest, { status: 'open', why: outcome.why })
    return
  }
  const { sold, received: bought, transaction, block } = outcome
  book.update(digest, { status: 'filled', fill: { sold, bought, transaction, block } })
  options.onSettled?.(outcome)
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
