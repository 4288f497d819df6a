/** `isoprice localnet`: a mainnet of one's own on 127.0.0.1, with a relay and a builder. */
import { once } from 'node:events'
import { toJson } from '../core/units.ts'
import type { LocalAccount } from '../localnet/accounts.ts'
import { type Localnet, startLocalnet } from '../localnet/localnet.ts'
import { readMarket } from '../market/reader.ts'
import type { CliCommand } from './command.ts'
import { UsageError } from './errors.ts'
import { exitCodes, type Io } from './io.ts'
import { writeMarket } from './marketFile.ts'
import { parseNumberOption } from './numberOption.ts'
import { fundOwners, ownerLines } from './owners.ts'
import { counted } from './plural.ts'

type Options = {
  readonly port: string
  readonly slotSeconds: string
  readonly seed?: string
  readonly snapshot?: string
  readonly exit?: boolean
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
      .option('--snapshot <file>', 'also write its market once it is up, .json or .json.gz')
      .option(
        '--exit',
        'with --snapshot: end once the file is written, and print no more than that',
      )
      .option('--json', 'print what is where as one line of JSON')
      .addHelpText(
        'after',
        '\nRuns until interrupted, or with --exit until its market is written. Accounts are worthless test keys that everybody knows; four of them hold tokens.',
      )
      .action(run((io, options: Options) => serve(io, options)))
  },
}

async function serve(io: Io, options: Options): Promise<number> {
  if (options.exit === true && options.snapshot === undefined)
    throw new UsageError('--exit needs --snapshot.', 'Name the file to write, or leave --exit out.')
  const slotSeconds = Number(options.slotSeconds)
  if (!(slotSeconds > 0 && slotSeconds <= 3_600))
    throw new UsageError('--slot-seconds is out of range.', 'Give a number above 0, at most 3600.')
  const port = Number(parseNumberOption('--port', options.port))
  const seed =
    options.seed === undefined ? undefined : Number(parseNumberOption('--seed', options.seed))
  const net = await startLocalnet({ port, slotSeconds, seed, say: io.say })
  try {
    const { snapshot, exit = false, json = false } = options
    const owners = exit ? [] : await fundOwners(net)
    const saved = snapshot === undefined ? undefined : await saveMarket(net, snapshot)
    if (saved !== undefined) {
      const text = `wrote ${saved.file}: block ${saved.block}, ${counted(saved.pools, 'pool')}`
      if (!exit) io.say(text)
      // Where nothing stays up, the file is the result.
      else io.print(json ? toJson(saved) : text)
    }
    if (exit) return exitCodes.ok
    for (const line of json ? [toJson({ ...factsOf(net), owners })] : describe(net, owners))
      io.print(line)
    if (!io.signal.aborted) await once(io.signal, 'abort')
  } finally {
    await net.close()
  }
  return exitCodes.ok
}

async function saveMarket({ chain, served }: Localnet, file: string) {
  const { view } = await readMarket(served.node, chain.pools)
  await writeMarket(file, view)
  return { file, block: view.block.number, pools: view.pools.size }
}

function factsOf({ chain, served, settlement }: Localnet) {
  return {
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
}

function describe(net: Localnet, owners: readonly LocalAccount[]): string[] {
  const { chainId, url, wsUrl, relayUrl, settlement, solver, tokens, pools } = factsOf(net)
  return [
    `chain id: ${chainId}`,
    `rpc: ${url}`,
    `websocket: ${wsUrl}`,
    `relay: ${relayUrl}`,
    `settlement: ${settlement}`,
    `solver: ${solver}`,
    `tokens: ${tokens.map(({ symbol, address }) => `${symbol} ${address}`).join(', ')}`,
    `pools: ${pools}`,
    ...ownerLines(owners),
  ]
}
