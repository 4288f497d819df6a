/** `isoprice pools`: the pools of a market file or of a node, the deepest first. */
import type { Address } from '../core/hex.ts'
import type { JsonObject } from '../core/json.ts'
import { toJson } from '../core/units.ts'
import { findToken } from '../market/findToken.ts'
import { loadSnapshot } from '../market/snapshotFile.ts'
import type { MarketView } from '../market/view.ts'
import { poolModules } from '../pools/index.ts'
import type { PoolId } from '../pools/pool.ts'
import type { CliCommand } from './command.ts'
import { UsageError } from './errors.ts'
import { exitCodes, type Io } from './io.ts'
import { withPrices } from './marketFile.ts'
import { readSource, type SourceOptions, withSourceOptions } from './marketSource.ts'
import { parseNumberOption } from './numberOption.ts'
import { counted } from './plural.ts'
import { rpcFlag, severalNodes } from './rpcOption.ts'
import { byDepth, digits, type PoolRow, rowOf, tableOf, totalsOf } from './poolsRows.ts'

type Options = Omit<SourceOptions, 'rpc'> & {
  readonly rpc?: readonly string[]
  readonly market?: string
  readonly kinds?: boolean
  readonly kind?: readonly string[]
  readonly token?: readonly string[]
  readonly exchange?: readonly string[]
  readonly limit: string
  readonly json?: boolean
}

/** Registers `pools`. */
export const pools: CliCommand = {
  register(program, run) {
    const command = program
      .command('pools')
      .description('list the pools of a market file or of a node, the deepest first')
      .option('--kinds', 'list the kinds of pools that are built instead')
      .option('--market <file>', 'market file, .json or .json.gz')
      .option(
        rpcFlag,
        `or nodes (${severalNodes}); --list, --pools or --from-block say which pools`,
      )
    withSourceOptions(command)
      .option('--kind <kind...>', 'only pools of these kinds, in any case')
      .option('--token <token...>', 'only pools with all of these tokens, by symbol or address')
      .option('--exchange <name...>', 'only pools of these exchanges, by the start of the name')
      .option('--limit <number>', 'rows to show; totals count all', '50')
      .option('--json', 'print {chainId, block, pools, shown, totals, missing} as one object')
      .addHelpText(
        'after',
        `
Depth is what a pool pays until its price has moved by a quarter, in ETH. It is unlimited, and in no total,
where the pool mints what it pays.

Examples:
  isoprice pools --kinds
  isoprice pools --market market.json.gz --token WETH USDC --limit 10
  isoprice pools --rpc http://127.0.0.1:8545 --from-block 0 --kind uniswapV3
  isoprice pools --rpc URL --list pools.json --json`,
      )
      .action(run((io, options: Options) => listPools(io, options)))
  },
}

async function listPools(io: Io, options: Options): Promise<number> {
  if (options.kinds === true) return listKinds(io, options.json === true)
  const kind = options.kind?.map(kindNamed)
  const limit = Number(parseNumberOption('--limit', options.limit))
  const { view, extras, missing } = await readMarketOf(io, options)
  const isWanted = filterOf(view, { ...options, kind })
  for (const note of strangersAmong(view, options.exchange)) io.say(note)
  const rows = [...view.pools.values()]
    .filter(isWanted)
    .map((state) => rowOf(state, view, extras.get(state.id)))
    .sort(byDepth)
  const shown = rows.slice(0, limit)
  const facts = {
    chainId: view.chainId,
    block: view.block?.number,
    pools: rows.length,
    shown,
    totals: totalsOf(rows),
    missing,
  }
  const lines = options.json === true ? [toJson(facts)] : describe(rows, shown, missing)
  for (const line of lines) io.print(line)
  return exitCodes.ok
}

function listKinds(io: Io, isJson: boolean): number {
  // What the port calls optional a literal module may lack.
  const modules: readonly { kind: string; about?: string }[] = Object.values(poolModules)
  const kinds = modules
    .map(({ kind, about = 'no description' }) => ({ kind, about }))
    .sort((a, b) => (a.kind < b.kind ? -1 : 1))
  const width = Math.max(...kinds.map(({ kind }) => kind.length))
  if (isJson) io.print(toJson({ kinds }))
  else for (const { kind, about } of kinds) io.print(`${kind.padEnd(width)}  ${about}`)
  return exitCodes.ok
}

