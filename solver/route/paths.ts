/**
 * Single paths found by labels: the way that brings the most value for a given size, gas included.
 *
 * Every start node gets a label of the same value; a label grows along pools that are not in use, at what the
 * kernel says they pay for the amount that it carries. A path of up to `hops` pools that ends at another node
 * in use with more value than it began with is worth a try.
 */
import { at, indexAt, itemAt } from './arrays.ts'
import type { Graph } from './graph.ts'
import { payout } from './payout.ts'

/** What a search for paths looks at. */
export type PathSearch = {
  readonly graph: Graph
  /** By node, in value per base unit; 0 for nodes not to be passed. */
  readonly price: Float64Array
  /** By kernel pool: gas in value. */
  readonly cost: Float64Array
  readonly starts: readonly number[]
  readonly ends: ReadonlySet<number>
  /** Owners of positions not to be used. */
  readonly used: ReadonlySet<number>
  readonly hops: number
}

/** A path, and what it brings over what it takes, in value after gas. */
export type FoundPath = { readonly pools: readonly number[]; readonly gain: number }

type Labels = {
  readonly amount: Float64Array
  readonly spent: Float64Array
  readonly via: Int32Array
  readonly from: Int32Array
}

/** The best path of value `size` at its start for each end, best first; empty when none is known. */
export function findPaths(search: PathSearch, size: number): readonly FoundPath[] {
  const { graph, price, starts, ends } = search
  const count = graph.tokens.length
  // One layer of labels per hop, so that a path never meets a label later than itself.
  const layers: Labels[] = [emptyLabels(count)]
  const [first] = layers
  if (first === undefined) return []
  for (const node of starts)
    if (at(price, node) > 0) first.amount[node] = amountFor(size, at(price, node))
  const best = new Map<number, FoundPath>()
  let frontier: readonly number[] = starts
  for (let hop = 1; hop <= search.hops && frontier.length > 0; hop++) {
    const layer = emptyLabels(count)
    layers.push(layer)
    const reached = new Set<number>()
    for (const node of frontier) relax(search, layers, hop, node, reached)
    for (const node of [...reached].sort((a, b) => a - b)) {
      if (!ends.has(node)) continue
      const gain = worth(layer, price, node) - size
      if (gain > (best.get(node)?.gain ?? -Infinity))
        best.set(node, { pools: trace(layers, hop, node), gain })
    }
    frontier = [...reached].sort((a, b) => a - b)
  }
  return [...best.values()].sort((a, b) => b.gain - a.gain)
}

function amountFor(value: number, price: number): number {
  return value / price
}

function emptyLabels(count: number): Labels {
  return {
    amount: new Float64Array(count),
    spent: new Float64Array(count),
    via: new Int32Array(count).fill(-1),
    from: new Int32Array(count).fill(-1),
  }
}

function relax(
  search: PathSearch,
  layers: readonly Labels[],
  hop: number,
  node: number,
  reached: Set<number>,
): number {
  const { graph, price, cost, used } = search
  const before = itemAt(layers, hop - 1)
  const after = itemAt(layers, hop)
  const amount = at(before.amount, node)
  const spent = at(before.spent, node)
  for (const i of itemAt(graph.poolsAt, node)) {
    if (used.has(indexAt(graph.owner, i))) continue
    const isForward = indexAt(graph.kernel.node0, i) === node
    const to = indexAt(isForward ? graph.kernel.node1 : graph.kernel.node0, i)
    if (at(price, to) <= 0 || isOnPath(layers, hop - 1, node, to)) continue
    if (graph.hasRivals && isPoolOnPath(graph, layers, hop - 1, node, i)) continue
    const paid = payout(graph.kernel, i, isForward, amount)
    if (!(paid > 0)) continue
    const total = spent + at(cost, i)
    const value = paid * at(price, to) - total
    if (at(after.amount, to) > 0 && value <= worth(after, price, to)) continue
    after.amount[to] = paid
    after.spent[to] = total
    after.via[to] = i
    after.from[to] = node
    reached.add(to)
  }
  return reached.size
}

function worth(labels: Labels, price: Float64Array, node: number): number {
  return at(labels.amount, node) * at(price, node) - at(labels.spent, node)
}

function isOnPath(layers: readonly Labels[], hop: number, node: number, wanted: number): boolean {
  let here = node
  for (let k = hop; k >= 0; k--) {
    if (here === wanted) return true
    here = indexAt(itemAt(layers, k).from, here)
    if (here < 0) return false
  }
  return false
}

/** True when the path to `node` crosses the pool of position `i` between other tokens. */
function isPoolOnPath(
  { owner }: Graph,
  layers: readonly Labels[],
  hop: number,
  node: number,
  i: number,
): boolean {
  let here = node
  for (let k = hop; k > 0; k--) {
    const { via, from } = itemAt(layers, k)
    if (indexAt(owner, indexAt(via, here)) === indexAt(owner, i)) return true
    here = indexAt(from, here)
  }
  return false
}

function trace(layers: readonly Labels[], hop: number, node: number): number[] {
  const pools: number[] = []
  let here = node
  for (let k = hop; k > 0; k--) {
    const labels = itemAt(layers, k)
    pools.unshift(indexAt(labels.via, here))
    here = indexAt(labels.from, here)
  }
  return pools
}
