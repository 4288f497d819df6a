/** Pancake's pairs keep 25 bps, the markets' keep what they say: mostly 30. */
import type { Amount, Pair, Sdk } from './pancakeTypes.ts'

/** The fee that Uniswap's pairs keep, in thousandths of the input that are left. */
const kept = 997n

/**
 * Lets the package's pairs charge 30 bps, so that its routers plan by the fee that they are judged by. Pools
 * are judged by their own fee in any case.
 */
export function patchPairFee(sdk: Sdk): void {
  Object.assign(sdk.Pair.prototype, {
    getOutputAmount(this: Pair, input: Amount): [Amount, Pair] {
      const isFirst = input.currency.equals(this.token0)
      const reserveIn = this.reserveOf(input.currency)
      const tokenOut = isFirst ? this.token1 : this.token0
      const reserveOut = this.reserveOf(tokenOut)
      if (reserveIn.quotient === 0n || reserveOut.quotient === 0n)
        throw new sdk.InsufficientReservesError()
      const left = input.quotient * kept
      const units = (left * reserveOut.quotient) / (reserveIn.quotient * 1_000n + left)
      if (units === 0n) throw new sdk.InsufficientInputAmountError()
      const output = sdk.CurrencyAmount.fromRawAmount(tokenOut, units)
      return [output, new sdk.Pair(reserveIn.add(input), reserveOut.subtract(output))]
    },
  })
}
