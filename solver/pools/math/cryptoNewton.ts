/**
 * The CryptoSwap invariant by Newton's method, as the pools of 2021 and 2022 solve it and the later ones fall back to.
 *
 * Everything is in 10^-18 of token 0 ("scaled": balance times precision times price scale); `ann` is A * N^N times the
 * contract's multiplier. Where the contract reverts, and that includes 256-bit overflow, the answer is `undefined`.
 *
 * Source: "Automatic market-making with dynamic peg", Curve, 2021, equations 2 to 6;
 * https://etherscan.io/address/0x8f68f4810cce3194b6cb6f3d50fa58c2c9bdd1d5#code
 */
import { divDown, max, min, mulDivDown } from '../../core/rounding.ts'

/** One, in the contracts' 18 digits. */
export const one = 10n ** 18n
/** The solvers stop at this share of the pool. */
const fine = 100_000_000_000_000n
const fineScale = 10n ** 16n
const uint256Max = 2n ** 256n - 1n
/** Newton's steps after which the contracts give up. */
const stepsMax = 255

/** The constants of one pool that enter its invariant. */
export type CryptoShape = {
  readonly ann: bigint
  readonly gamma: bigint
  /** What `ann` is multiplied with: 10,000, but 100 in the very first pool. */
  readonly aMultiplier: bigint
}

/** `values` from high to low. */
export function sortDown(values: readonly bigint[]): bigint[] {
  return [...values].sort((left, right) => (left < right ? 1 : left > right ? -1 : 0))
}

/** Sum of integers. */
export function sumOf(values: readonly bigint[]): bigint {
  return values.reduce((sum, value) => sum + value, 0n)
}

/** `D / ann * g^2 / gamma^2` in the contracts' order of roundings, g = |gamma + 1 - K0|. */
function stiffness({ ann, gamma, aMultiplier }: CryptoShape, D: bigint, g: bigint) {
  const steep = divDown(divDown(one * D, gamma) * g, gamma) * g * aMultiplier
  return steep > uint256Max ? undefined : divDown(steep, ann)
}

/** |gamma + 1 - K0| + 1, never 0. */
function gapOf(gamma: bigint, K0: bigint): bigint {
  const top = gamma + one
  return top > K0 ? top - K0 + 1n : K0 - top + 1n
}

/** What {@link iterateY} starts from. */
export type YStart = {
  readonly y: bigint
  /** K0 without the unknown balance. */
  readonly K0i: bigint
  /** Sum without the unknown balance. */
  readonly Si: bigint
  /** Steps below this end the search. */
  readonly limit: bigint
}

/** The unknown scaled balance of a pool of `n` tokens, from a first guess; `undefined` where the contract reverts. */
export function iterateY(
  shape: CryptoShape,
  n: bigint,
  D: bigint,
  { y: guess, K0i, Si, limit }: YStart,
): bigint | undefined {
  let y = guess
  for (let step = 0; step < stepsMax; step++) {
    const before = y
    if (y === 0n) return undefined
    const K0 = divDown(K0i * y * n, D)
    const S = Si + y
    const g = gapOf(shape.gamma, K0)
    const mul1 = stiffness(shape, D, g)
    if (mul1 === undefined || K0 === 0n) return undefined
    const mul2 = one + divDown(2n * one * K0, g)
    const yfPrime = one * y + S * mul2 + mul1 - D * mul2
    if (yfPrime < 0n) {
      y = divDown(before, 2n)
      continue
    }
    const fPrime = divDown(yfPrime, y)
    if (fPrime === 0n) return undefined
    const pull = divDown(mul1, fPrime)
    const up = divDown(yfPrime + one * D, fPrime) + divDown(pull * one, K0)
    const down = pull + divDown(one * S, fPrime)
    y = up < down ? divDown(before, 2n) : up - down
    const moved = y > before ? y - before : before - y
    if (moved < max(limit, divDown(y, fine))) return y
  }
  return undefined
}

/** The bounds within which the contracts solve at all. */
export function isSolvable(D: bigint): boolean {
  return D >= 10n ** 17n && D <= 10n ** 33n
}

/** Least and most of `x / D`, in 18 digits. */
export type Bounds = { readonly low: bigint; readonly high: bigint }

/** A hundredth to a hundredfold: what the older contracts allow. */
export const wide: Bounds = { low: 10n ** 16n, high: 10n ** 20n }

/** True where `x / D` is within `bounds`. */
export function isNear(x: bigint, D: bigint, { low, high }: Bounds = wide): boolean {
  const share = mulDivDown(x, one, D)
  return share >= low && share <= high
}

/** Scaled balance `i` of a pool of two, given the other; `undefined` where the contract reverts. */
export function newtonY2(
  shape: CryptoShape,
  xp: readonly bigint[],
  D: bigint,
  i: number,
): bigint | undefined {
  if (!isSolvable(D)) return undefined
  const start = startY2(xp[1 - i] ?? 0n, D)
  if (start === undefined || start.K0i < 2n * 10n ** 16n || start.K0i > 2n * 10n ** 20n)
    return undefined
  const y = iterateY(shape, 2n, D, start)
  return y !== undefined && isNear(y, D) ? y : undefined
}

