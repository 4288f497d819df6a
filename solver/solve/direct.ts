/** The solver that fills each order by itself with the best plan over the pools. */
import type { Auction, Solution, Solver } from '../auction/auction.ts'
import type { SignedOrder } from '../intents/order.ts'
import { findQuote } from '../route/quote.ts'

/** Routes every order alone, whole, through pools that the settlement can run. It throws nothing. */
export const direct: Solver = {
  name: 'direct',
  solve(auction) {
    return auction.orders.flatMap((order) => {
      const solution = solveOne(auction, order)
      return solution === undefined ? [] : [solution]
    })
  },
}

function solveOne(auction: Auction, order: SignedOrder): Solution | undefined {
  const { sellToken, buyToken, amount } = order.order
  const request = { tokenIn: sellToken, tokenOut: buyToken, amountIn: amount }
  const quote = findQuote(auction.view, request, { executable: true })
  if (quote === undefined) return undefined
  return {
    solver: direct.name,
    order,
    quote,
    sold: quote.amountIn,
    bought: quote.amountOut,
  }
}
