/**
 * Plans that pay for their gas: which pools to use when each use costs a fixed amount.
 *
 * From a seed, pools that do not pay are dropped, worst first, and pools and paths that may pay are added; all
 * flows are solved again after each move. Two exact tests keep it short: at a set's optimal prices a pool with
 * a surplus of at least its cost must stay, and a pool outside with less can never help at those prices.
 */
import { at, indexAt, itemAt } from './arrays.ts'
import { type DualPoint, minimise } from './dual.ts'
import { type PoolFlow, flowsAt } from './flows.ts'
import type { Graph } from './graph.ts'
import { anyDirection, createResponses, respond } from './kernel.ts'
import { createNetwork } from './network.ts'
import { findPaths } from './paths.ts'

/** A routing problem with costs, in the units of the dual. */
export type Search = {
  readonly graph: Graph
  /** Nodes of the token in and the token out. */
  readonly source: number
  readonly target: number
  /** As in `DualProblem`: which of the two has price 1, which one is fed, and how much. */
  readonly ground: number
  readonly fed: number
  readonly size: number
  /** By kernel pool, in base units of the ground. */
  readonly cost: Float64Array
  readonly directions?: Uint8Array | undefined
  readonly legsMax: number
}

/** A set of pools with its best flows. */
export type Candidate = {
  readonly point: DualPoint
  readonly flows: readonly PoolFlow[]
  /** Value less the cost of the pools in use; higher is better for exact-in and exact-out alike. */
  readonly net: number
}

/** Rounds of growth; most searches end after two or three without a move. */
const roundsMax = 12
/** Shares of the trade that extra paths are tried with. */
const pathSizes = [0.5, 0.2, 0.08, 0.03, 0.01] as const
/** Pools in one path: further ones have not paid for their gas on recorded markets. */
const hopsMax = 4
/** Moves tried in one round of growth before giving up. */
const movesMax = 4

/**
 * Solves the flows over `pools`, each pool used between two of its tokens at most; `undefined` when they do not
 * join the two ends.
 */
export function solveSet(
  search: Search,
  pools: readonly number[],
  start: Float64Array,
): Candidate | undefined {
  const { graph, ground, fed, size, cost, directions } = search
  const joined = connected(search, pools)
  if (joined === undefined) return undefined
  const network = createNetwork(graph.kernel, Int32Array.from(joined))
  const problem = { network, ground, source: fed, size, directions }
  const point = minimise(graph.kernel, problem, start)
  const flows = flowsAt(graph.kernel, network, point)
  if (!Number.isFinite(point.value) || flows.length === 0) return undefined
  const settled = withoutRivals(search, joined, flows)
  if (settled !== undefined) return solveSet(search, settled, point.price)
  return { point, flows, net: point.value - costOf(flows, cost) }
}

/**
 * Those of `pools` that stay when each pool that `flows` use between several pairs of tokens keeps the pair that
 * has the most of `measure`; `undefined` when no pool is used twice.
 */
export function withoutRivals(
  { graph }: Search,
  pools: Iterable<number>,
  flows: readonly PoolFlow[],
  measure: 'surplus' | 'value' = 'surplus',
): readonly number[] | undefined {
  if (!graph.hasRivals) return undefined
  const best = new Map<number, PoolFlow>()
  const contested = new Set<number>()
  for (const flow of flows) {
    const owner = indexAt(graph.owner, flow.pool)
    const rival = best.get(owner)
    if (rival !== undefined) contested.add(owner)
    if (rival === undefined || flow[measure] > rival[measure]) best.set(owner, flow)
  }
  if (contested.size === 0) return undefined
  return [...pools].filter((pool) => {
    const owner = indexAt(graph.owner, pool)
    return !contested.has(owner) || best.get(owner)?.pool === pool
  })
}

function costOf(flows: readonly PoolFlow[], cost: Float64Array): number {
  return flows.reduce((sum, { pool }) => sum + at(cost, pool), 0)
}

/** Those of `pools` that hang together with both ends, ascending; `undefined` when the ends are apart. */
function connected({ graph, source, target }: Search, pools: readonly number[]) {
  const { node0, node1 } = graph.kernel
  const reached = new Set([source])
  let open = [...new Set(pools)].sort((a, b) => a - b)
  const inside: number[] = []
  for (let grew = true; grew;) {
    grew = false
    const rest: number[] = []
    for (const i of open) {
      const a = indexAt(node0, i)
      const b = indexAt(node1, i)
      if (!reached.has(a) && !reached.has(b)) {
        rest.push(i)
        continue
      }
      reached.add(a).add(b)
      inside.push(i)
      grew = true
    }
    open = rest
  }
  return reached.has(target) ? inside.sort((a, b) => a - b) : undefined
}

/** Drops, grows and solves again until no move helps. Pure. */
export function improve(search: Search, seed: Candidate): Candidate {
  let best = prune(search, seed)
  for (let round = 0; round < roundsMax; round++) {
    const grown = grow(search, best)
    if (grown === undefined) break
    best = prune(search, grown)
  }
  return best
}

