/** The exact plans that a search ends in, and the prices that it saw on its way. */
import { at, indexAt, itemAt } from './arrays.ts'
import {
  type Candidate,
  type Search,
  bestPath,
  improve,
  prune,
  solveSet,
  withoutRivals,
} from './columns.ts'
import { type DualPoint, minimise } from './dual.ts'
import { flowsAt, forwardDirections, greedyRanks, topologicalRanks, widestRanks } from './flows.ts'
import { type Plan, type Trade, finalize, totals } from './finalize.ts'
import { anyDirection, createResponses, respond } from './kernel.ts'
import { crossExactIn, crossExactOut, truthful } from './legs.ts'
import type { Network } from './network.ts'
import { rivalsOf, rivalWidths, withWidths } from './rivals.ts'

/** Exact plans, best guess first, and prices that may prove them. */
export type Plans = { readonly plans: readonly Plan[]; readonly prices: readonly Float64Array[] }

/** How sharply the relaxed problem charges gas, as parts of each pool's cost: coarse, then fine. */
const chargeWidths = [0.3, 0.1, 0.03] as const

/** The relaxed problem only chooses pools and proves a bound: exactness would be wasted on it. */
const precision = 1e-7

/** Plans without gas: the optimum itself, loops and all, or the best of one token order. Pure. */
export function plansWithoutGas(
  search: Search,
  trade: Trade,
  network: Network,
  optimum: DualPoint,
  executable: boolean,
): Plans {
  const { whole, prices } = settle(search, network, optimum)
  if (whole === undefined) return { plans: [], prices }
  const limited = whole.flows.length > search.legsMax ? prune(search, whole) : whole
  if (!executable) return { plans: onCredit(search, trade, limited), prices }
  // Without its loops the optimum may be a poor guide: the best path, grown, is tried beside it.
  const path = bestPath(search, optimum.price)
  const seeds = [limited, ...(path === undefined ? [] : [path, improve(search, path)])]
  return { plans: seeds.flatMap((seed) => ordered(search, trade, seed)), prices }
}

/**
 * The optimum with each pool crossed between one pair of its tokens: as it is, or with the pairs that are best at
 * the prices at which every pool counts once, which also prove the tightest bound.
 */
function settle(
  search: Search,
  network: Network,
  optimum: DualPoint,
): { readonly whole: Candidate | undefined; readonly prices: readonly Float64Array[] } {
  const { graph, ground, fed, size } = search
  const flows = flowsAt(graph.kernel, network, optimum)
  const own = { point: optimum, flows, net: optimum.value }
  const rivals = rivalsOf(graph, network)
  if (rivals === undefined || withoutRivals(search, network.pools, flows) === undefined)
    return { whole: own, prices: [optimum.price] }
  let point = optimum
  for (const part of rivalWidths) {
    const sharper = withWidths(rivals, point.responses.surplus, part)
    const problem = { network, ground, source: fed, size, rivals: sharper, precision }
    point = minimise(graph.kernel, problem, point.price)
  }
  const shared = flowsAt(graph.kernel, network, point)
  // By what they win, or by what they carry: a pair that wins little may be what others need to win.
  let whole = (['value', 'surplus'] as const)
    .map((measure) => withoutRivals(search, network.pools, shared, measure))
    .map((kept) => solveSet(search, kept ?? [...network.pools], point.price))
    .reduce((best, next) => ((next?.net ?? -Infinity) > (best?.net ?? -Infinity) ? next : best))
  for (let turn = 0; turn < exchangesMax && whole !== undefined; turn++) {
    const next = solveSet(search, bestPairs(search, network, whole), whole.point.price)
    if (next === undefined || next.net <= whole.net) break
    whole = next
  }
  return { whole, prices: [point.price, ...(whole === undefined ? [] : [whole.point.price])] }
}

/** Times that pools change to the pair that wins most at the last prices. */
const exchangesMax = 3

/** The positions of a network, of every pool that wins something only the pair that wins most at a candidate's prices. */
function bestPairs(
  { graph }: Search,
  { pools }: Network,
  { point, flows }: Candidate,
): readonly number[] {
  const { kernel, owner } = graph
  const scratch = createResponses(1)
  const best = new Map<number, { pool: number; surplus: number }>()
  const inUse = new Set(flows.map(({ pool }) => pool))
  for (const pool of pools) {
    const price0 = at(point.price, indexAt(kernel.node0, pool))
    const price1 = at(point.price, indexAt(kernel.node1, pool))
    const won = respond(kernel, pool, price0, price1, anyDirection, scratch, 0)
    // A little in favour of what is: what wins as much is no reason to change.
    const surplus = inUse.has(pool) ? won * (1 + 1e-9) : won
    const rival = best.get(indexAt(owner, pool))
    if (surplus > (rival?.surplus ?? 0)) best.set(indexAt(owner, pool), { pool, surplus })
  }
  return [...pools].filter((pool) => {
    const winner = best.get(indexAt(owner, pool))
    return winner === undefined || winner.pool === pool
  })
}

