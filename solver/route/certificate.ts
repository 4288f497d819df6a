/**
 * The proof that comes with a quote: a number that no plan over these pools can beat, from prices alone.
 *
 * At any prices ν a plan nets at most amount·ν[in] + Σ max(0, surplus_i(ν) - cost_i), less what the cheapest
 * way from the token in to the token out adds, when gas is counted: a plan then holds such a way, and a pool on it
 * counts even where it does not pay. The float result is moved by the most that rounding can take off it, against us
 * (docs/routing.md, "The certificate"). `verify.ts` recomputes it in integers.
 *
 * Source: weak duality; Diamandis et al., https://arxiv.org/abs/2302.04938, section 3, for the gas-free part.
 */
import { at, indexAt, itemAt } from './arrays.ts'
import type { Search } from './columns.ts'
import { exactPrice } from './exactBound.ts'
import type { Graph } from './graph.ts'
import { type Kernel, anyDirection, createResponses, respond } from './kernel.ts'
import { linkAll } from './linking.ts'
import { isLive, isRouted } from './routed.ts'
import { smoothBound } from './smoothBound.ts'

/** Share of all value that moves which covers the rounding of sums and products over some thousand segments. */
const margin = 1e-12
/** What a float may miss of a share kept after fees, twice over; of a small share that is much. */
const keptError = 2 ** -53
/** What a border's square-root price may miss: this share of itself by float rounding, ... */
const borderError = 2 ** -51
/** ... and this by the chain's rounding of tick prices to 96 bits. */
const tickError = 2 ** -95

/**
 * The bound at `price` (by node; divided by the ground's) in base units of the ground, before the settlement's
 * own gas. Exact-in: no plan nets more. Exact-out: minus this, no plan costs less.
 */
export function boundAt(search: Search, price: Float64Array): number {
  const { graph, cost, fed, size, source, target } = search
  const { kernel } = graph
  const forward = new Float64Array(kernel.poolCount).fill(-Infinity)
  const backward = new Float64Array(kernel.poolCount).fill(-Infinity)
  const feed = size * at(price, fed)
  let { moved, rounding } = gains(search, price, forward, backward)
  moved += Math.abs(feed)
  // Without gas a plan that loops alone fill may hold no way from end to end, and every pool that gains counts.
  const hasCosts = cost.some((each) => each > 0)
  if (hasCosts) {
    moved = 4 * (moved + linkAll(graph, [source, target], forward, backward))
    rounding *= 4
  }
  let total = feed
  for (let first = 0, next = 0; first < kernel.poolCount; first = next) {
    let counted = 0
    for (next = first; next < kernel.poolCount && indexAt(graph.owner, next) === first; next++)
      counted = Math.max(counted, at(forward, next), at(backward, next))
    total += counted
    for (let i = first; i < next; i++) {
      forward[i] = counted - at(forward, i)
      backward[i] = counted - at(backward, i)
    }
  }
  const way = hasCosts ? cheapestWay(search, forward, backward) : 0
  return total - way + margin * (moved + way) + rounding
}

/**
 * What every pool adds in each direction, less its cost; and what value moves, and how much of it rounding can hide.
 * Directions that no plan may use stay as they are.
 */
function gains(
  { graph, cost }: Search,
  price: Float64Array,
  forward: Float64Array,
  backward: Float64Array,
): { moved: number; rounding: number } {
  const { kernel } = graph
  const responses = createResponses(1)
  const exact = new Map<number, bigint>()
  let moved = 0
  let rounding = 0
  for (let i = 0; i < kernel.poolCount; i++) {
    const p0 = at(price, indexAt(kernel.node0, i))
    const p1 = at(price, indexAt(kernel.node1, i))
    const charge = at(cost, i)
    if (p0 === 0 && p1 === 0) continue
    if (graph.smooth[i] !== undefined) {
      const best = smoothGains(graph, i, price, charge, { exact, forward, backward })
      moved += best > 0 ? best + charge : 0
      continue
    }
    const surplus = respond(kernel, i, p0, p1, anyDirection, responses, 0)
    const isForward = at(responses.net0, 0) < 0
    forward[i] = (isForward ? surplus : 0) - charge
    backward[i] = (isForward ? 0 : surplus) - charge
    // A fee that is rounded down leaves a unit of the input more than the curve says.
    const unit = isRouted(itemAt(graph.pools, i)) ? 0 : Math.max(p0, p1)
    rounding += restError(kernel, i, p0, p1) + unit * (1 + margin)
    if (surplus === 0) continue
    // A pool that does not pay for its gas counts too: the way may lead through it.
    const value = Math.max(
      Math.abs(p0 * at(responses.net0, 0)),
      Math.abs(p1 * at(responses.net1, 0)),
    )
    moved += value + charge
    const kept = isForward ? at(kernel.kept0, i) : at(kernel.kept1, i)
    rounding += (value * keptError) / kept + bordersError(kernel, i, p0, p1, isForward)
  }
  return { moved, rounding }
}

