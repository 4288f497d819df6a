/** What runs beside the loop of a line: telemetry, checkpoints, the screening of tokens and the consistency watch. */
import { randomBytes } from 'node:crypto'
import type { ChainNode, NodesClient } from '../chain/client.ts'
import { createRng } from '../core/rng.ts'
import { createCheckpointer } from '../market/checkpoint.ts'
import type { Market } from '../market/market.ts'
import { createMarketRows } from '../market/marketRows.ts'
import { readMarket } from '../market/reader.ts'
import { createWatch } from '../market/watch.ts'
import type { Log } from '../observe/log.ts'
import { createMetrics } from '../observe/metrics.ts'
import type { SnapshotOptions } from '../pools/pool.ts'
import type { Database } from '../store/database.ts'
import type { EngineOptions } from './options.ts'
import { createScreening } from './screening.ts'
import type { MarketStart } from './startMarket.ts'
import { createTelemetry, type Telemetry } from './telemetry.ts'

/** What the keepers work on. */
export type KeeperOptions = {
  readonly client: NodesClient
  /** See `createAgreed`. */
  readonly agreed: ChainNode
  readonly market: Market
  readonly start: Pick<MarketStart, 'head' | 'isResumed'>
  readonly reading: SnapshotOptions
  /** Absent keeps no checkpoints. */
  readonly database?: Database | undefined
  /** Final blocks from one checkpoint to the next; 25 when absent. */
  readonly everyBlocks?: number | undefined
  readonly log: Log
  readonly say: (line: string) => void
  /** Unix seconds. */
  readonly now: () => bigint
}

/** The keepers of one line. */
export type Keepers = Required<Pick<EngineOptions, 'listeners' | 'watch'>> & {
  readonly telemetry: Telemetry
  /** Starts what has work before the first block. */
  begin(): void
  /** Ends timers, and settles when no checkpoint is being saved. */
  close(): Promise<void>
}

/** Five minutes on mainnet. */
const checkpointBlocks = 25
/** Between two looks for nodes that were put aside: a quarantine lasts two seconds at least. */
const nodeLookMs = 1_000

/** Makes the keepers of `options.market`; their listeners and their watch are for the engine of that market. */
export function createKeepers(options: KeeperOptions): Keepers {
  const { client, market, start, database, log, say, now } = options
  const metrics = createMetrics()
  const telemetry = createTelemetry({ client, market, metrics, log, now })
  const screening = createScreening({
    node: client,
    market,
    onEvent: say,
    // A resumed view is of a block whose state a node may have pruned.
    isReady: () => (market.view().block?.number ?? 0n) >= start.head,
  })
  const checkpointer =
    database &&
    createCheckpointer({
      market,
      rows: createMarketRows(database, metrics),
      everyBlocks: options.everyBlocks ?? checkpointBlocks,
      isResumed: start.isResumed,
      onFailure: (error) => log.error({ error }, 'A checkpoint could not be saved.'),
    })
  const looking = setInterval(telemetry.lookAtNodes, nodeLookMs)
  looking.unref()
  return {
    telemetry,
    listeners: [telemetry.listener, screening.listener, ...(checkpointer ? [checkpointer] : [])],
    watch: createWatch({
      market,
      read: readerOf(options),
      // Whoever knew the seed would know which blocks are not looked at.
      rng: createRng(randomBytes(4).readUInt32LE()),
      onSuspect({ block, differing, compared }) {
        const facts = { block: block.number, differing, compared }
        log.error(
          facts,
          'Most pools of a sample differ from what the nodes say: are the nodes right?',
        )
        say('the nodes contradict the market in most pools: run `isoprice doctor`')
      },
      onMismatch(mismatch) {
        telemetry.mismatch(mismatch)
        // No checkpoint is to bring it back.
        const out = market.quarantined().filter(({ ref }) => ref.id === mismatch.pool)
        checkpointer?.distrust(out.map(({ ref }) => ref))
      },
    }),
    begin: () => screening.step(),
    async close() {
      clearInterval(looking)
      await checkpointer?.idle()
    },
  }
}

/** A node alone must not be able to take sound pools out: the watch reads what several say. */
function readerOf({ agreed, reading }: KeeperOptions): Parameters<typeof createWatch>[0]['read'] {
  return async (refs, blockNumber) =>
    (await readMarket(agreed, refs, { ...reading, blockNumber })).view
}
