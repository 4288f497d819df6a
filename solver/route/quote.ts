/** The public verb of this room: the best way through a market view. */
import type { Address } from '../core/hex.ts'
import { limits } from '../core/limits.ts'
import { divDown, mulDivDown } from '../core/rounding.ts'
import type { MarketView } from '../market/view.ts'
import { at, indexAt, itemAt } from './arrays.ts'
import { boundAt } from './certificate.ts'
import type { Search } from './columns.ts'
import { type DualPoint, minimise } from './dual.ts'
import type { Plan, Trade } from './finalize.ts'
import { gapBps } from './gap.ts'
import { type GasTerms, gasCost, gasRate, noGas, settlementGas } from './gas.ts'
import { type Graph, graphOf } from './graph.ts'
import { priceImpactBps } from './impact.ts'
import { canonicalToken } from './native.ts'
import { bestSinglePool, plansWithGas, plansWithoutGas } from './plans.ts'
import { kindsOf } from './routed.ts'
import { requireOptions, requireRequest } from './request.ts'
import type { Quote, QuoteOptions, QuoteRequest } from './route.ts'

/**
 * Finds the best way to trade over every pool in `view`, with the proof of how good it is.
 *
 * The split is searched in floating point, where the problem is convex, and then priced in integers along the
 * chosen legs: the amounts are exactly what the pools take and pay at the view's block. The first call on a
 * view lays it out; later calls reuse that.
 *
 * Pure: the same view, request and options give the same quote, byte for byte, in whatever order the view
 * lists its pools.
 *
 * @param view - Market at one block. Not checked for age; see `requireFresh`.
 * @param request - Exactly one amount, in base units, from 1 to 2^128 - 1. The native currency (zero address)
 *   and the view's wrapped native token are one token.
 * @param options - Absent gas price means the view's own; gas is left out when neither is known, or when
 *   neither the counted token nor a way to the native currency has a price.
 * @returns The best quote found, net of gas, or `undefined` when the pools do not join the tokens or cannot
 *   fill the amount. Never below the best single pool, net of gas. `amountOut` of an exact-out quote may be
 *   above the request by what rounding brings.
 * @throws {SameTokenError} `route.same-token`, when both tokens are one.
 * @throws {AmountOutOfRangeError} `route.amount-out-of-range`, unless exactly one amount is in range.
 * @throws {UnknownTokenError} `route.unknown-token`, when the view lists no such token.
 * @throws {BadOptionError} `route.bad-option`, for options outside their range.
 *
 * @example
 * const quote = findQuote(view, { tokenIn: weth, tokenOut: usdc, amountIn: 10n ** 18n })
 * quote?.amountOut // 2_413_870_512n, six decimals: 2413.870512 USDC
 *
 * @see Diamandis, Resnick, Chitra, Angeris, "An Efficient Algorithm for Optimal Routing Through Constant
 *   Function Market Makers", https://arxiv.org/abs/2302.04938
 */
export function findQuote(
  view: MarketView,
  request: QuoteRequest,
  options: QuoteOptions = {},
): Quote | undefined {
  requireRequest(view, request)
  requireOptions(options)
  const graph = graphOf(view, kindsOf(options))
  const trade = tradeOf(graph, request)
  if (trade === undefined) return undefined
  const { executable = false } = options
  const network = graph.network(trade.source)
  const free = createSearch(graph, trade, noGas, legsMaxOf(options, false))
  const problem = { network, ground: free.ground, source: free.fed, size: free.size }
  const start = startPrices(graph, free.ground)
  // Where gas decides the pools, the gas-free optimum is only a first guess and need not be exact.
  const precision = (options.gasPrice ?? view.gasPrice ?? 0n) > 0n ? 1e-7 : undefined
  const guess = minimise(graph.kernel, { ...problem, precision }, start)
  const terms = gasTerms(graph, request, options, guess)
  const isFree = terms.gasPrice === 0n
  const optimum =
    isFree && precision !== undefined ? minimise(graph.kernel, problem, guess.price) : guess
  const search = createSearch(graph, trade, terms, legsMaxOf(options, !isFree))
  const find = isFree ? plansWithoutGas : plansWithGas
  const { plans, prices } = find(search, trade, network, optimum, executable)
  const single = bestSinglePool(search, trade)
  const all = single === undefined ? plans : [...plans, single]
  const best = bestOf(
    all.filter(({ route }) => route.legs.length <= search.legsMax),
    trade,
    terms,
  )
  return best && describe(search, trade, request, terms, { best, single, prices })
}

/** The request as nodes of the graph; `undefined` when no pools join them. */
function tradeOf(graph: Graph, request: QuoteRequest): Trade | undefined {
  const source = graph.nodeOf.get(request.tokenIn)
  const target = graph.nodeOf.get(request.tokenOut)
  const { component } = graph.survey
  if (source === undefined || target === undefined) return undefined
  if (indexAt(component, source) !== indexAt(component, target)) return undefined
  return request.amountIn === undefined
    ? { source, target, amountOut: request.amountOut }
    : { source, target, amountIn: request.amountIn }
}

function legsMaxOf({ maxLegs, executable }: QuoteOptions, hasGas: boolean): number {
  const own = hasGas || executable === true ? limits.legs : Infinity
  return Math.min(maxLegs ?? own, own)
}

