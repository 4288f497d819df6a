/**
 * The laws of pools on CryptoSwap.
 *
 * Three things that the contracts do are allowed for. Their solvers stop about 10^-14 of the pool short of the root.
 * The fee is that of the balances after a swap, so of a swap out of balance a first half pays less, and it stays in
 * the coin that is paid, so a second half gets a share of the first one's back: both at most the fee. And a pool that
 * has earned enough gives some of its profit to whoever trades while its price scale moves. Nor is what a pool pays
 * concave where the fee falls on the way into balance: the slope is looked at where the fee is one.
 */
import { describe, it } from 'mocha'
import { curveCrypto } from '../../solver/pools/curveCrypto.ts'
import { type CurveCryptoState, unscaleOf } from '../../solver/pools/curveCryptoState.ts'
import { states } from '../helpers/arbitraries/curveCrypto.ts'
import type { LawOptions, Moved } from '../helpers/poolLawOptions.ts'
import { describeLaws } from '../helpers/poolLaws.ts'
import { curveLaw, priceLaw } from '../helpers/poolLawsCurve.ts'

const one = 10n ** 18n

/** What the solvers may miss, in units of token `at`: K0 has 18 digits, of which a small gamma leaves few. */
function jitter(state: CurveCryptoState, at: number): bigint {
  return 3n + unscaleOf(state, at, state.D / 10n ** 11n + (10n * state.D) / state.gamma)
}

/** What the pool has earned and may give away, in units of token `at`. */
function profit(state: CurveCryptoState, at: number): bigint {
  const earned = (state.rebalance?.virtualPrice ?? one) - one
  return unscaleOf(state, at, (state.D * earned) / one)
}

/** More than anything pays. */
const refused = 2n ** 256n
/** Above the solvers' jitter, in pools up to a million of 18 digits. */
const comparedFrom = 10n ** 17n
const isModest = ({ D }: CurveCryptoState) => D < 10n ** 24n

const options: LawOptions<CurveCryptoState> = {
  holds: ({ balances }) => balances,
  exactOutMayOverpay: true,
  roundTripSlack: (state, { indexIn }) => jitter(state, indexIn) + profit(state, indexIn),
  splitSlack: (state, { indexOut, amountOut }: Moved) =>
    jitter(state, indexOut) + profit(state, indexOut) + (amountOut * state.outFee) / 10n ** 10n,
  monotoneSlack: (state, { indexIn, indexOut, amountIn }) => {
    // A swap so small that the contract's own rounding makes a loss of it is refused, whatever a smaller one met.
    if (amountIn === 0n) return refused
    const [sold, bought] = [jitter(state, indexIn), jitter(state, indexOut)]
    return sold > bought ? sold : bought
  },
  curve: {
    from: comparedFrom,
    when: (state) => isModest(state) && state.midFee === state.outFee,
  },
  cost: 60,
}

describeLaws(curveCrypto, states, options)

describe('the laws of curveCrypto with a fee that moves', () => {
  const moving = { ...options, curve: { from: comparedFrom, when: isModest } }
  for (const make of [curveLaw, priceLaw]) {
    const { name, check } = make(curveCrypto, states, moving)
    it(name, check)
  }
})
