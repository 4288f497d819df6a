/**
 * Checkpoints: the market at a final block, saved every few blocks, so that a restart goes on from there.
 *
 * What is saved is never the head: changes wait in a shadow, block by block, until their block is final, and leave
 * again with a reorg. Only pools that changed since the checkpoint before are written.
 */
import type { ChainEvent } from '../chain/head.ts'
import type { PoolId, PoolRef } from '../pools/pool.ts'
import type { Market, MarketChange, Reading } from './market.ts'
import {
  type KnownPool,
  type MarketHead,
  noteBlock,
  noteDoubt,
  noteNow,
  noteReorg,
  putBack,
  type Shadow,
  takeFinal,
} from './shadow.ts'
import type { MarketView } from './view.ts'

/** What one checkpoint writes, all of it or nothing. */
export type CheckpointChanges = {
  /** Of the final block. */
  readonly head: MarketHead
  readonly pools: ReadonlyMap<PoolId, KnownPool>
  /** True when `pools` are all there are and replace whatever was saved before. */
  readonly isWhole: boolean
}

/** Where checkpoints go: `marketRows.ts` is one. */
export type CheckpointRows = {
  /** Saves in one transaction. */
  save(changes: CheckpointChanges): Promise<void>
}

/** What {@link createCheckpointer} needs. */
export type CheckpointerOptions = {
  /** Only its view is read. */
  readonly market: Pick<Market, 'view'>
  readonly rows: CheckpointRows
  /** Final blocks from one checkpoint to the next, at least 1. */
  readonly everyBlocks: number
  /** True when the market was started from the last checkpoint; false saves it whole the first time. */
  readonly isResumed: boolean
  /** Told of a save that failed. Nothing is lost: the next one tries again with all that it had. */
  readonly onFailure?: ((error: unknown) => void) | undefined
}

/** Keeps checkpoints of a market. It never makes the market wait. */
export type Checkpointer = {
  /** To be called after `market.apply(event)`, with what that returned. */
  applied(event: ChainEvent, change: MarketChange): void
  /** To be called after `market.add`, with what it was given. Pools that are not there are not looked for again. */
  added(reading: Pick<Reading, 'pools' | 'asked'>): void
  /** To be called after `market.restart`: the next checkpoint is whole. */
  restarted(): void
  /** To be called after `market.quarantine`: these states were wrong, nobody knows since when. A restart reads them. */
  distrust(refs: readonly PoolRef[]): void
  /** Block of the last checkpoint that this process saved. */
  savedBlock(): bigint | undefined
  /** Settles when no save is under way. */
  idle(): Promise<void>
}

/**
 * Starts to keep checkpoints of `market`. A view that belongs to no block cannot be saved; nothing is until
 * `restarted` with one that does. None of the functions throws.
 */
export function createCheckpointer(options: CheckpointerOptions): Checkpointer {
  const { market, rows, everyBlocks, isResumed, onFailure = () => undefined } = options
  let shadow = startShadow(market.view(), isResumed)
  let isWhole = !isResumed
  let lastTried = isResumed ? market.view().block?.number : undefined
  let saved: bigint | undefined
  let saving: Promise<void> | undefined

  const failed = (changes: CheckpointChanges, error: unknown): void => {
    // A whole one that is to come replaces what failed.
    if (!isWhole) {
      shadow &&= putBack(shadow, changes.pools)
      isWhole = changes.isWhole
    }
    onFailure(error)
  }

  const save = (final: bigint): void => {
    if (shadow === undefined || saving !== undefined) return
    const isDue = lastTried === undefined || final >= lastTried + BigInt(everyBlocks)
    // The market was read at a block that is not final yet: there is nothing older to save.
    if (!isDue || final < shadow[0].head.block.number) return
    lastTried = final
    const { shadow: rest, pools } = takeFinal(shadow, final)
    const changes = { head: rest[0].head, pools, isWhole }
    shadow = rest
    isWhole = false
    saving = rows
      .save(changes)
      .then(
        () => void (saved = changes.head.block.number),
        (error: unknown) => failed(changes, error),
      )
      .finally(() => void (saving = undefined))
  }

  return {
    applied(event, change) {
      if (event.kind === 'finalize') return save(event.block.number)
      const head = headOf(market.view())
      if (shadow === undefined || head === undefined) return
      const known = knownAfter(market.view(), change)
      // A reorg restores what was there before; only what it could not is news.
      shadow =
        event.kind === 'block'
          ? noteBlock(shadow, head, known)
          : noteNow(noteReorg(shadow, event.depth), head, unreadOf(market.view(), change))
    },
    added({ pools, asked }) {
      const view = market.view()
      const head = headOf(view)
      const answered = new Set(pools.map(({ id }) => id))
      const absent = asked.filter(({ id }) => !answered.has(id) && !view.pools.has(id))
      const gone = absent.map(({ id }): [PoolId, KnownPool] => [id, { kind: 'forgotten' }])
      if (head !== undefined)
        shadow &&= noteNow(shadow, head, new Map([...gone, ...statesOf(view, answered)]))
    },
    restarted() {
      shadow = startShadow(market.view(), false)
      isWhole = true
      lastTried = undefined
    },
    distrust(refs) {
      const unread = refs.map((ref): [PoolId, KnownPool] => [ref.id, { kind: 'unread', ref }])
      shadow &&= noteDoubt(shadow, new Map(unread))
    },
    savedBlock: () => saved,
    idle: async () => saving,
  }
}

/** A resumed market has nothing that is not saved; any other has everything. */
function startShadow(view: MarketView, isResumed: boolean): Shadow | undefined {
  const head = headOf(view)
  if (head === undefined) return undefined
  return [{ head, pools: new Map(isResumed ? [] : statesOf(view, view.pools.keys())) }]
}

function headOf(view: MarketView): MarketHead | undefined {
  const { pools: _, block, ...rest } = view
  return block === undefined ? undefined : { ...rest, block }
}

function knownAfter(view: MarketView, change: MarketChange): Map<PoolId, KnownPool> {
  return new Map([...unreadOf(view, change), ...statesOf(view, change.touched)])
}

/** The pools of `ids` that the view holds. */
function statesOf({ pools }: MarketView, ids: Iterable<PoolId>): [PoolId, KnownPool][] {
  return [...ids].flatMap((id): [PoolId, KnownPool][] => {
    const state = pools.get(id)
    return state === undefined ? [] : [[id, { kind: 'state', state }]]
  })
}

/** Pools to read: until somebody has, a restart must know of them too. */
function unreadOf({ pools }: MarketView, { wanted }: MarketChange): Map<PoolId, KnownPool> {
  const missing = wanted.filter(({ id }) => !pools.has(id))
  return new Map(missing.map((ref) => [ref.id, { kind: 'unread', ref }]))
}
