/** Re-prices a router's plan: every leg run again in exact integers, with our gas figures. */
import { mulDivDown } from '../../solver/core/rounding.ts'
import type { MarketView } from '../../solver/market/view.ts'
import { type PoolState, moduleOf } from '../../solver/pools/index.ts'
import { evaluateRoute } from '../../solver/route/evaluate.ts'
import { type GasTerms, gasCost, legGas, settlementGas } from '../../solver/route/gas.ts'
import type { Leg, Route } from '../../solver/route/route.ts'
import type { Hop, Plan } from './plan.ts'
import type { BenchRequest } from './universes.ts'

/** What a plan really brings, or why it counts as nothing. */
export type Judged =
  | { readonly runs: true; readonly net: bigint; readonly amountOut: bigint; readonly legs: number }
  | { readonly runs: false; readonly why: string }

/** A hop with the amount it takes, or its share of what its token holds. */
type SizedHop = Hop & { readonly size: bigint }

/**
 * Runs `plan` on `view`. Paths that share a pool are joined into one network first, so that each pool is
 * crossed once and pays its gas once; what rounding leaves at a token goes with its last leg. Where that network
 * has a circle and no pool is shared, the paths run one after another.
 *
 * @returns Base units of the token out, before and after gas; or why the plan does not run as a whole.
 */
export function judge(
  view: MarketView,
  request: BenchRequest,
  plan: Plan,
  terms: GasTerms,
): Judged {
  const route = routeOf(view, request, plan)
  if (typeof route === 'string') return { runs: false, why: route }
  const done = evaluateRoute(view, route, request)
  if (done === undefined) return { runs: false, why: 'a leg cannot be filled' }
  if (done.amountIn !== request.amountIn) return { runs: false, why: 'sells another amount' }
  const gas = route.legs.reduce((sum, { kind }) => sum + legGas(kind), settlementGas)
  const net = done.amountOut - gasCost(terms, gas)
  return { runs: true, net, amountOut: done.amountOut, legs: route.legs.length }
}

function routeOf(view: MarketView, request: BenchRequest, plan: Plan): Route | string {
  if (plan.form === 'legs') {
    const legs = plan.legs.map((leg) => cross(view, leg, BigInt(leg.amountIn)))
    return joined(legs, plan.credit)
  }
  if (plan.form === 'flows') {
    const flows = plan.flows.map(({ size, ...hop }) => ({ ...hop, size: wholeOf(size) }))
    return network(view, request, flows)
  }
  const amounts = wholeAmounts(plan.paths, request.amountIn)
  const sized = plan.paths.flatMap(({ hops }, path) => alongPath(view, hops, amounts[path] ?? 0n))
  const known = sized.filter((hop) => hop !== undefined)
  if (known.length < sized.length) return 'a path cannot be filled'
  const merged = network(view, request, known)
  if (typeof merged !== 'string' || hasTwice(known.map(({ pool }) => pool))) return merged
  // Paths whose union is a circle still run one after another.
  const legs = known.map((hop) => cross(view, hop, hop.size))
  return joined(legs, false)
}

/** What each path sells, with the units that shares of 5 % leave over, at most one a path, added to the first. */
function wholeAmounts(
  paths: readonly { readonly amountIn: string }[],
  amountIn: bigint,
): readonly bigint[] {
  const amounts = paths.map((path) => BigInt(path.amountIn))
  const rest = amountIn - amounts.reduce((sum, amount) => sum + amount, 0n)
  const isRounding = rest <= BigInt(paths.length) && rest >= -BigInt(paths.length)
  return isRounding ? amounts.map((amount, path) => (path === 0 ? amount + rest : amount)) : amounts
}

function hasTwice(pools: readonly string[]): boolean {
  return new Set(pools).size < pools.length
}

/** Sizes are only shares, so that digits below the float's last do not matter. */
function wholeOf(size: number): bigint {
  return Number.isFinite(size) && size > 0 ? BigInt(Math.floor(size)) : 0n
}

