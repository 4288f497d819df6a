/** Small routing problems, made from a seed. */
import type { Address } from '../../solver/core/hex.ts'
import { createRng } from '../../solver/core/rng.ts'
import type { Token } from '../../solver/core/token.ts'
import type { MarketView } from '../../solver/market/view.ts'
import type { PoolState } from '../../solver/pools/index.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import type { DualProblem } from '../../solver/route/dual.ts'
import { type Graph, graphOf } from '../../solver/route/graph.ts'
import type { QuoteRequest } from '../../solver/route/route.ts'
import { aPair, randomTickPool } from './pools.ts'
import { type Universe, aRequest, createUniverse } from './universe.ts'

/** A market of 2 to `most` pools with a request; every other one has loops that gain something. */
export function aCase(seed: number, most = 24): { universe: Universe; request: QuoteRequest } {
  const rng = createRng(seed)
  const universe = createUniverse({
    seed,
    pools: rng.int(2, most),
    tokens: rng.int(2, Math.max(2, Math.min(7, Math.floor(most / 2)))),
    v4Share: 0.3,
    disorder: rng.next() < 0.5 ? 0.9 : 6,
  })
  return { universe, request: aRequest(universe, rng, 1e-4, 0.1) }
}

/** Pools of any size at any price, gaps and ranges included, with a request of any amount: nothing is sane. */
export function anExtremeCase(seed: number): { view: MarketView; request: QuoteRequest } {
  const rng = createRng(seed)
  const count = rng.int(2, 4)
  const address = (number: number): Address => `0x${number.toString(16).padStart(40, '0')}`
  const tokens = Array.from({ length: count }, (_, index): Token => {
    const token = { address: address(10 + index), symbol: 'T', decimals: 18 }
    return rng.next() < 0.5 ? token : { ...token, priceWei: rng.logUniform(1n, 10n ** 40n) }
  })
  const pools = Array.from({ length: rng.int(1, 8) }, (_, index): PoolState => {
    const low = rng.int(0, count - 2)
    const ends = [address(10 + low), address(10 + rng.int(low + 1, count - 1))]
    const over = { id: toPoolId(address(1_000 + index)), tokens: ends }
    const reserve = () => rng.logUniform(1n, 2n ** 112n - 1n)
    return rng.next() < 0.5
      ? { ...randomTickPool(100 * seed + index), ...over }
      : aPair([reserve(), reserve()], over)
  })
  const amount = rng.logUniform(1n, 2n ** 128n - 1n)
  const ends = { tokenIn: address(10), tokenOut: address(11) }
  return {
    view: {
      chainId: 1,
      tokens: new Map(tokens.map((token) => [token.address, token])),
      pools: new Map(pools.map((pool) => [pool.id, pool])),
      wrappedNative: address(10),
    },
    request: rng.next() < 0.5 ? { ...ends, amountIn: amount } : { ...ends, amountOut: amount },
  }
}

/** The dual of `request`, or `undefined` when no pools join its tokens. */
export function problemOf(
  universe: Universe,
  request: QuoteRequest,
): { graph: Graph; problem: DualProblem; start: Float64Array } | undefined {
  const graph = graphOf(universe.view)
  const from = graph.nodeOf.get(request.tokenIn)
  const to = graph.nodeOf.get(request.tokenOut)
  if (from === undefined || to === undefined) return undefined
  const network = graph.network(from)
  if ((network.placeOf[to] ?? -1) < 0) return undefined
  const problem =
    request.amountIn === undefined
      ? { network, ground: from, source: to, size: -Number(request.amountOut) }
      : { network, ground: to, source: from, size: Number(request.amountIn) }
  return { graph, problem, start: graph.survey.price }
}

/** The runs that a property gets: at most `most`, fewer while writing (`FC_NUM_RUNS`). */
export function runs(most: number): { numRuns: number } {
  return { numRuns: Math.min(most, Number(process.env['FC_NUM_RUNS'] ?? most)) }
}
