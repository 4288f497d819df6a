/**
 * The line in one place: chain -> market -> quote -> order -> auction -> calldata -> private inclusion -> fill.
 *
 * Composition only: every step is another room's. `loop.ts` keeps it running, `turn.ts` is one auction. One
 * settlement is under way at a time, so each is planned on a market that has seen the one before.
 */
import { BaseError } from '../core/errors.ts'
import { type Address, zeroAddress } from '../core/hex.ts'
import { limits } from '../core/limits.ts'
import { type BookOrder, createOrderBook, type OrderBook } from '../intents/orderBook.ts'
import type { Order, SignedOrder } from '../intents/order.ts'
import { tradable } from '../market/traits.ts'
import { type MarketView, requireFresh, StaleMarketError } from '../market/view.ts'
import { createBundle } from '../route/bundle.ts'
import { findQuote } from '../route/quote.ts'
import { requireRequest } from '../route/request.ts'
import type { QuoteOptions, QuoteRequest } from '../route/route.ts'
import { createChecks } from './checks.ts'
import { runLoop } from './loop.ts'
import { isCaughtUp } from './reading.ts'
import type { EngineOptions, FirmQuote } from './options.ts'
import { requireFit } from './screening.ts'
import type { State } from './turn.ts'

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
  /** Follows the chain and settles open orders until `signal` aborts; a node's faults are waited out. */
  run(signal: AbortSignal): Promise<void>
  /** What ended `run`, when something did: nothing will be settled any more. */
  failure(): unknown
}

/** Composes the line. What its functions throw is their rooms'; {@link NativeOrderError} `engine.native-order`. */
export function createEngine(options: EngineOptions): Engine {
  const { market, clock, settlement } = options
  const book = createOrderBook()
  const unread = new Map(options.catchUp?.unread.map((ref) => [ref.id, ref]))
  const state: State = { book, firm: new Map(), resting: new Map(), early: new Map(), unread }
  const checks = createChecks(options)
  const view = () => {
    const fresh = requireFresh(market.view(), clock.now(), limits.viewAgeSeconds)
    requireLook(fresh, clock.now(), state.lookedAt)
    // Blocks may be so quick that an old view looks fresh.
    if (!isCaughtUp(options)) throw staleBy(fresh, clock.now())
    return fresh
  }
  return {
    book,
    settlement,
    view,
    quote(request, choices = {}) {
      const all = { executable: true, ...choices }
      const now = all.executable ? tradable(view()) : view()
      const quote = findQuote(now, request, all)
      return quote === undefined ? undefined : { quote, bundle: createBundle(now, quote, all) }
    },
    async accept(signed, firm) {
      const known = book.get(signed.digest)
      if (known !== undefined) return known
      requireRoutable(market.view(), signed.order)
      await checks.requireFillable(signed)
      const entry = book.add(signed)
      if (firm !== undefined) state.firm.set(signed.digest, firm)
      return entry
    },
    run: (signal) => runLoop(options, state, signal),
    failure: () => state.failure,
  }
}

/**
 * A head that nobody has looked at for a while may be one that a reorg took away.
 *
 * @throws {StaleMarketError} `market.stale`.
 */
function requireLook({ block }: MarketView, now: bigint, lookedAt: bigint | undefined): void {
  const ageSeconds = lookedAt === undefined ? 0n : now - lookedAt
  if (ageSeconds > limits.lookAgeSeconds)
    throw new StaleMarketError({ block, ageSeconds, maxAgeSeconds: limits.lookAgeSeconds })
}

function staleBy({ block }: MarketView, now: bigint): StaleMarketError {
  const ageSeconds = block === undefined ? 0n : now - block.timestamp
  return new StaleMarketError({ block, ageSeconds, maxAgeSeconds: 0n })
}

/** What the router could never be asked for is refused at the door, not at every block. */
function requireRoutable(view: MarketView, { sellToken, buyToken, amount }: Order): void {
  if (sellToken === zeroAddress || buyToken === zeroAddress) throw new NativeOrderError()
  for (const token of [sellToken, buyToken]) requireFit(view.tokens.get(token))
  requireRequest(view, { tokenIn: sellToken, tokenOut: buyToken, amountIn: amount })
}

/** An order of the native currency itself, which the settlement cannot move from or to an owner. */
export class NativeOrderError extends BaseError {
  override readonly code = 'engine.native-order'

  constructor() {
    super('Orders sell and buy ERC-20 tokens, not the native currency.', {
      hint: 'Wrap it, and sign the order for the wrapped token.',
    })
  }
}