function createSearch(graph: Graph, trade: Trade, terms: GasTerms, legsMax: number): Search {
  const { source, target } = trade
  const isExactIn = trade.amountIn !== undefined
  return {
    graph,
    source,
    target,
    ground: isExactIn ? target : source,
    fed: isExactIn ? source : target,
    size: isExactIn ? sizeOf(trade.amountIn) : -sizeOf(trade.amountOut),
    cost: costs(graph, terms),
    legsMax,
  }
}

function sizeOf(amount: bigint): number {
  return Number(amount)
}

function costs({ gasSize }: Graph, terms: GasTerms): Float64Array {
  const rate = gasRate(terms)
  return gasSize.map((gas) => gas * rate)
}

/** The survey's prices in units of the ground; 0 for tokens that no pools join to it. */
function startPrices({ survey }: Graph, ground: number): Float64Array {
  const own = indexAt(survey.component, ground)
  const unit = at(survey.price, ground)
  return survey.price.map((price, node) =>
    indexAt(survey.component, node) === own ? price / unit : 0,
  )
}

/** What gas costs in the counted token: by its own price, else by the optimum's price of the native currency. */
function gasTerms(
  { view, nodeOf }: Graph,
  request: QuoteRequest,
  options: QuoteOptions,
  optimum: DualPoint,
): GasTerms {
  const gasPrice = options.gasPrice ?? view.gasPrice ?? 0n
  const counted = request.amountIn === undefined ? request.tokenIn : request.tokenOut
  const token = canonicalToken(view, counted)
  if (token === view.wrappedNative) return { gasPrice, priceWei: 10n ** 18n }
  const listed = view.tokens.get(token)?.priceWei
  if (listed !== undefined && listed > 0n) return { gasPrice, priceWei: listed }
  const native = view.wrappedNative === undefined ? undefined : nodeOf.get(view.wrappedNative)
  const price = native === undefined ? 0 : at(optimum.price, native)
  const priceWei = price > 0 ? BigInt(Math.round(weiPrice(price))) : 0n
  return priceWei > 0n ? { gasPrice, priceWei } : noGas
}

/** Wei for 10^18 base units of a token in which one wei costs `price` base units. */
function weiPrice(price: number): number {
  return Math.min(1e18 / price, 1e60)
}

function netOf(plan: Plan, trade: Trade, terms: GasTerms): bigint {
  const cost = gasCost(terms, plan.gas)
  return trade.amountIn === undefined ? -(plan.amountIn + cost) : plan.amountOut - cost
}

function bestOf(plans: readonly Plan[], trade: Trade, terms: GasTerms): Plan | undefined {
  let best: Plan | undefined
  for (const plan of plans) {
    // With gas the class of plans, and so the certificate, is of those that hold a way from end to end.
    if (terms.gasPrice > 0n && plan.amountIn <= 0n) continue
    if (best === undefined || netOf(plan, trade, terms) > netOf(best, trade, terms)) best = plan
  }
  return best
}

function describe(
  search: Search,
  trade: Trade,
  request: QuoteRequest,
  terms: GasTerms,
  found: { best: Plan; single: Plan | undefined; prices: readonly Float64Array[] },
): Quote {
  const { best, single, prices } = found
  const { view, tokens } = search.graph
  const isExactIn = trade.amountIn !== undefined
  const proof = tightest(search, prices)
  const base = mulDivDown(settlementGas * terms.gasPrice, 10n ** 18n, terms.priceWei)
  const bound = isExactIn ? ceilOf(proof.bound) - base : floorOf(-proof.bound) + base
  const net = netOf(best, trade, terms)
  const netAmount = isExactIn ? net : -net
  const known = [...tokens.entries()].filter(([node]) => at(proof.price, node) > 0)
  const { amountIn, amountOut } = best
  return {
    ...(view.block === undefined ? {} : { block: view.block }),
    request,
    route: best.route,
    amountIn,
    amountOut,
    gas: best.gas,
    netAmount,
    certificate: {
      prices: new Map(
        known.map(([node, token]): [Address, number] => [token, at(proof.price, node)]),
      ),
      bound,
      ...(terms.gasPrice === 0n ? {} : { gasPrice: terms.gasPrice, priceWei: terms.priceWei }),
    },
    gapBps: gapBps(
      bound,
      netAmount,
      isExactIn ? sizeOf(amountOut) : worth(search, proof.price),
      isExactIn,
    ),
    priceImpactBps: priceImpactBps(search, best, proof.price),
    ...(single === undefined ? {} : { bestSinglePool: singleOf(single) }),
  }
}

function singleOf({ route, amountIn, amountOut }: Plan) {
  return { pool: itemAt(route.legs, 0).pool, amountIn, amountOut }
}

/** The lowest bound over the prices that the search saw. */
function tightest(search: Search, prices: readonly Float64Array[]) {
  let best = { price: itemAt(prices, 0), bound: Infinity }
  for (const price of prices) {
    const bound = boundAt(search, price)
    if (bound < best.bound) best = { price, bound }
  }
  return best
}

/** Value of the fixed amount at `price`: what an exact-out trade is measured against. */
function worth({ fed, size }: Search, price: Float64Array): number {
  return Math.abs(size) * at(price, fed)
}

function ceilOf(value: number): bigint {
  return Number.isFinite(value) ? BigInt(Math.ceil(value)) : divDown(limits.amountMax, 1n)
}

function floorOf(value: number): bigint {
  return Number.isFinite(value) ? BigInt(Math.floor(value)) : 0n
}