/** Where the search of a pool of two starts, `undefined` for an empty other side. */
export function startY2(other: bigint, D: bigint): YStart | undefined {
  if (other === 0n) return undefined
  return {
    y: divDown(D * D, other * 4n),
    K0i: divDown(2n * one * other, D),
    Si: other,
    limit: max(max(divDown(other, fine), divDown(D, fine)), 100n),
  }
}

/** Scaled balance `i` of a pool of three, given the others; `undefined` where the contract reverts. */
export function newtonY3(
  shape: CryptoShape,
  xp: readonly bigint[],
  D: bigint,
  i: number,
): bigint | undefined {
  if (!isSolvable(D)) return undefined
  const [high = 0n, low = 0n] = sortDown(xp.filter((_, at) => at !== i))
  if (!isNear(high, D) || !isNear(low, D)) return undefined
  const y = iterateY(shape, 3n, D, {
    y: mulDivDown(mulDivDown(divDown(D, 3n), D, low * 3n), D, high * 3n),
    K0i: mulDivDown(mulDivDown(one, high * 3n, D), low * 3n, D),
    Si: high + low,
    limit: max(max(divDown(high, fine), divDown(D, fine)), 100n),
  })
  return y !== undefined && isNear(y, D) ? y : undefined
}

/** Geometric mean of two, or of three, as the older contracts iterate to it; `sorted` from high to low, none 0. */
export function geometricMean(sorted: readonly bigint[]): bigint | undefined {
  const n = BigInt(sorted.length)
  const [first = 0n, second = 0n] = sorted
  let mean = first
  for (let step = 0; step < stepsMax; step++) {
    const before = mean
    if (before === 0n) return undefined
    if (n === 2n) mean = divDown(before + mulDivDown(first, second, before), 2n)
    else {
      const share = sorted.reduce((product, x) => mulDivDown(product, x, before), one)
      mean = mulDivDown(before, (n - 1n) * one + share, n * one)
    }
    const moved = mean > before ? mean - before : before - mean
    if (moved <= 1n || moved * one < mean) return mean
  }
  return undefined
}

/** The invariant of scaled balances from a first guess; `sorted` from high to low, none 0. */
export function iterateD(
  shape: CryptoShape,
  sorted: readonly bigint[],
  guess: bigint,
  bounds: Bounds = wide,
): bigint | undefined {
  const n = BigInt(sorted.length)
  const S = sumOf(sorted)
  let D = guess
  for (let step = 0; step < stepsMax; step++) {
    const before = D
    if (D === 0n) return undefined
    const K0 = productShare(sorted, D)
    const g = gapOf(shape.gamma, K0)
    const mul1 = stiffness(shape, D, g)
    if (mul1 === undefined || K0 === 0n) return undefined
    const mul2 = divDown(2n * one * n * K0, g)
    const slope = S + mulDivDown(S, mul2, one) + divDown(mul1 * n, K0) - mulDivDown(mul2, D, one)
    if (slope <= 0n) return undefined
    const pull = mulDivDown(D, divDown(mul1, slope), one)
    const up = mulDivDown(D, slope + S, slope)
    const flat = mulDivDown(D, D, slope)
    const down =
      one > K0 ? flat + mulDivDown(pull, one - K0, K0) : flat - mulDivDown(pull, K0 - one, K0)
    if (down < 0n) return undefined
    D = up > down ? up - down : divDown(down - up, 2n)
    const moved = D > before ? D - before : before - D
    if (moved * fine < max(fineScale, D))
      return sorted.every((x) => isNear(x, D, bounds)) ? D : undefined
  }
  return undefined
}

/** K0 = N^N * product / D^N, rounded as the contracts of two and of three round it. */
function productShare(sorted: readonly bigint[], D: bigint): bigint {
  const [first = 0n, second = 0n] = sorted
  if (sorted.length === 2) return mulDivDown(divDown(4n * one * first, D), second, D)
  return sorted.reduce((product, x) => divDown(product * x * 3n, D), one)
}

/** The invariant of scaled balances, without a first guess; `undefined` where the contract reverts. */
export function newtonD(shape: CryptoShape, xp: readonly bigint[]): bigint | undefined {
  const sorted = sortDown(xp)
  const [high = 0n] = sorted
  if (high < 10n ** 9n || high > 10n ** 33n) return undefined
  const least = sorted.length === 2 ? 10n ** 14n : 10n ** 11n
  const low = sorted.reduce(min)
  if (mulDivDown(low, one, high) < least) return undefined
  const mean = geometricMean(sorted)
  if (mean === undefined) return undefined
  return iterateD(shape, sorted, BigInt(sorted.length) * mean)
}
