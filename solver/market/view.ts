/** The market at one block, and the guard that it is fresh. */
import type { BlockRef } from '../chain/block.ts'
import { BaseError } from '../core/errors.ts'
import type { Address } from '../core/hex.ts'
import type { Token } from '../core/token.ts'
import type { PoolState } from '../pools/index.ts'
import type { PoolId } from '../pools/pool.ts'

/** The whole market at one block: an immutable value, safe to keep while newer blocks arrive. */
export type MarketView = {
  readonly chainId: number
  /** Absent when the market was gathered pool by pool and belongs to no single block. */
  readonly block?: BlockRef | undefined
  readonly tokens: ReadonlyMap<Address, Token>
  readonly pools: ReadonlyMap<PoolId, PoolState>
  /** Wei per gas unit expected for the next block; absent when unknown. */
  readonly gasPrice?: bigint | undefined
  /** The ERC-20 that wraps the native currency one to one; absent when the chain is unknown. */
  readonly wrappedNative?: Address | undefined
}

/**
 * Returns `view` if it is fresh enough to trade on.
 *
 * @param view - The newest view.
 * @param now - Unix seconds, from the caller's clock.
 * @param maxAgeSeconds - Oldest acceptable head, in seconds.
 * @throws {StaleMarketError} `market.stale`, retryable; also for a view that belongs to no block.
 */
export function requireFresh(view: MarketView, now: bigint, maxAgeSeconds: bigint): MarketView {
  const ageSeconds = view.block === undefined ? undefined : now - view.block.timestamp
  if (ageSeconds !== undefined && ageSeconds <= maxAgeSeconds) return view
  throw new StaleMarketError({ block: view.block, ageSeconds, maxAgeSeconds })
}

/** The chain connection fell behind: quoting now would promise prices that are gone. */
export class StaleMarketError extends BaseError {
  override readonly code = 'market.stale'

  constructor({ block, ageSeconds, maxAgeSeconds }: StaleMarketError.Facts) {
    const age = ageSeconds === undefined ? 'of unknown age' : `${ageSeconds} s old`
    super(`The market is ${age}; trading on it needs it at most ${maxAgeSeconds} s old.`, {
      facts: { blockNumber: block?.number, blockHash: block?.hash },
      hint: 'Retry, or run `isoprice doctor` to see whether the node is syncing.',
      retryable: true,
    })
  }
}

export declare namespace StaleMarketError {
  type Facts = {
    block: BlockRef | undefined
    ageSeconds: bigint | undefined
    maxAgeSeconds: bigint
  }
}
