/**
 * The process that the restart tests kill: a market that follows a node and keeps checkpoints, put together from
 * the real rooms. It says what it does in lines of JSON, written at once, so that the last line before a kill is true.
 *
 * Usage: node restartChild.ts '{"node": url, "database": url, "start": file, "isNaive": false, "until"?: hash, "dump"?: file}'
 */
import { createHash } from 'node:crypto'
import { writeFileSync, writeSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { type ChainClient, connect } from '../../solver/chain/client.ts'
import { followHead } from '../../solver/chain/head.ts'
import { readBlockRef } from '../../solver/chain/quantity.ts'
import { type CheckpointRows, createCheckpointer } from '../../solver/market/checkpoint.ts'
import { formatSnapshot } from '../../solver/market/codec.ts'
import { createMarket, type Market, marketTopics } from '../../solver/market/market.ts'
import { createMarketRows, loadCheckpoint } from '../../solver/market/marketRows.ts'
import { encodePool } from '../../solver/market/poolCodec.ts'
import { toSnapshot } from '../../solver/market/snapshot.ts'
import { loadSnapshot } from '../../solver/market/snapshotFile.ts'
import type { PoolState } from '../../solver/pools/index.ts'
import { type Database, openDatabase } from '../../solver/store/database.ts'
import { createNaiveRows } from './naiveRows.ts'

/** What the process is told. */
export type ChildOptions = {
  readonly node: string
  readonly database: string
  /** Snapshot of the market at the chain's first block, for a start without a checkpoint. */
  readonly start: string
  readonly isNaive: boolean
  /** Stop in order at this block, and write the market to `dump`. */
  readonly until?: string
  readonly dump?: string
}

/** What it says. Times are milliseconds. */
export type ChildLine =
  /** `readyMs` since the process began, `bootMs` of them Node's own; `cpuMs` is what all of its threads computed. */
  | {
      readonly say: 'ready'
      readonly isResumed: boolean
      readonly hash: string
      readonly readyMs: number
      readonly bootMs: number
      readonly cpuMs: number
    }
  /** The digest of all pools as they were when it was ready. */
  | { readonly say: 'loaded'; readonly digest: string }
  /** The head of the moment of `ready` is reached. */
  | { readonly say: 'caught up'; readonly ms: number; readonly blocks: number }
  | { readonly say: 'saving' }
  | { readonly say: 'saved' }
  | { readonly say: 'failed'; readonly what: string }

/** A name of the states of all pools: equal for equal markets. */
export function digestOf(pools: Iterable<PoolState>): string {
  const lines = Array.from(pools, (state) => JSON.stringify(encodePool(state)))
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex')
}

function say(line: ChildLine): void {
  writeSync(1, `${JSON.stringify(line)}\n`)
}

async function run(options: ChildOptions): Promise<void> {
  const [client, database] = await Promise.all([
    connect({ urls: [options.node] }),
    openDatabase(options.database),
  ])
  const stored = await loadCheckpoint(database, client)
  const market = createMarket(stored?.view ?? (await loadSnapshot(options.start)).view)
  const from = market.view().block
  if (from === undefined) throw new TypeError('the snapshot names no block')
  const isResumed = stored !== undefined
  const readyMs = performance.now()
  const bootMs = performance.nodeTiming.bootstrapComplete
  const { user, system } = process.cpuUsage()
  const cpuMs = (user + system) / 1_000
  say({ say: 'ready', isResumed, hash: from.hash, readyMs, bootMs, cpuMs })
  const loaded = market.view().pools.values()
  say({ say: 'loaded', digest: digestOf(loaded) })
  await follow(options, { client, database, market, isResumed })
  await database.destroy()
  const { dump } = options
  if (dump !== undefined) writeFileSync(dump, formatSnapshot(toSnapshot(market.view())))
}

async function follow(
  { isNaive, until }: ChildOptions,
  world: {
    readonly client: ChainClient
    readonly database: Database
    readonly market: Market
    readonly isResumed: boolean
  },
): Promise<void> {
  const { client, database, market, isResumed } = world
  const rows = announced(isNaive ? createNaiveRows(database) : createMarketRows(database))
  const onFailure = (error: unknown) => say({ say: 'failed', what: String(error) })
  const checkpointer = createCheckpointer({ market, rows, everyBlocks: 1, isResumed, onFailure })
  const latest = { method: 'eth_getBlockByNumber', params: ['latest', false] }
  const head = readBlockRef(await client.request(latest))
  const from = market.view().block ?? head
  const startedMs = performance.now()
  let isBehind = true
  const over = new AbortController()
  const settings = { from, topics: marketTopics, pollMs: 5, signal: over.signal }
  for await (const event of followHead(client, settings)) {
    checkpointer.applied(event, market.apply(event))
    const { block } = market.view()
    if (isBehind && block !== undefined && block.number >= head.number) {
      isBehind = false
      const blocks = Number(block.number - from.number)
      say({ say: 'caught up', ms: performance.now() - startedMs, blocks })
    }
    if (block?.hash === until) over.abort()
  }
  await checkpointer.idle()
}

function announced(rows: CheckpointRows): CheckpointRows {
  return {
    async save(changes) {
      say({ say: 'saving' })
      await rows.save(changes)
      say({ say: 'saved' })
    },
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await run(JSON.parse(process.argv[2] ?? '{}') as ChildOptions)
