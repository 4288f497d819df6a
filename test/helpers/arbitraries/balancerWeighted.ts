/** States of Balancer V2 weighted pools: two to eight tokens, every version, dust, huge, one-sided and empty. */
import * as fc from 'fast-check'
import type { BalancerWeightedState } from '../../../solver/pools/balancerWeighted.ts'
import { aVaultPool, anyBalances } from './balancerVault.ts'

const percent = 10n ** 16n

/** Shares of 100 percent, none below 1, as the contracts allow. */
function anyWeights(count: number): fc.Arbitrary<readonly bigint[]> {
  const spare = fc.array(fc.nat({ max: 100 - count }), {
    minLength: count - 1,
    maxLength: count - 1,
  })
  const uneven = spare.map((cuts) => {
    const bounds = [0, ...cuts.sort((a, b) => a - b), 100 - count]
    return bounds.slice(1).map((bound, at) => BigInt(1 + bound - (bounds[at] ?? 0)) * percent)
  })
  // Powers of 1, 2 and 4, which newer contracts take by multiplication.
  const special = fc
    .constantFrom([50n, 50n], [80n, 20n], [20n, 80n])
    .map((weights) => weights.map((weight) => weight * percent))
  return count === 2 ? fc.oneof(uneven, special) : uneven
}

/** Any weighted pool that the contracts can be in. */
export const states: fc.Arbitrary<BalancerWeightedState> = fc
  .integer({ min: 2, max: 8 })
  .chain((count) =>
    fc.tuple(
      aVaultPool(count),
      anyBalances(count),
      anyWeights(count),
      fc.constantFrom('v0' as const, 'v3Plus' as const, undefined),
    ),
  )
  .map(([pool, balances, weights, version]) => ({
    kind: 'balancerWeighted',
    ...pool,
    balances,
    weights,
    ...(version === undefined ? {} : { version }),
  }))
