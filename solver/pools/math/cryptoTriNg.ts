/**
 * The CryptoSwap invariant of three coins as Tricrypto-NG solves it: a closed form, Newton's method where that has
 * no real root.
 *
 * Source: CurveTricryptoMathOptimized v2.0.0,
 * https://etherscan.io/address/0xcbff3004a20dbfe2731543aa38599a526e0fd6ee#code
 */
import { divDown, mulDivDown } from '../../core/rounding.ts'
import { fits, magnitude, quotient, signedCbrt, type Solved } from './cryptoCubic.ts'
import {
  type CryptoShape,
  isNear,
  isSolvable,
  iterateD,
  newtonY3,
  one,
  sortDown,
  sumOf,
  wide,
} from './cryptoNewton.ts'
import { cbrt, isqrt } from './cryptoRoots.ts'

/** Here the contract's bound is one unit below a hundredth. */
const bounds = { ...wide, low: wide.low - 1n }

/** Scaled balance `i`, given the others and D; `undefined` where the contract reverts. */
export function solveY3(
  shape: CryptoShape,
  xp: readonly bigint[],
  D: bigint,
  i: number,
): Solved | undefined {
  if (!isSolvable(D)) return undefined
  const [xj = 0n, xk = 0n] = xp.filter((_, at) => at !== i)
  if (!isNear(xj, D) || !isNear(xk, D)) return undefined
  const cubic = reduce(coefficients(shape, xj, xk, D))
  if (cubic === undefined) return undefined
  const root = cardano(cubic)
  if (root === undefined) return undefined
  if (root === 'none') {
    const y = newtonY3(shape, xp, D, i)
    return y === undefined ? undefined : { y, K0: 0n }
  }
  const lever = divDown(divDown(divDown(D * D, 27n), xk) * D, xj) * root
  if (!fits(lever)) return undefined
  const y = quotient(lever, cubic.a)
  return y > 0n && isNear(y, D, bounds) ? { y, K0: quotient(one * root, cubic.a) } : undefined
}

type Cubic = { readonly a: bigint; readonly b: bigint; readonly c: bigint; readonly d: bigint }

function coefficients(
  { ann, gamma, aMultiplier }: CryptoShape,
  xj: bigint,
  xk: bigint,
  D: bigint,
): Cubic | undefined {
  const gamma2 = gamma * gamma
  const square = one * one
  const steep = divDown(D * D, xj) * gamma2 * ann
  const b =
    divDown(square, 9n) +
    divDown(2n * one * gamma, 27n) -
    divDown(divDown(divDown(steep, 729n), aMultiplier), xk)
  const tilt = quotient(gamma2 * (xj + xk - D), D) * ann
  const c =
    divDown(square, 9n) +
    divDown(gamma * (gamma + 4n * one), 27n) +
    quotient(quotient(tilt, 27n), aMultiplier)
  if (b === 0n || !fits(steep, tilt)) return undefined
  return { a: divDown(square, 27n), b, c, d: divDown((one + gamma) ** 2n, 27n) }
}

const dividers: readonly (readonly [above: number, digits: number])[] = [
  [48, 30],
  [44, 26],
  [40, 22],
  [36, 18],
  [32, 14],
  [28, 10],
  [24, 6],
  [20, 2],
]

/** The coefficients brought to one size, so that their products fit 256 bits. */
function reduce(cubic: Cubic | undefined): Cubic | undefined {
  if (cubic === undefined) return undefined
  const { a, b, c, d } = cubic
  if (!fits(3n * a * c)) return undefined
  const spread = magnitude(quotient(3n * a * c, b) - b)
  const digits = dividers.find(([above]) => spread > 10n ** BigInt(above))?.[1] ?? 0
  const divider = 10n ** BigInt(digits)
  const isSmall = magnitude(a) > magnitude(b)
  const more = magnitude(isSmall ? quotient(a, b) : quotient(b, a))
  const scale = (value: bigint) => quotient(isSmall ? value * more : quotient(value, more), divider)
  const reduced = { a: scale(a), b: scale(b), c: scale(c), d: scale(d) }
  return reduced.b === 0n || reduced.a === 0n ? undefined : reduced
}

/** `a` times K0 by Cardano's formula. */
function cardano({ a, b, c, d }: Cubic): bigint | 'none' | undefined {
  const delta0 = quotient(3n * a * c, b) - b
  const cross = quotient(27n * a * a, b) * d
  const delta1 = quotient(9n * a * c, b) - 2n * b - quotient(cross, b)
  const radicand = delta1 * delta1 + quotient(4n * delta0 * delta0, b) * delta0
  if (!fits(9n * a * c, cross, delta1 * delta1, 4n * delta0 * delta0, radicand)) return undefined
  if (radicand <= 0n) return 'none'
  const root = isqrt(radicand)
  const half = divDown(delta1 > 0n ? delta1 + root : root - delta1, 2n)
  const second = delta1 > 0n ? signedCbrt(half) : -signedCbrt(half)
  const C1 = quotient(divDown(signedCbrt(b) ** 2n, one) * second, one)
  if (C1 === 0n || !fits(b * delta0)) return undefined
  return quotient(b + quotient(b * delta0, C1) - C1, 3n)
}

/** Geometric mean of three by one cube root. */
export function geometricMean3(values: readonly bigint[]): bigint {
  const [first = 0n, second = 0n, third = 0n] = values
  const product = mulDivDown(mulDivDown(first, second, one), third, one)
  return product === 0n ? 0n : cbrt(product)
}

/** The invariant; `K0` of {@link solveY3} starts the search nearby, 0 starts it at the geometric mean. */
export function solveD3(shape: CryptoShape, xp: readonly bigint[], K0: bigint): bigint | undefined {
  const sorted = sortDown(xp)
  const [high = 0n, middle = 0n, low = 0n] = sorted
  if (high === 0n || low === 0n) return undefined
  if (K0 === 0n) return iterateD(shape, sorted, 3n * geometricMean3(sorted), bounds)
  const S = sumOf(sorted)
  // The contract keeps as many digits of the product as fit.
  const [cut, back] = S > 10n ** 36n ? [36n, 12n] : S > 10n ** 24n ? [24n, 6n] : [18n, 0n]
  const cube = divDown(mulDivDown(high, middle, 10n ** cut) * low, K0)
  const guess = cube === 0n ? 0n : cbrt(cube * 27n * 10n ** back)
  return iterateD(shape, sorted, guess, bounds)
}
