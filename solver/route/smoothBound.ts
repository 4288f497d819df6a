/**
 * The most that a smooth pool can add at some prices, from its exact integer swap alone.
 *
 * Assumed of each kind: some concave, growing g with g(0) >= 0 has F(x) <= g(x) <= F(x) + blur(x) for what the
 * contract pays, F. Then lines through two exact payouts bound g outside their stretch, and chords from nothing
 * bound it beyond. The float curve only says where to look: any points give a valid bound, good ones a tight one.
 */
import { divDown, divUp, max, min } from '../core/rounding.ts'
import { moduleOf } from '../pools/index.ts'
import type { SmoothCurve } from '../pools/pool.ts'
import { capacityOf, type SmoothState } from './routed.ts'
import { inputAt } from './smooth.ts'

/** A direction of a pool at prices with {@link valueBits} fractional bits. */
export type SmoothSide = {
  readonly state: SmoothState
  readonly curve: SmoothCurve
  readonly indexIn: number
  readonly indexOut: number
  readonly priceIn: bigint
  readonly priceOut: bigint
}

/** An input, and between what its concave payout lies. */
type Sample = { readonly x: bigint; readonly low: bigint; readonly high: bigint }

/** Two samples, the first at the smaller input. */
type Line = readonly [Sample, Sample]

/** Payouts that were computed, by pool: states do not change. */
const known = new WeakMap<SmoothState, Map<string, bigint>>()

/** Tries to find two lines that enclose the optimum, each twice as wide as the one before. */
const widenings = 12

/** Value that the direction can add, rounded up; 0n where it cannot pay. */
export function smoothBound(side: SmoothSide): bigint {
  const { state, curve, indexIn, indexOut, priceIn, priceOut } = side
  const most = mostOf(side)
  if (priceOut === 0n || most < 2n) return most < 1n ? 0n : priceOut * sample(side, most).high
  const ratio = ratioOf(priceIn, priceOut)
  // Nothing pays more than by its first price: whole pools rest without a swap.
  if (ratio >= curve.slope(indexIn, indexOut, 0) * (1 + restMargin(state))) return 0n
  const best = inputAt(curve, indexIn, indexOut, ratio, sizeOf(most))
  const blur = sizeOf(blurOf(side, wholeOf(curve.out(indexIn, indexOut, best))))
  const guess = max(1n, min(wholeOf(widthAt(side, best, blur, sizeOf(most))), most >> 2n))
  const target = min(wholeOf(best), most)
  // Whatever it takes, it pays no more than for all that it can take.
  let bound = priceOut * sample(side, most).high
  for (let turn = 0, width = guess; turn < widenings && width <= most; turn++) {
    const tried = enclosed(side, target, width, most)
    if (tried !== undefined) bound = min(bound, tried.bound)
    if (tried?.isTight === true) break
    width *= 2n
  }
  return bound
}

function ratioOf(priceIn: bigint, priceOut: bigint): number {
  return Number(priceIn) / Number(priceOut)
}

function sizeOf(amount: bigint): number {
  return Number(amount)
}

function wholeOf(size: number): bigint {
  return size > 0 && Number.isFinite(size) ? BigInt(Math.floor(Math.min(size, 2 ** 128))) : 0n
}

/** The largest input that counts. */
function mostOf({ state, curve, indexIn, indexOut }: SmoothSide): bigint {
  return min(
    capacityOf(state, indexIn, indexOut),
    wholeOf(curve.mostIn(indexIn, indexOut) * (1 + 1e-9)) + 1n,
  )
}

/** Distance of two samples at which their line is steeper than the optimum by more than the blur of payouts. */
function widthAt(
  { curve, indexIn, indexOut }: SmoothSide,
  best: number,
  blur: number,
  most: number,
): number {
  const slope = (size: number): number => curve.slope(indexIn, indexOut, size)
  // Some pools take far more than ever pays: what they pay in all, at their first price, is their size.
  const scale = Math.min(most, curve.out(indexIn, indexOut, most) / slope(0))
  const reach = Math.max(1e-3 * best, 1e-4 * scale)
  const bend = (slope(best) - slope(Math.min(most, best + reach))) / reach
  const width = bend > 0 ? Math.sqrt((0.7 * blur) / bend) : reach
  // Payouts are whole numbers: a width that moves few of them says nothing of the slope.
  return Math.max(width, (4 * blur) / slope(best))
}

/** A bound, and whether it encloses an optimum from both sides or at an end of what the pool can do. */
type Enclosure = { readonly bound: bigint; readonly isTight: boolean }

/** A bound from samples around `target`, `width` apart; `undefined` where they prove nothing. */
function enclosed(
  side: SmoothSide,
  target: bigint,
  width: bigint,
  most: bigint,
): Enclosure | undefined {
  const half = (width + 1n) >> 1n
  const start = target - half - width
  const rises = start < 1n ? undefined : lineAt(side, min(start, most - 2n * width), width, most)
  const begin = target + half
  const falls = begin + width > most ? undefined : lineAt(side, max(begin, 1n), width, most)
  const left = rises !== undefined && pays(side, rises, true) ? rises : undefined
  const right = falls !== undefined && pays(side, falls, false) ? falls : undefined
  if (left !== undefined && right !== undefined)
    return { bound: betweenBoth(side, left, right), isTight: true }
  if (right !== undefined) return { bound: fromNothing(side, right), isTight: target === 0n }
  if (left !== undefined) return { bound: toTheEnd(side, left, most), isTight: target >= most }
  return undefined
}

