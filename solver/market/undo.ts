/** The way back: what the last blocks changed, so that a reorg takes exactly that out again. */
import { withEntries } from './layeredMap.ts'
import type { MarketView } from './view.ts'

/** Blocks that can be taken back: two epochs, after which the chain counts as final. */
export const undoBlocks = 64

/** A view before a block, with only those pools that the block changed. */
export type UndoStep = Omit<MarketView, 'pools'> & {
  readonly changed: ReadonlyMap<PoolEntry[0], PoolEntry[1] | undefined>
}

type PoolEntry =
  MarketView['pools'] extends ReadonlyMap<infer id, infer state> ? [id, state] : never

/** Steps back, newest last. A value: functions here return the next one. */
export type UndoLog = readonly UndoStep[]

/** What leads from `after` back to `before`, which differ in the pools named by `ids`. */
export function undoStep(before: MarketView, ids: Iterable<PoolEntry[0]>): UndoStep {
  const { pools, ...rest } = before
  return { ...rest, changed: new Map([...ids].map((id) => [id, pools.get(id)])) }
}

/** `log` with one more step; the oldest falls out beyond {@link undoBlocks}. */
export function remember(log: UndoLog, step: UndoStep): UndoLog {
  return [...log.slice(-(undoBlocks - 1)), step]
}

/**
 * The view `depth` blocks ago and the log that remains, or `undefined` when the log does not reach so far.
 *
 * @param depth - At least 1.
 */
export function undo(
  view: MarketView,
  log: UndoLog,
  depth: number,
): { readonly view: MarketView; readonly log: UndoLog } | undefined {
  const steps = log.slice(-depth).toReversed()
  const last = steps.at(-1)
  if (last === undefined || steps.length < depth) return undefined
  const changes = new Map<PoolEntry[0], PoolEntry[1] | null>()
  for (const { changed } of steps) for (const [id, state] of changed) changes.set(id, state ?? null)
  const { changed: _, ...rest } = last
  return { view: { ...rest, pools: withEntries(view.pools, changes) }, log: log.slice(0, -depth) }
}
