/** What the loop reads of the chain besides the logs: pools that the market waits for, and all of it again. */
import { BaseError } from '../core/errors.ts'
import { refOf } from '../market/changes.ts'
import type { MarketChange, Reading } from '../market/market.ts'
import { readMarket } from '../market/reader.ts'
import type { PoolRef } from '../pools/pool.ts'
import type { EngineOptions, MarketListener } from './options.ts'
import { withVerbs } from './settleSolution.ts'
import type { State } from './turn.ts'

/** False while the market comes up from a checkpoint: its view is old, and a node may have no state of it. */
export function isCaughtUp({ market, catchUp }: EngineOptions): boolean {
  return catchUp === undefined || (market.view().block?.number ?? 0n) >= catchUp.to
}

/** Tells everybody who listens to the market. */
export function tell(
  { listeners = [] }: Pick<EngineOptions, 'listeners'>,
  what: (each: MarketListener) => void,
): void {
  for (const listener of listeners) what(listener)
}

/**
 * Reads what the market waits for, at the block of its view, or later when that is not the head yet. What cannot
 * be read now stays in `state.unread`.
 *
 * @throws {MarketMovedError} `market.moved` and the other errors of `readMarket`, all of which pass.
 */
export async function readWanted(
  options: EngineOptions,
  { unread }: State,
  { wanted }: Pick<MarketChange, 'wanted'>,
): Promise<void> {
  const { market } = options
  for (const ref of wanted) unread.set(ref.id, ref)
  if (unread.size === 0 || !isCaughtUp(options)) return
  const asked = [...unread.values()]
  const { answers, failed } = await readApart(options, asked, market.view().block?.number)
  // The block left the chain while it was read: the follower says so next, and the pools stay wanted.
  if (answers.some(({ block }) => block.hash !== market.view().block?.hash)) return
  for (const answer of answers) {
    market.add(answer)
    tell(options, (listener) => listener.added?.(answer))
  }
  const [{ block } = { block: undefined }] = answers
  if (block !== undefined && failed.length > 0) {
    // Nobody waits for them any more; when they log something they are tried again.
    market.add({ block, pools: [], tokens: [], asked: failed })
    options.onEvent?.(`${failed.length} pools cannot be read, ${failed[0]?.id ?? ''} first`)
  }
  unread.clear()
}

/** Faults that one contract can cause: a node that chokes on its answer. */
const contractCodes = new Set(['chain.refused', 'chain.bad-answer'])

/**
 * Reads `asked`, and by halves where that fails, so that one contract on which nodes choke spoils no other's
 * reading.
 *
 * @throws whatever the node says when not one can be read: then the node is at fault.
 */
async function readApart(
  options: EngineOptions,
  asked: readonly PoolRef[],
  blockNumber: bigint | undefined,
): Promise<{ readonly answers: readonly Reading[]; readonly failed: readonly PoolRef[] }> {
  const { client, reading } = options
  try {
    const { view } = await readMarket(client, asked, { ...reading, blockNumber })
    const pools = [...withVerbs(view.pools).values()]
    const tokens = [...view.tokens.values()]
    return { answers: [{ block: view.block, pools, tokens, asked }], failed: [] }
  } catch (error) {
    if (!contractCodes.has(codeOf(error))) throw error
    if (asked.length === 1) return { answers: [], failed: asked }
    const half = asked.length >> 1
    const first = await readApart(options, asked.slice(0, half), blockNumber)
    const second = await readApart(options, asked.slice(half), blockNumber)
    const answers = [...first.answers, ...second.answers]
    if (answers.length === 0) throw error
    return { answers, failed: [...first.failed, ...second.failed] }
  }
}

/** Reads every pool of the market again at the head, and those that it waits for. */
export async function reread(
  options: Pick<EngineOptions, 'client' | 'market' | 'reading' | 'tipWei' | 'listeners'>,
  { unread }: Pick<State, 'unread'>,
): Promise<void> {
  const { client, market, reading, tipWei = 0n } = options
  const refs = new Map<string, PoolRef>(unread)
  for (const { ref } of market.quarantined()) refs.set(ref.id, ref)
  for (const state of market.view().pools.values()) refs.set(state.id, refOf(state))
  const { view, missing } = await readMarket(client, [...refs.values()], reading)
  market.restart({
    ...view,
    pools: withVerbs(view.pools),
    gasPrice: (view.gasPrice ?? 0n) + tipWei,
  })
  // One bad answer must not lose a pool for good: what was not there now is tried again later.
  market.add({ block: view.block, pools: [], tokens: [], asked: missing })
  unread.clear()
  tell(options, (listener) => listener.restarted?.())
}

/** The stable name of an error of ours; empty for any other. */
export function codeOf(error: unknown): string {
  return error instanceof BaseError ? (error as BaseError & { readonly code: string }).code : ''
}