function lineAt(side: SmoothSide, x: bigint, width: bigint, most: bigint): Line | undefined {
  if (x < 1n || x + width > most) return undefined
  return [sample(side, x), sample(side, x + width)]
}

/** True when one more unit surely gains before the line (`isBefore`), or surely loses after it. */
function pays({ priceIn, priceOut }: SmoothSide, [a, b]: Line, isBefore: boolean): boolean {
  const cost = priceIn * (b.x - a.x)
  return isBefore ? priceOut * (b.low - a.high) >= cost : priceOut * (b.high - a.low) <= cost
}

/** The optimum lies between: each stretch is below the other line, drawn on. */
function betweenBoth(side: SmoothSide, left: Line, right: Line): bigint {
  return largest([
    beyond(side, left, right[1].x),
    beyond(side, left, left[1].x),
    before(side, right, left[0].x),
    before(side, right, right[0].x),
    worth(side, left[0].x, left[0].high),
    worth(side, right[1].x, right[1].high),
  ])
}

/** The optimum lies before `right`: below that line drawn back, and below a chord along its stretch. */
function fromNothing(side: SmoothSide, right: Line): bigint {
  const [a, b] = right
  return largest([
    before(side, right, 0n),
    worth(side, a.x, a.high),
    worth(side, b.x, b.high),
    worth(side, b.x, divUp(a.high * b.x, a.x)),
  ])
}

/** The optimum lies after `left`, as far as the pool can take: below that line drawn on, and below a chord along it. */
function toTheEnd(side: SmoothSide, left: Line, end: bigint): bigint {
  const [a, b] = left
  return largest([
    beyond(side, left, end),
    worth(side, b.x, b.high),
    worth(side, a.x, a.high),
    worth(side, b.x, divUp(a.high * b.x, a.x)),
  ])
}

/** The value of the line drawn on to `x`, which is not before its end. */
function beyond(side: SmoothSide, [a, b]: Line, x: bigint): bigint {
  return worth(side, x, b.high + divUp((b.high - a.low) * (x - b.x), b.x - a.x))
}

/** The value of the line drawn back to `x`, which is not after its beginning. */
function before(side: SmoothSide, [a, b]: Line, x: bigint): bigint {
  const fall = max(0n, b.low - a.high)
  return worth(side, x, a.high - divDown(fall * (a.x - x), b.x - a.x))
}

function worth({ priceIn, priceOut }: SmoothSide, x: bigint, paid: bigint): bigint {
  return priceOut * paid - priceIn * x
}

function largest(values: readonly bigint[]): bigint {
  return values.reduce(max, 0n)
}

function sample(side: SmoothSide, x: bigint): Sample {
  const { state, indexIn, indexOut } = side
  const payouts = known.get(state) ?? new Map<string, bigint>()
  known.set(state, payouts)
  const key = `${indexIn} ${indexOut} ${x}`
  const kept = payouts.get(key)
  const low =
    kept ?? moduleOf(state).swapExactIn(state, { indexIn, indexOut, amountIn: x }).amountOut
  // Optima differ from quote to quote: only what a few of them share is worth keeping.
  if (kept === undefined && payouts.size < 1_000) payouts.set(key, low)
  return { x, low, high: low + blurOf(side, low) }
}

/** Base units by which the payout may be below its concave form: see docs/routing.md, "Smooth pools". */
function blurOf({ state, curve, indexIn, indexOut }: SmoothSide, paid: bigint): bigint {
  const held = heldOf(state, indexOut)
  const rate = curve.slope(indexIn, indexOut, 0)
  const isWeighted = state.kind === 'balancerWeighted' || state.kind === 'balancerV3Weighted'
  // A unit paid and one taken, as by a fee that is rounded up, and 10^-14 that its power may miss; the other kinds
  // iterate, to 10^-18 of what they hold, and round twice.
  const units = isWeighted
    ? 1n + wholeOf(rate) + (held >> 45n)
    : 2n + wholeOf(2 * rate) + (held >> 48n)
  return hasMovingFee(state) ? units + (paid >> 18n) : units
}

/** By how much the float price at rest may miss the concave form's. */
function restMargin(state: SmoothState): number {
  return hasMovingFee(state) ? 1e-5 : 1e-7
}

/** A fee that falls on the way into balance bends the payout upward, by up to 10^-6 of it. */
function hasMovingFee(state: SmoothState): boolean {
  if (state.kind === 'curveStable') return state.offpegFeeMultiplier !== undefined
  return state.kind === 'curveCrypto'
}

/** What the pool holds of a token, or an amount of its size; 0 for a kind that says neither. */
function heldOf(state: SmoothState, index: number): bigint {
  if (state.kind === 'solidly') return state.reserves[index] ?? 0n
  if (state.kind === 'erc4626') return index === 0 ? state.totalAssets : state.totalSupply
  if (state.kind === 'wrappedNative') return state.held
  return 'balances' in state ? (state.balances[index] ?? 0n) : 0n
}
