/** What the routers' answers on one market at one gas price come to. */
import { max } from '../../solver/core/rounding.ts'
import { findQuote } from '../../solver/route/quote.ts'
import { type GasTerms, noGas } from '../../solver/route/gas.ts'
import { type RouterName, routers } from './adapters/index.ts'
import { type Judged, judge } from './judge.ts'
import type { Report } from './plan.ts'
import type { BenchRequest, BenchUniverse } from './universes.ts'

/** One router's answers on one market, as they came in. */
export type RouterRun = {
  readonly name: RouterName
  readonly answers: (Report & { readonly type: 'answer' })[]
  pools: number | undefined
  rssBytes: number | undefined
  isFit: boolean
  /** Why its process ended early. */
  fault?: string
}

/** Median, mean and 99th percentile. */
export type Spread = { readonly p50: number; readonly mean: number; readonly p99: number }

/** One router on one market at one gas price. Gaps are to our certified bound. */
export type Row = {
  readonly router: RouterName
  readonly pools: number
  /** Requests with a plan that runs, among those that our router fills. */
  readonly filled: number
  /** Requests without a plan, and with one that does not run, by reason. */
  readonly failures: Readonly<Record<string, number>>
  readonly gapBps: Spread | undefined
  /** The same in ETH, over the requests whose token out has a price. */
  readonly gapEth: Spread | undefined
  /** The gap over the requests that every router of the market fills: nobody skips a hard one. */
  readonly commonGapBps: Spread | undefined
  /** How far its own claims are from what its plans bring, before gas, in 1/100 %: median of the sizes. */
  readonly claimOffBps: number | undefined
  readonly cpuMs: Spread | undefined
  readonly rssMb: number | undefined
  /** Requests on which our router nets more, exactly the same, or less than this one; unfilled is less. */
  readonly ours: { readonly better: number; readonly equal: number; readonly worse: number }
  /** Where it beats ours by most, in 1/100 %. */
  readonly worst?: { readonly request: string; readonly bps: number } | undefined
  /** One point a filled request: share of depth, gap in 1/100 %. */
  readonly points: readonly (readonly [number, number])[]
}

/** All routers on one market at one gas price. */
export type Result = {
  readonly universe: string
  readonly pools: number
  readonly gasPriceGwei: number
  readonly requests: number
  /** Requests that our router fills; the others are left out for all. */
  readonly fillable: number
  /** Ours against the best of the others, request by request. */
  readonly best: {
    readonly better: number
    readonly equal: number
    readonly worse: number
    /** Worse by more than 0.01 of 1/100 %. */
    readonly worseBy001: number
    readonly worst?:
      { readonly request: string; readonly router: RouterName; readonly bps: number } | undefined
  }
  /** Requests that some other router fills and ours does not. */
  readonly missed: readonly string[]
  readonly rows: readonly Row[]
}

/** A fair net result of one request: our bound, and what each router really brings. */
type Case = {
  readonly request: BenchRequest
  readonly bound: bigint | undefined
  /** What gaps are shares of: the bound, or what our plan brings before gas where gas eats most of it. */
  readonly whole: bigint
  /** Wei for 10^18 base units of the token out; 0 where it has no price. */
  readonly priceWei: bigint
  readonly judged: ReadonlyMap<RouterName, Judged>
  /** Base units before gas that each router says its plan brings. */
  readonly claims: ReadonlyMap<RouterName, bigint>
}

/** Judges all answers of `runs` at `gasPrice`. */
export function compare(
  universe: BenchUniverse,
  runs: readonly RouterRun[],
  gasPrice: bigint,
): Result {
  const fit = runs.filter(({ isFit }) => isFit)
  const cases = universe.requests.map((request) => caseOf(universe, fit, request, gasPrice))
  const filled = cases.filter(({ bound }) => bound !== undefined)
  const common = filled.filter(({ judged }) =>
    [...judged].every(([name, each]) => each.runs || isUseless(filled, name)),
  )
  return {
    universe: universe.name,
    pools: universe.pools.length,
    gasPriceGwei: Number(gasPrice) / 1e9,
    requests: cases.length,
    fillable: filled.length,
    best: againstBest(filled),
    missed: cases
      .filter(({ bound, judged }) => bound === undefined && othersOf(judged).length > 0)
      .map(({ request }) => request.id),
    rows: fit.map((run) => rowOf(run, filled, common, gasPrice)),
  }
}

function caseOf(
  { view }: BenchUniverse,
  runs: readonly RouterRun[],
  request: BenchRequest,
  gasPrice: bigint,
): Case {
  const { tokenIn, tokenOut, amountIn } = request
  const quote = findQuote(view, { tokenIn, tokenOut, amountIn }, { gasPrice })
  const { priceWei } = quote?.certificate ?? {}
  const terms: GasTerms = priceWei === undefined ? noGas : { gasPrice, priceWei }
  const claims = new Map<RouterName, bigint>()
  const judged = runs.map(({ name, answers, fault }): [RouterName, Judged] => {
    const answer = answers.find(
      (each) => each.request === request.id && each.gasPrice === String(gasPrice),
    )
    if (answer?.claim !== undefined) claims.set(name, BigInt(answer.claim))
    if (answer === undefined) return [name, { runs: false, why: fault ?? 'gave no answer' }]
    if (answer.plan !== undefined) return [name, judge(view, request, answer.plan, terms)]
    return [name, { runs: false, why: whyNot(answer.error) }]
  })
  const bound = quote?.certificate.bound
  const listed = view.tokens.get(tokenOut)?.priceWei ?? 0n
  const whole = max(bound ?? 0n, quote?.amountOut ?? 1n)
  return { request, bound, whole, priceWei: priceWei ?? listed, judged: new Map(judged), claims }
}

