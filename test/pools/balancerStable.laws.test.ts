/** The laws of Balancer V2 stable pools. */
import { balancerStable, type BalancerStableState } from '../../solver/pools/balancerStable.ts'
import { states } from '../helpers/arbitraries/balancerStable.ts'
import { describeLaws, type Moved } from '../helpers/poolLaws.ts'

/**
 * True when no token is worth more than a million times another and none is dust below 10^15 of 18 digits: beyond,
 * the truncated products put the contract's result far from the invariant.
 */
function isOrdinary({ balances, scalingFactors }: BalancerStableState): boolean {
  const worths = balances.map((balance, at) => balance * (scalingFactors[at] ?? 0n))
  const least = worths.reduce((a, b) => (a < b ? a : b))
  return least >= 10n ** 33n && worths.every((worth) => worth <= 1_000_000n * least)
}

/** What truncated products and Newton's steps may miss, in units of the output. */
function noiseOf({ balances }: BalancerStableState, { indexOut }: Moved): bigint {
  return 4n + (balances[indexOut] ?? 0n) / 10n ** 8n
}

describeLaws(balancerStable, states, {
  // The vault takes dust for which the pool pays nothing.
  mayTakeForNothing: true,
  exactOutIsLeast: false,
  // The fee of the first swap stays in the pool, and the second finds a larger invariant.
  splitSlack: (state, moved) =>
    isOrdinary(state)
      ? noiseOf(state, moved) + (moved.amountOut * state.swapFee) / 10n ** 18n
      : moved.amountOut,
  // Each direction rounds for the pool, by units of the input at its price and of the output.
  consistencySlack(state, moved) {
    const { amountIn, amountOut, indexIn, indexOut } = moved
    if (!isOrdinary(state)) return amountOut
    if (balancerStable.swapExactIn(state, moved).amountIn < amountIn) return amountOut
    const units = BigInt(Math.ceil(4 * balancerStable.price(state, indexIn, indexOut)))
    return noiseOf(state, moved) + units
  },
  holds: ({ balances }) => balances,
  curve: { when: isOrdinary, from: 10n ** 12n },
  // Two solutions by Newton's method a swap, and a dry pool is found by halving.
  cost: 4,
})
