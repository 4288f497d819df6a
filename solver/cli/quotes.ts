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
import { errorRecord, exitCodes, type Io } from './io.ts'
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
      .addHelpText('after', '\nA request that fails gives a line with `error`; the others go on.')
      .action(run((io, options: Options) => quoteAll(io, options)))
  },
}

async function quoteAll(io: Io, options: Options): Promise<number> {
  const choices = quoteOptions(options)
  const view = await loadView(options)
  const lines = await readLines(options.trades)
  for (const [index, line] of lines.entries()) {
    if (io.signal.aborted) break
    io.print(toJson(answer(view, line, choices)))
    if ((index + 1) % progressEvery === 0) io.say(`${index + 1} of ${lines.length} requests`)
  }
  return exitCodes.ok
}

/** One request answered: a quote record, or the request's names with `error`. */
function answer(view: MarketView, line: string, choices: QuoteOptions): object {
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
    if (quote === undefined) throw new NoLiquidityError({ amount: trade.amount })
    const { digest } = createBundle(view, quote, choices)
    return { id: trade.id, ...toQuoteRecord(quote, digest, (user + system) / 1_000) }
  } catch (error) {
    return { ...named, error: errorRecord(error) }
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
function parseTrade(line: string): Trade {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (cause) {
    throw new InputFileError('--trades', 'a line is not JSON', cause)
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
      '--trades',
      'a line needs kind, sellToken, buyToken and amount as text',
    )
  const trade = { kind, sellToken, buyToken, amount } as Trade
  return typeof id === 'string' ? { ...trade, id } : trade
}

function addressOf(view: MarketView, text: string) {
  return isAddressText(text) ? toAddress(text) : findToken(view, text).address
}

/** @throws {InputFileError} `cli.input-file`. */
async function readLines(path: string): Promise<string[]> {
  try {
    const text = await readFile(path, 'utf8')
    return text.split('\n').filter((line) => line.trim() !== '')
  } catch (cause) {
    throw new InputFileError(path, 'it cannot be read', cause)
  }
}