type Listed = {
  readonly view: MarketView
  readonly extras: ReadonlyMap<PoolId, JsonObject>
  /** Pools that are not there, or of kinds that are not built. */
  readonly missing: number
}

async function readMarketOf(io: Io, options: Options): Promise<Listed> {
  const { market, rpc } = options
  if ((market === undefined) === (rpc === undefined))
    throw new UsageError('One source of pools is needed.', 'Give --market FILE or --rpc URL.')
  if (market !== undefined) {
    const stray = (['pools', 'list', 'fromBlock', 'toBlock', 'block', 'reach'] as const).find(
      (name) => options[name] !== undefined,
    )
    if (stray !== undefined)
      throw new UsageError(
        `--${stray.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`)} needs --rpc.`,
        'A market file holds its pools as they are.',
      )
    const { view, poolExtras, ignored } = await loadSnapshot(market)
    return { view: withPrices(view), extras: poolExtras, missing: ignored.length }
  }
  const reading = await readSource(io, { ...options, rpc: rpc ?? [] })
  const missing = reading.missing.length + reading.unbuilt.length
  return { view: reading.view, extras: new Map(), missing }
}

/** @throws {UsageError} `cli.usage`, with the likest kind, or all. */
function kindNamed(text: string): string {
  const kinds = Object.keys(poolModules).sort()
  const wanted = text.toLowerCase()
  const same = kinds.find((kind) => kind.toLowerCase() === wanted)
  if (same !== undefined) return same
  const like = kinds.filter((kind) => isLike(kind.toLowerCase(), wanted))
  const guess = like.length === 0 ? '' : `Did you mean ${like.join(' or ')}? `
  throw new UsageError(
    `${text.slice(0, 50)} is no kind of pool.`,
    `${guess}The kinds are ${kinds.join(', ')}.`,
  )
}

/** True when one holds the other, or both begin or end with the same half a dozen letters. */
function isLike(kind: string, wanted: string): boolean {
  if (wanted.length < 2) return false
  if (kind.includes(wanted) || wanted.includes(kind)) return true
  return kind.slice(0, 6) === wanted.slice(0, 6) || kind.slice(-6) === wanted.slice(-6)
}

/** What to say of names that no exchange of the market begins with. */
function strangersAmong({ pools: all }: MarketView, names: readonly string[] = []): string[] {
  const known = [...new Set([...all.values()].flatMap(({ exchange }) => exchange ?? []))].sort()
  const list = known.length === 0 ? 'its pools name none' : `it has ${known.join(', ')}`
  return names
    .filter((name) => !known.some((exchange) => exchange.startsWith(name)))
    .map((name) => `no exchange of this market begins with ${name.slice(0, 50)}: ${list}`)
}

type Wanted = {
  readonly kind: string
  readonly tokens: readonly Address[]
  readonly exchange?: string | undefined
}

/** @throws {UnknownTokenError} `market.unknown-token`. */
function filterOf(
  view: MarketView,
  {
    token = [],
    exchange,
    kind,
  }: Pick<Options, 'token' | 'exchange'> & { readonly kind: readonly string[] | undefined },
) {
  const tokens = token.map((text) => findToken(view, text).address)
  return (state: Wanted): boolean =>
    (kind === undefined || kind.includes(state.kind)) &&
    tokens.every((address) => state.tokens.includes(address)) &&
    (exchange === undefined || exchange.some((name) => state.exchange?.startsWith(name) === true))
}

function describe(rows: readonly PoolRow[], shown: readonly PoolRow[], missing: number): string[] {
  return [
    ...(shown.length === 0 ? [] : tableOf(shown)),
    `${shown.length} of ${counted(rows.length, 'pool')}`,
    ...totalsOf(rows).map(
      ({ kind, pools: count, depthEth }) =>
        `${kind}: ${counted(count, 'pool')}, ${digits(depthEth)} ETH deep`,
    ),
    ...(missing === 0 ? [] : [`left out: ${counted(missing, 'pool')} not there or not built`]),
  ]
}
