/** `isoprice market snapshot`, also as `isoprice snapshot`: a market file from a node. */
import { access, rm } from 'node:fs/promises'
import type { Command } from 'commander'
import type { BlockRef } from '../chain/block.ts'
import { toJson } from '../core/units.ts'
import { toSnapshot } from '../market/snapshot.ts'
import { loadSnapshot, saveSnapshot } from '../market/snapshotFile.ts'
import type { MarketView } from '../market/view.ts'
import type { PoolRef } from '../pools/pool.ts'
import type { CliCommand, RunAction } from './command.ts'
import { exitCodes, type Io } from './io.ts'
import { writeMarket } from './marketFile.ts'
import type { BlockView } from './marketNode.ts'
import { counted } from './plural.ts'
import { readSource, type SourceOptions, withSourceOptions } from './marketSource.ts'
import { rpcFlag, severalNodes } from './rpcOption.ts'

type Options = SourceOptions & { readonly out: string; readonly json?: boolean }

/** Pools that the summary for a person names. */
const namedMax = 5

/** Registers `snapshot`, the short name of `market snapshot`. */
export const snapshot: CliCommand = {
  register(program, run) {
    addSnapshot(program, run).description('the same as `market snapshot`')
  },
}

/** Adds the command to `parent`. */
export function addSnapshot(parent: Command, run: RunAction): Command {
  const command = parent
    .command('snapshot')
    .description('read pools from a node at one block and write them as a market file')
    .requiredOption(rpcFlag, `JSON-RPC URLs, the best node first (${severalNodes})`)
    .requiredOption('--out <file>', 'market file to write, .json or .json.gz')
  return withSourceOptions(command)
    .option('--json', 'print what was read as one object')
    .addHelpText(
      'after',
      `
Which pools: at least one of --pools, --list and --from-block.
A reading that fails is kept beside OUT; the same command goes on from there while its block is on the chain.
Without a node: examples/market.json is a small market, and \`isoprice localnet --snapshot FILE --exit\` writes one.

Examples:
  isoprice market snapshot --rpc http://127.0.0.1:8545 --from-block 0 --out market.json.gz
  isoprice market snapshot --rpc URL --list pools.json --reach 27728 --out market.json.gz
  isoprice market snapshot --rpc URL --pools old.json.gz --block 23000000 --out new.json.gz`,
    )
    .action(run((io, options: Options) => takeSnapshot(io, options)))
}

async function takeSnapshot(io: Io, options: Options): Promise<number> {
  const { out } = options
  const partial = `${out}.unfinished.json.gz`
  let part: BlockView | undefined
  const reading = await readSource(io, options, {
    kept: (block) => loadPartial(io, partial, block),
    onPart: (view) => {
      part = view
    },
  }).catch(async (error: unknown) => {
    if (part !== undefined) await keepPartial(io, partial, part)
    throw error
  })
  const { view, missing, unbuilt, discovered } = reading
  await writeMarket(out, view)
  await rm(partial, { force: true })
  const facts = {
    file: out,
    chainId: view.chainId,
    block: view.block.number,
    pools: view.pools.size,
    tokens: view.tokens.size,
    discovered,
    missing: missing.map(({ kind, id }) => ({ kind, id })),
    unbuilt: unbuilt.length,
  }
  if (options.json === true) io.print(toJson(facts))
  else {
    io.print(
      `wrote ${out}: block ${view.block.number}, ${counted(facts.pools, 'pool')}, ${counted(facts.tokens, 'token')}`,
    )
    for (const line of notRead(missing, unbuilt)) io.print(line)
  }
  return exitCodes.ok
}

/** What an earlier reading of the same block left behind. */
async function loadPartial(io: Io, path: string, block: BlockRef): Promise<MarketView | undefined> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  )
  if (!isThere) return undefined
  const { view } = await loadSnapshot(path)
  if (view.block?.hash !== block.hash) {
    io.say(`${path} is of block ${view.block?.number}, not of ${block.number}: starting anew`)
    return undefined
  }
  io.say(`kept from an earlier reading of this block: ${counted(view.pools.size, 'pool')}`)
  return view
}

async function keepPartial(io: Io, path: string, view: BlockView): Promise<void> {
  await saveSnapshot(path, toSnapshot(view))
  io.say(
    `kept in ${path}: ${counted(view.pools.size, 'pool')}; the same command with --block ${view.block.number} goes on`,
  )
}

function notRead(missing: readonly PoolRef[], unbuilt: readonly string[]): string[] {
  const named = missing.slice(0, namedMax).map(({ kind, id }) => `${kind} ${id}`)
  const more = missing.length > named.length ? ', …' : ''
  return [
    ...(missing.length === 0
      ? []
      : [`not read: ${counted(missing.length, 'pool')} not there: ${named.join(', ')}${more}`]),
    ...(unbuilt.length === 0
      ? []
      : [
          `not read: ${counted(unbuilt.length, 'pool')} of kinds that are not built: ${[...new Set(unbuilt)].join(', ')}`,
        ]),
  ]
}
