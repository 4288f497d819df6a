/**
 * The laws of pools on CryptoSwap.
 *
 * Three things that the contracts do are allowed for. Their solvers stop about 10^-14 of the pool short of the root.
 * The fee is that of the balances after a swap, so of a swap out of balance a first half pays less. And a pool that
 * has earned enough gives some of its profit to whoever trades while its price scale moves.
 */
import { curveCrypto } from '../../solver/pools/curveCrypto.ts'
import { type CurveCryptoState, unscaleOf } from '../../solver/pools/curveCryptoState.ts'
import { states } from '../helpers/arbitraries/curveCrypto.ts'
import type { Moved } from '../helpers/poolLawOptions.ts'
import { describeLaws } from '../helpers/poolLaws.ts'

const one = 10n ** 18n

/** What the solvers may miss, in units of token `at`. */
function jitter(state: CurveCryptoState, at: number): bigint {
  return 3n + unscaleOf(state, at, state.D / 10n ** 11n)
}

/** What the pool has earned and may give away, in units of token `at`. */
function profit(state: CurveCryptoState, at: number): bigint {
  const earned = (state.rebalance?.virtualPrice ?? one) - one
  return unscaleOf(state, at, (state.D * earned) / one)
}

describeLaws(curveCrypto, states, {
  holds: ({ balances }) => balances,
  exactOutMayOverpay: true,
  roundTripSlack: (state, { indexIn }) => jitter(state, indexIn) + profit(state, indexIn),
  splitSlack: (state, { indexOut, amountOut }: Moved) =>
    jitter(state, indexOut) +
    profit(state, indexOut) +
    (amountOut * (state.outFee - state.midFee)) / 10n ** 10n,
  monotoneSlack: (state, { indexIn, indexOut }) => {
    const [sold, bought] = [jitter(state, indexIn), jitter(state, indexOut)]
    return sold > bought ? sold : bought
  },
  cost: 60,
})
