/**
 * The proof that comes with a quote: a number that no plan over these pools can beat, from prices alone.
 *
 * At any prices ν a plan nets at most amount·ν[in] + Σ max(0, surplus_i(ν) - cost_i), less what the cheapest
 * way from the token in to the token out adds, when gas is counted: a plan then holds such a way, and a pool on it
 * counts even where it does not pay. The float result is moved by its own rounding error, against us. `verify.ts` recomputes it.
 *
 * Source: weak duality; Diamandis et al., https://arxiv.org/abs/2302.04938, section 3, for the gas-free part.
 */
import { at, indexAt, itemAt } from './arrays.ts'
import type { Search } from './columns.ts'
import { anyDirection, createResponses, respond } from './kernel.ts'

/** Share of all value that moves which covers float rounding; the kernel's own error is below 1e-13. */
const margin = 1e-12

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
    if (counted > 0)
      moved +=
        Math.max(Math.abs(p0 * at(responses.net0, 0)), Math.abs(p1 * at(responses.net1, 0))) +
        charge
  }
  // Without gas a plan that loops alone fill may hold no way from end to end, and the way adds nothing.
  const way = cost.some((each) => each > 0) ? cheapestWay(search, forward, backward) : 0
  return total - way + margin * (moved + way)
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
