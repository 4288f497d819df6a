/** Checks a bundle without trusting or repeating the search that made it. */
import type { Address } from '../core/hex.ts'
import { divDown, divUp, mulDivDown, mulDivUp } from '../core/rounding.ts'
import { type PoolState, moduleOf } from '../pools/index.ts'
import { type Bundle, bundleDigest } from './digest.ts'
import { evaluateRoute } from './evaluate.ts'
import { exactPrice, poolBound, slackBits, valueBits } from './exactBound.ts'
import { type BoundEdge, sumOfEdges } from './exactSum.ts'
import { gapBps } from './gap.ts'
import { legGas, settlementGas } from './gas.ts'
import { canonicalToken } from './native.ts'
import { isLive, isRouted, kindsOf, type RoutedState, type SmoothState } from './routed.ts'
import { smoothBound } from './smoothBound.ts'

/** What the check saw; the bound is the checker's own. */
export type Verification =
  | { readonly valid: true; readonly bound: bigint; readonly gapBps: number }
  | { readonly valid: false; readonly reason: Fault }

/** Why a bundle is not believed: the first of these, in this order. */
export type Fault =
  | 'digest-differs'
  | 'request-differs'
  | 'gas-terms-differ'
  | 'route-does-not-run'
  | 'amounts-differ'
  | 'prices-not-in-numeraire'
  | 'bound-too-low'
  | 'bound-too-high'
  | 'gap-differs'

/** A wei-rate of gas in the counted token. */
type Terms = { readonly gasPrice: bigint; readonly priceWei: bigint }

/**
 * Recomputes what `bundle` claims from its raw pool states: the digest, every leg, the gas, and the bound at
 * the certificate's prices in exact integers. Pure; some 0.1 s for a market of 1,000 pools.
 *
 * @returns The recomputed bound and gap, or the first thing that is wrong. A claimed bound may lie above the
 *   exact one by what float arithmetic needs (1e-9 of the value moved, and what misplaced borders hide), and
 *   never below it.
 */
export function verifyCertificate(bundle: Bundle): Verification {
  const fail = (reason: Fault): Verification => ({ valid: false, reason })
  const { request, result, view } = bundle
  if (bundleDigest(bundle) !== bundle.digest) return fail('digest-differs')
  const isSameRequest =
    result.request.tokenIn === request.tokenIn &&
    result.request.tokenOut === request.tokenOut &&
    result.request.amountIn === request.amountIn &&
    result.request.amountOut === request.amountOut
  if (!isSameRequest) return fail('request-differs')
  const terms = termsOf(bundle)
  if (terms === undefined) return fail('gas-terms-differ')
  const run = evaluateRoute(view, result.route, request)
  if (run === undefined) return fail('route-does-not-run')
  if (!hasRightAmounts(bundle, run, terms)) return fail('amounts-differ')
  const counted = countedToken(bundle)
  if (result.certificate.prices.get(counted) !== 1) return fail('prices-not-in-numeraire')
  const { bound, slack } = recompute(bundle, terms)
  const isExactIn = request.amountIn !== undefined
  const claimed = result.certificate.bound
  const above = isExactIn ? claimed - bound : bound - claimed
  if (above < 0n) return fail('bound-too-low')
  if (above > slack) return fail('bound-too-high')
  const gap = gapBps(claimed, result.netAmount, grossOf(bundle), isExactIn)
  if (!(Math.abs(gap - result.gapBps) <= 1e-9 * (1 + Math.abs(gap)))) return fail('gap-differs')
  return { valid: true, bound, gapBps: gap }
}

/** The token that amounts net of gas are counted in. */
function countedToken({ view, request }: Bundle): Address {
  return canonicalToken(view, request.amountIn === undefined ? request.tokenIn : request.tokenOut)
}

/** The gas terms that the certificate states, if they are those of the options and the view. */
function termsOf(bundle: Bundle): Terms | undefined {
  const { options, view, result } = bundle
  const wanted = options.gasPrice ?? view.gasPrice ?? 0n
  const counted = countedToken(bundle)
  const own = counted === view.wrappedNative ? 10n ** 18n : view.tokens.get(counted)?.priceWei
  const { gasPrice = 0n, priceWei = 0n } = result.certificate
  if (gasPrice === 0n) {
    // Gas may be left out only where it costs nothing or nobody knows a price.
    return wanted === 0n || own === undefined ? { gasPrice: 0n, priceWei: 1n } : undefined
  }
  if (gasPrice !== wanted || priceWei <= 0n || (own !== undefined && own !== priceWei))
    return undefined
  return { gasPrice, priceWei }
}

