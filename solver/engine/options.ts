/** What an engine is made of, apart from what it does: the nouns that its files share. */
import type { ChainClient } from '../chain/client.ts'
import type { Checkpointer } from '../market/checkpoint.ts'
import type { Market } from '../market/market.ts'
import type { SettledIntent } from '../measure/report.ts'
import type { Bundle } from '../route/bundle.ts'
import type { PoolRef, SnapshotOptions } from '../pools/pool.ts'
import type { Quote } from '../route/route.ts'
import type { SettleWith } from './settleSolution.ts'

/** Time as an argument: Unix seconds. */
export type Clock = { now(): bigint }

/** Whoever keeps up with the market: told of each event, reading and start anew after the market took it. */
export type MarketListener = Partial<Pick<Checkpointer, 'applied' | 'added' | 'restarted'>>

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
  /** How far pools are read around their price; all of them when absent. */
  readonly reading?: SnapshotOptions | undefined
  /** For a market that was resumed: the head of that moment, and pools to read when it is reached. */
  readonly catchUp?: { readonly to: bigint; readonly unread: readonly PoolRef[] } | undefined
  readonly listeners?: readonly MarketListener[] | undefined
  readonly onSettled?: ((settled: SettledIntent) => void) | undefined
  readonly onEvent?: ((line: string) => void) | undefined
}

/** A plan with its replayable bundle. */
export type FirmQuote = { readonly quote: Quote; readonly bundle: Bundle }
