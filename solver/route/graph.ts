/** A market view laid out for routing: tokens as nodes, pools as kernel positions, both in a canonical order. */
import { type Address, zeroAddress } from '../core/hex.ts'
import type { MarketView } from '../market/view.ts'
import { type PoolState, moduleOf } from '../pools/index.ts'
import type { PoolId, SmoothCurve } from '../pools/pool.ts'
import { indexAt, itemAt } from './arrays.ts'
import { legGas } from './gas.ts'
import { type Kernel, type KernelPool, createKernel } from './kernel.ts'
import { canonicalToken } from './native.ts'
import { type Network, type Survey, createNetwork, survey } from './network.ts'
import { pairsOf } from './routed.ts'
import { smoothSegments } from './smooth.ts'

/** Everything about a view that does not depend on a request. */
export type Graph = {
  readonly view: MarketView
  /**
   * By kernel position, ascending by id: the answer cannot depend on the order of the view's map. A pool of more
   * than two tokens has one position for each pair of them; a plan uses one of these at most.
   */
  readonly pools: readonly PoolState[]
  /** Places in the pool's tokens of the two that each position joins. */
  readonly pairs: readonly (readonly [number, number])[]
  /** First position of the same pool, by position. */
  readonly owner: Int32Array
  /** True when some pool has more than one position. */
  readonly hasRivals: boolean
  /** The float views of smooth pools, by position; absent for segments. */
  readonly smooth: readonly (SmoothCurve | undefined)[]
  /** First kernel position of each pool. */
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
    .filter(({ kind }) => kinds === undefined || kinds.includes(kind))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap((state) => positionsOf(view, state))
  const tokens = [...new Set(tradable.flatMap(({ ends }) => ends))].sort()
  const nodeOf = new Map(tokens.map((token, node) => [token, node]))
  const node = (token: Address) => nodeOf.get(token) ?? 0
  const kernel = createKernel(
    tradable.map(({ pool, ends }) => ({ ...pool, node0: node(ends[0]), node1: node(ends[1]) })),
    tokens.length,
  )
  const wrapped = view.wrappedNative === undefined ? undefined : nodeOf.get(view.wrappedNative)
  if (wrapped !== undefined) nodeOf.set(zeroAddress, wrapped)
  const gas = tradable.map(({ state }) => legGas(state.kind))
  const surveyed = survey(kernel)
  const positionOf = new Map<PoolId, number>()
  for (const [position, { state }] of tradable.entries())
    if (!positionOf.has(state.id)) positionOf.set(state.id, position)
  return {
    view,
    pools: tradable.map(({ state }) => state),
    pairs: tradable.map(({ pair }) => pair),
    owner: Int32Array.from(tradable, ({ state }) => positionOf.get(state.id) ?? 0),
    hasRivals: positionOf.size < tradable.length,
    smooth: tradable.map(({ smooth }) => smooth),
    positionOf,
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

/** One kernel position: a pool between two of its tokens. */
type Position = {
  readonly state: PoolState
  readonly pair: readonly [number, number]
  readonly ends: readonly [Address, Address]
  readonly pool: Pick<KernelPool, 'curve' | 'rest'>
  readonly smooth?: SmoothCurve
}

/** The positions of a pool; none where it cannot trade, and no pair of one token with its wrapped self. */
function positionsOf(view: MarketView, state: PoolState): readonly Position[] {
  const ends = state.tokens.map((token) => canonicalToken(view, token))
  const pairs = pairsOf(ends.length).filter(([a, b]) => ends[a] !== ends[b])
  const curve = pairs.length === 0 ? undefined : moduleOf(state).curve(state)
  if (curve === undefined) return []
  return pairs.flatMap((pair): readonly Position[] => {
    const joined = { state, pair, ends: [itemAt(ends, pair[0]), itemAt(ends, pair[1])] } as const
    if (curve.shape === 'segments') return [{ ...joined, pool: { curve } }]
    const pool = smoothSegments(state, curve, ...pair)
    return pool === undefined ? [] : [{ ...joined, pool, smooth: curve }]
  })
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