function hasRightAmounts(
  { request, result }: Bundle,
  run: { readonly amountIn: bigint; readonly amountOut: bigint },
  terms: Terms,
): boolean {
  const gas = result.route.legs.reduce((sum, { kind }) => sum + legGas(kind), settlementGas)
  const cost = mulDivUp(gas * terms.gasPrice, 10n ** 18n, terms.priceWei)
  const isExactIn = request.amountIn !== undefined
  const net = isExactIn ? run.amountOut - cost : run.amountIn + cost
  const isFilled = isExactIn
    ? run.amountIn === request.amountIn
    : run.amountOut >= (request.amountOut ?? 0n)
  return (
    isFilled &&
    run.amountIn === result.amountIn &&
    run.amountOut === result.amountOut &&
    gas === result.gas &&
    net === result.netAmount
  )
}

function recompute(bundle: Bundle, terms: Terms): { bound: bigint; slack: bigint } {
  const { request, view, options, result } = bundle
  const priceOf = (token: Address) => exactPrice(result.certificate.prices.get(token) ?? 0)
  const kinds = kindsOf(options)
  const edges = [...view.pools.values()]
    .filter(({ kind }) => kinds === undefined || kinds.includes(kind))
    .flatMap((state) => edgeOf(bundle, state, terms, priceOf))
  const tokenIn = canonicalToken(view, request.tokenIn)
  const tokenOut = canonicalToken(view, request.tokenOut)
  const { total, slack: blur } = sumOfEdges(edges, tokenIn, tokenOut)
  const base = mulDivDown(settlementGas * terms.gasPrice, 10n ** 18n, terms.priceWei)
  const unit = 1n << valueBits
  const feed =
    request.amountIn === undefined
      ? request.amountOut * priceOf(tokenOut)
      : request.amountIn * priceOf(tokenIn)
  const slack = divUp(blur + (feed >> slackBits), unit) + 4n
  if (request.amountIn !== undefined) return { bound: roundUp(feed + total) - base, slack }
  return { bound: -roundUp(total - feed) + base, slack }
}

function edgeOf(
  { view }: Bundle,
  state: PoolState,
  terms: Terms,
  priceOf: (token: Address) => bigint,
): readonly BoundEdge[] {
  const tokens = state.tokens.map((token) => canonicalToken(view, token))
  const gas = legGas(state.kind) * terms.gasPrice
  const cost = mulDivDown(gas << valueBits, 10n ** 18n, terms.priceWei)
  const product = isRouted(state) ? state : asPair(state)
  if (product === undefined) return smoothEdge(state, tokens, cost, priceOf)
  const [token0, token1] = tokens
  if (token0 === undefined || token1 === undefined || token0 === token1) return []
  const [price0, price1] = [priceOf(token0), priceOf(token1)]
  const { surplus, takes, slack } = poolBound(product, price0, price1)
  // A fee that is rounded down leaves a unit of the input more than the curve says.
  const [unit0, unit1] = isRouted(state) ? [0n, 0n] : [price0, price1]
  const ways = [
    { from: token0, to: token1, surplus: (takes === 0 ? surplus : 0n) + unit0 },
    { from: token1, to: token0, surplus: (takes === 1 ? surplus : 0n) + unit1 },
  ]
  return [{ cost, slack: slack + 4n * (unit0 + unit1), ways }]
}

/** A volatile Solidly pool as the constant product that it is; `undefined` for the other kinds. */
function asPair(state: SmoothState): RoutedState | undefined {
  if (state.kind !== 'solidly' || state.stable) return undefined
  const { id, tokens, reserves, feePips } = state
  return { kind: 'uniswapV2', id, tokens, reserves, feePips }
}

/** A smooth pool: every ordered pair of its tokens that a plan may cross. */
function smoothEdge(
  state: PoolState,
  tokens: readonly Address[],
  cost: bigint,
  priceOf: (token: Address) => bigint,
): readonly BoundEdge[] {
  const curve = moduleOf(state).curve(state)
  if (isRouted(state) || curve?.shape !== 'smooth') return []
  const ways = tokens.flatMap((from, indexIn) =>
    tokens.flatMap((to, indexOut) => {
      if (from === to || !isLive(state, curve, indexIn, indexOut)) return []
      const prices = { priceIn: priceOf(from), priceOut: priceOf(to) }
      const surplus = smoothBound({ state, curve, indexIn, indexOut, ...prices })
      return [{ from, to, surplus }]
    }),
  )
  const slack = ways.reduce((sum, { surplus }) => sum + (surplus >> slackBits), 0n)
  return ways.length === 0 ? [] : [{ cost, slack, ways }]
}

/** A value in whole base units, away from the plan: up. */
function roundUp(value: bigint): bigint {
  const unit = 1n << valueBits
  return value >= 0n ? divUp(value, unit) : -divDown(-value, unit)
}

function grossOf({ request, result, view }: Bundle): number {
  if (request.amountIn !== undefined) return Number(result.amountOut)
  const price = result.certificate.prices.get(canonicalToken(view, request.tokenOut)) ?? 0
  return Number(request.amountOut) * price
}
