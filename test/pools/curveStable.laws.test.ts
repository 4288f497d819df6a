/**
 * The laws of pools on StableSwap, with what the contract does otherwise.
 *
 * Of a fee, the liquidity providers' part stays on the side that is paid out, so a second swap may buy a part of
 * what the first was charged; and a dynamic fee is the average of before and after, so two swaps may be charged
 * less than one. Neither gives more than the dearest fee. Far off the peg D itself is rounded coarsely.
 */
import { curveStable, type CurveStableState } from '../../solver/pools/curveStable.ts'
import { states } from '../helpers/arbitraries/curveStable.ts'
import { describeLaws, type Moved } from '../helpers/poolLaws.ts'

const feeUnit = 10n ** 10n

const isDynamic = ({ offpegFeeMultiplier = 0n }: CurveStableState) => offpegFeeMultiplier > feeUnit

/** What rounding moves: some common units, two units of any coin, and far off the peg a share of the amount. */
function rounded({ rates }: CurveStableState, index: number, amount: bigint): bigint {
  const coarsest = rates.reduce((most, rate) => (rate > most ? rate : most), 0n)
  return (8n * 10n ** 18n + 2n * coarsest) / (rates[index] ?? 1n) + (amount >> 24n) + 1n
}

/** The same for three swaps in a row: each coin's units at the price for which they are sold, before or after. */
function roundedThere(state: CurveStableState, moved: Moved): bigint {
  const { indexIn, amountIn } = moved
  const { next } = curveStable.swapExactIn(state, moved)
  const priced = [state, next].flatMap((each) =>
    each.rates.map((_, from) => {
      const price = from === indexIn ? 1 : curveStable.price(each, from, indexIn)
      return BigInt(Math.ceil(price * Number(rounded(each, from, 0n))))
    }),
  )
  return priced.reduce((sum, each) => sum + each, rounded(state, indexIn, amountIn))
}

/** The dearest that `state` charges on what it pays. */
function dearest(state: CurveStableState, { amountOut }: Moved): bigint {
  const { fee, offpegFeeMultiplier = 0n } = state
  const top = isDynamic(state) ? (fee * offpegFeeMultiplier) / feeUnit : fee
  return top >= feeUnit / 2n ? amountOut : (amountOut * top) / (feeUnit - top)
}

describeLaws(curveStable, states, {
  exactOutMayOverpay: true,
  splitSlack: (state, moved) =>
    dearest(state, moved) + rounded(state, moved.indexOut, moved.amountOut),
  roundTripSlack: roundedThere,
  monotoneSlack: (state, moved) => (isDynamic(state) ? dearest(state, moved) : 0n),
  // Only where no part of the fee leaves, and balances move by the amounts.
  holds: ({ balances, adminFee, rounding, variant }) =>
    adminFee === 0n && rounding !== 'first' && variant !== 'lending' ? balances : [],
  // Where the fee outgrows the price the pool still takes, and pays less; and the oldest pools trade even where a
  // side is empty. Neither is a curve for the router.
  curve: { when: (state) => !isDynamic(state) && !state.balances.includes(0n) },
  cost: 10,
})
