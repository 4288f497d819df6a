/** What an engine is made of, apart from what it does: the nouns that its files share. */
import type { ChainClient } from '../chain/client.ts'
import type { Market } from '../market/market.ts'
import type { SettledIntent } from '../measure/report.ts'
import type { Bundle } from '../route/bundle.ts'
import type { Quote } from '../route/route.ts'
import type { SettleWith } from './settleSolution.ts'

/** Time as an argument: Unix seconds. */
export type Clock = { now(): bigint }

/** What the engine is composed of. */
export type EngineOptions = SettleWith & {
  readonly client: ChainClient
  readonly market: Market
  readonly clock: Clock
  /** Tip that the market's gas price holds on top of the base fee, in wei; 0 when absent. */
  readonly tipWei?: bigint | undefined
  /** Between two looks at the head, in milliseconds; 500 when absent. */
  readonly pollMs?: number | undefined
  /** The consistency watch, called after each block; see `createWatch`. */
  readonly watch?: (() => Promise<unknown>) | undefined
  readonly onSettled?: ((settled: SettledIntent) => void) | undefined
  readonly onEvent?: ((line: string) => void) | undefined
}

/** A plan with its replayable bundle. */
export type FirmQuote = { readonly quote: Quote; readonly bundle: Bundle }
