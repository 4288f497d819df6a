/** A set of pools as a graph: its nodes, its merged edges, and the linear solver of its topology. */
import { at, indexAt, itemAt } from './arrays.ts'
import type { Kernel } from './kernel.ts'
import { type LaplacianSolver, analyse, createLaplacianSolver } from './ldl.ts'

/** Some pools of a kernel. Slots number the pools, places number the nodes, edges join pools in parallel. */
export type Network = {
  /** Kernel position of the pool in each slot. */
  readonly pools: Int32Array
  /** Kernel node of each place. */
  readonly nodes: Int32Array
  /** Place of each kernel node, -1 outside. */
  readonly placeOf: Int32Array
  readonly tail: Int32Array
  readonly head: Int32Array
  readonly edge: Int32Array
  readonly edgeCount: number
  readonly solver: LaplacianSolver
}

/** The network of the given pools (kernel positions, each once). */
export function createNetwork(kernel: Kernel, pools: Int32Array): Network {
  const placeOf = new Int32Array(kernel.nodeCount).fill(-1)
  const nodes: number[] = []
  const place = (node: number) => {
    const known = indexAt(placeOf, node)
    if (known >= 0) return known
    placeOf[node] = nodes.length
    return nodes.push(node) - 1
  }
  const tail = Int32Array.from(pools, (i) => place(indexAt(kernel.node0, i)))
  const head = Int32Array.from(pools, (i) => place(indexAt(kernel.node1, i)))
  const edges = new Map<number, number>()
  const tails: number[] = []
  const heads: number[] = []
  const edge = Int32Array.from(pools, (_, slot) => {
    const a = indexAt(tail, slot)
    const b = indexAt(head, slot)
    const key = a < b ? a * nodes.length + b : b * nodes.length + a
    const known = edges.get(key)
    if (known !== undefined) return known
    edges.set(key, tails.length)
    heads.push(b)
    return tails.push(a) - 1
  })
  const symbolic = analyse(nodes.length, Int32Array.from(tails), Int32Array.from(heads))
  return {
    pools,
    nodes: Int32Array.from(nodes),
    placeOf,
    tail,
    head,
    edge,
    edgeCount: tails.length,
    solver: createLaplacianSolver(symbolic),
  }
}

/** What a kernel's graph says before any request: components, and a first guess of all prices. */
export type Survey = {
  /** Component of each node, numbered from 0. */
  readonly component: Int32Array
  /** Price of each node in units of its component's hub, along the deepest pools. */
  readonly price: Float64Array
}

/**
 * Walks each component from its busiest node along the deepest pool that is left (Prim's maximum spanning
 * tree), and prices each new node by that pool alone.
 */
export function survey(kernel: Kernel): Survey {
  const { nodeCount, poolCount, node0, node1 } = kernel
  const adjacent = Array.from({ length: nodeCount }, (): number[] => [])
  for (let i = 0; i < poolCount; i++) {
    itemAt(adjacent, indexAt(node0, i)).push(i)
    itemAt(adjacent, indexAt(node1, i)).push(i)
  }
  const component = new Int32Array(nodeCount).fill(-1)
  const price = new Float64Array(nodeCount)
  const reach = new Float64Array(nodeCount)
  const busiest = adjacent
    .map((pools, node) => ({ node, degree: pools.length }))
    .sort((a, b) => b.degree - a.degree || a.node - b.node)
  let count = 0
  for (const { node: hub } of busiest) {
    if (indexAt(component, hub) >= 0) continue
    price[hub] = 1
    reach[hub] = Infinity
    for (let node = hub; node >= 0; node = farthest(component, reach)) {
      component[node] = count
      for (const i of itemAt(adjacent, node)) offer(kernel, i, node, component, price, reach)
    }
    count++
  }
  return { component, price }
}

/** The node without component that the deepest pool reaches, or -1. */
function farthest(component: Int32Array, reach: Float64Array): number {
  let best = -1
  let depth = 0
  for (let node = 0; node < reach.length; node++)
    if (indexAt(component, node) < 0 && at(reach, node) > depth) {
      best = node
      depth = at(reach, node)
    }
  return best
}

function offer(
  kernel: Kernel,
  i: number,
  from: number,
  component: Int32Array,
  price: Float64Array,
  reach: Float64Array,
): number {
  const isForward = indexAt(kernel.node0, i) === from
  const to = indexAt(isForward ? kernel.node1 : kernel.node0, i)
  if (indexAt(component, to) >= 0) return 0
  const s = at(kernel.sqrtPrice, i)
  const known = at(price, from)
  const depth = at(kernel.depth, i) * known * (isForward ? 1 / s : s)
  if (!(depth > at(reach, to))) return 0
  reach[to] = depth
  // The middle of the band in which the pool rests.
  const ratio = Math.sqrt(at(kernel.low, i) * at(kernel.high, i))
  price[to] = isForward ? known / ratio : known * ratio
  return depth
}
