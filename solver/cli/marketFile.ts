/** Market files as commands write them, and the pools that such a file lists. */
import { formatSnapshot, parseSnapshot } from '../market/codec.ts'
import { priceTokens } from '../market/prices.ts'
import { toSnapshot } from '../market/snapshot.ts'
import { saveSnapshot } from '../market/snapshotFile.ts'
import type { MarketView } from '../market/view.ts'
import { moduleOf } from '../pools/index.ts'
import type { PoolRef } from '../pools/pool.ts'

/**
 * Writes `view` to `path` as `isoprice-market/1`, gzipped when the name ends in `.gz`.
 *
 * @throws {SnapshotInvalidError} `market.snapshot-invalid`, when it would not load again: nothing is written.
 * @throws {SnapshotFileError} `market.snapshot-file`, when the file cannot be written.
 */
export async function writeMarket(path: string, view: MarketView): Promise<void> {
  const snapshot = toSnapshot(view, { source: { writtenBy: 'isoprice' } })
  parseSnapshot(formatSnapshot(snapshot))
  await saveSnapshot(path, snapshot)
}

/** What is needed to read the pools of `view` again. */
export function poolRefsOf(view: MarketView): PoolRef[] {
  return [...view.pools.values()].map((state) => moduleOf(state).refOf(state))
}

/** `view` with a reference price of its own pools for each token that it has none for. */
export function withPrices(view: MarketView): MarketView {
  const priced = priceTokens(view)
  const tokens = [...view.tokens].map(([address, token]) => {
    return [address, token.priceWei === undefined ? (priced.get(address) ?? token) : token] as const
  })
  return { ...view, tokens: new Map(tokens) }
}
