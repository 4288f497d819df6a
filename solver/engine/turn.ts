/** One turn of the line: an auction over the open orders, and the best solution that can be settled. */
import type { Auction } from '../auction/auction.ts'
import { type Rejection, type ScoredSolution, scoreSolution } from '../auction/score.ts'
import { rankWinners, selectWinners } from '../auction/select.ts'
import { limits } from '../core/limits.ts'
import type { OrderDigest, SignedOrder } from '../intents/order.ts'
import type { OrderBook, OrderStatus } from '../intents/orderBook.ts'
import { tradable } from '../market/traits.ts'
import type { MarketView } from '../market/view.ts'
import type { Hex } from '../core/hex.ts'
import type { Fill } from '../measure/fill.ts'
import type { SettledIntent } from '../measure/report.ts'
import type { PoolId, PoolRef } from '../pools/pool.ts'
import { createBundle } from '../route/bundle.ts'
import { solvers } from '../solve/index.ts'
import type { EngineOptions, FirmQuote } from './options.ts'
import { type NotSettled, settleSolution } from './settleSolution.ts'

/** What a running engine keeps. */
export type State = {
  readonly book: OrderBook
  readonly firm: Map<OrderDigest, FirmQuote>
  /** Orders that failed: how often, and the block before which they are left alone. */
  readonly resting: Map<OrderDigest, { readonly failures: number; readonly until: bigint }>
  /** The turn under way: one at a time, beside the chain that goes on. */
  turn?: Promise<void> | undefined
  /** Included, but in a block that the market has not seen yet. */
  landing?: SettledIntent | undefined
  /** Fills that the chain showed before the turn that sent them had ended, by digest, with their block. */
  readonly early: Map<Hex, { readonly fill: Fill; readonly block: bigint }>
  /** When the head was last seen to be the view's block, Unix seconds; absent until the chain is followed. */
  lookedAt?: bigint | undefined
  /** Pools that the market waits for and that could not be read yet. */
  readonly unread: Map<PoolId, PoolRef>
  /** What ended the loop, when something did. */
  failure?: unknown
}

/** Reasons that no later block can mend, with the status that they end an order in. */
const endings: Readonly<Record<string, OrderStatus>> = {
  'settle.nonce-used': 'cancelled',
  'settle.permit2-nonce-used': 'cancelled',
  'settle.order-expired': 'expired',
  'settle.permit2-expired': 'expired',
}

/**
 * Settles the best solution of the view. When it fails the next best is tried, and the failed order rests for a
 * number of blocks that doubles: one order that can never be filled must not keep the others waiting.
 *
 * @returns What was settled; its block may be ahead of the market.
 */
export async function takeTurn(
  options: EngineOptions,
  state: State,
): Promise<SettledIntent | undefined> {
  const { market, clock, onEvent = () => undefined } = options
  const view = tradable(market.view())
  const { block } = view
  const { book, resting } = state
  const open = book.open(Number(clock.now()))
  forgetEnded(state)
  if (block === undefined) return undefined
  const orders = open.filter(({ digest }) => (resting.get(digest)?.until ?? 0n) <= block.number)
  const scored = await solveAll(auctionOf(options, state, view, orders))
  explainLosers(book, orders, scored)
  const winners = rankWinners(selectWinners(scored.filter(isScored)), view)
  for (const winner of winners.slice(0, limits.triesPerTurn)) {
    const outcome = await settleWinner(options, state, view, winner)
    if (!('why' in outcome)) return outcome
    onEvent(`${winner.solution.order.digest.slice(0, 10)}… not settled: ${outcome.why}`)
    // Blocks may have passed, or something of ours is on its way: plan again on the next view.
    if (!isItsOwnFault(outcome)) return undefined
  }
  return undefined
}

async function settleWinner(
  options: EngineOptions,
  { book, firm, resting }: State,
  view: MarketView,
  { solution }: ScoredSolution,
): Promise<SettledIntent | NotSettled> {
  const { digest } = solution.order
  const quoted = firm.get(digest)
  const bundle =
    quoted?.quote === solution.quote
      ? quoted.bundle
      : createBundle(view, solution.quote, { executable: true })
  book.update(digest, { status: 'submitted', why: 'waiting-inclusion' })
  const outcome = await settleSolution(options, view, solution, bundle)
  if (!('why' in outcome)) return outcome
  if (outcome.isIncluded === true) {
    book.update(digest, { status: 'submitted', why: outcome.why })
    return outcome
  }
  if (isItsOwnFault(outcome)) {
    const failures = (resting.get(digest)?.failures ?? 0) + 1
    const rest = Math.min(2 ** (failures - 1), limits.restBlocks)
    resting.set(digest, { failures, until: (view.block?.number ?? 0n) + BigInt(rest) })
  }
  book.update(digest, { status: endings[outcome.why] ?? 'open', why: outcome.why })
  return outcome
}

/** True when the order (or its tokens) failed before anything was sent; a relay that is down is nobody's fault. */
function isItsOwnFault({ why, isIncluded }: NotSettled): boolean {
  return isIncluded !== true && /^(settle\.(?!node-failed)|simulated-)/.test(why)
}

function auctionOf(
  { solver }: EngineOptions,
  { firm }: State,
  view: MarketView,
  orders: readonly SignedOrder[],
): Auction {
  return {
    view,
    orders,
    // Limits only fall: what passes at the view's own time passes in any later block.
    settlesAt: Number(view.block?.timestamp ?? 0n),
    solver,
    firm: new Map([...firm].map(([digest, { quote }]) => [digest, quote])),
  }
}

/** Asks every solver about one order after the other, and lets the process breathe between them. */
async function solveAll(auction: Auction): Promise<(ScoredSolution | Rejection)[]> {
  const results: (ScoredSolution | Rejection)[] = []
  for (const order of auction.orders) {
    for (const solver of Object.values(solvers))
      for (const solution of solver.solve({ ...auction, orders: [order] }))
        results.push(scoreSolution(auction, solution))
    await new Promise((resolve) => setImmediate(resolve))
  }
  return results
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

/** Plans and rests of orders that have ended are of no use. */
function forgetEnded({ book, firm, resting }: State): void {
  for (const kept of [firm, resting])
    for (const digest of kept.keys()) {
      const status = book.get(digest)?.status
      if (status !== 'open' && status !== 'submitted') kept.delete(digest)
    }
}
