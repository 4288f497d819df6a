/**
 * The market that follows the chain: a view at the newest block, one block at a time.
 *
 * A block's logs change every pool or none: the view after a block is built aside and put in place whole.
 * Views are values. Whoever holds one keeps it, untouched by what comes after.
 */
import type { BlockRef, Log } from '../chain/block.ts'
import type { ChainEvent } from '../chain/head.ts'
import { BaseError } from '../core/errors.ts'
import type { Address, Hex } from '../core/hex.ts'
import type { Token } from '../core/token.ts'
import { moduleOf, poolModules, type PoolState } from '../pools/index.ts'
import { type PoolId, type PoolRef, toPoolId } from '../pools/pool.ts'
import { discoverPools } from './discover.ts'
import { priceTokens } from './prices.ts'
import { remember, undo, type UndoLog, undoBlocks, undoStep } from './undo.ts'
import type { MarketView } from './view.ts'

/** What one event did. */
export type MarketChange = {
  /** Pools whose state is another one now. */
  readonly touched: readonly PoolId[]
  /**
   * Pools that the market does not hold and should: those that the block created, those whose logs did not say
   * enough, those that drift, and those that a reorg took out because they were added after its ancestor. Read
   * their state at the view's block, then `add` them.
   */
  readonly discovered: readonly PoolRef[]
}

/** A market that lives. */
export type Market = {
  /** The newest view. */
  view(): MarketView
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
   * @throws {MarketGapError} `market.gap`, when `block` is not the view's block: read the pools again.
   */
  add(block: BlockRef, pools: readonly PoolState[], tokens: readonly Token[]): void
  /** Starts again from a view that was read anew: what came before is forgotten. */
  restart(from: MarketView): void
}

/** Blocks between two refreshes of the reference prices: about five minutes. */
const pricesEveryBlocks = 25n

/** First topics of all logs that change a pool of a built kind: what to ask a node for. */
export const marketTopics: readonly Hex[] = [
  ...new Set(Object.values(poolModules).flatMap((module) => module.topics)),
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
  let view = start
  let log: UndoLog = []

  const applyBlock = (event: ChainEvent & { kind: 'block' }): MarketChange => {
    const { block, logs } = event
    if (view.block !== undefined && block.parentHash !== view.block.hash)
      throw new MarketGapError({ view: view.block, event: block })
    const changed = applyLogs(view, logs)
    for (const state of view.pools.values())
      if (moduleOf(state).drifts?.(state) === true) changed.set(state.id, null)
    const created = discoverPools(logs).filter(({ id }) => !view.pools.has(id))
    const unknown = [...changed].flatMap(([id, after]) => {
      const before = after === null ? view.pools.get(id) : undefined
      return before === undefined ? [] : [moduleOf(before).refOf(before)]
    })
    const discovered = [...created, ...unknown]
    const pools = changed.size === 0 ? view.pools : withChanges(view.pools, changed)
    const isDue = block.number % pricesEveryBlocks === 0n
    const next: MarketView = {
      ...view,
      block,
      pools,
      tokens: isDue ? priceTokens(view.tokens, pools.values(), view.wrappedNative) : view.tokens,
      ...(event.nextBaseFee === undefined ? {} : { gasPrice: event.nextBaseFee + tipWei }),
    }
    log = remember(log, undoStep(view, changed.keys()))
    view = next
    return { touched: [...changed.keys()], discovered }
  }

  const applyReorg = ({ depth, ancestor }: ChainEvent & { kind: 'reorg' }): MarketChange => {
    const back = undo(view, log, depth)
    if (back === undefined) throw new MarketReorgError({ depth, kept: log.length })
    if (back.view.block?.hash !== ancestor.hash)
      throw new MarketGapError({ view: back.view.block, event: ancestor })
    const touched = [...new Set(log.slice(-depth).flatMap((step) => [...step.changed.keys()]))]
    const lost = touched.filter((id) => !back.view.pools.has(id))
    const discovered = lost.flatMap((id) => {
      const state = view.pools.get(id)
      return state === undefined ? [] : [moduleOf(state).refOf(state)]
    })
    view = back.view
    log = back.log
    return { touched, discovered }
  }

  return {
    view: () => view,
    apply(event) {
      if (event.kind === 'block') return applyBlock(event)
      if (event.kind === 'reorg') return applyReorg(event)
      log = log.filter((step) => (step.block?.number ?? 0n) >= event.block.number)
      return { touched: [], discovered: [] }
    },
    restart(from) {
      view = from
      log = []
    },
    add(block, pools, tokens) {
      if (view.block?.hash !== block.hash)
        throw new MarketGapError({ view: view.block, event: block })
      const fresh = pools.filter(({ id }) => !view.pools.has(id))
      view = withPools(view, fresh, tokens)
      log = withAdded(
        log,
        fresh.map(({ id }) => id),
      )
    },
  }
}

/** `view` with more pools, and with those of `tokens` that it lacks. */
function withPools(
  view: MarketView,
  fresh: readonly PoolState[],
  tokens: readonly Token[],
): MarketView {
  const pools = withChanges(view.pools, new Map(fresh.map((state) => [state.id, state])))
  const all = new Map<Address, Token>(tokens.map((token) => [token.address, token]))
  for (const [address, token] of view.tokens) all.set(address, token)
  return { ...view, pools, tokens: priceTokens(all, pools.values(), view.wrappedNative) }
}

/** The states that `logs` change, after the last of them; `null` where the pool must be read again. */
function applyLogs(view: MarketView, logs: readonly Log[]): Map<PoolId, PoolState | null> {
  const changed = new Map<PoolId, PoolState | null>()
  for (const log of logs)
    for (const id of candidates(log)) {
      const known = changed.get(id)
      const before = known === undefined ? view.pools.get(id) : known
      if (before === undefined || before === null) continue
      const after = moduleOf(before).apply(before, log)
      if (after !== before) changed.set(id, after ?? null)
    }
  return changed
}

/**
 * The pool that emits, or the pool that a singleton's log names first: whole (Uniswap V4), as the address that
 * its id starts with (Balancer V2), or as an address (Balancer V3). The module decides whether it is meant.
 */
function candidates(log: Log): PoolId[] {
  const named = log.topics[1]
  if (named === undefined) return [toPoolId(log.address)]
  return [log.address, named, named.slice(0, 42), `0x${named.slice(26)}`].map(toPoolId)
}

/** The last block's step back also takes out what was added on top of that block: its state there is unknown. */
function withAdded(log: UndoLog, ids: Iterable<PoolId>): UndoLog {
  const last = log.at(-1)
  if (last === undefined) return log
  const absent = [...ids].map((id): [PoolId, undefined] => [id, undefined])
  return [...log.slice(0, -1), { ...last, changed: new Map([...last.changed, ...absent]) }]
}

function withChanges(
  pools: MarketView['pools'],
  changed: ReadonlyMap<PoolId, PoolState | null>,
): MarketView['pools'] {
  const next = new Map(pools)
  for (const [id, state] of changed)
    if (state === null) next.delete(id)
    else next.set(id, state)
  return next
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
