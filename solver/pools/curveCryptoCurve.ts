/**
 * A CryptoSwap pool as a smooth float curve.
 *
 * Written in changes from the present state, not in balances: with d of D going in and e coming out the invariant
 * says `d - e = h(K0 + dK) - h(K0)`, `h(K) = g^2 / (gamma^2 ANN) * (1/K - 1)`, `g = gamma + 1 - K`, and every
 * difference in it is formed without cancellation. So small trades keep their digits, though gamma may be 10^-5.
 */
import { mulDivDown } from '../core/rounding.ts'
import { type CurveCryptoState, scaledOf, shapeOf } from './curveCryptoState.ts'
import { one } from './math/cryptoNewton.ts'
import type { SmoothCurve } from './pool.ts'

/** The pool in units of its invariant. */
type CryptoFloats = {
  /** Balances over D. */
  readonly w: Float64Array
  /** K0, and 1 - K0 and gamma + 1 - K0 formed of integers, which keeps their digits. */
  readonly K: number
  readonly gap: number
  readonly g: number
  /** 1 / (gamma^2 ANN) */
  readonly soft: number
  readonly midFee: number
  readonly outFee: number
  readonly feeGamma: number
  /** Base units of each token in one D. */
  readonly units: Float64Array
}

/** Digits below one that K0 is formed with. */
const fine = 10n ** 36n

function floatsOf(state: CurveCryptoState, D: bigint): CryptoFloats {
  const xp = scaledOf(state, state.balances)
  const n = BigInt(xp.length)
  const K0 = xp.reduce((product, x) => mulDivDown(product, n * x, D), fine)
  const { ann, gamma, aMultiplier } = shapeOf(state)
  const gammaShare = Number(gamma) / Number(one)
  const { midFee, outFee, feeGamma } = state
  return {
    w: Float64Array.from(xp, (x) => Number(x) / Number(D)),
    K: Number(K0) / 1e36,
    gap: Number(fine - K0) / 1e36,
    g: Number(gamma * one + fine - K0) / 1e36,
    soft: Number(aMultiplier) / Number(ann) / gammaShare ** 2,
    midFee: Number(midFee) / 1e10,
    outFee: Number(outFee) / 1e10,
    feeGamma: Number(feeGamma) / 1e18,
    units: Float64Array.from(xp, (_, at) => unitsPerD(state, at, D)),
  }
}

function unitsPerD({ precisions, priceScale }: CurveCryptoState, at: number, D: bigint): number {
  const price = at === 0 ? 1 : Number(priceScale[at - 1] ?? 0n) / 1e18
  return Number(D) / Number(precisions[at] ?? 1n) / price
}

/**
 * The float view of `state`.
 *
 * @param D - The invariant that its next swap starts from.
 * @param most - The largest input between two tokens, base units; asked once for each pair, when needed.
 */
export function curveOf(
  state: CurveCryptoState,
  D: bigint,
  most: (indexIn: number, indexOut: number) => bigint,
): SmoothCurve {
  const floats = floatsOf(state, D)
  const known = new Map<number, number>()
  const mostIn = (indexIn: number, indexOut: number): number => {
    const key = indexIn * floats.w.length + indexOut
    const found = known.get(key) ?? Number(most(indexIn, indexOut))
    known.set(key, found)
    return found
  }
  const at = (indexIn: number, indexOut: number, size: number) =>
    pointAt(floats, indexIn, indexOut, Math.min(size, mostIn(indexIn, indexOut)))
  return {
    shape: 'smooth',
    mostIn,
    out: (indexIn, indexOut, size) => at(indexIn, indexOut, size).out,
    slope: (indexIn, indexOut, size) =>
      size < mostIn(indexIn, indexOut) ? at(indexIn, indexOut, size).slope : 0,
  }
}

/** Marginal token out per token in at no size, fee included. */
export function priceOf(
  state: CurveCryptoState,
  D: bigint,
  indexIn: number,
  indexOut: number,
): number {
  return pointAt(floatsOf(state, D), indexIn, indexOut, 0).slope
}

