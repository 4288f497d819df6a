/**
 * The market that follows the chain: a view at the newest block, one block at a time.
 *
 * A block's logs change every pool or none: the view after a block is built aside and put in place whole.
 * Views are values. Whoever holds one keeps it, untouched by what comes after.
 */
import type { BlockRef } from '../chain/block.ts'
import type { ChainEvent } from '../chain/head.ts'
import { BaseError } from '../core/errors.ts'
import type { Address, Hex } from '../core/hex.ts'
import { limits } from '../core/limits.ts'
import type { Token } from '../core/token.ts'
import { poolModules, type PoolState } from '../pools/index.ts'
import type { PoolId, PoolRef } from '../pools/pool.ts'
import { type Changes, changesOf, isDrifting, refOf } from './changes.ts'
import { creationLogs, discoverPools } from './discover.ts'
import { withEntries } from './layeredMap.ts'
import { priceTokens } from './prices.ts'
import { createMarks, type TokenHabits } from './traits.ts'
import { remember, undo, type UndoLog, undoBlocks, undoStep } from './undo.ts'
import type { MarketView } from './view.ts'
import { createWaiting, type Quarantined } from './waiting.ts'

/** What one event did. */
export type MarketChange = {
  /** Pools whose state is another one now. */
  readonly touched: readonly PoolId[]
  /**
   * Pools that the market does not hold and should: those that were created, those whose logs did not say enough,
   * those that drift, those that a reorg took out because they were added after its ancestor, and those whose
   * quarantine is over. They stay wanted until they are read at the view's block and given to `add`.
   */
  readonly wanted: readonly PoolRef[]
}

/** Pools as they were read at one block. */
export type Reading = {
  readonly block: BlockRef
  readonly pools: readonly PoolState[]
  readonly tokens: readonly Token[]
  /** What was asked for; whatever of it is not among `pools` is not there and no longer wanted. */
  readonly asked: readonly PoolRef[]
}

/** A market that lives. */
export type Market = {
  /** The newest view. */
  view(): MarketView
  /** Blocks before the view's that the market can go back to, oldest first: whoever follows the chain needs them. */
  past(): readonly BlockRef[]
  /**
   * Takes the next event of the chain.
   *
   * @throws {MarketGapError} `market.gap`, when the event does not stand on the view's block.
   * @throws {MarketReorgError} `market.reorg-too-deep`, when a reorg goes back further than the market remembers.
   */
  apply(event: ChainEvent): MarketChange
  /**
   * Adds pools whose state was read at exactly the view's block. Pools already held stay as they are.
   *
   * @throws {MarketGapError} `market.gap`, when the reading is of another block: read the pools again.
   */
  add(reading: Reading): void
  /**
   * Works the reference prices out anew when they are due, every 25 blocks: apart from `apply`, so that a block is
   * never late for it.
   */
  reprice(): void
  /**
   * Notes what was measured of tokens: from now on the views carry it, those after a reorg or a start anew too. What
   * a token was declared to be stays when it is worse.
   */
  mark(measured: ReadonlyMap<Address, TokenHabits>): void
  /** Takes a pool out whose state differs from the chain's; it is wanted again after a while. False if not held. */
  quarantine(id: PoolId): boolean
  /** Pools that are out because they differed. */
  quarantined(): readonly Quarantined[]
  /** Starts again from a view that was read anew: what came before is forgotten. */
  restart(from: MarketView): void
}

/** Blocks between two refreshes of the reference prices: about five minutes. */
const pricesEveryBlocks = 25n

/** First topics of all logs that change or create a pool of a built kind: what to ask a node for. */
export const marketTopics: readonly Hex[] = [
  ...new Set([
    ...Object.values(poolModules).flatMap((module) => module.topics),
    ...creationLogs().topics,
  ]),
]

/**
 * Starts a market from a view at one block, as the reader gives it.
 *
 * @param tipWei - Added to each block's next base fee, so that `gasPrice` is what a settlement really pays per
 *   gas; the start's own gas price is taken as it is.
 *
 * What its functions throw:
 * @throws {MarketGapError} `market.gap`, retryable: an event does not stand on the view's block.
 * @throws {MarketReorgError} `market.reorg-too-deep`: a reorg goes back further than the market remembers.
 */