/** The beginning of what a router threw: enough to tell one reason from another. */
function whyNot(error: string | undefined): string {
  if (error === undefined) return 'finds no route'
  const [line = ''] = error.split('\n')
  return `throws "${line.slice(0, 40).trim()}"`
}

/** True for a router that fills nothing at all on this market. */
function isUseless(cases: readonly Case[], name: RouterName): boolean {
  return cases.every(({ judged }) => judged.get(name)?.runs !== true)
}

function rowOf(
  run: RouterRun,
  cases: readonly Case[],
  common: readonly Case[],
  gasPrice: bigint,
): Row {
  const { name } = run
  const failures: Record<string, number> = {}
  for (const { judged } of cases) {
    const each = judged.get(name)
    if (each !== undefined && !each.runs) failures[each.why] = (failures[each.why] ?? 0) + 1
  }
  const points = cases.flatMap((each): (readonly [number, number])[] => {
    const gap = gapOf(each, name)
    return gap === undefined ? [] : [[each.request.depthShare, gap]]
  })
  const ids = new Set(cases.map(({ request }) => request.id))
  const cpu = run.answers.filter(
    (answer) => answer.gasPrice === String(gasPrice) && ids.has(answer.request),
  )
  const leads = cases.map((each) => leadOf(each, name))
  const worst = least(leads.map((bps, index) => ({ request: cases[index]?.request.id ?? '', bps })))
  return {
    router: name,
    pools: run.pools ?? 0,
    filled: points.length,
    failures,
    gapBps: spreadOf(points.map(([, gap]) => gap)),
    gapEth: spreadOf(cases.flatMap((each) => gapEthOf(each, name) ?? [])),
    commonGapBps: spreadOf(common.flatMap((each) => gapOf(each, name) ?? [])),
    claimOffBps: spreadOf(cases.flatMap((each) => claimOffOf(each, name) ?? []))?.p50,
    cpuMs: spreadOf(cpu.map(({ cpuMs }) => cpuMs)),
    rssMb: run.rssBytes === undefined ? undefined : Math.round(run.rssBytes / 1e6),
    ours: {
      better: leads.filter((lead) => lead > 0).length,
      equal: leads.filter((lead) => lead === 0).length,
      worse: leads.filter((lead) => lead < 0).length,
    },
    ...(worst !== undefined && worst.bps < 0 ? { worst } : {}),
    points,
  }
}

/** Ours against whichever other router nets the most. */
function againstBest(cases: readonly Case[]): Result['best'] {
  const leads = cases.map((each) => {
    const others = othersOf(each.judged)
    const rivals = others.map((router) => ({ router, bps: leadOf(each, router) }))
    const closest = least(rivals)
    const alone = each.judged.get('isoprice')?.runs === true ? Infinity : 0
    return { request: each.request.id, router: closest?.router, bps: closest?.bps ?? alone }
  })
  const worst = least(leads)
  const router = worst?.router
  return {
    better: leads.filter(({ bps }) => bps > 0).length,
    equal: leads.filter(({ bps }) => bps === 0).length,
    worse: leads.filter(({ bps }) => bps < 0).length,
    worseBy001: leads.filter(({ bps }) => bps < -0.01).length,
    ...(worst !== undefined && router !== undefined && worst.bps < 0
      ? { worst: { request: worst.request, router, bps: worst.bps } }
      : {}),
  }
}

function othersOf(judged: ReadonlyMap<RouterName, Judged>): readonly RouterName[] {
  return [...judged].flatMap(([name, each]) => (each.runs && !routers[name].isOurs ? [name] : []))
}

/** What our plan nets more than the other's, in 1/100 %; Infinity where the other has none, 0 where none has. */
function leadOf({ whole, judged }: Case, other: RouterName): number {
  const ours = judged.get('isoprice')
  const theirs = judged.get(other)
  if (ours?.runs !== true) return theirs?.runs === true ? -Infinity : 0
  if (theirs?.runs !== true) return Infinity
  return bpsOf(ours.net - theirs.net, whole)
}

function gapOf({ bound, whole, judged }: Case, name: RouterName): number | undefined {
  const each = judged.get(name)
  return bound === undefined || each?.runs !== true ? undefined : bpsOf(bound - each.net, whole)
}

function gapEthOf({ bound, priceWei, judged }: Case, name: RouterName): number | undefined {
  const each = judged.get(name)
  if (bound === undefined || priceWei === 0n || each?.runs !== true) return undefined
  return (Number(bound - each.net) * Number(priceWei)) / 1e36
}

function claimOffOf({ judged, claims }: Case, name: RouterName): number | undefined {
  const each = judged.get(name)
  const claim = claims.get(name)
  if (each?.runs !== true || claim === undefined) return undefined
  return Math.abs(bpsOf(claim - each.amountOut, each.amountOut))
}

/** `part` in 1/100 % of `whole`. */
function bpsOf(part: bigint, whole: bigint): number {
  return (Number(part) / Number(whole)) * 1e4
}

function least<row extends { readonly bps: number }>(rows: readonly row[]): row | undefined {
  return rows.reduce<row | undefined>(
    (found, row) => (found === undefined || row.bps < found.bps ? row : found),
    undefined,
  )
}

function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined
  const sorted = [...values].sort((a, b) => a - b)
  const pick = (part: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length
  return { p50: pick(0.5), mean, p99: pick(0.99) }
}