/** Drops pools that do not pay for their gas, and the least of those that do while there are too many. */
export function prune(search: Search, seed: Candidate): Candidate {
  let best = seed
  const kept = new Set<number>()
  for (;;) {
    const excess = best.flows.length - search.legsMax
    const unpaid = best.flows
      .map((flow) => ({ pool: flow.pool, over: flow.surplus - at(search.cost, flow.pool) }))
      .filter(({ pool, over }) => excess > 0 || (over < 0 && !kept.has(pool)))
      .sort((a, b) => a.over - b.over || a.pool - b.pool)
    if (unpaid.length === 0) return best
    // Far from the end many go at once; near it one by one, each on its own merit.
    const count = unpaid.length > 6 ? thirdOf(unpaid.length) : 1
    const dropped = new Set(unpaid.slice(0, count).map(({ pool }) => pool))
    const pools = best.flows.map(({ pool }) => pool).filter((pool) => !dropped.has(pool))
    const next = solveSet(search, pools, best.point.price)
    if (next !== undefined && (next.net > best.net || excess > 0)) best = next
    else if (excess > 0) return best
    else for (const pool of dropped) kept.add(pool)
  }
}

function thirdOf(count: number): number {
  return Math.ceil(count / 3)
}

/** The set after the first move that helps; `undefined` when none does. */
function grow(search: Search, best: Candidate): Candidate | undefined {
  const inUse = best.flows.map(({ pool }) => pool)
  if (inUse.length >= search.legsMax) return undefined
  const tried = new Set<string>()
  let moves = 0
  const attempt = (extra: readonly number[]): Candidate | undefined => {
    const key = extra.toSorted((a, b) => a - b).join()
    if (tried.has(key) || extra.length === 0 || inUse.length + extra.length > search.legsMax)
      return undefined
    tried.add(key)
    moves++
    const next = solveSet(search, [...inUse, ...extra], best.point.price)
    // Gains below what the certificate rounds away are no gains.
    return next !== undefined && next.net > best.net + 1e-12 * Math.abs(best.net) ? next : undefined
  }
  const singles = singlesThatPay(search, best)
  const together = attempt(singles.slice(0, 8))
  if (together !== undefined) return together
  for (const single of singles.slice(0, 2)) {
    const next = attempt([single])
    if (next !== undefined) return next
  }
  moves = 0
  for (const extra of pathsThatPay(search, best, inUse)) {
    if (moves >= movesMax) break
    const next = attempt(extra)
    if (next !== undefined) return next
  }
  return undefined
}

/** Pools between nodes in use whose surplus at the current prices is above their cost, best first. */
function singlesThatPay(search: Search, { flows, point }: Candidate): readonly number[] {
  const { graph, cost, directions } = search
  const { kernel } = graph
  const inUse = new Set(flows.map(({ pool }) => indexAt(graph.owner, pool)))
  const nodes = new Set(flows.flatMap(({ from, to }) => [from, to]))
  const scratch = createResponses(1)
  const found: { pool: number; over: number }[] = []
  for (const node of nodes)
    for (const pool of itemAt(graph.poolsAt, node)) {
      const a = indexAt(kernel.node0, pool)
      const b = indexAt(kernel.node1, pool)
      if (a !== node || !nodes.has(b) || inUse.has(indexAt(graph.owner, pool))) continue
      const allowed = directions?.[pool] ?? anyDirection
      const surplus = respond(
        kernel,
        pool,
        at(point.price, a),
        at(point.price, b),
        allowed,
        scratch,
        0,
      )
      if (surplus > at(cost, pool)) found.push({ pool, over: surplus - at(cost, pool) })
    }
  return found.sort((x, y) => y.over - x.over || x.pool - y.pool).map(({ pool }) => pool)
}

/** Extra paths between nodes in use that would gain at the current prices, best first over all sizes. */
function pathsThatPay(
  { graph, fed, size, cost, directions }: Search,
  { flows, point }: Candidate,
  inUse: readonly number[],
): readonly (readonly number[])[] {
  // A fixed order of tokens has been chosen: paths off it would need credit.
  if (directions !== undefined) return []
  const nodes = [...new Set(flows.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b)
  const whole = Math.abs(size) * at(point.price, fed)
  const search = {
    graph,
    price: point.price,
    cost,
    starts: nodes,
    ends: new Set(nodes),
    used: new Set(inUse.map((pool) => indexAt(graph.owner, pool))),
    hops: hopsMax,
  }
  return pathSizes
    .flatMap((part) => findPaths(search, whole * part).slice(0, 3))
    .filter(({ gain }) => gain > 0)
    .sort((a, b) => b.gain - a.gain)
    .map(({ pools }) => pools)
}

/** The best single path of at most `legsMax` pools for the whole trade, or `undefined` when there is none. */
export function bestPath(search: Search, price: Float64Array): Candidate | undefined {
  const { graph, source, target, fed, size, cost } = search
  const paths = findPaths(
    {
      graph,
      price,
      cost,
      starts: [source],
      ends: new Set([target]),
      used: new Set(),
      hops: Math.min(hopsMax, search.legsMax),
    },
    Math.abs(size) * at(price, fed),
  )
  const [first] = paths
  return first === undefined ? undefined : solveSet(search, first.pools, price)
}