export function createMarket(start: MarketView, tipWei = 0n): Market {
  const waiting = createWaiting()
  const marks = createMarks()
  let view = start
  let log: UndoLog = []
  let drifters = driftersOf(start)
  let pricedAt = start.block?.number ?? 0n

  const applyBlock = (event: ChainEvent & { kind: 'block' }): MarketChange => {
    const { block, logs } = event
    if (view.block !== undefined && block.parentHash !== view.block.hash)
      throw new MarketGapError({ view: view.block, event: block })
    const changed = changesOf(view.pools, logs)
    for (const [id, state] of changed) if (state !== null && isDrifting(state)) drifters.add(id)
    for (const id of drifters) if (mayDrift(id, changed, view)) changed.set(id, null)
    waiting.release(block.number)
    const room = limits.marketPools - view.pools.size - waiting.wanted().length
    const created = discoverPools(logs).filter((ref) => isWelcome(ref, view))
    waiting.want(created.slice(0, Math.max(0, Math.min(room, limits.newPoolsPerBlock))))
    waiting.wake(logs)
    waiting.want(refsToRead(changed, view))
    const pools = changed.size === 0 ? view.pools : withEntries(view.pools, changed)
    const next: MarketView = {
      ...view,
      block,
      pools,
      ...(event.nextBaseFee === undefined ? {} : { gasPrice: event.nextBaseFee + tipWei }),
    }
    log = remember(log, undoStep(view, changed.keys()))
    view = next
    return { touched: [...changed.keys()], wanted: waiting.wanted() }
  }

  const applyReorg = ({ depth, ancestor }: ChainEvent & { kind: 'reorg' }): MarketChange => {
    const back = undo(view, log, depth)
    if (back === undefined) throw new MarketReorgError({ depth, kept: log.length })
    if (back.view.block?.hash !== ancestor.hash)
      throw new MarketGapError({ view: back.view.block, event: ancestor })
    const touched = [...new Set(log.slice(-depth).flatMap((step) => [...step.changed.keys()]))]
    for (const id of touched) {
      const state = back.view.pools.has(id) ? undefined : view.pools.get(id)
      if (state !== undefined) waiting.want([refOf(state)])
    }
    // What is in the view again is not to be read, but what differed stays out.
    waiting.settle(touched.filter((id) => back.view.pools.has(id)))
    view = marks.on(without(back.view, touched.filter(waiting.isQuarantined)))
    log = back.log
    return { touched, wanted: waiting.wanted() }
  }

  return {
    view: () => view,
    past: () => log.flatMap(({ block }) => (block === undefined ? [] : [block])),
    apply(event) {
      if (event.kind === 'block') return applyBlock(event)
      if (event.kind === 'reorg') return applyReorg(event)
      log = log.filter((step) => (step.block?.number ?? 0n) >= event.block.number)
      return { touched: [], wanted: waiting.wanted() }
    },
    restart(from) {
      view = marks.on(from)
      log = []
      drifters = driftersOf(from)
      pricedAt = from.block?.number ?? 0n
      waiting.clear()
    },
    add({ block, pools, tokens, asked }) {
      if (view.block?.hash !== block.hash)
        throw new MarketGapError({ view: view.block, event: block })
      const fresh = pools.filter(({ id }) => !view.pools.has(id) && !waiting.isQuarantined(id))
      for (const state of fresh) if (isDrifting(state)) drifters.add(state.id)
      const found = new Set(pools.map(({ id }) => id))
      waiting.settle([...asked.map(({ id }) => id), ...found])
      const missing = asked.filter(({ id }) => !found.has(id) && !view.pools.has(id))
      waiting.rest(missing, block.number)
      view = marks.on(withPools(view, fresh, tokens))
      log = withAdded(
        log,
        fresh.map(({ id }) => id),
      )
    },
    reprice() {
      const number = view.block?.number ?? 0n
      if (number < pricedAt + pricesEveryBlocks) return
      pricedAt = number
      view = { ...view, tokens: priceTokens(view) }
    },
    mark(measured) {
      marks.add(measured)
      view = marks.on(view)
    },
    quarantine(id) {
      const state = view.pools.get(id)
      if (state === undefined) return false
      waiting.quarantine(refOf(state), view.block?.number ?? 0n)
      view = without(view, [id])
      return true
    },
    quarantined: () => waiting.quarantined(),
  }
}

