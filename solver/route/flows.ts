/** The flows that a dual point names, and the order in which a plan may run them. */
import { at, indexAt, itemAt } from './arrays.ts'
import type { DualPoint } from './dual.ts'
import type { Kernel } from './kernel.ts'
import type { Network } from './network.ts'

/** One pool used in one direction, as floats. */
export type PoolFlow = {
  /** Kernel position. */
  readonly pool: number
  readonly from: number
  readonly to: number
  /** Base units of the token at `from`. */
  readonly sizeIn: number
  readonly sizeOut: number
  /** `sizeIn` at the point's prices. */
  readonly value: number
  /** Value that the pool adds to the plan. */
  readonly surplus: number
  /** 0 when the pool is at the end of its range and can take no more. */
  readonly weight: number
}

/** The pools in use at `point`, by slot; a flow that moves less than one base unit is none. */
export function flowsAt(kernel: Kernel, network: Network, point: DualPoint): readonly PoolFlow[] {
  const { net0, net1, surplus, weight } = point.responses
  const flows: PoolFlow[] = []
  for (let slot = 0; slot < network.pools.length; slot++) {
    if (at(surplus, slot) <= 0) continue
    const pool = indexAt(network.pools, slot)
    const isForward = at(net0, slot) < 0
    const sizeIn = -(isForward ? at(net0, slot) : at(net1, slot))
    const sizeOut = isForward ? at(net1, slot) : at(net0, slot)
    const from = indexAt(isForward ? kernel.node0 : kernel.node1, pool)
    const to = indexAt(isForward ? kernel.node1 : kernel.node0, pool)
    if (sizeIn < 1 || sizeOut < 1) continue
    flows.push({
      pool,
      from,
      to,
      sizeIn,
      sizeOut,
      value: sizeIn * at(point.price, from),
      surplus: at(surplus, slot),
      weight: at(weight, slot),
    })
  }
  return flows
}

/**
 * Flows without those that rounding left in the air: what a node pays must come from somewhere, and what it
 * gets must go somewhere. `source` and `target` are the ends of the trade; loops may end in the source.
 */
export function trimmed(
  flows: readonly PoolFlow[],
  source: number,
  target: number,
): readonly PoolFlow[] {
  let kept = flows
  for (let before = -1; before !== kept.length;) {
    before = kept.length
    const fed = new Set(kept.map(({ to }) => to)).add(source)
    const drained = new Set(kept.map(({ from }) => from)).add(target).add(source)
    kept = kept.filter(({ from, to }) => fed.has(from) && drained.has(to))
  }
  return kept
}

/** A place for each node in the order of execution; -1 for nodes that a plan must not pass. */
export type Ranks = Int32Array

/**
 * An order in which every flow goes forward, `first` at its beginning and `last` at its end, or `undefined`
 * when the flows contain a loop.
 */
export function topologicalRanks(
  flows: readonly PoolFlow[],
  nodeCount: number,
  first: number,
  last: number,
): Ranks | undefined {
  const open = new Int32Array(nodeCount)
  const leaving = Array.from({ length: nodeCount }, (): number[] => [])
  const inUse = new Set([first, last])
  for (const { from, to } of flows) {
    open[to] = indexAt(open, to) + 1
    itemAt(leaving, from).push(to)
    inUse.add(from).add(to)
  }
  if (indexAt(open, first) > 0 || itemAt(leaving, last).length > 0) return undefined
  const ranks = new Int32Array(nodeCount).fill(-1)
  const ready = [...inUse]
    .filter((node) => indexAt(open, node) === 0 && node !== last)
    .sort((a, b) => b - a)
  let rank = 0
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    ranks[node] = rank++
    for (const to of itemAt(leaving, node)) {
      open[to] = indexAt(open, to) - 1
      if (open[to] === 0 && to !== last) ready.push(to)
    }
  }
  ranks[last] = rank++
  return rank === inUse.size ? ranks : undefined
}

/**
 * An order for flows with loops: from every node in use the widest way to `root` goes forward, so that what
 * rounding leaves at a node always has somewhere to go. Nodes that do not reach `root` get -1.
 *
 * @param towards - `out`: ways lead to `root`, which comes last; `in`: they lead from it and it comes first.
 */
export function widestRanks(
  flows: readonly PoolFlow[],
  nodeCount: number,
  root: number,
  towards: 'out' | 'in',
): Ranks {
  const arcs = Array.from({ length: nodeCount }, (): { next: number; value: number }[] => [])
  for (const { from, to, value } of flows)
    if (towards === 'out') itemAt(arcs, to).push({ next: from, value })
    else itemAt(arcs, from).push({ next: to, value })
  const width = new Float64Array(nodeCount)
  const settled = new Int32Array(nodeCount).fill(-1)
  width[root] = Infinity
  let count = 0
  for (let node = root; node >= 0; node = widestOpen(width, settled)) {
    settled[node] = count++
    for (const { next, value } of itemAt(arcs, node))
      width[next] = Math.max(at(width, next), Math.min(at(width, node), value))
  }
  return towards === 'in' ? settled : settled.map((place) => (place < 0 ? -1 : count - 1 - place))
}

function widestOpen(width: Float64Array, settled: Int32Array): number {
  let best = -1
  for (let node = 0; node < width.length; node++)
    if (indexAt(settled, node) < 0 && at(width, node) > (best < 0 ? 0 : at(width, best)))
      best = node
  return best
}

/**
 * An order that sends little value backward, `first` first and `last` last: the node whose outflow exceeds its
 * inflow most goes next.
 *
 * Source: Eades, Lin, Smyth, "A fast and effective heuristic for the feedback arc set problem" (1993).
 */
export function greedyRanks(
  flows: readonly PoolFlow[],
  nodeCount: number,
  first: number,
  last: number,
): Ranks {
  const ranks = new Int32Array(nodeCount).fill(-1)
  const open = new Set(flows.flatMap(({ from, to }) => [from, to]))
  open.delete(first)
  open.delete(last)
  ranks[first] = 0
  let rank = 1
  while (open.size > 0) {
    const excess = new Map([...open].map((node) => [node, 0]))
    const sources = new Set(open)
    for (const { from, to, value } of flows) {
      const fromOpen = open.has(from)
      const toOpen = open.has(to)
      if (fromOpen && toOpen) sources.delete(to)
      if (fromOpen && (toOpen || to === last)) excess.set(from, (excess.get(from) ?? 0) + value)
      if (toOpen && fromOpen) excess.set(to, (excess.get(to) ?? 0) - value)
    }
    let best = -1
    for (const node of [...open].sort((a, b) => a - b))
      if (best < 0 || better(node, best, sources, excess)) best = node
    ranks[best] = rank++
    open.delete(best)
  }
  ranks[last] = rank
  return ranks
}

function better(
  node: number,
  best: number,
  sources: ReadonlySet<number>,
  excess: ReadonlyMap<number, number>,
): boolean {
  if (sources.has(node) !== sources.has(best)) return sources.has(node)
  return (excess.get(node) ?? 0) > (excess.get(best) ?? 0)
}

/** Directions, by kernel pool, in which a plan in the order of `ranks` may cross each pool. */
export function forwardDirections(kernel: Kernel, ranks: Ranks): Uint8Array {
  return Uint8Array.from({ length: kernel.poolCount }, (_, i) => {
    const a = indexAt(ranks, indexAt(kernel.node0, i))
    const b = indexAt(ranks, indexAt(kernel.node1, i))
    if (a < 0 || b < 0) return 0
    return a < b ? 1 : 2
  })
}
