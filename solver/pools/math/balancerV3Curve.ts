/**
 * The float views of weighted and stable pools: base units in and out, fee and rates included. They guide search.
 *
 * Source: Balancer whitepaper (2019), section "Out-Given-In"; Egorov, "StableSwap" (2019).
 */
import type { BalancerV3State } from '../balancerV3State.ts'
import type { SmoothCurve } from '../pool.ts'

/** What both views need of a pool; lists in the order of its tokens. */
export type CurvePoolFloats = {
  /** Balances in common units. */
  readonly live: Float64Array
  /** Common units in one base unit. */
  readonly unit: Float64Array
  /** Share of the input that buys anything. */
  readonly kept: number
}

/** The float view's part of `state`, whose scaled balances are `live`. */
export function curvePoolFloats(state: BalancerV3State, live: readonly bigint[]): CurvePoolFloats {
  return {
    live: Float64Array.from(live, Number),
    unit: Float64Array.from(
      state.scalingFactors,
      (scale, at) => Number(scale) * (Number(state.rates[at] ?? 0n) / 1e18),
    ),
    kept: 1 - Number(state.swapFee) / 1e18,
  }
}

/** Weighted pools take at most this share of a balance, and pay as much. */
const mostRatio = 0.3

/**
 * The view of a weighted pool: out = B_out (1 - (B_in / (B_in + in))^(w_in / w_out)).
 *
 * @param weights - Each above 0.
 * @param least - Common units of each token that must stay, 0 for none.
 */
export function weightedCurve(
  { live, unit, kept }: CurvePoolFloats,
  weights: Float64Array,
  least: Float64Array,
): SmoothCurve {
  const [balanceOf, unitOf] = [valueIn(live), valueIn(unit)]
  const ratioOf = (indexIn: number, indexOut: number) =>
    valueIn(weights)(indexIn) / valueIn(weights)(indexOut)
  const mostIn = (indexIn: number, indexOut: number) => {
    const dry = (balanceOf(indexOut) / valueIn(least)(indexOut)) ** (1 / ratioOf(indexIn, indexOut))
    const share = Math.max(0, Math.min(mostRatio, dry - 1))
    return (share * balanceOf(indexIn)) / (kept * unitOf(indexIn))
  }
  /** The input after the fee, as a share of the balance. */
  const shareOf = (indexIn: number, indexOut: number, size: number) =>
    (Math.min(size, mostIn(indexIn, indexOut)) * kept * unitOf(indexIn)) / balanceOf(indexIn)
  return {
    shape: 'smooth',
    mostIn,
    out(indexIn, indexOut, size) {
      const grown = Math.log1p(shareOf(indexIn, indexOut, size))
      const paid = -Math.expm1(-ratioOf(indexIn, indexOut) * grown)
      return (balanceOf(indexOut) * paid) / unitOf(indexOut)
    },
    slope(indexIn, indexOut, size) {
      if (size > 0 && size >= mostIn(indexIn, indexOut)) return 0
      const ratio = ratioOf(indexIn, indexOut)
      const power = (1 + shareOf(indexIn, indexOut, size)) ** (-ratio - 1)
      const spot = (balanceOf(indexOut) / balanceOf(indexIn)) * ratio * power
      return (spot * kept * unitOf(indexIn)) / unitOf(indexOut)
    },
  }
}

/** The parameters of a stable pool's view. */
export type StableShape = {
  /** A n^n of the paper. */
  readonly ampTimesTotal: number
  /** D, in common units. */
  readonly invariant: number
  /** Largest ratio of two balances, which may not be reached; Infinity for none. */
  readonly imbalanceMax: number
  /** Common units that the contract can hold of a token. */
  readonly balanceMax: number
  /** Imbalance above which a swap that worsens it is not priced by this view; Infinity for none. */
  readonly surgeThreshold: number
}

