/**
 * The market as float arrays: every pool is a run of segments of constant liquidity over the square-root price.
 *
 * Signed prefix sums from the current price make a swap through any number of ticks one binary search and one
 * closed form. Floats guide the search only; the exact states decide at the end.
 *
 * Source: Uniswap v3 whitepaper, equations 6.13 to 6.16, for amounts within one segment.
 */
import type { SegmentCurve } from '../pools/pool.ts'
import { at, indexAt, itemAt } from './arrays.ts'

/** Pools by position, tokens by node; one entry per pool, per segment or per segment bound. */
export type Kernel = {
  readonly poolCount: number
  readonly nodeCount: number
  readonly node0: Int32Array
  readonly node1: Int32Array
  readonly sqrtPrice: Float64Array
  readonly kept0: Float64Array
  readonly kept1: Float64Array
  /** Below this ratio price0/price1 the pool takes token 0; above `high` it takes token 1; between it rests. */
  readonly low: Float64Array
  readonly high: Float64Array
  /** Liquidity that stands for the pool while it rests: the current segment's, or the mean of all. */
  readonly depth: Float64Array
  /** Pool i has the segments first[i] to first[i + 1] - 1 and the bounds first[i] + i to first[i + 1] + i. */
  readonly first: Int32Array
  readonly current: Int32Array
  readonly liquidity: Float64Array
  readonly bound: Float64Array
  /** Token 0 paid out (taken, when negative) on the way from the current price to the bound, before fees. */
  readonly sum0: Float64Array
  /** Token 1 taken (paid out, when negative) on the same way. */
  readonly sum1: Float64Array
}

/** One pool as the kernel takes it. */
export type KernelPool = {
  readonly curve: SegmentCurve
  readonly node0: number
  readonly node1: number
  /**
   * Ratios price0/price1 between which the pool rests, and the liquidity that stands for it there, where its
   * segments do not say so: those of smooth pools leave a gap at rest.
   */
  readonly rest?:
    { readonly low: number; readonly high: number; readonly depth: number } | undefined
}

/** Lays `pools` out in arrays; nodes are 0 to `nodeCount` - 1. Pure, O(segments). */
export function createKernel(pools: readonly KernelPool[], nodeCount: number): Kernel {
  const poolCount = pools.length
  const segments = pools.reduce((sum, { curve }) => sum + curve.liquidity.length, 0)
  const perPool = () => new Float64Array(poolCount)
  const kernel: Kernel = {
    poolCount,
    nodeCount,
    node0: Int32Array.from(pools, ({ node0 }) => node0),
    node1: Int32Array.from(pools, ({ node1 }) => node1),
    sqrtPrice: Float64Array.from(pools, ({ curve }) => curve.sqrtPrice),
    kept0: Float64Array.from(pools, ({ curve }) => curve.kept[0]),
    kept1: Float64Array.from(pools, ({ curve }) => curve.kept[1]),
    low: perPool(),
    high: perPool(),
    depth: perPool(),
    first: new Int32Array(poolCount + 1),
    current: new Int32Array(poolCount),
    liquidity: new Float64Array(segments),
    bound: new Float64Array(segments + poolCount),
    sum0: new Float64Array(segments + poolCount),
    sum1: new Float64Array(segments + poolCount),
  }
  for (let i = 0; i < poolCount; i++) {
    const { curve, rest } = itemAt(pools, i)
    load(kernel, i, curve)
    if (rest === undefined) continue
    kernel.low[i] = rest.low
    kernel.high[i] = rest.high
    kernel.depth[i] = rest.depth
  }
  return kernel
}

function load(kernel: Kernel, i: number, curve: SegmentCurve): number {
  const { first, bound, liquidity, sum0, sum1 } = kernel
  const start = indexAt(first, i)
  const length = curve.liquidity.length
  const base = start + i
  first[i + 1] = start + length
  liquidity.set(curve.liquidity, start)
  bound.set(curve.bounds, base)
  kernel.current[i] = start + curve.current
  const s0 = curve.sqrtPrice
  kernel.low[i] = curve.kept[0] * s0 * s0
  kernel.high[i] = (s0 * s0) / curve.kept[1]
  let from = s0
  let total0 = 0
  let total1 = 0
  for (let k = curve.current; k < length; k++) {
    const to = at(bound, base + k + 1)
    const l = at(curve.liquidity, k)
    if (l > 0) {
      total0 += to === Infinity ? l / from : (l * (to - from)) / (to * from)
      total1 += l * (to - from)
    }
    sum0[base + k + 1] = total0
    sum1[base + k + 1] = total1
    from = to
  }
  from = s0
  total0 = 0
  total1 = 0
  for (let k = curve.current; k >= 0; k--) {
    const to = at(bound, base + k)
    const l = at(curve.liquidity, k)
    if (l > 0) {
      total0 -= (l * (from - to)) / (from * to)
      total1 -= l * (from - to)
    }
    sum0[base + k] = total0
    sum1[base + k] = total1
    from = to
  }
  const own = at(curve.liquidity, curve.current)
  const mean = curve.liquidity.reduce((sum, l) => sum + l, 0) / length
  kernel.depth[i] = own > 0 ? own : mean
  return length
}

