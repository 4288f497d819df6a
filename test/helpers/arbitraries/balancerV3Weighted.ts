/** States of Balancer V3 weighted pools of both versions. */
import * as fc from 'fast-check'
import type { BalancerV3WeightedState } from '../../../solver/pools/balancerV3Weighted.ts'
import { vaultStates } from './balancerV3Vault.ts'

const percent = 10n ** 16n

/** Any weighted pool that the contract can be in: weights of at least 1 %, at times such that powers are products. */
export const states: fc.Arbitrary<BalancerV3WeightedState> = fc
  .tuple(
    vaultStates('balancerV3Weighted', { tokensMax: 8, feeMin: 10n ** 13n, spreadDigits: 6 }),
    fc.array(fc.oneof(fc.constantFrom(100, 200, 400), fc.nat({ max: 1_000 })), {
      minLength: 8,
      maxLength: 8,
    }),
    fc.boolean(),
  )
  .map(([state, draws, isFirstVersion]) => ({
    ...state,
    weights: weightsOf(draws.slice(0, state.tokens.length)),
    ...(isFirstVersion
      ? {}
      : {
          minBalances: state.scalingFactors.map((scale) => (scale > 10n ** 6n ? scale : 10n ** 6n)),
        }),
  }))

/** One percent each, the rest shared out by `draws`; the last takes what rounding left. */
function weightsOf(draws: readonly number[]): readonly bigint[] {
  const spare = 10n ** 18n - percent * BigInt(draws.length)
  const total = BigInt(draws.reduce((sum, draw) => sum + draw, 1))
  const weights = draws.map((draw) => percent + (spare * BigInt(draw)) / total)
  const missing = 10n ** 18n - weights.reduce((sum, weight) => sum + weight, 0n)
  return weights.map((weight, at) => (at === weights.length - 1 ? weight + missing : weight))
}
