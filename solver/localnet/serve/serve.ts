/**
 * A local chain as the world sees it: a public node, private relays, and a builder that seals blocks.
 *
 * The node itself is reachable only in this process. Nothing but loopback is ever listened on.
 */
import type { Hex } from '../../core/hex.ts'
import { max } from '../../core/rounding.ts'
import type { HiddenNode } from '../node.ts'
import { type AuditRecord, createAudit } from './audit.ts'
import { sealBlock, type SealedBlock } from './builder.ts'
import { createBundlePool } from './bundlePool.ts'
import type { RelayFault } from './faults.ts'
import { createGateway } from './gateway.ts'
import { type HttpServer, listen } from './http.ts'
import { answerRpc } from './jsonRpc.ts'
import { createMutex } from './mutex.ts'
import { createNodeOps, type NodeOps } from './node.ts'
import { createPublicPool } from './publicPool.ts'
import { answerRelay } from './relay.ts'
import type { RelayDialect } from './relayParams.ts'
import { createSubscriptions } from './subscriptions.ts'
import type { ReadTransaction } from './transaction.ts'

/** Choices of {@link serveNode}; all have defaults. */
export type ServeOptions = {
  /** First port to try for the public side; the relays take the next free ones. Default 8545. */
  readonly port?: number | undefined
  /** Seconds between blocks, or `manual` (the default): only `seal` makes one. */
  readonly slotSeconds?: number | 'manual' | undefined
  /** Rules of each relay; one Flashbots-like relay by default. */
  readonly relays?: readonly RelayDialect[] | undefined
  /** Lets public callers use `hardhat_*` and `evm_*`; default false. */
  readonly allowControl?: boolean | undefined
  /** Takes one line per block, and faults of timed sealing. */
  readonly log?: ((line: string) => void) | undefined
}

/** A served chain. */
export type ServedNode = {
  /** JSON-RPC over HTTP, and over WebSocket, on the same port. */
  readonly url: string
  readonly wsUrl: string
  /** The first relay. */
  readonly relayUrl: string
  readonly relayUrls: readonly string[]
  /** The hidden node behind the builder's lock: set-up and assertions of tests go through it. */
  readonly node: HiddenNode
  /**
   * Makes the next block now. `timestamp`, Unix seconds, is by default one slot after the last (12 s
   * when manual) and never in the past of it.
   */
  seal(options?: { readonly timestamp?: bigint }): Promise<SealedBlock>
  /** How much waits: bundles and private transactions at the relays; public ones, and behind gaps. */
  pending(): { readonly bundles: number; readonly public: number; readonly queued: number }
  /** Makes a relay (default the first) misbehave from now on. */
  setFault(fault: RelayFault, relay?: number): void
  /** Everything that crossed the public sockets. */
  audit(): AuditRecord
  close(): Promise<void>
}

/** A mainnet slot. */
const manualSlotSeconds = 12n

/**
 * Serves `node` on 127.0.0.1. From then on nothing else may make it mine.
 *
 * @returns The served chain; `close` ends servers and the timer, and leaves the node alone.
 * @throws {NoPortError} `localnet.no-port`, when no port is free.
 */
export async function serveNode(node: HiddenNode, options: ServeOptions = {}): Promise<ServedNode> {
  const { slotSeconds = 'manual', port = 8545, relays = ['flashbots'], log } = options
  await node.request({ method: 'evm_setAutomine', params: [false] })
  const chain = await createChain(node, slotSeconds)
  const { pool, bundles, exclusive, audit } = chain
  const side = await startPublicSide(chain, port, options)
  const faults: RelayFault[] = relays.map(() => 'none')
  const servers: HttpServer[] = [side.server]
  try {
    for (const [index, dialect] of relays.entries()) {
      const relay = {
        ...chain,
        dialect,
        fault: () => faults[index] ?? 'none',
        publish: side.publish,
      }
      const first = port === 0 ? 0 : side.server.port + 1
      servers.push(await listen((request) => answerRelay(relay, request), first))
    }
  } catch (error) {
    await Promise.all(servers.map((each) => each.close()))
    throw error
  }
  const stop = startSlots(slotSeconds, () => side.seal(), log)
  const [url = '', ...relayUrls] = servers.map((each) => `http://127.0.0.1:${each.port}`)
  return {
    url,
    wsUrl: `ws://127.0.0.1:${side.server.port}`,
    relayUrl: relayUrls[0] ?? '',
    relayUrls,
    node: { request: (args) => exclusive(() => node.request(args)) },
    seal: ({ timestamp } = {}) => side.seal(timestamp),
    pending() {
      const { pending, queued } = pool.content()
      return { bundles: bundles.size(), public: pending.length, queued: queued.length }
    },
    setFault(fault, relay = 0) {
      faults[relay] = fault
    },
    audit: () => audit.read(),
    async close() {
      stop()
      side.close()
      await Promise.all(servers.map((each) => each.close()))
      // A block that is being sealed ends first: the node's owner may close it next.
      await exclusive(() => Promise.resolve())
    },
  }
}

