/** Searching integers for the first one that will do. */

/**
 * The least integer from 1 to `most` for which `holds`, found from `guess` in steps that double: near guesses are
 * cheap. `holds` must be false up to some integer and true from there on; where it is not, the answer is an
 * integer that holds and whose predecessor does not.
 *
 * @param guess - Any integer; where the answer is expected.
 * @returns `undefined` when it does not hold for `most`.
 */
export function leastWhere(
  holds: (value: bigint) => boolean,
  guess: bigint,
  most: bigint,
): bigint | undefined {
  if (most < 1n) return undefined
  const start = guess < 1n ? 1n : guess > most ? most : guess
  let step = 1n
  let low: bigint
  let high: bigint
  if (holds(start)) {
    high = start
    low = start - step
    while (low > 0n && holds(low)) {
      high = low
      step *= 2n
      low -= step
    }
    if (low < 0n) low = 0n
  } else {
    low = start
    high = low + step
    while (high < most && !holds(high)) {
      low = high
      step *= 2n
      high += step
    }
    if (high >= most) {
      if (low >= most || !holds(most)) return undefined
      high = most
    }
  }
  while (high - low > 1n) {
    const middle = (low + high) >> 1n
    if (holds(middle)) high = middle
    else low = middle
  }
  return high
}
