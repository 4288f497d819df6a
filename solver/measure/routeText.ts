/** A route as a tree for a terminal: the same DAG as the picture in the report. */
import { type Address, zeroAddress } from '../core/hex.ts'
import { shownSymbol, type Token } from '../core/token.ts'
import { formatAmount } from '../core/units.ts'
import type { PoolState } from '../pools/index.ts'
import type { PoolId } from '../pools/pool.ts'
import type { Leg, Route } from '../route/route.ts'

/** What the drawings need to know of tokens and pools. */
export type RouteNames = {
  readonly tokens: ReadonlyMap<Address, Token>
  readonly pools: ReadonlyMap<PoolId, PoolState>
  /** The ERC-20 that wraps the native currency; a plan wraps and unwraps it freely on the way. */
  readonly wrappedNative?: Address | undefined
}

/** The one name of a token in a drawing: the native currency and its wrapped form are one node. */
export function nodeOf(token: Address, { wrappedNative }: RouteNames): Address {
  return token === zeroAddress ? (wrappedNative ?? token) : token
}

/**
 * The lines of a route: one heading for each token that legs take, in execution order, and under it its
 * legs with their share of that token, venue, fee and amounts.
 */
export function drawRouteText(route: Route, names: RouteNames): readonly string[] {
  const tokensIn = [...new Set(route.legs.map(({ tokenIn }) => nodeOf(tokenIn, names)))]
  return tokensIn.flatMap((token) => {
    const legs = route.legs.filter(({ tokenIn }) => nodeOf(tokenIn, names) === token)
    const total = legs.reduce((sum, { amountIn }) => sum + amountIn, 0n)
    const lines = legs.map((leg, index) => {
      const branch = index === legs.length - 1 ? '└─' : '├─'
      return `  ${branch} ${sharePercent(leg, total).padStart(6)} % ${legText(leg, names)}`
    })
    return [amountText(total, token, names), ...lines]
  })
}

/** `amount` with the token's symbol, for example `1,000 WETH`. */
export function amountText(amount: bigint, token: Address, { tokens }: RouteNames): string {
  const { decimals, symbol } = tokens.get(token) ?? { decimals: 0, symbol: shortName(token) }
  return `${formatAmount(amount, decimals)} ${shownSymbol(symbol)}`
}

/** Venue, fee and short name of a leg's pool, for example `uniswapV3 0.05 % 0x88e6…5640`. */
export function venueText(leg: Leg, { pools }: RouteNames): string {
  const state = pools.get(leg.pool)
  const feePips = state !== undefined && 'feePips' in state ? state.feePips : undefined
  const fee = feePips === undefined ? '' : ` ${feePips / 10_000} %`
  return `${leg.kind}${fee} ${shortName(leg.pool)}`
}

function legText(leg: Leg, names: RouteNames): string {
  return `${venueText(leg, names)}  →  ${amountText(leg.amountOut, leg.tokenOut, names)}`
}

function sharePercent(leg: Leg, total: bigint): string {
  return total === 0n ? '0' : (Number((leg.amountIn * 100_000n) / total) / 1_000).toFixed(2)
}

function shortName(id: string): string {
  return `${id.slice(0, 6)}…${id.slice(-4)}`
}
