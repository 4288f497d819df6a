/** What the router takes and gives: requests, routes and quotes. */
import type { BlockRef } from '../chain/block.ts'
import type { Address } from '../core/hex.ts'
import type { PoolId } from '../pools/pool.ts'

/** One pool crossed in one direction, with exact amounts in base units. */
export type Leg = {
  readonly pool: PoolId
  readonly kind: string
  readonly indexIn: number
  readonly indexOut: number
  readonly tokenIn: Address
  readonly tokenOut: Address
  readonly amountIn: bigint
  readonly amountOut: bigint
}

/**
 * The legs of a trade in execution order: later legs take what earlier legs bring of a token. A plan with
 * `credit` runs arbitrage loops too, so a token's balance may be negative while it runs, never at its end.
 */
export type Route = { readonly legs: readonly Leg[]; readonly credit: boolean }

/** Amounts are base units, from 1 to 2^128 - 1. Exactly one of the two is given. */
export type QuoteRequest = {
  readonly tokenIn: Address
  readonly tokenOut: Address
} & (
  | { readonly amountIn: bigint; readonly amountOut?: undefined }
  | { readonly amountOut: bigint; readonly amountIn?: undefined }
)

/** How to search. Every field changes the answer, so all are part of a bundle. */
export type QuoteOptions = {
  /** Wei per gas unit; 0n leaves gas out; absent means the view's own gas price. */
  readonly gasPrice?: bigint | undefined
  /** Only plans that the settlement can run: no credit, and of `kinds` only those that it has verbs for. */
  readonly executable?: boolean | undefined
  /** Pool kinds to use; absent means every kind that the kernel knows. */
  readonly kinds?: readonly string[] | undefined
  /** Most legs in the plan; absent means `limits.legs`, and no limit at all when gas is left out. */
  readonly maxLegs?: number | undefined
}

/**
 * The proof that comes with a quote: prices at which anybody can recompute the bound from the pool states.
 * `prices` are units of the numeraire (the token out; for exact-out the token in) per base unit of the token.
 */
export type Certificate = {
  readonly prices: ReadonlyMap<Address, number>
  /** No plan over these pools nets more (exact-out: costs less), in base units; rounded against us. */
  readonly bound: bigint
  /** Wei per gas unit, and wei for 10^18 base units of the numeraire, that the bound charges; absent: none. */
  readonly gasPrice?: bigint | undefined
  readonly priceWei?: bigint | undefined
}

/** A route priced exactly on one view. */
export type Quote = {
  readonly block?: BlockRef | undefined
  readonly request: QuoteRequest
  readonly route: Route
  /** Not above 0 only for an exact-out plan on credit whose loops earn more than the trade costs. */
  readonly amountIn: bigint
  /** Before gas. Exact-out: at least the request, more by what rounding brings. */
  readonly amountOut: bigint
  /** Gas units that the plan's legs add to a settlement, with the settlement's own share. */
  readonly gas: bigint
  /** Exact-in: `amountOut` less gas in the token out. Exact-out: `amountIn` plus gas in the token in. */
  readonly netAmount: bigint
  readonly certificate: Certificate
  /** Proven: the best plan nets at most this much more, in 1/100 %. */
  readonly gapBps: number
  /** How far the average price is below the marginal one; both after pool fees and before gas. */
  readonly priceImpactBps: number
  /** The best that one pool alone gives (exact-out: asks); absent when none joins the two tokens. */
  readonly bestSinglePool?:
    { readonly pool: PoolId; readonly amountIn: bigint; readonly amountOut: bigint } | undefined
}
