/** Where the commands on pools take them from: lists, market files and factory logs of a node. */
import type { Command } from 'commander'
import { type ChainClient, connect } from '../chain/client.ts'
import type { BlockRef } from '../chain/block.ts'
import { readQuantity } from '../chain/quantity.ts'
import type { MarketView } from '../market/view.ts'
import type { PoolRef } from '../pools/pool.ts'
import { InputFileError, OtherChainError, UsageError } from './errors.ts'
import type { Io } from './io.ts'
import { loadPoolList } from './marketList.ts'
import {
  type BlockView,
  discoverOnNode,
  type Patience,
  readBlock,
  readInParts,
} from './marketNode.ts'
import { parseNumberOption } from './numberOption.ts'
import { rpcUrlsOf } from './rpcOption.ts'

/** Options of every command that reads pools from a node. */
export type NodeOptions = {
  readonly block?: string
  readonly reach?: string
  readonly retries: string
}

/** Options that say which pools. */
export type SourceOptions = NodeOptions & {
  readonly rpc: readonly string[]
  readonly pools?: string
  readonly list?: string
  readonly fromBlock?: string
  readonly toBlock?: string
}

/** What was read, and from where. */
export type SourceReading = {
  readonly view: BlockView
  readonly missing: readonly PoolRef[]
  /** Kinds that are not built, once for each pool that a market file lists. */
  readonly unbuilt: readonly string[]
  /** Pools that factory logs named. */
  readonly discovered: number
}

/** Declares {@link NodeOptions}. */
export function withNodeOptions(command: Command): Command {
  return command
    .option('--block <number>', 'block to read at; the newest when absent')
    .option(
      '--reach <ticks>',
      'list ticks so far from the price only (27728: a factor 16); all when absent',
    )
    .option('--retries <number>', 'further attempts where the node fails', '5')
}

/** Declares the options that say which pools. */
export function withSourceOptions(command: Command): Command {
  return withNodeOptions(command)
    .option('--pools <file>', 'market file that lists the pools; its states are not used')
    .option('--list <file>', 'list of pools (isoprice-pools/1, see docs/market.md)')
    .option('--from-block <number>', 'also pools that known factories logged from this block on')
    .option('--to-block <number>', 'until this block; --block, or the newest, when absent')
}

/** How patiently, as the options say. */
export function patienceOf({ reach, retries }: NodeOptions): Patience {
  const reachTicks = reach === undefined ? undefined : Number(parseNumberOption('--reach', reach))
  return { retries: Number(parseNumberOption('--retries', retries)), reachTicks }
}

/** A connection, and the block to read at. */
export async function connectAt(
  rpc: readonly string[],
  {
    block,
    chainId,
  }: { readonly block?: string | undefined; readonly chainId?: number | undefined },
): Promise<{ node: ChainClient; block: BlockRef }> {
  const number = block === undefined ? undefined : parseNumberOption('--block', block)
  const node = await connect({ urls: rpcUrlsOf(rpc), chainId })
  if (number !== undefined) await requireMined(node, number)
  return { node, block: await readBlock(node, number) }
}

/**
 * Reads the pools that `options` name.
 *
 * @param kept - Gives what an earlier reading of the block has; asked once the block is known.
 * @param onPart - Takes all that is read so far.
 * @throws {UsageError} `cli.usage`, when nothing says which pools, or no factory log names one.
 * @throws {InputFileError} `cli.input-file`, when a file lists no pool, or none that is there.
 * @throws {OtherChainError} `cli.other-chain`, when two files are of different chains.
 */
export async function readSource(
  io: Io,
  options: SourceOptions,
  {
    kept,
    onPart,
  }: {
    readonly kept?: (block: BlockRef) => Promise<MarketView | undefined>
    readonly onPart?: (view: BlockView) => void
  } = {},
): Promise<SourceReading> {
  const { rpc, fromBlock, toBlock } = options
  const files = filesOf(options)
  const patience = patienceOf(options)
  const [from, to] = [
    fromBlock === undefined ? undefined : parseNumberOption('--from-block', fromBlock),
    toBlock === undefined ? undefined : parseNumberOption('--to-block', toBlock),
  ]
  const lists = await Promise.all(files.map(loadPoolList))
  for (const [index, { refs }] of lists.entries())
    if (refs.length === 0)
      throw new InputFileError(files[index] ?? '', 'it lists no pool of a kind that is built')
  const { node, block } = await connectAt(rpc, {
    block: options.block,
    chainId: lists[0]?.chainId,
  })
  requireOneChain(lists, files, node)
  const range = from === undefined ? undefined : { fromBlock: from, toBlock: to ?? block.number }
  const created = range === undefined ? [] : await discoverOnNode(io, node, range, patience)
  const refs = new Map(
    [...created, ...lists.flatMap((list) => list.refs)].map((ref) => [ref.id, ref]),
  )
  if (refs.size === 0)
    throw new UsageError(
      'No factory that is known logged a pool in these blocks.',
      'Give an earlier --from-block, or --list.',
    )
  const { view, missing } = await readInParts(io, node, [...refs.values()], {
    ...patience,
    block,
    kept: await kept?.(block),
    ...(onPart === undefined ? {} : { onPart }),
  })
  if (view.pools.size === 0)
    throw new InputFileError(
      files[0] ?? 'factory logs',
      `none of its ${refs.size} pools is there at block ${block.number} of this node`,
    )
  return {
    view,
    missing,
    unbuilt: lists.flatMap((list) => list.unbuilt),
    discovered: created.length,
  }
}

/**
 * The files that list pools.
 *
 * @throws {UsageError} `cli.usage`, when neither they nor a range of blocks say which pools.
 */
function filesOf({ pools, list, fromBlock, toBlock }: SourceOptions): readonly string[] {
  const files = [pools, list].flatMap((path) => path ?? [])
  if (files.length === 0 && fromBlock === undefined)
    throw new UsageError(
      'Nothing says which pools to read.',
      'Give --list FILE, --pools MARKET or --from-block NUMBER.',
    )
  if (fromBlock === undefined && toBlock !== undefined)
    throw new UsageError('--to-block needs --from-block.', 'Give the first block too.')
  return files
}

/** @throws {OtherChainError} `cli.other-chain`, for a file of another chain than the node's. */
function requireOneChain(
  lists: readonly { readonly chainId: number }[],
  files: readonly string[],
  { chainId }: ChainClient,
): void {
  for (const [index, list] of lists.entries())
    if (list.chainId !== chainId)
      throw new OtherChainError(files[index] ?? '', list.chainId, chainId)
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