/** What pools do at given prices; one slot per pool asked. Amounts are base units: paid out is positive. */
export type Responses = {
  readonly net0: Float64Array
  readonly net1: Float64Array
  /** Value won: price0 * net0 + price1 * net1. */
  readonly surplus: Float64Array
  /** Change of the value flow per change of the log price ratio; 0 while the pool rests or is at its end. */
  readonly weight: Float64Array
  /** The same as it would be at the pool's own price: the stiffness of a resting pool. */
  readonly stiffness: Float64Array
}

/** Room for the responses of `count` pools. */
export function createResponses(count: number): Responses {
  const make = () => new Float64Array(count)
  return { net0: make(), net1: make(), surplus: make(), weight: make(), stiffness: make() }
}

/** Directions that a pool may be used in: bit 1 takes token 0, bit 2 takes token 1. */
export const anyDirection = 3

/**
 * The trade of pool `i` that wins most at prices (`price0`, `price1`) of its tokens, written to `slot`.
 *
 * @param directions - See {@link anyDirection}.
 * @returns Its surplus in value, 0 when the pool rests.
 */
export function respond(
  kernel: Kernel,
  i: number,
  price0: number,
  price1: number,
  directions: number,
  into: Responses,
  slot: number,
): number {
  const ratio = price0 / price1
  if (ratio < at(kernel.low, i) && (directions & 1) !== 0)
    return takeToken0(kernel, i, price0, price1, into, slot)
  if (ratio > at(kernel.high, i) && (directions & 2) !== 0)
    return takeToken1(kernel, i, price0, price1, into, slot)
  into.net0[slot] = 0
  into.net1[slot] = 0
  into.surplus[slot] = 0
  into.weight[slot] = 0
  into.stiffness[slot] = 0.5 * price1 * at(kernel.depth, i) * at(kernel.sqrtPrice, i)
  return 0
}

function takeToken0(
  kernel: Kernel,
  i: number,
  price0: number,
  price1: number,
  into: Responses,
  slot: number,
): number {
  const { bound, liquidity } = kernel
  const base = indexAt(kernel.first, i) + i
  const s0 = at(kernel.sqrtPrice, i)
  const kept = at(kernel.kept0, i)
  const end = at(bound, base)
  const aim = Math.sqrt(price0 / (price1 * kept))
  const s = aim > end ? aim : end
  let k = indexAt(kernel.current, i)
  let taken = 0
  let paid = 0
  let from = s0
  if (s < at(bound, k + i)) {
    k = segmentAt(bound, indexAt(kernel.first, i), k - 1, i, s)
    taken = -at(kernel.sum0, k + i + 1)
    paid = -at(kernel.sum1, k + i + 1)
    from = at(bound, k + i + 1)
  }
  const l = at(liquidity, k)
  if (l > 0) {
    taken += (l * (from - s)) / (from * s)
    paid += l * (from - s)
  }
  const amountTaken = taken / kept
  into.net0[slot] = -amountTaken
  into.net1[slot] = paid
  const weight = aim > end ? 0.5 * price1 * l * s : 0
  into.weight[slot] = weight
  into.stiffness[slot] = weight > 0 ? 0 : stiffnessAt(at(kernel.depth, i), price0, price1, s)
  const surplus = price1 * paid - price0 * amountTaken
  return (into.surplus[slot] = surplus > 0 ? surplus : 0)
}

function takeToken1(
  kernel: Kernel,
  i: number,
  price0: number,
  price1: number,
  into: Responses,
  slot: number,
): number {
  const { bound, liquidity } = kernel
  const last = indexAt(kernel.first, i + 1) - 1
  const s0 = at(kernel.sqrtPrice, i)
  const kept = at(kernel.kept1, i)
  const end = at(bound, last + i + 1)
  const aim = Math.sqrt((kept * price0) / price1)
  const s = aim < end ? aim : end
  let k = indexAt(kernel.current, i)
  let taken = 0
  let paid = 0
  let from = s0
  if (s > at(bound, k + i + 1)) {
    k = segmentAt(bound, k + 1, last, i, s)
    taken = at(kernel.sum1, k + i)
    paid = at(kernel.sum0, k + i)
    from = at(bound, k + i)
  }
  const l = at(liquidity, k)
  if (l > 0) {
    taken += l * (s - from)
    paid += (l * (s - from)) / (from * s)
  }
  const amountTaken = taken / kept
  into.net0[slot] = paid
  into.net1[slot] = -amountTaken
  const weight = aim < end ? (0.5 * price0 * l) / s : 0
  into.weight[slot] = weight
  into.stiffness[slot] = weight > 0 ? 0 : stiffnessAt(at(kernel.depth, i), price0, price1, s)
  const surplus = price0 * paid - price1 * amountTaken
  return (into.surplus[slot] = surplus > 0 ? surplus : 0)
}

/**
 * Resistance of a pool that stands in a gap or at its end `s`: by the cheaper of its two sides, which is the
 * one whose price must move to wake it.
 */
function stiffnessAt(depth: number, price0: number, price1: number, s: number): number {
  return s > 0 ? 0.5 * depth * Math.min(price1 * s, price0 / s) : 0
}

/** The segment of pool `i` within `low` to `high` whose bounds enclose `s`; the nearest when none does. */
function segmentAt(bound: Float64Array, low: number, high: number, i: number, s: number): number {
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (at(bound, middle + i) <= s) low = middle
    else high = middle - 1
  }
  return low
}
