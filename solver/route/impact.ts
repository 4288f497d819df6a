/** How much a plan moves the pools' own prices: before gas, after pool fees. */
import { moduleOf } from '../pools/index.ts'
import { at, itemAt } from './arrays.ts'
import type { Search } from './columns.ts'
import type { Graph } from './graph.ts'
import { minimise } from './dual.ts'
import type { Plan } from './finalize.ts'
import { createNetwork } from './network.ts'
import type { Leg } from './route.ts'

/**
 * How far the plan's average price is below its marginal one, in 1/100 %, from 0 to 10,000.
 *
 * A plan without loops is compared with its own legs at their prices before the trade, each leg's loss counted
 * at `price`. A plan on credit earns from loops besides: it is compared with the same pools' optimum for a
 * trade of size zero.
 */
export function priceImpactBps(search: Search, plan: Plan, price: Float64Array): number {
  const impact = plan.route.credit
    ? againstIdle(search, plan, price)
    : againstLegs(search, plan, price)
  return Math.min(1e4, Math.max(0, impact * 1e4))
}

function againstLegs(
  { graph, size }: Search,
  { route, amountIn, amountOut }: Plan,
  price: Float64Array,
): number {
  const lost = (leg: Leg): number => {
    const position = graph.positionOf.get(leg.pool)
    if (position === undefined) return 0
    const state = itemAt(graph.pools, position)
    const ideal = Number(leg.amountIn) * moduleOf(state).price(state, leg.indexIn, leg.indexOut)
    const node = graph.nodeOf.get(leg.tokenOut) ?? 0
    return Math.max(0, ideal - Number(leg.amountOut)) * at(price, node)
  }
  const loss = route.legs.reduce((sum, leg) => sum + lost(leg), 0)
  return loss / (size > 0 ? Number(amountOut) + loss : Number(amountIn))
}

function againstIdle(
  search: Search,
  { route, amountIn, amountOut }: Plan,
  price: Float64Array,
): number {
  const { graph, ground, fed, size } = search
  const pools = route.legs.flatMap((leg) => positionOfLeg(graph, leg) ?? [])
  const network = createNetwork(graph.kernel, Int32Array.from(pools.sort((a, b) => a - b)))
  const idle = minimise(graph.kernel, { network, ground, source: fed, size: 0 }, price)
  const ideal = Math.abs(size) * at(idle.price, fed)
  if (size > 0) return 1 - (Number(amountOut) - idle.value) / ideal
  return 1 - ideal / (Number(amountIn) + idle.value)
}

/** The kernel position of the leg's pool between the leg's two tokens. */
function positionOfLeg(
  { positionOf, pairs, pools }: Graph,
  { pool, indexIn, indexOut }: Leg,
): number | undefined {
  const first = positionOf.get(pool)
  if (first === undefined) return undefined
  for (let position = first; pools[position]?.id === pool; position++)
    if (pairs[position]?.includes(indexIn) === true && pairs[position]?.includes(indexOut) === true)
      return position
  return undefined
}
