/** `isoprice localnet`: a mainnet of one's own on 127.0.0.1, with a relay and a builder. */
import { once } from 'node:events'
import { parseInteger, toJson } from '../core/units.ts'
import { startLocalnet } from '../localnet/localnet.ts'
import type { CliCommand } from './command.ts'
import { UsageError } from './errors.ts'
import { exitCodes, type Io } from './io.ts'

type Options = {
  readonly port: string
  readonly slotSeconds: string
  readonly seed?: string
  readonly json?: boolean
}

/** Registers `localnet`. */
export const localnet: CliCommand = {
  register(program, run) {
    program
      .command('localnet')
      .description(
        'serve a chain of id 1 with real AMM bytecode, funded pools, a private relay and a builder',
      )
      .option('--port <number>', 'first port to try on 127.0.0.1', '8545')
      .option('--slot-seconds <number>', 'seconds between blocks', '12')
      .option('--seed <integer>', 'moves pool prices and positions around the table')
      .option('--json', 'print what is where as one line of JSON')
      .addHelpText(
        'after',
        '\nRuns until interrupted. Accounts are test keys that everybody knows.',
      )
      .action(run((io, options: Options) => serve(io, options)))
  },
}

async function serve(io: Io, options: Options): Promise<number> {
  const slotSeconds = Number(options.slotSeconds)
  if (!(slotSeconds > 0 && slotSeconds <= 3_600))
    throw new UsageError('--slot-seconds is out of range.', 'Give a number above 0, at most 3600.')
  const port = Number(parseInteger(options.port, 'port'))
  if (port > 65_535) throw new UsageError('--port is out of range.', 'Give 0 to 65535.')
  const seed = options.seed === undefined ? undefined : Number(parseInteger(options.seed, 'seed'))
  const net = await startLocalnet({ port, slotSeconds, seed, say: io.say })
  try {
    const { chain, served, settlement } = net
    const facts = {
      chainId: chain.chainId,
      url: served.url,
      wsUrl: served.wsUrl,
      relayUrl: served.relayUrl,
      settlement,
      solver: chain.accounts.solver.address,
      owner: chain.accounts.owner(0).address,
      tokens: chain.tokens.map(({ symbol, address }) => ({ symbol, address })),
      pools: chain.pools.length,
    }
    if (options.json === true) io.print(toJson(facts))
    else for (const [name, value] of Object.entries(facts)) io.print(`${name}: ${textOf(value)}`)
    if (!io.signal.aborted) await once(io.signal, 'abort')
  } finally {
    await net.close()
  }
  return exitCodes.ok
}

function textOf(value: unknown): string {
  if (!Array.isArray(value)) return String(value)
  return value
    .map((each: { symbol: string; address: string }) => `${each.symbol} ${each.address}`)
    .join(', ')
}
