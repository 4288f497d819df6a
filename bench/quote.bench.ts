/**
 * CPU of one gas-free cold optimum over 1,000 synthetic V2 and V3 pools, beside L-BFGS on the same kernel; and
 * of one exact V3 quote beside the Uniswap SDK. `npm run bench:quote [-- --json]`.
 */
import { createRng } from '../solver/core/rng.ts'
import { type DualProblem, minimise } from '../solver/route/dual.ts'
import { type Graph, graphOf } from '../solver/route/graph.ts'
import type { QuoteRequest } from '../solver/route/route.ts'
import { findQuote } from '../solver/route/quote.ts'
import { aRequest, createUniverse } from '../test/helpers/universe.ts'
import { minimiseByLbfgs } from './lbfgs.ts'

/** Figures of one run. Milliseconds, the least of a few runs; gaps as shares of the optimum. */
export type OptimumBench = {
  readonly pools: number
  readonly tokens: number
  readonly requests: number
  readonly newtonMs: { readonly p50: number; readonly p99: number }
  readonly newtonSteps: { readonly p50: number; readonly p99: number }
  readonly lbfgsMs: { readonly p50: number; readonly p99: number }
  /** Requests on which L-BFGS came within `gap` of our optimum before it gave up. */
  readonly lbfgsReached: number
  readonly gap: number
  /** Median time of L-BFGS over median time of ours, on the requests where L-BFGS arrived. */
  readonly ratio: number
  /** Whole quotes: search, exact plan, certificate. */
  readonly quoteMs: { readonly p50: number; readonly p99: number }
  readonly quoteGapBps: { readonly p50: number; readonly p99: number }
}

const size = { seed: 7, pools: 1_000, tokens: 150 } as const
const requestCount = 40
/** 0.001 bps: what both methods are run to. */
const gap = 1e-7

/** Runs the comparison: each request is solved once to warm up and then timed, ours and theirs alike. */
export function benchOptimum(): OptimumBench {
  const universe = createUniverse(size)
  const graph = graphOf(universe.view)
  const rng = createRng(3)
  const requests = Array.from({ length: 4 * requestCount }, () => aRequest(universe, rng))
    // What the pools cannot fill has no optimum to reach.
    .filter((request) => findQuote(universe.view, request, { gasPrice: 0n }) !== undefined)
    .slice(0, requestCount)
  const rows = requests.map((request) => timed(graph, request))
  return {
    pools: size.pools,
    tokens: size.tokens,
    requests: rows.length,
    newtonMs: spread(rows.map(({ newtonMs }) => newtonMs)),
    newtonSteps: spread(rows.map(({ steps }) => steps)),
    lbfgsMs: spread(rows.map(({ lbfgsMs }) => lbfgsMs)),
    lbfgsReached: rows.filter(({ reached }) => reached).length,
    gap,
    ratio: ratioOf(rows.filter(({ reached }) => reached)),
    quoteMs: spread(rows.map(({ quoteMs }) => quoteMs)),
    quoteGapBps: spread(rows.map(({ gapBps }) => gapBps)),
  }
}

function ratioOf(rows: readonly { readonly newtonMs: number; readonly lbfgsMs: number }[]): number {
  return spread(rows.map((row) => row.lbfgsMs)).p50 / spread(rows.map((row) => row.newtonMs)).p50
}

function timed(graph: Graph, request: QuoteRequest) {
  const problem = problemOf(graph, request)
  const start = graph.survey.price
  const best = minimise(graph.kernel, problem, start)
  const goal = best.value + gap * Math.abs(best.value)
  const ours = least(() => minimise(graph.kernel, { ...problem, precision: gap / 10 }, start))
  const theirs = least(() => minimiseByLbfgs(graph.kernel, problem, start, goal), 1)
  const quote = least(() => findQuote(graph.view, request, { gasPrice: 0n }))
  return {
    newtonMs: ours.ms,
    steps: ours.result.steps,
    lbfgsMs: theirs.ms,
    reached: theirs.result.reached && ours.result.value <= goal,
    quoteMs: quote.ms,
    gapBps: quote.result?.gapBps ?? Infinity,
  }
}

function problemOf(graph: Graph, request: QuoteRequest): DualProblem {
  const from = graph.nodeOf.get(request.tokenIn) ?? 0
  const to = graph.nodeOf.get(request.tokenOut) ?? 0
  const network = graph.network(from)
  return request.amountIn === undefined
    ? { network, ground: from, source: to, size: -Number(request.amountOut) }
    : { network, ground: to, source: from, size: Number(request.amountIn) }
}

/** The least of some timings after a first run: what the work costs when nothing else interrupts it. */
function least<result>(work: () => result, turns = 5): { ms: number; result: result } {
  let ms = Infinity
  let result = work()
  for (let turn = 0; turn < turns; turn++) {
    const before = performance.now()
    result = work()
    ms = Math.min(ms, performance.now() - before)
  }
  return { ms, result }
}

function spread(values: readonly number[]): { p50: number; p99: number } {
  const sorted = [...values].sort((a, b) => a - b)
  const pick = (part: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN
  return { p50: pick(0.5), p99: pick(0.99) }
}

if (import.meta.main) {
  const optimum = benchOptimum()
  const { benchExactQuote } = await import('./quoteExact.bench.ts')
  const exactQuote = await benchExactQuote()
  if (process.argv.includes('--json')) {
    console.log(JSON.stringify({ optimum, exactQuote }))
  } else {
    const { newtonMs, lbfgsMs, newtonSteps, quoteMs, quoteGapBps } = optimum
    const ms = (each: { p50: number; p99: number }) =>
      `p50 ${each.p50.toFixed(3)} ms  p99 ${each.p99.toFixed(3)} ms`
    console.log(
      `gas-free cold optimum, ${optimum.pools} pools, ${optimum.tokens} tokens, ${optimum.requests} requests`,
    )
    console.log(`  ours    ${ms(newtonMs)}  (${newtonSteps.p50} steps, p99 ${newtonSteps.p99})`)
    console.log(
      `  L-BFGS  ${ms(lbfgsMs)}  to a gap of ${gap}: ${optimum.lbfgsReached} of ${optimum.requests} reached`,
    )
    console.log(`  ratio   ${optimum.ratio.toFixed(1)}x`)
    console.log(
      `whole quote ${ms(quoteMs)}, certified gap p50 ${quoteGapBps.p50.toFixed(5)} bps  p99 ${quoteGapBps.p99.toFixed(5)} bps`,
    )
    console.log(`exact V3 quote: ${exactQuote.ratio.toFixed(1)}x the speed of @uniswap/v3-sdk`)
  }
}
