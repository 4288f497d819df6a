/** A market view laid out for routing: tokens as nodes, pools as kernel positions, both in a canonical order. */
import { type Address, zeroAddress } from '../core/hex.ts'
import type { MarketView } from '../market/view.ts'
import { type PoolState, moduleOf } from '../pools/index.ts'
import type { PoolId, SegmentCurve } from '../pools/pool.ts'
import { indexAt, itemAt } from './arrays.ts'
import { legGas } from './gas.ts'
import { type Kernel, createKernel } from './kernel.ts'
import { canonicalToken } from './native.ts'
import { type Network, type Survey, createNetwork, survey } from './network.ts'
import { isRouted, type RoutedState } from './routed.ts'

/** Everything about a view that does not depend on a request. */
export type Graph = {
  readonly view: MarketView
  /** By kernel position, ascending by id: the answer cannot depend on the order of the view's map. */
  readonly pools: readonly PoolState[]
  /** Kernel position of each pool. */
  readonly positionOf: ReadonlyMap<PoolId, number>
  /** By node, ascending; the native currency goes by the name of its wrapped token. */
  readonly tokens: readonly Address[]
  /** Also knows the zero address where the view has a wrapped native token. */
  readonly nodeOf: ReadonlyMap<Address, number>
  readonly kernel: Kernel
  readonly survey: Survey
  /** Gas units of one leg through each pool, by kernel position. */
  readonly gas: readonly bigint[]
  /** The same for float arithmetic. */
  readonly gasSize: Float64Array
  /** Kernel positions of the pools at each node. */
  readonly poolsAt: readonly Int32Array[]
  /** The whole component of a node as one network. */
  network(node: number): Network
}

/** Views are immutable, so a graph is a pure function of its key and may be kept as long as the view lives. */
const known = new WeakMap<MarketView, Map<string, Graph>>()

/** The graph of the tradable pools of `view`; `kinds` absent means all. Kept with the view. */
export function graphOf(view: MarketView, kinds?: readonly string[]): Graph {
  const key = kinds === undefined ? '*' : [...kinds].sort().join()
  const graphs = known.get(view) ?? new Map<string, Graph>()
  known.set(view, graphs)
  const found = graphs.get(key)
  if (found !== undefined) return found
  const graph = createGraph(view, kinds)
  graphs.set(key, graph)
  return graph
}

function createGraph(view: MarketView, kinds: readonly string[] | undefined): Graph {
  const tradable = [...view.pools.values()]
    .filter(isRouted)
    .filter(({ kind }) => kinds === undefined || kinds.includes(kind))
    .map((state) => ({ state, curve: curveOf(state), ends: endsOf(view, state) }))
    .filter(
      (pool): pool is typeof pool & { curve: SegmentCurve } =>
        pool.curve !== undefined && pool.ends[0] !== pool.ends[1],
    )
    .sort((a, b) => (a.state.id < b.state.id ? -1 : 1))
  const tokens = [...new Set(tradable.flatMap(({ ends }) => ends))].sort()
  const nodeOf = new Map(tokens.map((token, node) => [token, node]))
  const node = (token: Address) => nodeOf.get(token) ?? 0
  const kernel = createKernel(
    tradable.map(({ curve, ends }) => ({ curve, node0: node(ends[0]), node1: node(ends[1]) })),
    tokens.length,
  )
  const wrapped = view.wrappedNative === undefined ? undefined : nodeOf.get(view.wrappedNative)
  if (wrapped !== undefined) nodeOf.set(zeroAddress, wrapped)
  const gas = tradable.map(({ state }) => legGas(state.kind))
  const surveyed = survey(kernel)
  return {
    view,
    pools: tradable.map(({ state }) => state),
    positionOf: new Map(tradable.map(({ state }, position) => [state.id, position])),
    tokens,
    nodeOf,
    kernel,
    survey: surveyed,
    gas,
    gasSize: gasSizes(gas),
    poolsAt: adjacency(kernel),
    network: keepNetworks(kernel, surveyed),
  }
}

function curveOf(state: RoutedState): SegmentCurve | undefined {
  const curve = moduleOf(state).curve(state)
  return curve?.shape === 'segments' ? curve : undefined
}

function endsOf(view: MarketView, { tokens }: PoolState): readonly [Address, Address] {
  return [canonicalToken(view, itemAt(tokens, 0)), canonicalToken(view, itemAt(tokens, 1))]
}

function gasSizes(gas: readonly bigint[]): Float64Array {
  return Float64Array.from(gas, (each) => Number(each))
}

function adjacency(kernel: Kernel): readonly Int32Array[] {
  const lists = Array.from({ length: kernel.nodeCount }, (): number[] => [])
  for (let i = 0; i < kernel.poolCount; i++) {
    itemAt(lists, indexAt(kernel.node0, i)).push(i)
    itemAt(lists, indexAt(kernel.node1, i)).push(i)
  }
  return lists.map((list) => Int32Array.from(list))
}

function keepNetworks(kernel: Kernel, { component }: Survey): (node: number) => Network {
  const networks = new Map<number, Network>()
  return (node) => {
    const wanted = indexAt(component, node)
    const kept = networks.get(wanted)
    if (kept !== undefined) return kept
    const inside = Int32Array.from({ length: kernel.poolCount }, (_, i) => i).filter(
      (i) => indexAt(component, indexAt(kernel.node0, i)) === wanted,
    )
    const network = createNetwork(kernel, inside)
    networks.set(wanted, network)
    return network
  }
}
