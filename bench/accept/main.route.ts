/**
 * `main.route`: the recorded market with its 200 requests, gas-free and at 10 gwei, over its V2 and V3 pools; what all
 * 842 pools give is printed beside it.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { toAddress } from '../../solver/core/hex.ts'
import { loadSnapshot } from '../../solver/market/snapshotFile.ts'
import type { MarketView } from '../../solver/market/view.ts'
import { evaluateRoute } from '../../solver/route/evaluate.ts'
import { gasCost, legGas, settlementGas } from '../../solver/route/gas.ts'
import { findQuote } from '../../solver/route/quote.ts'
import type { Quote, QuoteRequest } from '../../solver/route/route.ts'
import { type AcceptCheck, sharedData } from './check.ts'

/** A request of `trades-a.jsonl`. */
export type RecordedTrade = {
  readonly id: string
  readonly request: QuoteRequest
  /** ETH at the market's own prices. */
  readonly valueEth: number
}

/** What one pass over the requests saw; gaps of the quoted ones. */
export type RoutePass = {
  readonly quoted: number
  /** Requests without a quote: their tokens are not joined by pools of built kinds, or cannot be filled. */
  readonly infeasible: readonly string[]
  readonly gapBps: { readonly p50: number; readonly p99: number }
  readonly gapEth: { readonly p50: number; readonly p99: number }
  /** Requests of at least 10 ETH. */
  readonly largeGapBps: { readonly p50: number; readonly p99: number }
  readonly cpuMs: { readonly p50: number; readonly p99: number }
  readonly legs: { readonly p50: number; readonly p99: number }
  /** Quotes below the best single pool, re-run plans that differ, results beyond their bound: all must be 0. */
  readonly belowSingle: number
  readonly mismatches: number
  readonly beyondBound: number
}

/** The recorded requests. */
export function readTrades(path: string): RecordedTrade[] {
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  return lines.map((line) => {
    // The file's form is fixed by its README: every field is a text.
    const trade = JSON.parse(line) as Record<string, string>
    const { id = '', kind, sellToken = '', buyToken = '', amount = '0', valueWei = '0' } = trade
    const tokens = { tokenIn: toAddress(sellToken), tokenOut: toAddress(buyToken) }
    const size = BigInt(amount)
    const request =
      kind === 'exactIn' ? { ...tokens, amountIn: size } : { ...tokens, amountOut: size }
    return { id, request, valueEth: Number(valueWei) / 1e18 }
  })
}

const ticksAndPairs = ['uniswapV2', 'uniswapV3', 'uniswapV4']

/** Quotes every trade at `gasPrice` over pools of `kinds` (absent: all) and re-runs each plan. */
export function runPass(
  view: MarketView,
  trades: readonly RecordedTrade[],
  gasPrice: bigint,
  kinds?: readonly string[],
): RoutePass {
  const infeasible: string[] = []
  const rows: ReturnType<typeof judge>[] = []
  for (const trade of trades) {
    const before = process.cpuUsage()
    const quote = findQuote(view, trade.request, { gasPrice, kinds })
    const { user, system } = process.cpuUsage(before)
    if (quote === undefined) infeasible.push(trade.id)
    else rows.push(judge(view, trade, quote, (user + system) / 1_000))
  }
  const large = rows.filter(({ valueEth }) => valueEth >= 10)
  return {
    quoted: rows.length,
    infeasible,
    gapBps: spread(rows.map(({ gapBps }) => gapBps)),
    gapEth: spread(rows.map(({ gapEth }) => gapEth)),
    largeGapBps: spread(large.map(({ gapBps }) => gapBps)),
    cpuMs: spread(rows.map(({ cpuMs }) => cpuMs)),
    legs: spread(rows.map(({ legs }) => legs)),
    belowSingle: rows.filter(({ isBelowSingle }) => isBelowSingle).length,
    mismatches: rows.filter(({ isMismatch }) => isMismatch).length,
    beyondBound: rows.filter(({ gapEth }) => gapEth < 0).length,
  }
}

