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
import { type Kernel, anyDirection, createResponses, respond } from './kernel.ts'

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
  const { graph, cost, fed, size } = search
  const { kernel } = graph
  const responses = createResponses(1)
  const forward = new Float64Array(kernel.poolCount)
  const backward = new Float64Array(kernel.poolCount)
  const feed = size * at(price, fed)
  let total = feed
  let moved = Math.abs(feed)
  let rounding = 0
  for (let i = 0; i < kernel.poolCount; i++) {
    const p0 = at(price, indexAt(kernel.node0, i))
    const p1 = at(price, indexAt(kernel.node1, i))
    if (p0 === 0 && p1 === 0) continue
    const surplus = respond(kernel, i, p0, p1, anyDirection, responses, 0)
    const isForward = at(responses.net0, 0) < 0
    const charge = at(cost, i)
    const counted = Math.max(0, surplus - charge)
    forward[i] = counted + charge - (isForward ? surplus : 0)
    backward[i] = counted + charge - (isForward ? 0 : surplus)
    total += counted
    rounding += restError(kernel, i, p0, p1)
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
  // Without gas a plan that loops alone fill may hold no way from end to end, and the way adds nothing.
  const way = cost.some((each) => each > 0) ? cheapestWay(search, forward, backward) : 0
  return total - way + margin * (moved + way) + rounding
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
