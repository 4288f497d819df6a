/** `isoprice serve`: quotes, intents and settlements over HTTP, on a node and relays or on a local chain. */
import { once } from 'node:events'
import { type LocalAccount, privateKeyToAccount } from 'viem/accounts'
import { serveApi } from '../api/server.ts'
import { connect } from '../chain/client.ts'
import { isAddressText, toAddress } from '../core/hex.ts'
import { parseInteger, toJson } from '../core/units.ts'
import { connectLine, type LineOptions } from '../engine/connect.ts'
import { startLocalnet } from '../localnet/localnet.ts'
import { loadSnapshot } from '../market/snapshotFile.ts'
import { createReport, type SettledIntent } from '../measure/report.ts'
import type { PoolRef } from '../pools/pool.ts'
import type { CliCommand } from './command.ts'
import { UsageError } from './errors.ts'
import { exitCodes, type Io } from './io.ts'
import { accountFromEnvironment } from './keys.ts'

type Options = {
  readonly rpc?: string
  readonly relay?: readonly string[]
  readonly pools?: string
  readonly settlement?: string
  readonly port: string
  readonly json?: boolean
}

/** What runs below the API, and how to end it. */
type World = { readonly line: Omit<LineOptions, 'onSettled'>; close(): Promise<void> }

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
  const port = Number(parseInteger(options.port, 'port'))
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
    const api = await serveApi({ engine, quotes: new Map(), report }, port)
    const facts = { url: api.url, settlement: engine.settlement, rpc: world.line.rpcUrl }
    io.print(
      options.json === true
        ? toJson(facts)
        : `serving ${api.url} · settlement ${engine.settlement}`,
    )
    await Promise.race([engine.run(io.signal), once(io.signal, 'abort')])
    await api.close()
  } finally {
    await world.close()
  }
  return exitCodes.ok
}

async function localWorld(io: Io): Promise<World> {
  const net = await startLocalnet({ slotSeconds: 2, say: io.say })
  const { chain, served, settlement } = net
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
      pools: [...view.pools.values()] satisfies PoolRef[],
      say: io.say,
    },
    close: async () => undefined,
  }
}
