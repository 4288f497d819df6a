/** The question put to solvers, their answers, and the port that a solver implements. */
import type { Address } from '../core/hex.ts'
import type { OrderDigest, SignedOrder } from '../intents/order.ts'
import type { MarketView } from '../market/view.ts'
import type { Quote } from '../route/route.ts'

/** Open orders on one view. */
export type Auction = {
  readonly view: MarketView
  readonly orders: readonly SignedOrder[]
  /** Unix seconds at which the settlement is expected to run: limits decay to it. */
  readonly settlesAt: number
  /** Who sends the settlement. */
  readonly solver: Address
  /** Plans that owners were quoted before they signed; a plan that still holds is executed as quoted. */
  readonly firm?: ReadonlyMap<OrderDigest, Quote> | undefined
}

/** One order filled by one plan: a claim that the auction checks before it believes. */
export type Solution = {
  readonly solver: string
  readonly order: SignedOrder
  readonly quote: Quote
  /** Base units of the sell token, at most the order's amount. */
  readonly sold: bigint
  /** Base units of the buy token that the receiver gets. */
  readonly bought: bigint
}

/** A strategy that answers auctions. Pure: time and state come with the question. */
export type Solver = {
  readonly name: string
  solve(auction: Auction): readonly Solution[]
}
