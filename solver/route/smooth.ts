/**
 * Smooth pools as the kernel's segments: both directions between two tokens sampled until constant liquidity
 * between the samples misses the pool's price by no more than the search can tell. Guides search, never settles:
 * the exact swap decides in plans, and again in the certificate (smoothBound.ts).
 */
import type { PoolState } from '../pools/index.ts'
import type { SegmentCurve, SmoothCurve } from '../pools/pool.ts'
import { at } from './arrays.ts'
import { capacityOf, isLive } from './routed.ts'

/** A pair of tokens of a smooth pool as the kernel takes it, with the prices at which it wakes. */
export type SegmentsCurve = {
  readonly curve: SegmentCurve
  readonly rest: { readonly low: number; readonly high: number; readonly depth: number }
}

/** One direction: square-root prices after each sample, from the price at rest on, and liquidity between them. */
type SideFloats = { readonly roots: readonly number[]; readonly liquidity: readonly number[] }

/** By how much a sample's log price may be missed, where a pool is no deeper for its size than x y = k. */
const tolerance = 1e-5
/** A pool without slope gets this much of it over all that it takes, so that its flow is a function of prices. */
const leastFall = 1e-6
/** Samples of one direction; above, the tolerance gives way. */
const samplesMax = 200
/** Share of the first price below which nobody sells: what a pool pays there is left out of the search. */
const lowestPrice = 1e-5
/** Share of the first price that a pool may lose over one segment. */
const steepest = 0.5

/**
 * The pair (`index0`, `index1`) of `state` in segments, token 0 of the segments being `index0`.
 *
 * @returns `undefined` where neither direction pays anything.
 */
export function smoothSegments(
  state: PoolState,
  curve: SmoothCurve,
  index0: number,
  index1: number,
): SegmentsCurve | undefined {
  const down = sampled(state, curve, index0, index1)
  const up = sampled(state, curve, index1, index0)
  const firstDown = down?.roots[0]
  const firstUp = up?.roots[0]
  const ends = restOf(firstDown, firstUp === undefined ? undefined : 1 / firstUp)
  if (ends === undefined) return undefined
  const [low, high] = ends
  // Downward the price falls by the samples; upward it is their inverse, and token 1 is what is taken.
  const below = (down?.roots ?? []).slice(1).toReversed()
  const above = (up?.roots ?? []).slice(1).map((root) => Math.max(high, 1 / root))
  const liquidity = [...(down?.liquidity ?? []).toReversed(), 0, ...(up?.liquidity ?? [])]
  return {
    curve: {
      shape: 'segments',
      sqrtPrice: Math.sqrt(low * high),
      bounds: Float64Array.from([...below, low, high, ...above]),
      liquidity: Float64Array.from(liquidity),
      current: below.length,
      kept: [1, 1],
    },
    rest: {
      low: low * low,
      high: high * high,
      depth: Math.max(down?.liquidity[0] ?? 0, up?.liquidity[0] ?? 0),
    },
  }
}

type RestFloats = readonly [low: number, high: number]

/** The square-root prices between which the pair rests; they may not touch. */
function restOf(down?: number, up?: number): RestFloats | undefined {
  if (down === undefined) return up === undefined ? undefined : [up * (1 - 1e-3), up]
  if (up === undefined) return [down, down * (1 + 1e-3)]
  return [down, Math.max(up, down * (1 + 1e-15))]
}

/** One direction in samples; `undefined` where it pays nothing or its prices are beyond floats. */
function sampled(
  state: PoolState,
  curve: SmoothCurve,
  indexIn: number,
  indexOut: number,
): SideFloats | undefined {
  if (!isLive(state, curve, indexIn, indexOut)) return undefined
  const most = mostIn(state, curve, indexIn, indexOut)
  const price = curve.slope(indexIn, indexOut, 0)
  const whole = curve.out(indexIn, indexOut, most)
  for (let allowed = tolerance; allowed < 1; allowed *= 4) {
    const side = march(curve, indexIn, indexOut, { most, price, whole, allowed })
    if (side !== undefined) return side
  }
  // Too jagged for samples: one price for all of it, as its average is.
  const [first, last] = [Math.sqrt(price), Math.sqrt((whole / most) ** 2 / price)]
  const end = Math.min(last, first * (1 - leastFall))
  return { roots: [first, end], liquidity: [most / (1 / end - 1 / first)] }
}

