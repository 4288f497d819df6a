/**
 * The CryptoSwap invariant of two coins as Twocrypto-NG solves it: a closed form, Newton's method where that has
 * no real root.
 *
 * Source: TwocryptoMath v2.1.0, https://etherscan.io/address/0x1fd8af16dc4bebd950521308d55d0543b6cdf4a1#code
 */
import { divDown, min, mulDivDown } from '../../core/rounding.ts'
import { fits, magnitude, quotient, signedCbrt, type Solved } from './cryptoCubic.ts'
import {
  type Bounds,
  type CryptoShape,
  isNear,
  isSolvable,
  iterateD,
  iterateY,
  one,
  sortDown,
  startY2,
} from './cryptoNewton.ts'
import { isqrt } from './cryptoRoots.ts'

/** Above this gamma the contract narrows its bounds in proportion. */
const smallGammaMax = 2n * 10n ** 16n
const widest = 100n * one

/** Most of twice a balance over D, in 18 digits. */
function limitOf(gamma: bigint): bigint {
  return gamma > smallGammaMax ? divDown(widest * smallGammaMax, gamma) : widest
}

/** Powers of ten that the coefficients are divided by, from the smallest of them. */
const dividers: readonly (readonly [above: number, digits: number])[] = [
  [48, 30],
  [46, 28],
  [44, 26],
  [42, 24],
  [40, 22],
  [38, 20],
  [36, 18],
  [34, 16],
  [32, 14],
  [30, 12],
  [28, 10],
  [26, 8],
  [24, 6],
  [20, 2],
]

/** Scaled balance `i`, given the other and D; `undefined` where the contract reverts. */
export function solveY2(
  shape: CryptoShape,
  xp: readonly bigint[],
  D: bigint,
  i: number,
): Solved | undefined {
  if (!isSolvable(D)) return undefined
  const limit = limitOf(shape.gamma)
  const start = startY2(xp[1 - i] ?? 0n, D)
  if (start === undefined || start.K0i < divDown(one * one, limit) || start.K0i > limit)
    return undefined
  const root = rootOf(shape, start.Si, D)
  if (root === undefined) return undefined
  if (root === 'none') {
    const y = iterateY(shape, 2n, D, start)
    return y === undefined ? undefined : { y, K0: 0n }
  }
  const y = quotient(quotient(divDown(D * D, start.Si) * root, 4n), one)
  const bounds: Bounds = { low: divDown(divDown(one * one, 2n), limit), high: divDown(limit, 2n) }
  return y > 0n && isNear(y, D, bounds) ? { y, K0: root } : undefined
}

/** K0 by Cardano, `none` where the cubic has no single real root, `undefined` where the contract reverts. */
function rootOf(
  { ann, gamma, aMultiplier }: CryptoShape,
  x: bigint,
  D: bigint,
): bigint | 'none' | undefined {
  const gamma2 = gamma * gamma
  const stiff = ann * gamma2
  const scale = 4n * 10n ** 4n * aMultiplier
  const a0 = 10n ** 32n
  const b0 = divDown(divDown(D * stiff, scale), x) - 3n * a0 - 2n * gamma * 10n ** 14n
  const c0 =
    3n * a0 +
    4n * gamma * 10n ** 14n +
    divDown(gamma2, 10n ** 4n) +
    mulDivDown(divDown(4n * stiff, scale), x, D) -
    divDown(4n * stiff, scale)
  const d0 = -divDown((one + gamma) ** 2n, 10n ** 4n)
  if (b0 === 0n || !fits(D * stiff, 3n * a0 * c0)) return undefined
  const first = deltas(a0, b0, c0, d0)
  if (first === undefined) return undefined
  const least = min(min(magnitude(first.delta0), magnitude(first.delta1)), a0)
  const digits = dividers.find(([above]) => least > 10n ** BigInt(above))?.[1] ?? 0
  const [a, b, c, d] = [a0, b0, c0, d0].map((value) => quotient(value, 10n ** BigInt(digits)))
  if (a === undefined || b === undefined || c === undefined || d === undefined) return undefined
  const second = b === 0n ? undefined : deltas(a, b, c, d)
  if (second === undefined) return undefined
  return cardano(a, b, second)
}

type Deltas = { readonly delta0: bigint; readonly delta1: bigint }

function deltas(a: bigint, b: bigint, c: bigint, d: bigint): Deltas | undefined {
  const delta0 = quotient(3n * a * c, b) - b
  const cross = quotient(27n * a * a, b) * d
  const delta1 = 3n * delta0 + b - quotient(cross, b)
  return fits(3n * a * c, cross, delta1) ? { delta0, delta1 } : undefined
}

function cardano(a: bigint, b: bigint, { delta0, delta1 }: Deltas): bigint | 'none' | undefined {
  const radicand = delta1 * delta1 + quotient(4n * delta0 * delta0, b) * delta0
  if (!fits(delta1 * delta1, 4n * delta0 * delta0, radicand)) return undefined
  if (radicand <= 0n) return 'none'
  const root = isqrt(radicand)
  const half = divDown(delta1 > 0n ? delta1 + root : root - delta1, 2n)
  const second = delta1 > 0n ? signedCbrt(half) : -signedCbrt(half)
  const C1 = quotient(divDown(signedCbrt(b) ** 2n, one) * second, one)
  if (C1 === 0n) return undefined
  return quotient(one * C1 - one * b - quotient(one * b, C1) * delta0, 3n * a)
}

/** The invariant; `K0` of {@link solveY2} starts the search nearby, 0 starts it at the geometric mean. */
export function solveD2(shape: CryptoShape, xp: readonly bigint[], K0: bigint): bigint | undefined {
  const sorted = sortDown(xp)
  const [high = 0n, low = 0n] = sorted
  if (high < 10n ** 9n || high > 10n ** 33n) return undefined
  if (mulDivDown(low, one, high) < 10n ** 14n) return undefined
  const guess =
    K0 === 0n ? 2n * isqrt(high * low) : min(isqrt(divDown(4n * high * low, K0) * one), high + low)
  return iterateD(shape, sorted, guess, { low: 5n * 10n ** 15n, high: 5n * 10n ** 19n })
}