function judge(
  view: MarketView,
  { request, valueEth }: RecordedTrade,
  quote: Quote,
  cpuMs: number,
) {
  const isExactIn = request.amountIn !== undefined
  const run = evaluateRoute(view, quote.route, request)
  const counted = view.tokens.get(isExactIn ? request.tokenOut : request.tokenIn)?.priceWei ?? 0n
  const { bound } = quote.certificate
  const gap = isExactIn ? bound - quote.netAmount : quote.netAmount - bound
  return {
    valueEth,
    cpuMs,
    gapBps: quote.gapBps,
    gapEth: (Number(gap) * Number(counted)) / 1e36,
    legs: quote.route.legs.length,
    isBelowSingle: isBelowSingle(view, quote, isExactIn),
    isMismatch: run?.amountIn !== quote.amountIn || run.amountOut !== quote.amountOut,
  }
}

/** Net of gas: the single pool is charged the gas of one leg of its kind, as the quote is for its own. */
function isBelowSingle(view: MarketView, quote: Quote, isExactIn: boolean): boolean {
  const { bestSinglePool: single, certificate } = quote
  if (single === undefined) return false
  const { gasPrice = 0n, priceWei = 1n } = certificate
  const gas = settlementGas + legGas(view.pools.get(single.pool)?.kind ?? '')
  const cost = gasCost({ gasPrice, priceWei }, gas)
  return isExactIn
    ? quote.netAmount < single.amountOut - cost
    : quote.netAmount > single.amountIn + cost
}

const check: AcceptCheck = {
  id: 'main.route',
  threshold:
    'gas-free gap p50 <= 0.5 and p99 <= 10 bps; at 10 gwei p50 <= 0.0025 ETH, from 10 ETH <= 0.5 bps; never below one pool',
  needsSharedData: true,
  async run(say) {
    const folder = join(sharedData, 'market-snapshots')
    const { view } = await loadSnapshot(join(folder, 'mainnet-2023-09-a.json.gz'))
    const trades = readTrades(join(folder, 'trades-a.jsonl'))
    const free = runPass(view, trades, 0n, ticksAndPairs)
    say(`gas-free ${summary(free)}`)
    const paid = runPass(view, trades, 10n ** 10n, ticksAndPairs)
    say(`10 gwei ${summary(paid)}`)
    const all = [runPass(view, trades, 0n), runPass(view, trades, 10n ** 10n)] as const
    for (const [at, pass] of all.entries())
      say(`all kinds, ${at === 0 ? 'gas-free' : '10 gwei'}: ${summary(pass)}`)
    const faults = [free, paid, ...all].reduce(
      (sum, { belowSingle, mismatches, beyondBound }) =>
        sum + belowSingle + mismatches + beyondBound,
      0,
    )
    const ok =
      faults === 0 &&
      free.gapBps.p50 <= 0.5 &&
      free.gapBps.p99 <= 10 &&
      paid.gapEth.p50 <= 0.0025 &&
      paid.largeGapBps.p50 <= 0.5
    return {
      ok,
      figure:
        `gas-free ${free.gapBps.p50.toFixed(3)} / ${free.gapBps.p99.toFixed(2)} bps; ` +
        `10 gwei ${paid.gapEth.p50.toFixed(5)} ETH, from 10 ETH ${paid.largeGapBps.p50.toFixed(3)} bps; ` +
        `${free.quoted} and ${paid.quoted} of ${trades.length} quoted, ${faults} faults`,
    }
  },
}

export default check

function summary({
  quoted,
  infeasible,
  gapBps,
  gapEth,
  largeGapBps,
  cpuMs,
  legs,
}: RoutePass): string {
  return [
    `${quoted} quoted`,
    `${infeasible.length} infeasible (${infeasible.join(' ')})`,
    `gap ${gapBps.p50.toFixed(3)} / ${gapBps.p99.toFixed(2)} bps`,
    `${gapEth.p50.toFixed(6)} / ${gapEth.p99.toFixed(5)} ETH`,
    `from 10 ETH ${largeGapBps.p50.toFixed(4)} / ${largeGapBps.p99.toFixed(3)} bps`,
    `cpu ${cpuMs.p50.toFixed(1)} / ${cpuMs.p99.toFixed(0)} ms`,
    `legs ${legs.p50} / ${legs.p99}`,
  ].join(', ')
}

function spread(values: readonly number[]): { p50: number; p99: number } {
  const sorted = [...values].sort((a, b) => a - b)
  const pick = (part: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN
  return { p50: pick(0.5), p99: pick(0.99) }
}
