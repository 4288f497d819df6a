/** `isoprice serve`: quotes, intents and settlements over HTTP, on a node and relays or on a local chain. */
import { once } from 'node:events'
import { type LocalAccount, privateKeyToAccount } from 'viem/accounts'
import { serveApi } from '../api/server.ts'
import { connect } from '../chain/client.ts'
import { isAddressText, toAddress } from '../core/hex.ts'
import { toJson } from '../core/units.ts'
import { connectLine, type LineOptions } from '../engine/connect.ts'
import type { LocalAccount as TestAccount } from '../localnet/accounts.ts'
import { startLocalnet } from '../localnet/localnet.ts'
import { loadSnapshot } from '../market/snapshotFile.ts'
import { createReport, type SettledIntent } from '../measure/report.ts'
import type { CliCommand } from './command.ts'
import { UsageError } from './errors.ts'
import { exitCodes, type Io } from './io.ts'
import { accountFromEnvironment } from './keys.ts'
import { poolRefsOf } from './marketFile.ts'
import { parseNumberOption } from './numberOption.ts'
import { fundOwners, ownerLines } from './owners.ts'

type Options = {
  readonly rpc?: string
  readonly relay?: readonly string[]
  readonly pools?: string
  readonly settlement?: string
  readonly port: string
  readonly json?: boolean
}

/** What runs below the API, and how to end it. */
type World = {
  readonly line: Omit<LineOptions, 'onSettled'>
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
      .option('--rpc <url>', 'JSON-RPC URL; a local chain is started when absent')
      .option('--relay <url...>', 'bundle relays; needed with --rpc')
      .option('--pools <file>', 'market snapshot that lists the pools to follow; needed with --rpc')
      .option('--settlement <address>', 'the settlement contract; needed with --rpc')
      .option('--port <number>', 'first port to try on 127.0.0.1', '4000')
      .option('--json', 'print what is where as one line of JSON')
      .addHelpText(
        'after',
        '\nWith --rpc the keys come from ISOPRICE_SOLVER_KEY (gas money) and ISOPRICE_RELAY_KEY (reputation).',
      )
      .action(run((io, options: Options) => serveUntilInterrupted(io, options)))
  },
}

async function serveUntilInterrupted(io: Io, options: Options): Promise<number> {
  const port = Number(parseNumberOption('--port', options.port))
  const world = await (options.rpc === undefined
    ? localWorld(io)
    : remoteWorld(io, options, options.rpc))
  try {
    const settled: SettledIntent[] = []
    const { engine } = await connectLine({
      ...world.line,
      onSettled: (intent) => {
        settled.push(intent)
        io.say(`settled ${intent.hash} in block ${intent.block}`)
      },
    })
    const report = () => createReport(settled, engine.view().tokens)
    const api = await serveApi(
      { engine, quotes: new Map(), report, failure: () => engine.failure() },
      port,
    )
    const where = { url: api.url, settlement: engine.settlement }
    for (const line of options.json === true ? [factLine(where, world)] : describe(where, world))
      io.print(line)
    try {
      await Promise.race([engine.run(io.signal), once(io.signal, 'abort')])
    } finally {
      // Also when the loop died: a door that stays open would take orders that nobody settles.
      await api.close()
    }
  } finally {
    await world.close()
  }
  return exitCodes.ok
}

type Where = { readonly url: string; readonly settlement: string }

function factLine(where: Where, { line, owners }: World): string {
  const [first] = owners
  const people = first === undefined ? {} : { owner: first.address, owners }
  return toJson({ ...where, rpc: line.rpcUrl, ...people })
}

function describe({ url, settlement }: Where, { line, owners }: World): string[] {
  const serving = `serving ${url} · settlement ${settlement}`
  // A node of others is known to who named it, and its URL may hold a key.
  return owners.length === 0 ? [serving] : [serving, `rpc: ${line.rpcUrl}`, ...ownerLines(owners)]
}

async function localWorld(io: Io): Promise<World> {
  const net = await startLocalnet({ slotSeconds: 2, say: io.say })
  const { chain, served, settlement } = net
  const owners = await fundOwners(net)
  const account = (key: `0x${string}`): LocalAccount => privateKeyToAccount(key)
  return {
    line: {
      rpcUrl: served.url,
      relayUrls: served.relayUrls,
      settlement,
      solver: account(chain.accounts.solver.privateKey),
      relaySigner: account(chain.accounts.auctioneer.privateKey),
      pools: chain.pools,
      pollMs: 200,
      say: io.say,
    },
    owners,
    close: () => net.close(),
  }
}

async function remoteWorld(io: Io, options: Options, rpcUrl: string): Promise<World> {
  const { relay = [], pools, settlement } = options
  if (
    relay.length === 0 ||
    pools === undefined ||
    settlement === undefined ||
    !isAddressText(settlement)
  )
    throw new UsageError(
      '--rpc needs --relay, --pools and --settlement.',
      'Nothing is ever sent to a public mempool, so at least one relay must be named.',
    )
  await connect({ urls: [rpcUrl] })
  const { view } = await loadSnapshot(pools)
  return {
    line: {
      rpcUrl,
      relayUrls: relay,
      settlement: toAddress(settlement),
      solver: accountFromEnvironment('ISOPRICE_SOLVER_KEY'),
      relaySigner: accountFromEnvironment('ISOPRICE_RELAY_KEY'),
      pools: poolRefsOf(view),
      say: io.say,
    },
    owners: [],
    close: async () => undefined,
  }
}
