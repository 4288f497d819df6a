/** `isoprice quotes`: many requests against one loaded market, one JSON object a line. */
import { readFile } from 'node:fs/promises'
import { isAddressText, toAddress } from '../core/hex.ts'
import { parseInteger, toJson } from '../core/units.ts'
import { findToken } from '../market/findToken.ts'
import type { MarketView } from '../market/view.ts'
import { createBundle } from '../route/bundle.ts'
import { findQuote } from '../route/quote.ts'
import type { QuoteOptions } from '../route/route.ts'
import type { CliCommand } from './command.ts'
import { InputFileError, NoLiquidityError } from './errors.ts'
import { errorRecord, exitCodeOf, exitCodes, type Io } from './io.ts'
import { crossedOf, crossedText } from './leftOut.ts'
import { loadView, type MarketOptions, quoteOptions, withMarketOptions } from './marketOption.ts'
import { toQuoteRecord } from './quoteRecord.ts'

type Options = MarketOptions & { readonly trades: string }

/** Lines between two lines of progress. */
const progressEvery = 25

/** Registers `quotes`. */
export const quotes: CliCommand = {
  register(program, run) {
    withMarketOptions(
      program
        .command('quotes')
        .description(
          'quote every request of a JSON-lines file against one market, one object a line',
        ),
    )
      .requiredOption(
        '--trades <file>',
        'requests {id?, kind, sellToken, buyToken, amount}, one a line',
      )
      .addHelpText(
        'after',
        '\nA request that fails gives a line with `error`, its file and line; the others go on.\nExits with 2 when all failed (3 when none had liquidity).',
      )
      .action(run((io, options: Options) => quoteAll(io, options)))
  },
}

async function quoteAll(io: Io, options: Options): Promise<number> {
  const choices = quoteOptions(options)
  const view = await loadView(options)
  const lines = await readLines(options.trades)
  const failures: number[] = []
  let answered = 0
  for (const line of lines) {
    if (io.signal.aborted) break
    const { record, failure } = answer(view, line, choices)
    io.print(toJson(record))
    if (failure !== undefined) failures.push(failure)
    answered += 1
    if (answered % progressEvery === 0) io.say(`${answered} of ${lines.length} requests`)
  }
  if (failures.length > 0) io.say(`${failures.length} of ${answered} requests failed`)
  if (failures.length === 0 || failures.length < answered) return exitCodes.ok
  return failures.every((code) => code === exitCodes.noLiquidity)
    ? exitCodes.noLiquidity
    : exitCodes.usage
}

/** One request as its file has it; `number` counts from 1. */
type Line = { readonly file: string; readonly number: number; readonly text: string }
/** A quote record, or the request's names with `error`, which then has an exit code in `failure` too. */
type Answer = { readonly record: object; readonly failure?: number }

function answer(view: MarketView, line: Line, choices: QuoteOptions): Answer {
  let named: object = {}
  try {
    const trade = parseTrade(line)
    named = { id: trade.id, sell: trade.sellToken, buy: trade.buyToken }
    const amount = parseInteger(trade.amount, 'amount')
    const tokens = {
      tokenIn: addressOf(view, trade.sellToken),
      tokenOut: addressOf(view, trade.buyToken),
    }
    const request =
      trade.kind === 'exactOut' ? { ...tokens, amountOut: amount } : { ...tokens, amountIn: amount }
    const startedAt = process.cpuUsage()
    const quote = findQuote(view, request, choices)
    const { user, system } = process.cpuUsage(startedAt)
    if (quote === undefined)
      throw new NoLiquidityError({ amount: trade.amount }, crossedText(crossedOf(view, choices)))
    const { digest } = createBundle(view, quote, choices)
    const record = toQuoteRecord(quote, digest, (user + system) / 1_000)
    return { record: { id: trade.id, ...record } }
  } catch (error) {
    const { facts, ...rest } = errorRecord(error)
    const place = { file: line.file, line: line.number }
    const record = { ...named, error: { ...rest, facts: { ...place, ...(facts as object) } } }
    return { record, failure: exitCodeOf(error) }
  }
}

type Trade = {
  readonly id?: string
  readonly kind: 'exactIn' | 'exactOut'
  readonly sellToken: string
  readonly buyToken: string
  readonly amount: string
}

/** @throws {InputFileError} `cli.input-file`, when the line is no such request. */
function parseTrade({ file, number, text }: Line): Trade {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new InputFileError(file, `line ${number} is not JSON`, cause)
  }
  const {
    id,
    kind = 'exactIn',
    sellToken,
    buyToken,
    amount,
  } = (value ?? {}) as Record<string, unknown>
  const isText = [sellToken, buyToken, amount].every((each) => typeof each === 'string')
  if (!isText || (kind !== 'exactIn' && kind !== 'exactOut'))
    throw new InputFileError(
      file,
      `line ${number} needs kind (exactIn or exactOut), sellToken, buyToken and amount as text`,
    )
  const trade = { kind, sellToken, buyToken, amount } as Trade
  return typeof id === 'string' ? { ...trade, id } : trade
}

function addressOf(view: MarketView, text: string) {
  return isAddressText(text) ? toAddress(text) : findToken(view, text).address
}

/** @throws {InputFileError} `cli.input-file`. */
async function readLines(path: string): Promise<Line[]> {
  try {
    const text = await readFile(path, 'utf8')
    return text
      .split('\n')
      .map((each, index) => ({ file: path, number: index + 1, text: each }))
      .filter((line) => line.text.trim() !== '')
  } catch (cause) {
    throw new InputFileError(path, 'it cannot be read', cause)
  }
}
