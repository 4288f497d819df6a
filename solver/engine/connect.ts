/** Composes an engine from addresses and keys: connects, starts the market, and wires the rooms. */
import type { LocalAccount } from 'viem/accounts'
import { type ChainClient, type ChainNode, connect, type NodesClient } from '../chain/client.ts'
import { readQuantity } from '../chain/quantity.ts'
import { BaseError } from '../core/errors.ts'
import { type Address, toAddress } from '../core/hex.ts'
import { max } from '../core/rounding.ts'
import { createMarket, type Market } from '../market/market.ts'
import { liftHabits } from '../market/traits.ts'
import type { SettledIntent } from '../measure/report.ts'
import { createLog, type Log, type LogOptions } from '../observe/log.ts'
import type { PoolRef, SnapshotOptions } from '../pools/pool.ts'
import { type Database, openDatabase, requireDurable } from '../store/database.ts'
import { createSubmitter } from '../submit/submitter.ts'
import { createAgreed } from './agreed.ts'
import { createEngine, type Engine } from './engine.ts'
import { InterruptedError, unlessAborted } from './interrupt.ts'
import { createKeepers } from './keepers.ts'
import { startMarket } from './startMarket.ts'
import type { Telemetry } from './telemetry.ts'

/** Where the line runs and with which keys. */
export type LineOptions = {
  /** Nodes of the chain, the best first. With several, reads on which money depends are what two of them say. */
  readonly rpcUrls: readonly string[]
  readonly relayUrls: readonly string[]
  readonly settlement: Address
  /** Sends settlements; holds ETH for gas only. */
  readonly solver: LocalAccount
  /** Signs relay requests; another key than the solver's. */
  readonly relaySigner: LocalAccount
  readonly pools: readonly PoolRef[]
  /** Between two looks at the head, in milliseconds; 500 when absent. */
  readonly pollMs?: number | undefined
  /** Where checkpoints of the market are kept; absent keeps none. */
  readonly store?: LineStore | undefined
  /** Takes warnings and errors; absent drops them. */
  readonly log?: Log | undefined
  readonly onSettled?: ((settled: SettledIntent) => void) | undefined
  readonly say?: ((line: string) => void) | undefined
  /** Aborting it gives up the start; what has started already goes on. */
  readonly signal?: AbortSignal | undefined
}

/** A database for checkpoints. */
export type LineStore = {
  /** See `openDatabase`. */
  readonly url: string
  /** True for a chain whose money is play money: anything is durable enough. */
  readonly isLocal: boolean
  /** Final blocks from one checkpoint to the next; 25, five minutes, when absent. */
  readonly everyBlocks?: number | undefined
}

/** A composed line and what it is connected to. */
export type Line = {
  readonly engine: Engine
  readonly client: ChainClient
  readonly telemetry: Pick<Telemetry, 'render' | 'state'>
  /** To be called when the engine has ended: finishes a checkpoint under way, and gives the store back. */
  close(): Promise<void>
}

/** Most wei per gas that a settlement may offer: 500 gwei, above every calm day. */
const feeCapWei = 500n * 10n ** 9n
/** Tip of the first attempt: one gwei is what builders ask on a calm day. */
const tipWei = 10n ** 9n
/** Pools above which ticks are read only around the price: a factor 16 each way. */
const largeMarket = { pools: 1_000, reachTicks: 27_728 }
/** A log that nobody reads. */
const silent: LogOptions = { level: 'silent', destination: { write: () => undefined } }

/**
 * Connects, starts the market with the pools of `options.pools` (from the store's checkpoint, or read at the head),
 * and composes the engine. {@link Line.close} gives everything back; when this rejects nothing stays open.
 *
 * @throws {ChainUnreachableError} `chain.unreachable` and the other errors of `connect` and `readMarket`.
 * @throws {NoSettlementError} `engine.no-settlement`, {@link SolverUnfundedError} `engine.solver-unfunded`.
 * @throws {SameKeyError} `submit.same-key`, {@link NoRelayError} `submit.no-relay`.
 * @throws {InterruptedError} `engine.interrupted`, when `options.signal` is aborted before the line stands.
 * @throws {StoreLockedError} `store.locked` and the other errors of `openDatabase` and `requireDurable`.
 */
