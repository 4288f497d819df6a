/** From a turn to a filled order: what was sent, what the chain shows, and what a reorg takes back. */
import type { Fill } from '../measure/fill.ts'
import type { SettledIntent } from '../measure/report.ts'
import type { EngineOptions } from './options.ts'
import { type State, takeTurn } from './turn.ts'

/**
 * Begins the next turn, unless one is under way or a settlement has not been seen on chain yet. The chain is
 * followed meanwhile: a settlement may take some blocks, and quotes must not wait for it.
 */
export function beginTurn(options: EngineOptions, state: State): void {
  if (state.turn !== undefined || state.landing !== undefined) return
  state.turn = takeTurn(options, state)
    .catch((error: unknown) => {
      // The fills that were seen are true whatever became of the turn.
      endTurn(options, state, undefined)
      throw error
    })
    .then((settled) => endTurn(options, state, settled))
    .catch((error: unknown) => {
      state.failure ??= error
    })
    .finally(() => {
      state.turn = undefined
    })
}

/** The chain may have shown fills meanwhile: ours before the submitter could say so, or others'. */
function endTurn(options: EngineOptions, state: State, settled: SettledIntent | undefined): void {
  const { early } = state
  const seen = settled === undefined ? undefined : early.get(settled.hash)
  if (settled !== undefined && seen !== undefined) complete(options, state, settled, seen.block)
  else state.landing = settled
  for (const { fill, block } of early.values())
    if (fill.digest !== settled?.hash) close(state, fill, block)
  early.clear()
}

/**
 * An order is filled when the market has seen its fill in a block: until then a quote would be of the time
 * before. It may be ours, another solver's, or ours whose receipt never came.
 */
export function seeFill(options: EngineOptions, state: State, fill: Fill, block: bigint): void {
  const { landing, early, turn } = state
  if (landing?.hash === fill.digest) return complete(options, state, landing, block)
  // A turn works on the book as it found it: what happens to its orders meanwhile is noted at its end.
  if (turn !== undefined) early.set(fill.digest, { fill, block })
  else close(state, fill, block)
}

function complete(
  { onSettled }: EngineOptions,
  state: State,
  settled: SettledIntent,
  block: bigint,
): void {
  const { hash, sold, received: bought, transaction } = settled
  state.landing = undefined
  state.book.update(hash, { status: 'filled', fill: { sold, bought, transaction, block } })
  onSettled?.({ ...settled, block })
}

function close({ book }: State, { digest, sold, bought }: Fill, block: bigint): void {
  const entry = book.get(digest)
  if (entry?.status === 'open' || entry?.status === 'submitted')
    book.update(entry.signed.digest, { status: 'filled', fill: { sold, bought, block } })
}

/** Blocks after the one that a settlement was in for its fill to show: more, and a reorg has dropped it. */
const landingBlocks = 2n

/** A settlement whose block was replaced by one without it: the order is open again. */
export function giveUpLanding(state: State, head: bigint): void {
  const { landing, book } = state
  if (landing === undefined || head < landing.block + landingBlocks) return
  state.landing = undefined
  if (book.get(landing.hash)?.status === 'submitted')
    book.update(landing.hash, { status: 'open', why: 'fill-reorganised' })
}

/** A reorg down to `block`: fills above it did not happen. */
export function undoFills({ onEvent }: EngineOptions, { book, early }: State, block: bigint): void {
  for (const [digest, seen] of early) if (seen.block > block) early.delete(digest)
  for (const digest of book.undoAfter(block))
    onEvent?.(`${digest.slice(0, 10)}… is open again: a reorg took its fill back`)
}