type March = {
  readonly most: number
  readonly price: number
  readonly whole: number
  readonly allowed: number
}

/** Samples from rest on, each step as long as its middle allows; `undefined` when they are too many. */
function march(curve: SmoothCurve, i: number, j: number, limits: March): SideFloats | undefined {
  const { most, price, whole, allowed } = limits
  const roots = [Math.sqrt(price)]
  const liquidity: number[] = []
  let x = 0
  let root = Math.sqrt(price)
  // Some pools take far more than ever pays: what they pay in all, at their first price, is their size.
  const size = Math.min(most, whole / price)
  let length = size
  for (let tries = 0; x < most && root * root > lowestPrice * price; tries++) {
    if (liquidity.length > samplesMax || tries > 20 * samplesMax) return undefined
    const to = Math.min(most, x + length)
    const next = fallen(root, curve.slope(i, j, to), (to - x) / size)
    if (!(next > 0) && length > 1e-9 * size) {
      length *= 0.25
      continue
    }
    if (!(next > 0)) break
    const depth = (to - x) / (1 / next - 1 / root)
    const between = (x + to) / 2
    const implied = 1 / (1 / root + (between - x) / depth)
    const miss = Math.abs(2 * Math.log(implied / Math.sqrt(curve.slope(i, j, between))))
    const stretch = ((to - x) * root * root) / (2 * Math.log(root / next))
    const most0 = Math.max(allowed / Math.sqrt(Math.max(1, stretch / whole)), 2 * leastFall)
    const isFine = miss <= most0 && next > root * Math.sqrt(steepest)
    if (isFine || length <= 1e-9 * size) {
      liquidity.push(depth)
      roots.push(next)
      x = to
      root = next
    }
    length *= isFine ? Math.min(4, 0.9 * Math.sqrt(most0 / Math.max(miss, 1e-300))) : 0.5
  }
  return liquidity.length > 0 ? { roots, liquidity } : undefined
}

/** The square-root price after a step, below the one before even where the pool's own does not fall. */
function fallen(before: number, price: number, part: number): number {
  return Math.min(Math.sqrt(price), before * (1 - 0.5 * leastFall * part))
}

function mostIn(state: PoolState, curve: SmoothCurve, indexIn: number, indexOut: number): number {
  return Math.min(curve.mostIn(indexIn, indexOut), Number(capacityOf(state, indexIn, indexOut)))
}

/** The input at which the pair's own curve has the slope `price`: 0 at rest, `most` at its end (bisection). */
export function inputAt(
  curve: SmoothCurve,
  indexIn: number,
  indexOut: number,
  price: number,
  most: number,
): number {
  if (!(curve.slope(indexIn, indexOut, 0) > price)) return 0
  const slope = (size: number): number => curve.slope(indexIn, indexOut, size)
  if (slope(most * (1 - 1e-12)) >= price) return most
  const bounds = Float64Array.of(0, most)
  for (let step = 0; step < 100; step++) {
    const [low, high] = [at(bounds, 0), at(bounds, 1)]
    // Sizes range over many magnitudes: halve their logarithm while they are apart.
    const middle =
      high > 4 * Math.max(low, 1) ? Math.sqrt(Math.max(low, 1) * high) : (low + high) / 2
    if (high - low <= 1e-9 * high || high <= 1) break
    bounds[slope(middle) > price ? 0 : 1] = middle
  }
  return (at(bounds, 0) + at(bounds, 1)) / 2
}
