/** Long readings of a node: in parts, with progress for a person, and again where a part fails. */
import type { BlockRef } from '../chain/block.ts'
import { readPastRanges } from '../chain/backfill.ts'
import type { ChainNode } from '../chain/client.ts'
import { readBlockRef, toQuantity } from '../chain/quantity.ts'
import { BaseError } from '../core/errors.ts'
import { creationLogs, discoverPools } from '../market/discover.ts'
import { priceTokens } from '../market/prices.ts'
import { MarketMovedError, readMarket } from '../market/reader.ts'
import type { MarketView } from '../market/view.ts'
import type { PoolRef } from '../pools/pool.ts'
import type { Io } from './io.ts'

/** A view at a block that is known. */
export type BlockView = MarketView & { readonly block: BlockRef }

/** How a node is read. */
export type Patience = {
  /** Further attempts at a part that fails for a reason that passes. */
  readonly retries: number
  readonly reachTicks?: number | undefined
}

/** Pools of one part: small enough that little is lost with it, large enough to fill requests. */
const partPools = 256
/** Pause before a second attempt; it doubles each time. */
const firstPauseMs = 500

/**
 * Reads `refs` at `block`, part by part.
 *
 * @param kept - What an earlier reading of the same block has: it is not read again.
 * @param onPart - Takes all that is read so far.
 * @returns Prices over all of it, and the pools that are not there or have no two tokens.
 * @throws {MarketMovedError} `market.moved`, when the block left the chain meanwhile.
 * @throws {ChainUnreachableError} `chain.unreachable`, when a part fails at every attempt.
 * @throws {NodeRefusedError} `chain.refused`.
 * @throws {InterruptedError} `cli.interrupted`, between two parts.
 */
export async function readInParts(
  io: Io,
  node: ChainNode,
  refs: readonly PoolRef[],
  {
    block,
    kept,
    onPart,
    ...patience
  }: Patience & {
    readonly block: BlockRef
    readonly kept?: MarketView | undefined
    readonly onPart?: (view: BlockView) => void
  },
): Promise<{ view: BlockView; missing: readonly PoolRef[] }> {
  const { reachTicks } = patience
  const todo = refs.filter(({ id }) => kept?.pools.has(id) !== true)
  const pools = new Map(kept?.pools)
  const tokens = new Map(kept?.tokens)
  const progress = createProgress(io, 'pools', todo.length)
  const readPart = async (part: readonly PoolRef[]): Promise<BlockView> => {
    const options = { blockNumber: block.number, reachTicks, say: io.say }
    const { view } = await persist(io, patience, () => readMarket(node, part, options))
    if (view.block.hash !== block.hash) throw new MarketMovedError({ block })
    for (const [id, state] of view.pools) if (state.tokens.length >= 2) pools.set(id, state)
    for (const [address, token] of view.tokens) tokens.set(address, token)
    return { ...view, pools: new Map(pools), tokens: new Map(tokens) }
  }
  let view = await readPart(todo.slice(0, partPools))
  for (let at = partPools; at < todo.length; at += partPools) {
    progress(at)
    onPart?.(view)
    requireGoing(io)
    view = await readPart(todo.slice(at, at + partPools))
  }
  progress(todo.length)
  return {
    view: { ...view, tokens: priceTokens(view) },
    missing: refs.filter(({ id }) => !pools.has(id)),
  }
}

/**
 * The pools whose creation the known factories logged, in blocks `fromBlock` to `toBlock`.
 *
 * @throws {ChainUnreachableError} `chain.unreachable`, when a range fails at every attempt.
 * @throws {NodeRefusedError} `chain.refused`, when the node refuses even single blocks.
 * @throws {InterruptedError} `cli.interrupted`, between two ranges.
 */
export async function discoverOnNode(
  io: Io,
  node: ChainNode,
  { fromBlock, toBlock }: { readonly fromBlock: bigint; readonly toBlock: bigint },
  patience: Patience,
): Promise<readonly PoolRef[]> {
  const progress = createProgress(io, 'blocks', Number(toBlock - fromBlock) + 1)
  const found = new Map<string, PoolRef>()
  let next = fromBlock
  await persist(io, patience, async () => {
    const filter = { ...creationLogs(), fromBlock: next, toBlock }
    for await (const range of readPastRanges(node, filter)) {
      for (const ref of discoverPools(range.logs)) found.set(ref.id, ref)
      next = range.toBlock + 1n
      progress(Number(next - fromBlock), `, ${found.size} pools`)
      requireGoing(io)
    }
  })
  return [...found.values()]
}

/** The block of `number`, the newest when absent. */
export async function readBlock(node: ChainNode, number?: bigint): Promise<BlockRef> {
  const tag = number === undefined ? 'latest' : toQuantity(number)
  return readBlockRef(await node.request({ method: 'eth_getBlockByNumber', params: [tag, false] }))
}

/** Tries again, with growing pauses, what fails for a reason that passes. */
async function persist<value>(
  io: Io,
  { retries }: Patience,
  work: () => Promise<value>,
): Promise<value> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      const passes = error instanceof BaseError && error.retryable
      if (!passes || error instanceof InterruptedError || attempt >= retries) throw error
      const pauseMs = firstPauseMs * 2 ** attempt
      const [what] = error.message.split('\n')
      io.say(`${what} Again in ${pauseMs / 1_000} s (${attempt + 1} of ${retries}).`)
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
      requireGoing(io)
    }
  }
}

/** @throws {InterruptedError} `cli.interrupted`, once the user has ended the command. */
function requireGoing({ signal }: Io): void {
  if (signal.aborted) throw new InterruptedError()
}

/** Says how much of `total` is done, in percent, and how fast it goes. */
function createProgress(
  io: Io,
  what: string,
  total: number,
): (done: number, more?: string) => void {
  const start = performance.now()
  return (done, more = '') => {
    const seconds = Math.max(performance.now() - start, 1) / 1_000
    const percent = total === 0 ? 100 : Math.floor((100 * done) / total)
    const rate = Math.round(done / seconds)
    io.say(`${percent} %: ${done} of ${total} ${what}, ${rate}/s${more}`)
  }
}

/** The user ended a command that was under way. */
export class InterruptedError extends BaseError {
  override readonly code = 'cli.interrupted'

  constructor() {
    super('Interrupted before it was done.', {
      hint: 'Run it again; `isoprice market snapshot` goes on from what it kept.',
      retryable: true,
    })
  }
}
