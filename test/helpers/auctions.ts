/** Auctions over two small pools: an order, plans that fill it well or badly, and the market around it. */
import type { Auction, Solution } from '../../solver/auction/auction.ts'
import type { Address } from '../../solver/core/hex.ts'
import type { Token } from '../../solver/core/token.ts'
import type { Order, OrderDigest, SignedOrder } from '../../solver/intents/order.ts'
import type { MarketView } from '../../solver/market/view.ts'
import { type PoolState, moduleOf } from '../../solver/pools/index.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import { findQuote } from '../../solver/route/quote.ts'
import type { Leg, Quote, QuoteRequest } from '../../solver/route/route.ts'
import { anOrder, domain } from './orders.ts'
import { aPair, tokenA, tokenB } from './pools.ts'

/** A third token, which no pool of {@link aView} joins to the others but through {@link aView}'s last pair. */
export const tokenC = '0x00000000000000000000000000000000000000c0'

const deep = 10n ** 24n
/** Two pairs of A and B, the first deeper, and one of B and C. */
export const pairs = [
  aPair([deep, 2n * deep], { id: toPoolId(`0x${'e1'.padStart(40, '0')}`) }),
  aPair([deep / 10n, deep / 5n], { id: toPoolId(`0x${'e2'.padStart(40, '0')}`) }),
  aPair([deep, deep], { id: toPoolId(`0x${'e3'.padStart(40, '0')}`), tokens: [tokenB, tokenC] }),
] as const

/** A market of `pools` (the three pairs when absent) in which one base unit of B is worth half a wei. */
export function aView(pools: readonly PoolState[] = pairs): MarketView {
  const token = (address: Address, symbol: string, priceWei: bigint): [Address, Token] => [
    address,
    { address, symbol, decimals: 18, priceWei },
  ]
  return {
    chainId: 1,
    tokens: new Map([
      token(tokenA, 'AAA', 10n ** 18n),
      token(tokenB, 'BBB', 5n * 10n ** 17n),
      token(tokenC, 'CCC', 5n * 10n ** 17n),
    ]),
    pools: new Map(pools.map((state) => [state.id, state])),
    gasPrice: 0n,
  }
}

/** A signed order to sell A for B; the signature is not one, for rooms that do not look at it. */
export function aSigned(change: Partial<Order> = {}, name = 1): SignedOrder {
  const terms: Partial<Order> = {
    sellToken: tokenA,
    buyToken: tokenB,
    limitStart: 1n,
    limitEnd: 1n,
    ...change,
  }
  const digest = `0x${name.toString(16).padStart(64, '0')}` as OrderDigest
  return { order: anOrder(terms), digest, ...domain, funding: 'allowance', signature: '0x' }
}

/** An auction of `orders` on `view`. */
export function anAuction(orders: readonly SignedOrder[], view = aView()): Auction {
  return {
    view,
    orders,
    settlesAt: orders[0]?.order.decayStart ?? 0,
    solver: `0x${'5'.repeat(40)}`,
  }
}

/** The best plan for `request` on `view`; the tests' markets always have one. */
export function quoteOf(view: MarketView, request: QuoteRequest): Quote {
  const quote = findQuote(view, request, { gasPrice: 0n, executable: true })
  if (quote === undefined) throw new RangeError('the test market has no route')
  return quote
}

/** A plan that sends `parts[i]` base units through the i-th pair of A and B, exact on {@link aView}. */
export function planOver(parts: readonly bigint[]): Quote {
  const legs = parts.flatMap((amountIn, index) => {
    const state = pairs[index]
    if (state === undefined || amountIn === 0n) return []
    const { amountOut } = moduleOf(state).swapExactIn(state, { indexIn: 0, indexOut: 1, amountIn })
    const ends = { indexIn: 0, indexOut: 1, tokenIn: tokenA, tokenOut: tokenB } as const
    return [{ pool: state.id, kind: state.kind, ...ends, amountIn, amountOut } satisfies Leg]
  })
  const sum = (amounts: readonly bigint[]) => amounts.reduce((total, each) => total + each, 0n)
  const amountIn = sum(legs.map((leg) => leg.amountIn))
  const amountOut = sum(legs.map((leg) => leg.amountOut))
  return {
    ...quoteOf(aView(), { tokenIn: tokenA, tokenOut: tokenB, amountIn }),
    route: { legs, credit: false },
    amountIn,
    amountOut,
    netAmount: amountOut,
  }
}

/** What `solver` claims: that `quote` fills `order`, in the plan's own amounts unless `change` says more. */
export function aSolution(
  solver: string,
  order: SignedOrder,
  quote: Quote,
  change: Partial<Solution> = {},
): Solution {
  return { solver, order, quote, sold: quote.amountIn, bought: quote.amountOut, ...change }
}
