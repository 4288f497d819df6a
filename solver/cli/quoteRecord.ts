/** A quote as `isoprice quote --json` prints it: the form that other programs read. */
import type { Address, Hex } from '../core/hex.ts'
import type { PoolId } from '../pools/pool.ts'
import type { Leg, Quote } from '../route/route.ts'

/** One line of `quotes --json`. Amounts are base units; `bound` is in the buy token (exact-out: the sell token). */
export type QuoteRecord = {
  readonly id?: string
  /** Which amount the request fixed. */
  readonly kind: 'exactIn' | 'exactOut'
  readonly sell: Address
  readonly buy: Address
  readonly amountIn: bigint
  readonly amountOut: bigint
  readonly gas: bigint
  readonly netOut: bigint
  readonly bound: bigint
  readonly gapBps: number
  readonly priceImpactBps: number
  readonly legs: readonly Omit<Leg, 'indexIn' | 'indexOut'>[]
  readonly bestSinglePool?:
    { readonly pool: PoolId; readonly amountIn: bigint; readonly amountOut: bigint } | undefined
  readonly cpuMs: number
  readonly digest: Hex
}

/** Shapes a quote; `cpuMs` is what the search took and the only field that differs from run to run. */
export function toQuoteRecord(quote: Quote, digest: Hex, cpuMs: number): QuoteRecord {
  return {
    kind: quote.request.amountIn === undefined ? 'exactOut' : 'exactIn',
    sell: quote.request.tokenIn,
    buy: quote.request.tokenOut,
    amountIn: quote.amountIn,
    amountOut: quote.amountOut,
    gas: quote.gas,
    netOut: quote.netAmount,
    bound: quote.certificate.bound,
    gapBps: quote.gapBps,
    priceImpactBps: quote.priceImpactBps,
    legs: quote.route.legs.map(({ pool, kind, tokenIn, tokenOut, amountIn, amountOut }) => ({
      pool,
      kind,
      tokenIn,
      tokenOut,
      amountIn,
      amountOut,
    })),
    bestSinglePool: quote.bestSinglePool,
    cpuMs,
    digest,
  }
}
