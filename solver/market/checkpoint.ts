/**
 * Checkpoints: the market at a final block, saved every few blocks, so that a restart goes on from there.
 *
 * What is saved is never the head: changes wait in a shadow, block by block, until their block is final, and leave
 * again with a reorg. Only pools that changed since the checkpoint before are written.
 */
import type { BlockRef } from '../chain/block.ts'
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
  /**
   * Blocks of checkpoints that `pools` hold all changes since: the last one saved, and those tried after it, whose
   * failure may have come after the commit. Absent when `pools` are all there are and replace any other.
   */
  readonly since?: readonly BlockRef[] | undefined
}

/** Where checkpoints go: `marketRows.ts` is one. */
export type CheckpointRows = {
  /** Saves in one transaction. */
  save(changes: CheckpointChanges): Promise<void>
}

/** Failed saves in a row that are remembered: a day of them at one each five minutes. */
const triedMax = 288

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
  const { market, isResumed } = options
  let shadow = startShadow(market.view(), isResumed)
  const saver = createSaver(options, (pools) => {
    shadow &&= putBack(shadow, pools)
  })

  const save = (final: bigint): void => {
    // A market that was read at a block has nothing older.
    if (shadow === undefined || final < shadow[0].head.block.number || !saver.isDue(final)) return
    const taken = takeFinal(shadow, final)
    shadow = taken.shadow
    saver.save(taken.shadow[0].head, taken.pools)
  }

  return {
    applied(event, change) {
      if (event.kind === 'finalize') return save(event.block.number)
      const head = headOf(market.view())
      if (shadow === undefined || head === undefined) return
      // A reorg restores what was there before; what it could not is wanted, and the next block says so.
      shadow =
        event.kind === 'block'
          ? noteBlock(shadow, head, knownAfter(market.view(), change))
          : noteReorg(shadow, event.depth)
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
      saver.restart()
    },
    distrust(refs) {
      const unread = refs.map((ref): [PoolId, KnownPool] => [ref.id, { kind: 'unread', ref }])
      shadow &&= noteDoubt(shadow, new Map(unread))
    },
    savedBlock: saver.savedBlock,
    idle: saver.idle,
  }
}

/** Saves one checkpoint at a time. `giveBack` takes the pools of a save that failed. */
function createSaver(
  { market, rows, everyBlocks, isResumed, onFailure = () => undefined }: CheckpointerOptions,
  giveBack: (pools: ReadonlyMap<PoolId, KnownPool>) => void,
) {
  const startBlock = isResumed ? market.view().block : undefined
  /** What may be in the rows now; absent when the next checkpoint is whole. */
  let since = startBlock && [startBlock]
  let lastTried = startBlock?.number
  /** Counts the readings anew of the market. */
  let generation = 0
  let saved: bigint | undefined
  let saving: Promise<void> | undefined

  const failed = ({ head, pools, since: before }: CheckpointChanges): void => {
    giveBack(pools)
    since = before && [...before.slice(0, 1), ...before.slice(1).slice(-triedMax), head.block]
  }
  return {
    isDue: (final: bigint): boolean =>
      saving === undefined && (lastTried === undefined || final >= lastTried + BigInt(everyBlocks)),
    save(head: MarketHead, pools: ReadonlyMap<PoolId, KnownPool>): void {
      const changes = { head, pools, since }
      const made = generation
      since = [head.block]
      lastTried = head.block.number
      saving = rows
        .save(changes)
        .then(
          () => void (saved = head.block.number),
          (error: unknown) => {
            // A market that was read anew meanwhile is saved whole: what failed counts no more.
            if (made === generation) failed(changes)
            onFailure(error)
          },
        )
        .finally(() => void (saving = undefined))
    },
    restart(): void {
      since = undefined
      lastTried = undefined
      generation += 1
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

/** The pools of a block that are news, and those to read: until somebody has, a restart must know of them too. */
function knownAfter(view: MarketView, { touched, wanted }: MarketChange): Map<PoolId, KnownPool> {
  const missing = wanted.filter(({ id }) => !view.pools.has(id))
  return new Map([
    ...missing.map((ref): [PoolId, KnownPool] => [ref.id, { kind: 'unread', ref }]),
    ...statesOf(view, touched),
  ])
}

/** The pools of `ids` that the view holds. */
function statesOf({ pools }: MarketView, ids: Iterable<PoolId>): [PoolId, KnownPool][] {
  return [...ids].flatMap((id): [PoolId, KnownPool][] => {
    const state = pools.get(id)
    return state === undefined ? [] : [[id, { kind: 'state', state }]]
  })
}