/** What the builder, the relays and the public side share. */
async function createChain(node: HiddenNode, slotSeconds: number | 'manual') {
  const ops = createNodeOps(node)
  const exclusive = createMutex()
  const listeners: ((transaction: ReadTransaction) => void)[] = []
  const plannedTime = createClock(ops, slotSeconds)
  return {
    ops,
    exclusive,
    audit: createAudit(),
    bundles: createBundlePool(Date.now),
    /** Hear of each public transaction. */
    listeners,
    pool: createPublicPool((transaction) => listeners.forEach((each) => each(transaction))),
    chainId: Number(await ops.call<Hex>('eth_chainId')),
    /** For the builder, which holds the lock. */
    plannedTime,
    nextTimestamp: () => exclusive(plannedTime),
  }
}

/** The public port, and the sealing that it has to hear of. */
async function startPublicSide(
  chain: Awaited<ReturnType<typeof createChain>>,
  port: number,
  { allowControl = false, log }: ServeOptions,
) {
  const { exclusive, plannedTime, audit, listeners } = chain
  const seal = async (wanted?: bigint) => {
    const block = await exclusive(async () =>
      sealBlock({ ...chain, nowMs: Date.now }, wanted ?? (await plannedTime())),
    )
    gateway.filters.push('block', block.hash)
    await subscriptions.sealed(block.hash)
    const { number, transactions, bundles } = block
    log?.(`block ${number}: ${transactions.length} transactions, ${bundles.length} bundles`)
    return block
  }
  const gateway = createGateway({ ...chain, allowControl, seal: () => seal() })
  const server = await listen(async ({ body }) => {
    const text = new TextDecoder().decode(body)
    audit.received(text)
    const answer = await answerRpc(text, gateway.handle, { allowBatch: true })
    audit.sent(answer)
    return { status: 200, body: answer }
  }, port)
  const subscriptions = createSubscriptions(server.server, gateway.handle, audit)
  listeners.push((transaction) => {
    subscriptions.pending(transaction)
    gateway.filters.push('pending', transaction.hash)
  })
  const publish = (raw: Hex) =>
    gateway.handle({ id: null, method: 'eth_sendRawTransaction', params: [raw] })
  return { server, seal, publish, close: () => subscriptions.close() }
}

/** Manual chains have a virtual clock of mainnet slots; timed ones follow the wall. */
function createClock(ops: NodeOps, slotSeconds: number | 'manual'): () => Promise<bigint> {
  return async () => {
    const { timestamp } = await ops.head()
    if (slotSeconds === 'manual') return timestamp + manualSlotSeconds
    return max(timestamp + 1n, BigInt(Math.floor(Date.now() / 1_000)))
  }
}

/** Seals every slot until stopped; a slow block delays the next, it does not overlap it. */
function startSlots(
  slotSeconds: number | 'manual',
  seal: () => Promise<unknown>,
  log: ((line: string) => void) | undefined,
): () => void {
  if (slotSeconds === 'manual') return () => undefined
  const slotMs = slotSeconds * 1_000
  let stopped = false
  let timer = setTimeout(tick, slotMs)
  function tick() {
    seal()
      .catch((error: unknown) => log?.(error instanceof Error ? error.message : 'sealing failed'))
      .finally(() => {
        if (!stopped) timer = setTimeout(tick, slotMs)
      })
  }
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
