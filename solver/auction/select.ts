/** Chooses the winner of each order among scored solutions. */
import type { MarketView } from '../market/view.ts'
import type { ScoredSolution } from './score.ts'

/**
 * The best solution of each order: highest score, ties to the solver whose name comes first, then to the
 * plan whose text does, so that the outcome does not depend on the order of arrival. A worse solution never changes the winner.
 */
export function selectWinners(scored: readonly ScoredSolution[]): readonly ScoredSolution[] {
  const best = new Map<string, ScoredSolution>()
  for (const candidate of scored) {
    const { digest } = candidate.solution.order
    const holder = best.get(digest)
    if (holder === undefined || beats(candidate, holder)) best.set(digest, candidate)
  }
  return [...best.values()]
}

/**
 * The best first. Orders of a token without a reference price come last: their surplus is counted in units of that
 * token, and whoever makes a token may make as many units as he likes.
 */
export function rankWinners(
  winners: readonly ScoredSolution[],
  { tokens }: MarketView,
): readonly ScoredSolution[] {
  const isPriced = ({ solution }: ScoredSolution) =>
    tokens.get(solution.order.order.buyToken)?.priceWei !== undefined
  const bySurplus = (a: ScoredSolution, b: ScoredSolution) =>
    a.scoreWei === b.scoreWei ? 0 : a.scoreWei > b.scoreWei ? -1 : 1
  const priced = winners.filter(isPriced).sort(bySurplus)
  return [...priced, ...winners.filter((winner) => !isPriced(winner)).sort(bySurplus)]
}

function beats(candidate: ScoredSolution, holder: ScoredSolution): boolean {
  if (candidate.scoreWei !== holder.scoreWei) return candidate.scoreWei > holder.scoreWei
  return rank(candidate) < rank(holder)
}

/** Orders solutions of one score: by name, then by everything in which two plans of one solver can differ. */
function rank({ solution: { solver, quote, sold } }: ScoredSolution): string {
  const legs = quote.route.legs.map(({ pool, amountIn }) => `${pool}:${amountIn}`)
  return [solver, sold, ...legs].join(' ')
}
