/** `isoprice snapshot`: a market file from a node, for the pools that another market file lists. */
import { type ChainClient, connect } from '../chain/client.ts'
import { readQuantity } from '../chain/quantity.ts'
import { toJson } from '../core/units.ts'
import { readMarket } from '../market/reader.ts'
import { loadSnapshot } from '../market/snapshotFile.ts'
import type { PoolRef } from '../pools/pool.ts'
import type { CliCommand } from './command.ts'
import { InputFileError, UsageError } from './errors.ts'
import { exitCodes, type Io } from './io.ts'
import { poolRefsOf, writeMarket } from './marketFile.ts'
import { parseNumberOption } from './numberOption.ts'

type Options = {
  readonly rpc: string
  readonly pools: string
  readonly out: string
  readonly block?: string
  readonly json?: boolean
}

/** Pools that the summary for a person names. */
const namedMax = 5

/** Registers `snapshot --rpc URL --pools FILE --out FILE`. */
export const snapshot: CliCommand = {
  register(program, run) {
    program
      .command('snapshot')
      .description('read the pools that a market file lists from a node and write them as they are')
      .requiredOption('--rpc <url>', 'JSON-RPC URL')
      .requiredOption('--pools <file>', 'market file that lists the pools; its states are not used')
      .requiredOption('--out <file>', 'market file to write, .json or .json.gz')
      .option('--block <number>', 'block to read at; the newest when absent')
      .option('--json', 'print what was read as one object')
      .addHelpText(
        'after',
        '\nWithout a node: examples/market.json is a small market, and `isoprice localnet --snapshot FILE` writes one.',
      )
      .action(run((io, options: Options) => takeSnapshot(io, options)))
  },
}

async function takeSnapshot(io: Io, options: Options): Promise<number> {
  const { rpc, pools: path, out } = options
  const blockNumber =
    options.block === undefined ? undefined : parseNumberOption('--block', options.block)
  const listed = await loadSnapshot(path)
  const refs = poolRefsOf(listed.view)
  if (refs.length === 0) throw new InputFileError(path, 'it lists no pool of a kind that is built')
  const node = await connect({ urls: [rpc], chainId: listed.view.chainId })
  if (blockNumber !== undefined) await requireMined(node, blockNumber)
  const { view, missing } = await readMarket(node, refs, { blockNumber, say: io.say })
  const { block } = view
  if (view.pools.size === 0)
    throw new InputFileError(
      path,
      `none of its ${refs.length} pools is there at block ${block.number} of this node`,
    )
  await writeMarket(out, view)
  const unbuilt = listed.ignored.map(({ kind }) => (typeof kind === 'string' ? kind : 'unknown'))
  const facts = {
    file: out,
    chainId: view.chainId,
    block: block.number,
    pools: view.pools.size,
    tokens: view.tokens.size,
    missing: missing.map(({ kind, id }) => ({ kind, id })),
    unbuilt: unbuilt.length,
  }
  if (options.json === true) io.print(toJson(facts))
  else {
    io.print(`wrote ${out}: block ${block.number}, ${facts.pools} pools, ${facts.tokens} tokens`)
    for (const line of notRead(missing, unbuilt)) io.print(line)
  }
  return exitCodes.ok
}

/** @throws {UsageError} `cli.usage`, for a block above the node's head. */
async function requireMined(node: ChainClient, wanted: bigint): Promise<void> {
  const head = readQuantity(await node.request({ method: 'eth_blockNumber' }), 'head')
  if (wanted > head)
    throw new UsageError(
      `--block ${wanted} is above the node's head ${head}.`,
      'Give a block that is mined, or leave --block out for the newest.',
    )
}

function notRead(missing: readonly PoolRef[], unbuilt: readonly string[]): string[] {
  const named = missing.slice(0, namedMax).map(({ kind, id }) => `${kind} ${id}`)
  const more = missing.length > named.length ? ', …' : ''
  return [
    ...(missing.length === 0
      ? []
      : [`not read: ${missing.length} pools that are not there: ${named.join(', ')}${more}`]),
    ...(unbuilt.length === 0
      ? []
      : [
          `not read: ${unbuilt.length} pools of kinds that are not built: ${[...new Set(unbuilt)].join(', ')}`,
        ]),
  ]
}
