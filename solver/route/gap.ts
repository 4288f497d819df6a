/** How far a quote can be from the best, as one number. */

/**
 * Distance of bound and result in 1/100 %.
 *
 * @param bound - The certificate's bound, net of gas; exact-out: the least cost.
 * @param net - What the quote nets; exact-out: what it costs.
 * @param gross - Size of the trade in the counted token, above 0: stands in for a bound that gas leaves at or
 *   below 0 (exact-in), or that loops make smaller than the trade (exact-out).
 */
export function gapBps(bound: bigint, net: bigint, gross: number, isExactIn: boolean): number {
  const distance = Number(isExactIn ? bound - net : net - bound)
  const size = Number(bound)
  const whole = isExactIn ? (size > 0 ? size : gross) : Math.max(Math.abs(size), gross)
  return (distance / whole) * 1e4
}
