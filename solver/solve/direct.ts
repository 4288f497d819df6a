/** The solver that fills each order by itself with the best plan over the pools. */
import type { Auction, Solution, Solver } from '../auction/auction.ts'
import { BaseError } from '../core/errors.ts'
import type { SignedOrder } from '../intents/order.ts'
import { evaluateRoute } from '../route/evaluate.ts'
import { findQuote } from '../route/quote.ts'
import type { Quote } from '../route/route.ts'

/**
 * Routes every order alone, whole, through pools that the settlement can run; an order that was quoted firmly
 * gets that plan while it holds. It throws nothing.
 */
export const direct: Solver = {
  name: 'direct',
  solve(auction) {
    return auction.orders.flatMap((order) => {
      const solution = attempt(auction, order)
      return solution === undefined ? [] : [solution]
    })
  },
}

/** One order that cannot be asked for (a token without a pool) must not keep the others from being filled. */
function attempt(auction: Auction, order: SignedOrder): Solution | undefined {
  try {
    return solveOne(auction, order)
  } catch (error) {
    if (error instanceof BaseError) return undefined
    throw error
  }
}

function solveOne(auction: Auction, order: SignedOrder): Solution | undefined {
  const { sellToken, buyToken, amount } = order.order
  const request = { tokenIn: sellToken, tokenOut: buyToken, amountIn: amount }
  const firm = auction.firm?.get(order.digest)
  const quote =
    firm !== undefined && stillHolds(auction, firm, order)
      ? firm
      : findQuote(auction.view, request, { executable: true })
  if (quote === undefined) return undefined
  return {
    solver: direct.name,
    order,
    quote,
    sold: quote.amountIn,
    bought: quote.amountOut,
  }
}

/** True when the plan sells the whole order and every pool still takes and pays what was quoted. */
function stillHolds(
  { view }: Auction,
  { route, amountIn, amountOut }: Quote,
  { order }: SignedOrder,
): boolean {
  const ends = { tokenIn: order.sellToken, tokenOut: order.buyToken }
  if (amountIn !== order.amount) return false
  const run = evaluateRoute(view, route, ends)
  return run !== undefined && run.amountIn === amountIn && run.amountOut === amountOut
}