/** Plans that pay for their gas. Pure. */
export function plansWithGas(
  search: Search,
  trade: Trade,
  network: Network,
  optimum: DualPoint,
  executable: boolean,
): Plans {
  const relaxed = relax(search, network, optimum)
  const prices = [optimum.price, relaxed.price]
  const seeds = [
    solveSet(search, worthwhile(search, network, relaxed), relaxed.price),
    bestPath(search, relaxed.price),
  ].filter((seed) => seed !== undefined)
  const candidates = seeds.map((seed) => improve(search, seed)).sort((a, b) => b.net - a.net)
  const plans = candidates.flatMap((candidate) => {
    prices.push(candidate.point.price)
    return executable ? ordered(search, trade, candidate) : onCredit(search, trade, candidate)
  })
  return { plans, prices }
}

/** The relaxed problem, in which a pool may be used in part for that part of its gas. */
function relax(search: Search, network: Network, optimum: DualPoint): DualPoint {
  const { graph, ground, fed, size, cost } = search
  let { price } = optimum
  let point: DualPoint | undefined
  const groups = rivalsOf(graph, network)
  let surplus = optimum.responses.surplus
  for (const width of chargeWidths) {
    const rivals = groups && withWidths(groups, surplus, width)
    const charge = { cost, width }
    const problem = { network, ground, source: fed, size, charge, rivals, precision }
    point = minimise(graph.kernel, problem, price)
    price = point.price
    surplus = point.responses.surplus
  }
  return point ?? minimise(graph.kernel, { network, ground, source: fed, size }, price)
}

/** Pools that trade at the relaxed prices: those that pay at least half of their gas. */
function worthwhile({ cost }: Search, { pools }: Network, { responses }: DualPoint): number[] {
  return [...pools].filter((pool, slot) => {
    const surplus = at(responses.surplus, slot)
    return surplus > 0 && surplus >= 0.5 * at(cost, pool)
  })
}

/** The plan of a candidate as it is; loops run on credit. */
function onCredit(search: Search, trade: Trade, { flows }: Candidate): readonly Plan[] {
  const count = search.graph.tokens.length
  const { source, target } = search
  const { graph } = search
  const direct = topologicalRanks(flows, count, source, target)
  if (direct !== undefined) return present(finalize(graph, flows, direct, trade))
  const root = trade.amountIn === undefined ? source : target
  const forward = () => widestRanks(flows, count, root, 'out')
  if (trade.amountIn !== undefined) return present(finalize(graph, flows, forward(), trade))
  const backward = finalize(graph, flows, widestRanks(flows, count, source, 'in'), trade)
  return [...present(backward), ...present(finalize(graph, flows, forward(), trade, 'forward'))]
}

/** The plan of a candidate without loops: as it is, or solved again in one order of its tokens. */
function ordered(search: Search, trade: Trade, candidate: Candidate): readonly Plan[] {
  const { graph, source, target } = search
  const count = graph.tokens.length
  const direct = topologicalRanks(candidate.flows, count, source, target)
  if (direct !== undefined) return present(finalize(graph, candidate.flows, direct, trade))
  const ranks = greedyRanks(candidate.flows, count, source, target)
  const masked: Search = { ...search, directions: forwardDirections(graph.kernel, ranks) }
  const own = candidate.flows.map(({ pool }) => pool)
  // Without gas every pool is free to help once the loops are gone.
  const choices = isFree(search) ? [own, [...graph.network(source).pools]] : [own]
  return choices.flatMap((pools) => {
    const seed = solveSet(masked, pools, candidate.point.price)
    if (seed === undefined) return []
    const isDone = isFree(search) && seed.flows.length <= search.legsMax
    const { flows } = isDone ? seed : improve(masked, seed)
    return present(finalize(graph, flows, ranks, trade))
  })
}

function isFree({ cost }: Search): boolean {
  return cost.every((each) => each === 0)
}

/** The best plan over one pool, exactly; `undefined` when none takes the whole trade. */
export function bestSinglePool(search: Search, trade: Trade): Plan | undefined {
  const { graph, source, target } = search
  let best: Plan | undefined
  for (const pool of itemAt(graph.poolsAt, source)) {
    const { node0, node1 } = graph.kernel
    const other = indexAt(node0, pool) === source ? indexAt(node1, pool) : indexAt(node0, pool)
    if (other !== target) continue
    const at0 = { pool, from: source }
    const leg =
      trade.amountIn === undefined
        ? crossExactOut(graph, at0, trade.amountOut)
        : crossExactIn(graph, at0, trade.amountIn)
    const plan = leg === undefined ? undefined : totals(graph, [truthful(graph, leg)], false, trade)
    if (plan !== undefined && (best === undefined || beats(plan, best, trade))) best = plan
  }
  return best
}

function beats(plan: Plan, best: Plan, trade: Trade): boolean {
  return trade.amountIn === undefined
    ? plan.amountIn < best.amountIn
    : plan.amountOut > best.amountOut
}

function present(plan: Plan | undefined): readonly Plan[] {
  return plan === undefined ? [] : [plan]
}
