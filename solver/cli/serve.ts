/** `isoprice serve`: quotes, intents and settlements over HTTP, on a node and relays or on a local chain. */
import { once } from 'node:events'
import { type LocalAccount, privateKeyToAccount } from 'viem/accounts'
import { serveApi } from '../api/server.ts'
import { connect } from '../chain/client.ts'
import { isAddressText, toAddress } from '../core/hex.ts'
import { toJson } from '../core/units.ts'
import { connectLine, type Line, type LineOptions } from '../engine/connect.ts'
import { InterruptedError, unlessAborted } from '../engine/interrupt.ts'
import type { LocalAccount as TestAccount } from '../localnet/accounts.ts'
import { startLocalnet } from '../localnet/localnet.ts'
import { loadSnapshot } from '../market/snapshotFile.ts'
import { createReport, type SettledIntent } from '../measure/report.ts'
import { createLog, type Log } from '../observe/log.ts'
import type { CliCommand } from './command.ts'
import { UsageError } from './errors.ts'
import { exitCodes, type Io } from './io.ts'
import { accountFromEnvironment } from './keys.ts'
import { poolRefsOf } from './marketFile.ts'
import { parseNumberOption } from './numberOption.ts'
import { fundOwners, ownerLines } from './owners.ts'
import { relayProtocols, requireUrls, rpcFlag, rpcUrlsOf, severalNodes } from './rpcOption.ts'

type Options = {
  readonly rpc?: readonly string[]
  readonly relay?: readonly string[]
  readonly pools?: string
  readonly settlement?: string
  readonly store?: string
  readonly port: string
  readonly json?: boolean
}

/** What runs below the API, and how to end it. */
type World = {
  readonly line: Omit<LineOptions, 'onSettled' | 'signal' | 'store'>
  /** True for play money. */
  readonly isLocal: boolean
  /** Funded accounts of the local chain; none on a chain of others. */
  readonly owners: readonly TestAccount[]
  close(): Promise<void>
}

/** Registers `serve`. */
export const serve: CliCommand = {
  register(program, run) {
    program
      .command('serve')
      .description('serve prices, quotes and intents over HTTP and settle open intents privately')
      .option(
        rpcFlag,
        `nodes of one chain, the best first (${severalNodes}); a local chain is started when absent`,
      )
      .option('--relay <url...>', 'bundle relays; needed with --rpc')
      .option('--pools <file>', 'market snapshot that lists the pools to follow; needed with --rpc')
      .option('--settlement <address>', 'the settlement contract; needed with --rpc')
      .option(
        '--store <url>',
        'keep checkpoints for a quick restart: postgres://… or pglite:<folder>',
      )
      .option('--port <number>', 'first port to try on 127.0.0.1', '4000')
      .option('--json', 'print what is where as one line of JSON')
      .addHelpText(
        'after',
        `
With --rpc the keys come from ISOPRICE_SOLVER_KEY (gas money) and ISOPRICE_RELAY_KEY (reputation).
With several nodes, whatever money depends on is read from three and taken when two say the same.
A pglite store is refused with --rpc, since it may lose what it saved when the power fails;
ISOPRICE_ALLOW_EMBEDDED=1 takes that risk.`,
      )
      .action(run((io, options: Options) => serveUntilInterrupted(io, options)))
  },
}

async function serveUntilInterrupted(io: Io, options: Options): Promise<number> {
  try {
    await serveWorld(io, options)
  } catch (error) {
    // An interrupt is how a service ends, also while it starts.
    if (!(error instanceof InterruptedError)) throw error
  }
  return exitCodes.ok
}

async function serveWorld(io: Io, options: Options): Promise<void> {
  const port = Number(parseNumberOption('--port', options.port))
  const starting =
    options.rpc === undefined ? localWorld(io) : remoteWorld(io, options, rpcUrlsOf(options.rpc))
  const world = await unlessAborted(io.signal, starting, ({ close }) => close())
  try {
    const settled: SettledIntent[] = []
    const line = await connectLine({
      ...world.line,
      signal: io.signal,
      store:
        options.store === undefined ? undefined : { url: options.store, isLocal: world.isLocal },
      onSettled: (intent) => {
        settled.push(intent)
        world.line.say?.(`settled ${intent.hash} in block ${intent.block}`)
      },
    })
    try {
      await serveLine(io, options, { port, world, line, settled })
    } finally {
      await line.close()
    }
  } finally {
    await world.close()
  }
}

