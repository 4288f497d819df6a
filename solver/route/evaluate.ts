/** What a route really does on a view: every leg re-run in exact integers, whoever proposed it. */
import type { Address } from '../core/hex.ts'
import type { MarketView } from '../market/view.ts'
import { type PoolState, moduleOf } from '../pools/index.ts'
import { canonicalToken } from './native.ts'
import type { Leg, Route } from './route.ts'

/** The exact result of a route. */
export type Evaluation = {
  /** Base units that the route takes of its token in and brings of its token out, net of its loops. */
  readonly amountIn: bigint
  readonly amountOut: bigint
  /** What is left of the other tokens; never below 0. */
  readonly leftovers: ReadonlyMap<Address, bigint>
}

/**
 * Runs `route` on `view`. Pure.
 *
 * @param ends - The two tokens; absent means the token that the route is short of and the one that its last
 *   leg brings.
 * @returns The result, or `undefined` when the route does not run as it says: an unknown pool, a pool crossed
 *   twice, a leg that takes or pays other than claimed, a token left in debt, or debt on the way without credit.
 */
export function evaluateRoute(
  view: MarketView,
  route: Route,
  ends?: { readonly tokenIn: Address; readonly tokenOut: Address },
): Evaluation | undefined {
  const last = route.legs.at(-1)
  if (last === undefined) return undefined
  const held = new Map<Address, bigint>()
  const overdrawn = new Set<Address>()
  const crossed = new Set<string>()
  for (const leg of route.legs) {
    const state = view.pools.get(leg.pool)
    if (state === undefined || crossed.has(leg.pool) || !runsAsClaimed(state, leg)) return undefined
    crossed.add(leg.pool)
    const from = canonicalToken(view, leg.tokenIn)
    const to = canonicalToken(view, leg.tokenOut)
    const rest = (held.get(from) ?? 0n) - leg.amountIn
    held.set(from, rest)
    if (rest < 0n) overdrawn.add(from)
    held.set(to, (held.get(to) ?? 0n) + leg.amountOut)
  }
  const short = [...held].filter(([, amount]) => amount < 0n).map(([token]) => token)
  const tokenIn = ends === undefined ? short[0] : canonicalToken(view, ends.tokenIn)
  const tokenOut = canonicalToken(view, ends?.tokenOut ?? last.tokenOut)
  if (tokenIn === undefined || short.some((token) => token !== tokenIn)) return undefined
  if (!route.credit && [...overdrawn].some((token) => token !== tokenIn)) return undefined
  const amountIn = -(held.get(tokenIn) ?? 0n)
  const amountOut = held.get(tokenOut) ?? 0n
  held.delete(tokenIn)
  held.delete(tokenOut)
  return { amountIn, amountOut, leftovers: held }
}

/** True when the pool takes all of the leg's input and pays what the leg says. */
function runsAsClaimed(state: PoolState, leg: Leg): boolean {
  const { indexIn, indexOut, amountIn } = leg
  const isNamedRight =
    state.kind === leg.kind &&
    state.tokens[indexIn] === leg.tokenIn &&
    state.tokens[indexOut] === leg.tokenOut
  if (!isNamedRight || indexIn === indexOut || amountIn <= 0n) return false
  const done = moduleOf(state).swapExactIn(state, { indexIn, indexOut, amountIn })
  return done.amountIn === amountIn && done.amountOut === leg.amountOut
}
