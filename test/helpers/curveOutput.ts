/** What a float curve pays, summed segment by segment: an independent reading of `SegmentCurve`. */
import type { SegmentCurve } from '../../solver/pools/pool.ts'

/** Output for `amountIn` before the fee is taken, in base units; Infinity of input drains the curve. */
export function curveOutput(curve: SegmentCurve, zeroForOne: boolean, amountIn: number): number {
  let left = amountIn * curve.kept[zeroForOne ? 0 : 1]
  let paid = 0
  let price = curve.sqrtPrice
  const step = zeroForOne ? -1 : 1
  for (let at = curve.current; at >= 0 && at < curve.liquidity.length && left > 0; at += step) {
    const liquidity = curve.liquidity[at] ?? 0
    const end = curve.bounds[zeroForOne ? at : at + 1] ?? price
    // Token 0 over a stretch is L * (1/low - 1/high), token 1 is L * (high - low).
    const whole = zeroForOne ? liquidity * (1 / end - 1 / price) : liquidity * (end - price)
    const reaches = left >= whole
    const moved = zeroForOne ? liquidity / (liquidity / price + left) : price + left / liquidity
    const stop = reaches ? end : moved
    // A short move is not a difference of two near prices, which would lose the digits that are compared.
    const short = zeroForOne
      ? (left * price * price * liquidity) / (liquidity + left * price)
      : left / (price * stop)
    const long = zeroForOne ? liquidity * (price - end) : liquidity * (1 / price - 1 / end)
    paid += reaches ? long : short
    left -= Math.min(left, whole)
    price = stop
  }
  return paid
}