/** The view of a stable pool: the balance that keeps D solves a quadratic. */
export function stableCurve(
  { live, unit, kept }: CurvePoolFloats,
  shape: StableShape,
): SmoothCurve {
  const [balanceOf, unitOf] = [valueIn(live), valueIn(unit)]
  const mostKept = new Map<number, number>()
  /** Common units that may come in, by bisection; each pair's once. */
  const mostOf = (indexIn: number, indexOut: number): number => {
    const key = indexIn * live.length + indexOut
    const most = mostKept.get(key) ?? mostStable(live, shape, indexIn, indexOut)
    mostKept.set(key, most)
    return most
  }
  const mostIn = (indexIn: number, indexOut: number) =>
    mostOf(indexIn, indexOut) / (kept * unitOf(indexIn))
  const takenOf = (indexIn: number, indexOut: number, size: number) =>
    Math.min(size * kept * unitOf(indexIn), mostOf(indexIn, indexOut))
  return {
    shape: 'smooth',
    mostIn,
    out(indexIn, indexOut, size) {
      const taken = takenOf(indexIn, indexOut, size)
      return paidBy(live, shape, [indexIn, indexOut, taken]) / unitOf(indexOut)
    },
    slope(indexIn, indexOut, size) {
      if (size > 0 && size >= mostIn(indexIn, indexOut)) return 0
      const taken = takenOf(indexIn, indexOut, size)
      const left = balanceFloats(live, shape, [indexIn, indexOut, taken]).y
      const held = balanceOf(indexIn) + taken
      const curved = productTerm(live, shape, [indexIn, held, indexOut, left])
      const spot = (shape.ampTimesTotal + curved / held) / (shape.ampTimesTotal + curved / left)
      return (spot * kept * unitOf(indexIn)) / unitOf(indexOut)
    },
  }
}

/** The quadratic y^2 + (b - D) y = c of the balance that keeps D, when `taken` more of `indexIn` is there. */
type QuadraticFloats = { readonly y: number; readonly c: number }

function balanceFloats(
  live: Float64Array,
  { ampTimesTotal, invariant }: StableShape,
  [indexIn, indexOut, taken]: readonly [number, number, number],
): QuadraticFloats {
  let [c, sum] = [invariant, 0]
  for (let at = 0; at < live.length; at++) {
    if (at === indexOut) continue
    const held = (live[at] ?? 0) + (at === indexIn ? taken : 0)
    c *= invariant / (held * live.length)
    sum += held
  }
  c *= invariant / (ampTimesTotal * live.length)
  const half = (sum + invariant / ampTimesTotal - invariant) / 2
  const root = Math.sqrt(half * half + c)
  // The form without a difference of near numbers.
  return { y: half > 0 ? c / (half + root) : root - half, c }
}

/** Paid for `taken`: the difference of two quadratics' roots, without taking a difference of near numbers. */
function paidBy(
  live: Float64Array,
  shape: StableShape,
  swap: readonly [number, number, number],
): number {
  const [indexIn, indexOut, taken] = swap
  const before = balanceFloats(live, shape, [indexIn, indexOut, 0])
  const after = balanceFloats(live, shape, swap)
  const held = (live[indexIn] ?? 0) + taken
  return (taken * (after.y + before.c / held)) / (after.y + before.c / before.y)
}

/** D^(n+1) / (n^n P) with two balances replaced. */
function productTerm(
  live: Float64Array,
  { invariant }: StableShape,
  [index1, held1, index2, held2]: readonly [number, number, number, number],
): number {
  let term = invariant
  for (let at = 0; at < live.length; at++) {
    const held = at === index1 ? held1 : at === index2 ? held2 : (live[at] ?? 0)
    term *= invariant / (held * live.length)
  }
  return term
}

/** Halvings that leave nothing of a float's digits. */
const halvings = 60

function mostStable(
  live: Float64Array,
  shape: StableShape,
  indexIn: number,
  indexOut: number,
): number {
  const { imbalanceMax, balanceMax, surgeThreshold } = shape
  const [least, largest] = [Math.min(...live), Math.max(...live)]
  const held = live[indexIn] ?? 0
  const calm = Math.max(surgeThreshold, imbalanceOf(live))
  let [low, high] = [0, Math.max(0, Math.min(balanceMax, imbalanceMax * least) - held)]
  const fits = (taken: number) => {
    const { y } = balanceFloats(live, shape, [indexIn, indexOut, taken])
    if (Math.max(largest, held + taken) >= imbalanceMax * Math.min(least, y)) return false
    if (surgeThreshold === Infinity) return true
    const after = live.map((each, at) =>
      at === indexIn ? held + taken : at === indexOut ? y : each,
    )
    return imbalanceOf(after) <= calm
  }
  if (fits(high)) return high
  for (let count = 0; count < halvings; count++) {
    const middle = (low + high) / 2
    if (fits(middle)) low = middle
    else high = middle
  }
  return low
}

/** How far balances lie from their median, as a share of their sum. */
function imbalanceOf(balances: Float64Array): number {
  const sorted = balances.toSorted()
  const middle = sorted.length >> 1
  const [lower = 0, upper = 0] = [sorted[middle - 1], sorted[middle]]
  const median = sorted.length % 2 === 1 ? upper : (lower + upper) / 2
  const apart = sorted.reduce((sum, each) => sum + Math.abs(each - median), 0)
  return apart / sorted.reduce((sum, each) => sum + each, 0)
}

function valueIn(values: Float64Array): (at: number) => number {
  return (at) => values[at] ?? NaN
}
