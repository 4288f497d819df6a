/** Where a command's market comes from: a snapshot file. */
import type { Command } from 'commander'
import { findToken } from '../market/findToken.ts'
import { loadSnapshot } from '../market/snapshotFile.ts'
import type { MarketView } from '../market/view.ts'
import type { QuoteOptions } from '../route/route.ts'
import { UsageError } from './errors.ts'
import { parseNumberOption } from './numberOption.ts'

/** Options that `quote` and `quotes` share. */
export type MarketOptions = {
  readonly market: string
  readonly gasPrice?: string
  readonly gas: boolean
  readonly executable?: boolean
  readonly json?: boolean
}

/** Declares the shared options. */
export function withMarketOptions(command: Command): Command {
  return command
    .requiredOption('--market <file>', 'market snapshot, .json or .json.gz (isoprice-market/1)')
    .option('--gas-price <wei>', "wei per gas unit; the snapshot's own when absent")
    .option('--no-gas', 'leave gas out')
    .option('--executable', 'only plans that the settlement contract can run: no loops on credit')
    .option('--json', 'print JSON')
}

/** The view of the snapshot that was asked for. */
export async function loadView({ market }: MarketOptions): Promise<MarketView> {
  return (await loadSnapshot(market)).view
}

/**
 * The router's options.
 *
 * @throws {UsageError} `cli.usage`, when a gas price is no number, or given and left out at once.
 */
export function quoteOptions({ gasPrice, gas, executable }: MarketOptions): QuoteOptions {
  if (!gas && gasPrice !== undefined)
    throw new UsageError('--gas-price and --no-gas contradict each other.', 'Give one of the two.')
  return {
    ...(gas ? {} : { gasPrice: 0n }),
    ...(gasPrice === undefined ? {} : { gasPrice: parseNumberOption('--gas-price', gasPrice) }),
    ...(executable === true ? { executable } : {}),
  }
}

/** The address of the token that a person named; the native currency stays the zero address. */
export function tokenAddress(view: MarketView, text: string) {
  return findToken(view, text).address
}