/** The hops of one path, each with what the ones before bring it on untouched pools. */
function alongPath(
  view: MarketView,
  hops: readonly Hop[],
  amountIn: bigint,
): (SizedHop | undefined)[] {
  let size = amountIn
  return hops.map((hop) => {
    const sized = { ...hop, size }
    size = cross(view, hop, size)?.amountOut ?? 0n
    return size > 0n ? sized : undefined
  })
}

/** One exact route over all flows, token by token in an order in which none waits for a later one. */
function network(
  view: MarketView,
  request: BenchRequest,
  flows: readonly SizedHop[],
): Route | string {
  const merged = mergeFlows(flows)
  if (merged === undefined) return 'crosses a pool both ways'
  const order = tokenOrder(merged)
  if (order === undefined) return 'runs in a circle'
  const held = new Map<string, bigint>([[request.tokenIn, request.amountIn]])
  const legs: (Leg | undefined)[] = []
  for (const token of order) {
    const out = merged.filter(({ tokenIn }) => tokenIn === token)
    const total = out.reduce((sum, { size }) => sum + size, 0n)
    const holds = held.get(token) ?? 0n
    let left = holds
    for (const [index, hop] of out.entries()) {
      const isLast = index === out.length - 1
      const amountIn = isLast ? left : mulDivDown(holds, hop.size, total)
      left -= amountIn
      // A share below one unit buys nothing and costs gas.
      if (amountIn === 0n) continue
      const leg = cross(view, hop, amountIn)
      legs.push(leg)
      held.set(hop.tokenOut, (held.get(hop.tokenOut) ?? 0n) + (leg?.amountOut ?? 0n))
    }
  }
  return joined(legs, false)
}

/** Flows with one entry a pool, the smallest first at each token; `undefined` if one runs both ways. */
function mergeFlows(flows: readonly SizedHop[]): readonly SizedHop[] | undefined {
  const byPool = new Map<string, SizedHop>()
  for (const flow of flows) {
    if (flow.size === 0n) continue
    const other = byPool.get(flow.pool)
    if (other !== undefined && other.tokenIn !== flow.tokenIn) return undefined
    byPool.set(flow.pool, { ...flow, size: flow.size + (other?.size ?? 0n) })
  }
  return [...byPool.values()].sort((a, b) => (a.size < b.size ? -1 : a.size > b.size ? 1 : 0))
}

/** Tokens that pay, each after all that bring it; `undefined` for a circle. */
function tokenOrder(flows: readonly SizedHop[]): readonly string[] | undefined {
  const waiting = new Set(flows.map(({ tokenIn }) => tokenIn))
  const order: string[] = []
  while (waiting.size > 0) {
    const ready = [...waiting].filter(
      (token) => !flows.some((flow) => flow.tokenOut === token && waiting.has(flow.tokenIn)),
    )
    if (ready.length === 0) return undefined
    for (const token of ready) waiting.delete(token)
    order.push(...ready)
  }
  return order
}

function joined(legs: readonly (Leg | undefined)[], credit: boolean): Route | string {
  const known = legs.filter((leg) => leg !== undefined)
  if (known.length < legs.length) return 'a leg cannot be filled'
  return known.length === 0 ? 'has no legs' : { legs: known, credit }
}

/** The exact leg; `undefined` for an unknown pool or one that does not take all of `amountIn`. */
function cross(view: MarketView, hop: Hop, amountIn: bigint): Leg | undefined {
  const state: PoolState | undefined = view.pools.get(hop.pool)
  if (state === undefined || amountIn <= 0n) return undefined
  const indexIn = state.tokens.indexOf(hop.tokenIn)
  const indexOut = state.tokens.indexOf(hop.tokenOut)
  if (indexIn < 0 || indexOut < 0 || indexIn === indexOut) return undefined
  const done = moduleOf(state).swapExactIn(state, { indexIn, indexOut, amountIn })
  if (done.amountIn !== amountIn) return undefined
  const { kind } = state
  return { ...hop, kind, indexIn, indexOut, amountIn, amountOut: done.amountOut }
}
