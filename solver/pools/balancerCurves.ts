/** Balancer V2's pools as smooth float curves. They guide search; the exact amounts are the modules'. */
import type { SmoothCurve } from './pool.ts'

type Curved = {
  readonly balances: readonly bigint[]
  readonly swapFee: bigint
  readonly scalingFactors?: readonly bigint[] | undefined
}

/** The largest input of a pair of tokens that the pool takes, in base units; 0 when it trades them not. */
type MostIn = (indexIn: number, indexOut: number) => bigint

const wad = 1e18

/**
 * A weighted pool: `out = Bo (1 - (Bi / (Bi + in))^(Wi / Wo))`. Without the contract's allowance for its own
 * power, 10^-14 of a balance.
 */
export function weightedCurve(
  pool: Curved & { readonly weights: readonly bigint[] },
  mostIn: MostIn,
): SmoothCurve {
  const balances = Float64Array.from(pool.balances, Number)
  const weights = Float64Array.from(pool.weights, Number)
  const kept = 1 - Number(pool.swapFee) / wad
  const at = (list: Float64Array, index: number) => list[index] ?? 0
  const isDead = (i: number, j: number) => at(balances, i) === 0 || at(balances, j) === 0
  return {
    shape: 'smooth',
    out(i, j, size) {
      if (isDead(i, j)) return 0
      const power = at(weights, i) / at(weights, j)
      return -at(balances, j) * Math.expm1(-power * Math.log1p((size * kept) / at(balances, i)))
    },
    slope(i, j, size) {
      if (isDead(i, j)) return 0
      const power = at(weights, i) / at(weights, j)
      const growth = 1 + (size * kept) / at(balances, i)
      return ((at(balances, j) * power * kept) / at(balances, i)) * growth ** (-power - 1)
    },
    mostIn: (i, j) => Number(mostIn(i, j)),
  }
}

/** A stable pool's constants: scaled balances and what the invariant makes of them. */
export type StableFloats = {
  readonly balances: Float64Array
  readonly factors: Float64Array
  /** `D^(n+1) / (A n^2n P)`, where P is the product of all balances. */
  readonly constant: number
  readonly kept: number
}

/** The constants of a stable pool with invariant `invariant` and `amp` as the contract has them. */
export function stableFloats(
  pool: Curved & { readonly amp: bigint },
  invariant: bigint,
): StableFloats {
  const factors = Float64Array.from(pool.scalingFactors ?? [], (factor) => Number(factor) / wad)
  const balances = Float64Array.from(
    pool.balances,
    (balance, at) => Number(balance) * (factors[at] ?? 0),
  )
  const d = Number(invariant)
  const n = balances.length
  const amplified = (Number(pool.amp) * n) / 1_000
  const share = balances.reduce((product, balance) => (product * n * balance) / d, 1)
  return {
    balances,
    factors,
    constant: d / amplified / share,
    kept: 1 - Number(pool.swapFee) / wad,
  }
}

/**
 * A stable pool. At the pool's own balances x and y the invariant says y^2 + (g - y) y = g y, g being `constant`;
 * with d more of x it is a quadratic in the amount o that leaves, o^2 - (y + g + d) o + d (y + g y / (x + d)) = 0.
 * Its coefficients are sums of positive terms, so small amounts lose no digits.
 */
export function stableCurve(floats: StableFloats, mostIn: MostIn): SmoothCurve {
  return {
    shape: 'smooth',
    out(i, j, size) {
      const point = stablePoint(floats, i, j, size)
      return point.out / (floats.factors[j] ?? 1)
    },
    slope(i, j, size) {
      const { slope } = stablePoint(floats, i, j, size)
      return (slope * floats.kept * (floats.factors[i] ?? 1)) / (floats.factors[j] ?? 1)
    },
    mostIn: (i, j) => Number(mostIn(i, j)),
  }
}

/** Amount out and its derivative, both scaled and before fees, at an input of `size` base units. */
type StablePoint = { readonly out: number; readonly slope: number }

function stablePoint(
  { balances, factors, constant, kept }: StableFloats,
  indexIn: number,
  indexOut: number,
  size: number,
): StablePoint {
  const x = balances[indexIn] ?? 0
  const y = balances[indexOut] ?? 0
  const input = size * kept * (factors[indexIn] ?? 1)
  const left = x / (x + input)
  const half = input + constant - y
  const root = Math.sqrt(half * half + 4 * constant * y * left)
  const sum = y + constant + input
  const out = (2 * input * (y + (constant * y) / (x + input))) / (sum + root)
  const rest = half > 0 ? (2 * constant * y * left) / (half + root) : (root - half) / 2
  return { out, slope: (rest + (constant * y * left) / (x + input)) / root }
}