export async function connectLine(options: LineOptions): Promise<Line> {
  const { store, signal } = options
  const database = store === undefined ? undefined : await openDatabase(store.url)
  let client: NodesClient | undefined
  try {
    if (database !== undefined && store !== undefined) await requireDurable(database, store)
    const connecting = connect({ urls: options.rpcUrls })
    client = await unlessAborted(signal, connecting, ({ close }) => close())
    return await unlessAborted(signal, compose(options, client, database), ({ close }) => close())
  } catch (error) {
    client?.close()
    await database?.destroy()
    throw error
  }
}

async function compose(
  options: LineOptions,
  client: NodesClient,
  database: Database | undefined,
): Promise<Line> {
  const { pools, pollMs = 500, store, log = createLog(silent) } = options
  const { say = () => undefined } = options
  const agreed = createAgreed(client)
  await requireReady(agreed, options)
  const submitter = submitterOf(options, agreed, pollMs)
  const { reachTicks } = largeMarket
  const reading: SnapshotOptions = pools.length > largeMarket.pools ? { reachTicks } : {}
  const start = await startMarket({ client, agreed, pools, database, tipWei, reading })
  // Given up meanwhile: the database is closed, and nothing is to begin.
  if (options.signal?.aborted === true) throw new InterruptedError()
  for (const line of start.how) say(line)
  // What a checkpoint says of tokens was measured; it counts until they are screened again.
  const { view, habits } = liftHabits(start.view)
  const market = createMarket(view, tipWei)
  market.mark(habits)
  // Deadlines follow the chain: a local chain may be ahead of the wall.
  const now = () => max(BigInt(Math.floor(Date.now() / 1_000)), headTime(market))
  const everyBlocks = store?.everyBlocks
  const world = { client, agreed, market, reading }
  const keepers = createKeepers({ ...world, start, database, everyBlocks, log, say, now })
  const { listeners, watch, telemetry } = keepers
  const engine = createEngine({
    ...world,
    submitter,
    tipWei,
    pollMs,
    listeners,
    watch,
    clock: { now },
    settlement: options.settlement,
    solver: toAddress(options.solver.address),
    channel: 'eth_sendBundle',
    catchUp: { to: start.head, unread: start.unread },
    onSettled: options.onSettled,
    onEvent: say,
  })
  keepers.begin()
  return {
    engine,
    client,
    telemetry,
    async close() {
      await keepers.close()
      await database?.destroy()
      client.close()
    },
  }
}

function submitterOf(
  { relayUrls, solver, relaySigner }: LineOptions,
  { viem, chainId }: ChainClient,
  pollMs: number,
) {
  return createSubmitter({
    client: viem,
    relays: relayUrls.map((url, index) => ({ name: `relay-${index + 1}`, url })),
    signer: solver,
    relaySigner,
    limits: { chainId, feeCap: feeCapWei, tip: tipWei, pollMs },
  })
}

function headTime(market: Market): bigint {
  return market.view().block?.timestamp ?? 0n
}

/** A line that could never settle must not start: it would take orders and leave them waiting. */
async function requireReady(node: ChainNode, { settlement, solver }: LineOptions): Promise<void> {
  const code = await node.request({ method: 'eth_getCode', params: [settlement, 'latest'] })
  if (code === null || code === '0x') throw new NoSettlementError(settlement)
  const address = toAddress(solver.address)
  const balance = await node.request({ method: 'eth_getBalance', params: [address, 'latest'] })
  if (readQuantity(balance, 'balance') === 0n) throw new SolverUnfundedError(address)
}

/** There is no contract at the settlement's address. */
export class NoSettlementError extends BaseError {
  override readonly code = 'engine.no-settlement'

  constructor(settlement: Address) {
    super('No contract stands at the address of the settlement.', {
      facts: { settlement },
      hint: 'Deploy the settlement on this chain first, or correct the address.',
    })
  }
}

/** The account that sends settlements has no ether for gas. */
export class SolverUnfundedError extends BaseError {
  override readonly code = 'engine.solver-unfunded'

  constructor(solver: Address) {
    super('The account that sends settlements has no ether.', {
      facts: { solver },
      hint: 'Send it ether for gas, a few tenths are enough, and start again.',
    })
  }
}