type CryptoPoint = { readonly out: number; readonly slope: number }

function pointAt(
  floats: CryptoFloats,
  indexIn: number,
  indexOut: number,
  size: number,
): CryptoPoint {
  const d = size / (floats.units[indexIn] ?? 1)
  const e = paidFor(floats, indexIn, indexOut, d)
  const { rise, fall } = invariantPoint(floats, indexIn, indexOut, d, e)
  const slope = rise / fall
  const fee = feePoint(floats, indexIn, indexOut, d, e, slope)
  const unitsOut = floats.units[indexOut] ?? 0
  return {
    out: e * (1 - fee.size) * unitsOut,
    slope: ((slope * (1 - fee.size) - e * fee.slope) * unitsOut) / (floats.units[indexIn] ?? 1),
  }
}

type InvariantPoint = {
  /** What is out of balance: falls as `e` grows. */
  readonly excess: number
  /** Its derivative by d, and less its derivative by e. */
  readonly rise: number
  readonly fall: number
}

function invariantPoint(
  { w, K, gap, g, soft }: CryptoFloats,
  indexIn: number,
  indexOut: number,
  d: number,
  e: number,
): InvariantPoint {
  const [wIn = 1, wOut = 1] = [w[indexIn], w[indexOut]]
  const dK = K * (d / wIn - e / wOut - (d / wIn) * (e / wOut))
  const after = K + dK
  const gAfter = g - dK
  const gapAfter = gap - dK
  const change = (-g * g * dK) / (K * after) + ((dK * dK - 2 * g * dK) * gapAfter) / after
  // h'(K), negative
  const steep = -soft * ((2 * gAfter * gapAfter) / after + (gAfter * gAfter) / (after * after))
  return {
    excess: d - e - soft * change,
    rise: 1 - (steep * after) / (wIn + d),
    fall: 1 - (steep * after) / (wOut - e),
  }
}

const stepsMax = 120

/** The share of D that comes out for `d`, before the fee: Newton's method between bounds that close in. */
function paidFor(floats: CryptoFloats, indexIn: number, indexOut: number, d: number): number {
  if (d === 0) return 0
  const [wIn = 1, wOut = 1] = [floats.w[indexIn], floats.w[indexOut]]
  let [low, high] = [0, wOut]
  const { rise, fall } = invariantPoint(floats, indexIn, indexOut, 0, 0)
  let e = Math.min((d * rise) / fall, wOut * (d / (wIn + d)))
  for (let step = 0; step < stepsMax; step++) {
    const point = invariantPoint(floats, indexIn, indexOut, d, e)
    if (point.excess > 0) low = e
    else high = e
    const next = e + point.excess / point.fall
    const guarded = next > low && next < high ? next : (low + high) / 2
    if (Math.abs(guarded - e) <= 2e-16 * e) return guarded
    e = guarded
  }
  return e
}

/** The fee after the trade, and its growth with `d`; `slope` is that of `e`. */
function feePoint(
  { w, midFee, outFee, feeGamma }: CryptoFloats,
  indexIn: number,
  indexOut: number,
  d: number,
  e: number,
  slope: number,
): { readonly size: number; readonly slope: number } {
  const n = w.length
  const after = w.map((x, at) => (at === indexIn ? x + d : at === indexOut ? x - e : x))
  const S = after.reduce((sum, x) => sum + x, 0)
  const K = after.reduce((product, x) => (product * n * x) / S, 1)
  const [xIn = 1, xOut = 1] = [after[indexIn], after[indexOut]]
  const dK = K * (1 / xIn - slope / xOut - (n * (1 - slope)) / S)
  // Rounding may lift K above 1, where a small `feeGamma` would vanish beside it.
  const width = feeGamma + Math.max(0, 1 - K)
  const isPlain = feeGamma === 0 && n === 3
  const share = isPlain ? K : width > 0 ? feeGamma / width : 0
  const dShare = isPlain ? dK : width > 0 ? (feeGamma / width ** 2) * dK : 0
  return { size: midFee * share + outFee * (1 - share), slope: (midFee - outFee) * dShare }
}
