/** How a pool that cannot fill a swap finds the part that it can. */

/** What a contract answers to one amount: the other amount, or on which side it refuses. */
export type Answer = bigint | 'tooLittle' | 'tooMuch'

/** A swap that the contract accepts: the amount it was told, and its answer. */
export type Fill = { readonly told: bigint; readonly answer: bigint }

/**
 * The largest amount up to `most` that a contract accepts, found by halving: amounts are accepted from a least
 * one to a greatest.
 *
 * @param most - Base units, at least 0.
 * @returns `undefined` when it accepts none.
 */
export function largestFill(most: bigint, ask: (amount: bigint) => Answer): Fill | undefined {
  if (most <= 0n) return undefined
  const whole = ask(most)
  if (whole === 'tooLittle') return undefined
  if (whole !== 'tooMuch') return { told: most, answer: whole }
  let best: Fill | undefined
  let low = 0n
  let high = most
  while (high - low > 1n) {
    const middle = (low + high) >> 1n
    const answer = ask(middle)
    if (answer === 'tooMuch') high = middle
    else low = middle
    if (typeof answer === 'bigint') best = { told: middle, answer }
  }
  return best
}
