/** `isoprice quote`: the best plan for one request over a market snapshot, with its certificate. */
import { writeFile } from 'node:fs/promises'
import { formatAmount, parseInteger, toJson } from '../core/units.ts'
import type { MarketView } from '../market/view.ts'
import { bpsAbove } from '../measure/report.ts'
import { amountText, drawRouteText } from '../measure/routeText.ts'
import { createBundle, formatBundle } from '../route/bundle.ts'
import { findQuote } from '../route/quote.ts'
import type { Quote, QuoteRequest } from '../route/route.ts'
import type { CliCommand } from './command.ts'
import { InputFileError, NoLiquidityError } from './errors.ts'
import { exitCodes, type Io } from './io.ts'
import { type Crossed, crossedOf, crossedText } from './leftOut.ts'
import {
  loadView,
  type MarketOptions,
  quoteOptions,
  tokenAddress,
  withMarketOptions,
} from './marketOption.ts'
import { toQuoteRecord } from './quoteRecord.ts'

type Options = MarketOptions & {
  readonly sell: string
  readonly buy: string
  readonly amount: string
  readonly exactOut?: boolean
  readonly bundle?: string
}

/** Registers `quote`. */
export const quote: CliCommand = {
  register(program, run) {
    withMarketOptions(
      program
        .command('quote')
        .description(
          'find the best plan for one trade over a market snapshot, and prove how good it is',
        ),
    )
      .requiredOption('--sell <token>', 'address or symbol')
      .requiredOption('--buy <token>', 'address or symbol')
      .requiredOption(
        '--amount <integer>',
        'base units of the sell token (with --exact-out: of the buy token)',
      )
      .option('--exact-out', 'fix what is bought instead of what is sold')
      .option('--bundle <file>', 'also write the replayable bundle of the quote')
      .action(run((io, options: Options) => quoteOne(io, options)))
  },
}

async function quoteOne(io: Io, options: Options): Promise<number> {
  const choices = quoteOptions(options)
  const amount = parseInteger(options.amount, 'amount')
  const view = await loadView(options)
  const request = requestOf(view, options, amount)
  const startedAt = process.cpuUsage()
  const found = findQuote(view, request, choices)
  const { user, system } = process.cpuUsage(startedAt)
  const crossed = crossedOf(view, choices)
  if (found === undefined)
    throw new NoLiquidityError(
      { sell: options.sell, buy: options.buy, amount: options.amount },
      crossedText(crossed),
    )
  const bundle = createBundle(view, found, choices)
  if (options.bundle !== undefined) await writeText(options.bundle, formatBundle(bundle))
  const cpuMs = (user + system) / 1_000
  if (options.json === true)
    io.print(toJson({ ...toQuoteRecord(found, bundle.digest, cpuMs), market: crossed }))
  else
    for (const line of describe(found, { view, crossed, options, digest: bundle.digest }))
      io.print(line)
  return exitCodes.ok
}

/** At which gas price the plan was compared, or why at none. */
function gasText({ certificate }: Quote, view: MarketView, { gas, gasPrice }: Options): string {
  const charged = certificate.gasPrice
  if (charged !== undefined) return `net of gas at ${formatAmount(charged, 9)} gwei`
  if (!gas || gasPrice === '0') return 'gas left out'
  const isPriced = gasPrice !== undefined || (view.gasPrice ?? 0n) > 0n
  return `gas left out: ${isPriced ? 'the market does not say what the token is worth in gas' : 'the market has no gas price'}`
}

/** @throws {InputFileError} `cli.input-file`. */
async function writeText(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text)
  } catch (cause) {
    throw new InputFileError(path, 'it cannot be written', cause)
  }
}

/** The request that `--sell`, `--buy` and the amount say. */
export function requestOf(
  view: MarketView,
  { sell, buy, exactOut }: { sell: string; buy: string; exactOut?: boolean },
  amount: bigint,
): QuoteRequest {
  const tokens = { tokenIn: tokenAddress(view, sell), tokenOut: tokenAddress(view, buy) }
  return exactOut === true ? { ...tokens, amountOut: amount } : { ...tokens, amountIn: amount }
}

type Shown = {
  readonly view: MarketView
  readonly crossed: Crossed
  readonly options: Options
  readonly digest: string
}

function describe(found: Quote, { view, crossed, options, digest }: Shown): string[] {
  const { request, amountIn, amountOut, bestSinglePool: single } = found
  const isExactOut = request.amountIn === undefined
  const text = (amount: bigint, token: QuoteRequest['tokenIn']) => amountText(amount, token, view)
  const savings = (other: NonNullable<typeof single>) =>
    isExactOut ? bpsAbove(other.amountIn, amountIn) : bpsAbove(amountOut, other.amountOut)
  const singleText = (other: NonNullable<typeof single>) =>
    isExactOut ? text(other.amountIn, request.tokenIn) : text(other.amountOut, request.tokenOut)
  return [
    ...drawRouteText(found.route, view),
    '',
    `in ${text(amountIn, request.tokenIn)}  out ${text(amountOut, request.tokenOut)}  gas ${found.gas}`,
    single === undefined
      ? 'no single pool joins the two tokens'
      : `best single pool ${singleText(single)}  ->  ${savings(single).toFixed(2)} bps better by the plan`,
    crossedText(crossed),
    `proven: the best plan over these pools is at most ${found.gapBps.toFixed(4)} bps better, ${gasText(found, view, options)}`,
    `bundle ${digest}`,
  ]
}