type Serving = {
  readonly port: number
  readonly world: World
  readonly line: Line
  readonly settled: readonly SettledIntent[]
}

async function serveLine(io: Io, options: Options, serving: Serving): Promise<void> {
  const { port, world, line, settled } = serving
  const { engine, telemetry } = line
  const report = () => createReport(settled, engine.view().tokens)
  const failure = () => engine.failure()
  const api = await serveApi({ engine, quotes: new Map(), report, failure, telemetry }, port)
  const where = { url: api.url, settlement: engine.settlement }
  for (const text of options.json === true ? [factLine(where, world)] : describe(where, world))
    io.print(text)
  try {
    await Promise.race([engine.run(io.signal), aborted(io.signal)])
  } finally {
    // Also when the loop died: a door that stays open would take orders that nobody settles.
    await api.close()
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}

type Where = { readonly url: string; readonly settlement: string }

function factLine(where: Where, { line, owners }: World): string {
  const [first] = owners
  const people = first === undefined ? {} : { owner: first.address, owners }
  return toJson({ ...where, rpc: line.rpcUrls.join(','), ...people })
}

function describe({ url, settlement }: Where, { line, owners }: World): string[] {
  const serving = `serving ${url} · settlement ${settlement}`
  // A node of others is known to who named it, and its URL may hold a key.
  return owners.length === 0
    ? [serving]
    : [serving, `rpc: ${line.rpcUrls.join(' ')}`, ...ownerLines(owners)]
}

async function localWorld(io: Io): Promise<World> {
  const net = await startLocalnet({ slotSeconds: 2, say: io.say })
  const { chain, served, settlement } = net
  const owners = await fundOwners(net)
  const account = (key: `0x${string}`): LocalAccount => privateKeyToAccount(key)
  return {
    line: {
      rpcUrls: [served.url],
      relayUrls: served.relayUrls,
      settlement,
      solver: account(chain.accounts.solver.privateKey),
      relaySigner: account(chain.accounts.auctioneer.privateKey),
      pools: chain.pools,
      pollMs: 200,
      log: logOf(io, 'warn'),
      say: io.say,
    },
    isLocal: true,
    owners,
    close: () => net.close(),
  }
}

async function remoteWorld(io: Io, options: Options, rpcUrls: readonly string[]): Promise<World> {
  const { relay, pools, settlement } = requireRemote(options)
  const relayUrls = requireUrls('--relay', relay, relayProtocols)
  const { view } = await loadSnapshot(pools)
  const probe = await connect({ urls: rpcUrls, chainId: view.chainId })
  probe.close()
  const log = logOf(io, 'info')
  return {
    line: {
      rpcUrls,
      relayUrls,
      settlement: toAddress(settlement),
      solver: accountFromEnvironment('ISOPRICE_SOLVER_KEY'),
      relaySigner: accountFromEnvironment('ISOPRICE_RELAY_KEY'),
      pools: poolRefsOf(view),
      log,
      // What a service says is read by machines too.
      say: (line) => log.info({}, line),
    },
    isLocal: false,
    owners: [],
    close: async () => undefined,
  }
}

/**
 * What `--rpc` needs besides.
 *
 * @throws {UsageError} `cli.usage`, which names the options that are missing, or the address that is none.
 */
function requireRemote({ relay, pools, settlement }: Options) {
  if (relay === undefined || pools === undefined || settlement === undefined) {
    const given = Object.entries({ relay, pools, settlement })
    const missing = given.flatMap(([name, value]) => (value === undefined ? [`--${name}`] : []))
    const why = 'Nothing is ever sent to a public mempool, so at least one relay must be named.'
    throw new UsageError(
      `--rpc needs ${missing.join(', ')} too.`,
      relay === undefined ? why : 'Run `isoprice serve --help` to see what they name.',
    )
  }
  if (!isAddressText(settlement))
    throw new UsageError(
      `--settlement ${settlement.slice(0, 50)} is no address.`,
      'Give 0x and 40 hex digits.',
    )
  return { relay, pools, settlement }
}

function logOf(io: Io, level: 'info' | 'warn'): Log {
  return createLog({ level, destination: { write: (line) => io.say(line.trimEnd()) } })
}
