/**
 * A stable Solidly pair in floats: the exact real solution of `x³y + y³x = k`, without a difference of near numbers.
 *
 * With `X = x + s` and the payment `d`, `k` is kept where `d X (X² + 3y² - 3yd + d²) = s y (X² + Xx + x² + y²)`.
 */
import type { SmoothCurve } from '../pool.ts'

/** What a stable pair looks like to its curve; balances are scaled to 18 digits. */
export type StableFloats = {
  readonly balances: readonly [number, number]
  /** 10^18 over the base units of one whole token. */
  readonly scales: readonly [number, number]
  /** Share of the input that stays in the pair. */
  readonly kept: number
  /** Largest input of each token, base units. */
  readonly mostIn: readonly [number, number]
}

/** Newton's method from below gains digits quadratically; the first rounds of a huge swap gain a third each. */
const roundsMax = 200

/** The curve of a stable pair with two balances above 0. */
export function stableCurve({ balances, scales, kept, mostIn }: StableFloats): SmoothCurve {
  const of = (pair: readonly [number, number], index: number) => (index === 0 ? pair[0] : pair[1])
  const after = (indexIn: number, size: number) => {
    const x = of(balances, indexIn)
    const y = of(balances, 1 - indexIn)
    return { x, y, added: size * kept * of(scales, indexIn) }
  }
  return {
    shape: 'smooth',
    out(indexIn, indexOut, size) {
      const { x, y, added } = after(indexIn, Math.min(size, of(mostIn, indexIn)))
      return payment(x, y, added) / of(scales, indexOut)
    },
    slope(indexIn, indexOut, size) {
      if (size > of(mostIn, indexIn)) return 0
      const { x, y, added } = after(indexIn, size)
      const left = rest(x, y, added)
      return (kept * exchange(x + added, left) * of(scales, indexIn)) / of(scales, indexOut)
    },
    mostIn: (indexIn) => of(mostIn, indexIn),
  }
}

/** Marginal y for x at balances `x` and `y`, without a fee. */
export function exchange(x: number, y: number): number {
  return (y * (3 * x * x + y * y)) / (x * (x * x + 3 * y * y))
}

/** What leaves of y for `added` of x. */
function payment(x: number, y: number, added: number): number {
  const end = x + added
  const gain = added * y * (end * end + end * x + x * x + y * y)
  let paid = gain / (end * (end * end + 3 * y * y))
  for (let round = 0; round < roundsMax; round += 1) {
    const left = y - paid
    const miss = gain - paid * end * (end * end + y * y + y * left + left * left)
    const next = paid + miss / (end * (end * end + 3 * left * left))
    if (!(Math.abs(next - paid) > 1e-16 * paid)) return next
    paid = next
  }
  return paid
}

/** What is left of y, with its own digits where next to nothing is left. */
function rest(x: number, y: number, added: number): number {
  const end = x + added
  const paid = payment(x, y, added)
  if (paid < y / 2) return y - paid
  const k = x * y * (x * x + y * y)
  let left = y - paid
  if (!(left > 0)) left = k / (end * end * end)
  for (let round = 0; round < roundsMax; round += 1) {
    const next =
      left - (end * left * (end * end + left * left) - k) / (end * (end * end + 3 * left * left))
    if (!(Math.abs(next - left) > 1e-15 * left)) return next
    left = next
  }
  return left
}
