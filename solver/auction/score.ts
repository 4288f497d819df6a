/** Believes no solver: re-runs a solution's plan on the auction's own view and scores what it really gives. */
import type { Brand } from '../core/hex.ts'
import { mulDivDown } from '../core/rounding.ts'
import { limitAt } from '../intents/limit.ts'
import { evaluateRoute } from '../route/evaluate.ts'
import type { Auction, Solution } from './auction.ts'

/** A solution that passed every check; only {@link scoreSolution} makes one. */
export type ScoredSolution = {
  readonly solution: Solution
  readonly scoreWei: bigint
  readonly proof: Brand<'scored', 'ScoredSolution'>
}

/** Why a solution was not believed. */
export type Rejection = {
  readonly rejected:
    | 'order-not-in-auction'
    | 'sells-too-much'
    | 'below-limit'
    | 'plan-does-not-run'
    | 'claims-more-than-plan'
  readonly solution: Solution
}

/**
 * Checks one solution and scores it by the surplus over the order's limit, in wei at the view's prices
 * (in base units of the buy token when it has no price).
 *
 * @returns The scored solution, or the first reason why it is refused.
 */
export function scoreSolution(auction: Auction, solution: Solution): ScoredSolution | Rejection {
  const { order } = solution.order
  const refuse = (rejected: Rejection['rejected']): Rejection => ({ rejected, solution })
  if (!auction.orders.some(({ digest }) => digest === solution.order.digest))
    return refuse('order-not-in-auction')
  if (solution.sold > order.amount) return refuse('sells-too-much')
  const ends = { tokenIn: order.sellToken, tokenOut: order.buyToken }
  const run = evaluateRoute(auction.view, solution.quote.route, ends)
  if (run === undefined) return refuse('plan-does-not-run')
  if (run.amountIn > solution.sold || run.amountOut < solution.bought)
    return refuse('claims-more-than-plan')
  const limit = limitAt(order, auction.settlesAt)
  if (solution.bought < limit) return refuse('below-limit')
  const price = auction.view.tokens.get(order.buyToken)?.priceWei ?? 10n ** 18n
  return {
    solution,
    scoreWei: mulDivDown(solution.bought - limit, price, 10n ** 18n),
    // The brand's one constructor.
    proof: 'scored' as Brand<'scored', 'ScoredSolution'>,
  }
}
