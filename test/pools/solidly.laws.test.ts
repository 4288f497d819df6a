/** The laws of pools on Solidly pairs. */
import { divDown } from '../../solver/core/rounding.ts'
import { leastStable, scaled, stableK } from '../../solver/pools/math/solidly.ts'
import { solidly, type SolidlyState } from '../../solver/pools/solidly.ts'
import { states } from '../helpers/arbitraries/solidly.ts'
import { describeLaws, type Moved } from '../helpers/poolLaws.ts'

const pips = 1_000_000n

describeLaws(solidly, states, {
  holds: ({ reserves }) => reserves,
  leaves({ feePips }, { indexIn, amountIn }) {
    const fee = divDown(amountIn * BigInt(feePips), pips)
    return indexIn === 0 ? [fee, 0n] : [0n, fee]
  },
  // Each swap rounds its fee down, so that two leave up to one unit more of the input in the pair than one.
  splitSlack(state, { amountIn, amountOut, ...indices }) {
    const more = solidly.swapExactIn(state, { ...indices, amountIn: amountIn + 2n })
    return more.amountOut - amountOut
  },
  roundTripSlack: spare,
  // Of pairs whose balances are not rounded to 18 digits and whose rounded k has the digits for it.
  curve: { tolerance: 1e-9, from: 10n ** 11n, when: isFine },
})

/** Base units of the input that a stable pair could lose without its rounded k being lower: dust makes k coarse. */
function spare({ stable, reserves, decimals }: SolidlyState, { indexIn, indexOut }: Moved): bigint {
  if (!stable || decimals === undefined) return 0n
  const balanceOf = (index: number) => ({
    reserve: reserves[index] ?? 0n,
    unit: 10n ** BigInt(decimals[index] ?? 0),
  })
  const [from, to] = [balanceOf(indexIn), balanceOf(indexOut)]
  const [x, y] = [scaled(from.reserve, from.unit), scaled(to.reserve, to.unit)]
  return from.reserve - leastStable(y, stableK(x, y), x, from.unit)
}

function isFine({ stable, reserves: [reserve0, reserve1], decimals }: SolidlyState): boolean {
  if (!stable || decimals === undefined) return true
  if (Math.max(...decimals) > 18) return false
  const [unit0, unit1] = decimals.map((digits) => 10n ** BigInt(digits))
  return stableK(scaled(reserve0, unit0 ?? 1n), scaled(reserve1, unit1 ?? 1n)) > 10n ** 24n
}
