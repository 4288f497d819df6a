/** The laws of Balancer V2 weighted pools. */
import {
  balancerWeighted,
  type BalancerWeightedState,
} from '../../solver/pools/balancerWeighted.ts'
import { states } from '../helpers/arbitraries/balancerWeighted.ts'
import { describeLaws, type Moved } from '../helpers/poolLaws.ts'

/** Base units of the output below which a power of 18 digits says nothing: a few 10^-18 of its balance. */
function dustOf({ balances }: BalancerWeightedState, { indexOut }: Moved): bigint {
  return 1n + (6n * (balances[indexOut] ?? 0n)) / 10n ** 18n
}

describeLaws(balancerWeighted, states, {
  // The vault takes dust for which the pool pays nothing.
  mayTakeForNothing: true,
  exactOutIsLeast: false,
  splitSlack: dustOf,
  // Each direction rounds for the pool: a unit or two of the input (fee, scaling), and the power's 10^-14 of a balance.
  // Exact-in refuses more than 30 % of a balance, even where exact-out takes it.
  consistencySlack(state, moved) {
    const { amountIn, amountOut } = moved
    if (balancerWeighted.swapExactIn(state, moved).amountIn < amountIn) return amountOut
    const allowance = (2n * (state.balances[moved.indexOut] ?? 0n)) / 10n ** 14n
    return dustOf(state, moved) + 1n + (3n * amountOut) / amountIn + allowance
  },
  holds: ({ balances }) => balances,
  // The curve leaves out the power's allowance, which is below the tolerance from 10^-7 of a balance on.
  curve: {
    from: 10n ** 12n,
    when: ({ balances }) => balances.every((balance) => balance <= 2n ** 63n),
  },
})