/**
 * A new pool that routes could use: of a token that already has a price, or of tokens that only reading it tells.
 * Anybody can create pools by the thousand, so there is room for so many only.
 */
function isWelcome({ id, tokens }: PoolRef, view: MarketView): boolean {
  if (view.pools.has(id)) return false
  return (
    tokens.length === 0 || tokens.some((token) => view.tokens.get(token)?.priceWei !== undefined)
  )
}

/** Pools of `view` that drift. Kept beside the view, since looking at every pool in every block would cost more. */
function driftersOf(view: MarketView): Set<PoolId> {
  const drifting = [...view.pools.values()].filter(isDrifting)
  return new Set(drifting.map(({ id }) => id))
}

/** True when the state of `id` after the block is known and yet not to be trusted, since it drifts. */
function mayDrift(id: PoolId, changed: Changes, view: MarketView): boolean {
  const known = changed.get(id)
  const state = known === undefined ? view.pools.get(id) : known
  return state !== undefined && state !== null && isDrifting(state)
}

/** References of the pools that a block leaves unknown. */
function refsToRead(changed: Changes, { pools }: MarketView): PoolRef[] {
  return [...changed].flatMap(([id, after]) => {
    const before = after === null ? pools.get(id) : undefined
    return before === undefined ? [] : [refOf(before)]
  })
}

function without(view: MarketView, ids: readonly PoolId[]): MarketView {
  if (ids.length === 0) return view
  return {
    ...view,
    pools: withEntries(view.pools, new Map(ids.map((id): [PoolId, null] => [id, null]))),
  }
}

/** `view` with more pools, and with those of `tokens` that it lacks. */
function withPools(
  view: MarketView,
  fresh: readonly PoolState[],
  tokens: readonly Token[],
): MarketView {
  if (fresh.length === 0) return view
  const pools = withEntries(view.pools, new Map(fresh.map((state) => [state.id, state])))
  const unknown = tokens.filter(({ address }) => !view.tokens.has(address))
  if (unknown.length === 0) return { ...view, pools }
  const all = new Map<Address, Token>(view.tokens)
  for (const token of unknown) all.set(token.address, token)
  return { ...view, pools, tokens: priceTokens({ ...view, tokens: all, pools }) }
}

/**
 * The last block's step back also takes out what was added on top of that block: its state there is unknown,
 * unless the step says it.
 */
function withAdded(log: UndoLog, ids: Iterable<PoolId>): UndoLog {
  const last = log.at(-1)
  if (last === undefined) return log
  const absent = [...ids].map((id): [PoolId, undefined] => [id, undefined])
  return [...log.slice(0, -1), { ...last, changed: new Map([...absent, ...last.changed]) }]
}

/** An event that does not stand on the block of the view: one was lost. */
export class MarketGapError extends BaseError {
  override readonly code = 'market.gap'

  constructor({ view, event }: { view: BlockRef | undefined; event: BlockRef }) {
    super('The market and the chain no longer meet: an event was lost.', {
      facts: {
        viewNumber: view?.number,
        viewHash: view?.hash,
        number: event.number,
        hash: event.hash,
      },
      hint: 'Follow the head from the block of the view, or read the market again.',
      retryable: true,
    })
  }
}

/** The reorg goes back further than the market remembers. */
export class MarketReorgError extends BaseError {
  override readonly code = 'market.reorg-too-deep'

  constructor({ depth, kept }: { depth: number; kept: number }) {
    super(`A reorg of ${depth} blocks goes back further than the market remembers.`, {
      facts: { depth, kept, most: undoBlocks },
      hint: 'Read the market again from the new head.',
    })
  }
}
