/** Where the market begins: at the last checkpoint where that is quicker, else read at the head. */
import type { ChainClient, ChainNode } from '../chain/client.ts'
import { readBlockRef } from '../chain/quantity.ts'
import { BaseError } from '../core/errors.ts'
import { loadCheckpoint, type StoredMarket } from '../market/marketRows.ts'
import { readMarket } from '../market/reader.ts'
import type { MarketView } from '../market/view.ts'
import { isPoolKind } from '../pools/index.ts'
import type { PoolRef, SnapshotOptions } from '../pools/pool.ts'
import type { Database } from '../store/database.ts'
import { withVerbs } from './settleSolution.ts'

/** What the market is started from. */
export type StartOptions = {
  readonly client: ChainClient
  /** Vouches for the checkpoint's block and the head; see `createAgreed`. */
  readonly agreed: ChainNode
  /** The pools to follow. */
  readonly pools: readonly PoolRef[]
  /** Where checkpoints are; absent reads the market. */
  readonly database?: Database | undefined
  /** Added to the base fee for the market's gas price, in wei. */
  readonly tipWei: bigint
  readonly reading: SnapshotOptions
}

/** A market to start with. */
export type MarketStart = {
  readonly view: MarketView
  /** True when the store holds this market and nothing else, so that the next checkpoint need save changes only. */
  readonly isResumed: boolean
  /** The head at this moment; the view is worth nothing to a quote before it has come there. */
  readonly head: bigint
  /** Pools that the market should hold besides and that are to be read at the head. */
  readonly unread: readonly PoolRef[]
  /** How it was started, a line for a person each. */
  readonly how: readonly string[]
}

/** Faults of a checkpoint that a reading anew mends. */
const uselessCodes = /^market\.(checkpoint-forked|snapshot-(invalid|corrupt))$/
/** Blocks that are followed rather than skipped: two hours, at two requests each. Reading anew is quicker then. */
const resumeBlocksMax = 600n

/**
 * Starts from the checkpoint when there is one on the chain, not too far behind, with at least half of the pools;
 * pools that it lacks are left to be read, and those that are not configured are dropped. Otherwise reads all pools at the head, and says why.
 *
 * @throws {ChainUnreachableError} `chain.unreachable` and the other errors of `readMarket`; what the database throws.
 */
export async function startMarket(options: StartOptions): Promise<MarketStart> {
  const { database } = options
  const startedMs = performance.now()
  const resumed = database === undefined ? undefined : await resume(database, options)
  if (resumed === undefined) return readAnew(options, [])
  if ('why' in resumed) return readAnew(options, [`read anew: ${resumed.why}`])
  const { stored, dropped, head, absent } = resumed
  const { view } = stored
  const ms = Math.round(performance.now() - startedMs)
  const missing = absent.length === 0 ? '' : `, ${absent.length} configured pools to be read`
  return {
    view: { ...view, pools: withVerbs(view.pools) },
    // Rows of dropped pools would grow old in the store: the next checkpoint is whole, and takes them away.
    isResumed: dropped === 0,
    head,
    unread: [...stored.unread, ...absent],
    how: [
      `market: ${view.pools.size} pools from the checkpoint at block ${view.block.number}, ` +
        `${head - view.block.number} blocks behind, in ${ms} ms${missing}`,
      ...(dropped === 0
        ? []
        : [`dropped: ${dropped} pools of the checkpoint that are not configured`]),
    ],
  }
}

type Resumed = {
  /** Of the configured pools alone. */
  readonly stored: StoredMarket
  /** Pools of the checkpoint that are not configured. */
  readonly dropped: number
  readonly head: bigint
  readonly absent: readonly PoolRef[]
}

async function resume(
  database: Database,
  { agreed, pools }: StartOptions,
): Promise<Resumed | { readonly why: string }> {
  let stored: StoredMarket | undefined
  try {
    stored = await loadCheckpoint(database, agreed)
  } catch (error) {
    if (error instanceof BaseError && uselessCodes.test(error.code))
      return { why: `the checkpoint cannot be used (${error.code})` }
    throw error
  }
  if (stored === undefined) return { why: 'the store holds no checkpoint of this chain' }
  const latest = { method: 'eth_getBlockByNumber', params: ['latest', false] }
  const head = readBlockRef(await agreed.request(latest)).number
  const { number } = stored.view.block
  const behind = head - number
  if (behind > resumeBlocksMax)
    return { why: `the checkpoint at block ${number} is ${behind} blocks behind` }
  const { kept, dropped } = keepConfigured(stored, pools)
  const known = new Set([...kept.view.pools.keys(), ...kept.unread.map(({ id }) => id)])
  const built = pools.filter(({ kind }) => isPoolKind(kind))
  const absent = built.filter(({ id }) => !known.has(id))
  if (2 * absent.length > built.length)
    return { why: `the checkpoint lacks ${absent.length} of the ${built.length} configured pools` }
  return { stored: kept, dropped, head, absent }
}

/** `stored` without the pools that are not in `pools`: what the operator has struck off is not to come back. */
function keepConfigured(
  stored: StoredMarket,
  pools: readonly PoolRef[],
): { readonly kept: StoredMarket; readonly dropped: number } {
  const wanted = new Set(pools.map(({ id }) => id))
  const states = [...stored.view.pools].filter(([id]) => wanted.has(id))
  const unread = stored.unread.filter(({ id }) => wanted.has(id))
  const before = stored.view.pools.size + stored.unread.length
  return {
    kept: { view: { ...stored.view, pools: new Map(states) }, unread },
    dropped: before - states.length - unread.length,
  }
}

async function readAnew(
  { client, pools, tipWei, reading }: StartOptions,
  why: readonly string[],
): Promise<MarketStart> {
  const startedMs = performance.now()
  const { view, requests, missing } = await readMarket(client, pools, reading)
  const held = withVerbs(view.pools)
  const ms = Math.round(performance.now() - startedMs)
  const first = missing[0]
  return {
    view: { ...view, pools: held, gasPrice: (view.gasPrice ?? 0n) + tipWei },
    isResumed: false,
    head: view.block.number,
    unread: [],
    how: [
      ...why,
      `market: ${held.size} pools, ${view.tokens.size} tokens, read in ${requests} requests, in ${ms} ms`,
      ...(first === undefined
        ? []
        : [
            `not read: ${missing.length} pools that are not on this chain or of no built kind, ${first.id} first`,
          ]),
    ],
  }
}