/** What a pair of a smooth pool adds in each direction, from its exact swap; the most of it, before its cost. */
function smoothGains(
  graph: Graph,
  i: number,
  price: Float64Array,
  charge: number,
  into: { exact: Map<number, bigint>; forward: Float64Array; backward: Float64Array },
): number {
  const state = itemAt(graph.pools, i)
  const curve = graph.smooth[i]
  if (isRouted(state) || curve === undefined) return 0
  const priceOf = (node: number): bigint => {
    const found = into.exact.get(node) ?? exactPrice(at(price, node))
    into.exact.set(node, found)
    return found
  }
  const [a, b] = itemAt(graph.pairs, i)
  const price0 = priceOf(indexAt(graph.kernel.node0, i))
  const price1 = priceOf(indexAt(graph.kernel.node1, i))
  let best = 0
  if (isLive(state, curve, a, b)) {
    const side = { state, curve, indexIn: a, indexOut: b, priceIn: price0, priceOut: price1 }
    best = sizeOf(smoothBound(side))
    into.forward[i] = best - charge
  }
  if (isLive(state, curve, b, a)) {
    const side = { state, curve, indexIn: b, indexOut: a, priceIn: price1, priceOut: price0 }
    const own = sizeOf(smoothBound(side))
    into.backward[i] = own - charge
    best = Math.max(best, own)
  }
  return best
}

/** A value with {@link valueBits} fractional bits as a float. */
function sizeOf(value: bigint): number {
  return Number(value) * 2 ** -256
}

/**
 * Value that misplaced borders hide. A border between liquidities that is off by d shifts d times their
 * difference from one to the other; where a narrow range ends, that is far more than a share of what moves.
 */
function bordersError(
  kernel: Kernel,
  i: number,
  p0: number,
  p1: number,
  isForward: boolean,
): number {
  const { bound, liquidity } = kernel
  const start = indexAt(kernel.first, i)
  const end = indexAt(kernel.first, i + 1)
  const step = isForward ? -1 : 1
  let error = 0
  for (let k = indexAt(kernel.current, i); k >= start && k < end; k += step) {
    const border = at(bound, k + i + (isForward ? 0 : 1))
    const worth = isForward
      ? p1 - p0 / (border * border * at(kernel.kept0, i))
      : p0 / (border * border) - p1 / at(kernel.kept1, i)
    if (!(worth > 0)) break
    const next = k + step
    const beyond = next >= start && next < end ? at(liquidity, next) : 0
    error += Math.abs(at(liquidity, k) - beyond) * worth * (border * borderError + tickError)
  }
  return error
}

/**
 * Value that a pool may add which floats see at rest: within d of the price at which it wakes, the square of d
 * times the value of its depth. Only that near a rounding can tell rest from trade wrongly.
 */
function restError(kernel: Kernel, i: number, p0: number, p1: number): number {
  const miss = (4 * keptError) / Math.min(at(kernel.kept0, i), at(kernel.kept1, i))
  const ratio = p0 / p1
  const isNear =
    Math.abs(ratio / at(kernel.low, i) - 1) < 4 * miss ||
    Math.abs(ratio / at(kernel.high, i) - 1) < 4 * miss
  if (!isNear) return 0
  const depth = at(kernel.liquidity, indexAt(kernel.current, i)) * at(kernel.sqrtPrice, i) * p1
  return 32 * depth * miss * miss
}

/** Least sum of the given lengths over the ways from the token in to the token out (Dijkstra). */
function cheapestWay(
  { graph, source, target }: Search,
  forward: Float64Array,
  backward: Float64Array,
): number {
  const { kernel, poolsAt } = graph
  const distance = new Float64Array(graph.tokens.length).fill(Infinity)
  const isDone = new Uint8Array(graph.tokens.length)
  distance[source] = 0
  for (let node = source; node >= 0; node = nearest(distance, isDone)) {
    if (node === target) return at(distance, target)
    isDone[node] = 1
    for (const i of itemAt(poolsAt, node)) {
      const isForward = indexAt(kernel.node0, i) === node
      const to = indexAt(isForward ? kernel.node1 : kernel.node0, i)
      const there = at(distance, node) + at(isForward ? forward : backward, i)
      if (there < at(distance, to)) distance[to] = there
    }
  }
  return 0
}

function nearest(distance: Float64Array, isDone: Uint8Array): number {
  let best = -1
  for (let node = 0; node < distance.length; node++) {
    if (isDone[node] === 1 || at(distance, node) === Infinity) continue
    if (best < 0 || at(distance, node) < at(distance, best)) best = node
  }
  return best
}
