/** `isoprice market diff`: what differs between two markets, or between a file and a node. */
import type { Command } from 'commander'
import type { Address } from '../core/hex.ts'
import { shownSymbol } from '../core/token.ts'
import { toJson } from '../core/units.ts'
import { type Difference, differenceOf } from '../market/difference.ts'
import { loadSnapshot } from '../market/snapshotFile.ts'
import type { MarketView } from '../market/view.ts'
import type { PoolId } from '../pools/pool.ts'
import type { RunAction } from './command.ts'
import { InputFileError, OtherChainError, UsageError } from './errors.ts'
import { exitCodes, type Io } from './io.ts'
import { poolRefsOf } from './marketFile.ts'
import { readInParts } from './marketNode.ts'
import { connectAt, type NodeOptions, patienceOf, withNodeOptions } from './marketSource.ts'
import { counted } from './plural.ts'
import { rpcFlag, severalNodes } from './rpcOption.ts'

type Options = NodeOptions & {
  readonly rpc?: readonly string[]
  readonly head?: boolean
  readonly json?: boolean
}

/** A pool that only one side has. */
type PoolName = { readonly kind: string; readonly id: PoolId }

/** What differs; equal when every list but `prices` is empty. */
export type MarketDifference = {
  readonly equal: boolean
  readonly onlyA: readonly PoolName[]
  readonly onlyB: readonly PoolName[]
  /** Pools that both have, with the first field that differs: `held` is A's, `chain` B's. */
  readonly changed: readonly (PoolName & Difference)[]
  readonly tokens: readonly { readonly address: Address; readonly what: string }[]
  /** Reference prices that moved, the furthest first; `move` is B over A less 1. They do not make markets unequal. */
  readonly prices: readonly {
    readonly address: Address
    readonly symbol: string
    readonly move: number
  }[]
}

/** Rows of each list for a person. */
const rowsMax = 20

/** Adds the command to `parent`. */
export function addDiff(parent: Command, run: RunAction): Command {
  const command = parent
    .command('diff <a> [b]')
    .description('say what differs between two market files, or between a file and a node')
    .option(rpcFlag, `compare A's pools with this node, at A's block (${severalNodes})`)
    .option('--head', 'with --rpc: at the newest block')
  return withNodeOptions(command)
    .option('--json', 'print {equal, onlyA, onlyB, changed, tokens, prices} as one object')
    .addHelpText(
      'after',
      `
Exit code: 0 equal, 1 something differs. Reference prices are shown and do not count; neither does who said so.

Examples:
  isoprice market diff yesterday.json.gz today.json.gz
  isoprice market diff market.json.gz --rpc http://127.0.0.1:8545
  isoprice market diff market.json.gz --rpc http://127.0.0.1:8545 --head --json`,
    )
    .action(run((io, options: Options, a = '', b?: string) => diff(io, options, a, b)))
}

async function diff(io: Io, options: Options, pathA: string, pathB?: string): Promise<number> {
  const { rpc } = options
  if ((pathB === undefined) === (rpc === undefined))
    throw new UsageError('Two sides are needed.', 'Give a second file or --rpc URL, and not both.')
  if (rpc === undefined && (options.head === true || options.block !== undefined))
    throw new UsageError('--head and --block need --rpc.', 'Give the URL of a node.')
  if (options.head === true && options.block !== undefined)
    throw new UsageError('--head and --block contradict each other.', 'Give one of the two.')
  const { view: a } = await loadSnapshot(pathA)
  const b =
    rpc === undefined
      ? (await loadSnapshot(pathB ?? '')).view
      : await readNode(io, { ...options, rpc }, a, pathA)
  if (a.chainId !== b.chainId) throw new OtherChainError(pathB ?? pathA, b.chainId, a.chainId)
  const found = compareViews(a, b)
  const blocks = { a: a.block?.number, b: b.block?.number }
  if (options.json === true) io.print(toJson({ ...found, blocks }))
  else for (const line of describe(found, a, b)) io.print(line)
  return found.equal ? exitCodes.ok : exitCodes.differs
}

async function readNode(
  io: Io,
  options: Options & { readonly rpc: readonly string[] },
  a: MarketView,
  path: string,
): Promise<MarketView> {
  const own = options.head === true ? undefined : a.block?.number.toString()
  const wanted = options.block ?? own
  const refs = poolRefsOf(a)
  if (refs.length === 0) throw new InputFileError(path, 'it has no pool of a kind that is built')
  const { node, block } = await connectAt(options.rpc, { block: wanted, chainId: a.chainId })
  return (await readInParts(io, node, refs, { ...patienceOf(options), block })).view
}

/** Compares two markets pool by pool and token by token. Pure. */
export function compareViews(a: MarketView, b: MarketView): MarketDifference {
  const onlyA = namesOf(a).filter(({ id }) => !b.pools.has(id))
  const onlyB = namesOf(b).filter(({ id }) => !a.pools.has(id))
  const changed = [...a.pools.values()].flatMap((held) => {
    const other = b.pools.get(held.id)
    const difference = other === undefined ? undefined : differenceOf(held, other)
    return difference === undefined ? [] : [{ kind: held.kind, id: held.id, ...difference }]
  })
  const tokens = tokenDifferences(a, b)
  const equal = [onlyA, onlyB, changed, tokens].every(({ length }) => length === 0)
  return { equal, onlyA, onlyB, changed, tokens, prices: priceMoves(a, b) }
}

function namesOf({ pools }: MarketView): PoolName[] {
  return [...pools.values()].map(({ kind, id }) => ({ kind, id }))
}

function tokenDifferences(a: MarketView, b: MarketView): MarketDifference['tokens'] {
  const all = [...new Set([...a.tokens.keys(), ...b.tokens.keys()])].sort()
  return all.flatMap((address) => {
    const [left, right] = [a.tokens.get(address), b.tokens.get(address)]
    if (left === undefined) return [{ address, what: 'only in B' }]
    if (right === undefined) return [{ address, what: 'only in A' }]
    if (left.decimals !== right.decimals)
      return [{ address, what: `decimals ${left.decimals} and ${right.decimals}` }]
    const [one, other] = [left, right].map(({ symbol }) => JSON.stringify(shownSymbol(symbol)))
    return left.symbol === right.symbol ? [] : [{ address, what: `symbol ${one} and ${other}` }]
  })
}

function priceMoves(a: MarketView, b: MarketView): MarketDifference['prices'] {
  return [...a.tokens.values()]
    .flatMap(({ address, symbol, priceWei }) => {
      const other = b.tokens.get(address)?.priceWei
      if (priceWei === undefined || other === undefined || priceWei === other) return []
      const move = Number(other) / Number(priceWei) - 1
      return [{ address, symbol: shownSymbol(symbol), move }]
    })
    .sort((x, y) => Math.abs(y.move) - Math.abs(x.move))
}

function describe(found: MarketDifference, a: MarketView, b: MarketView): string[] {
  const { onlyA, onlyB, changed, tokens, prices } = found
  const some = <item>(items: readonly item[], line: (item: item) => string) => [
    ...items.slice(0, rowsMax).map(line),
    ...(items.length > rowsMax ? [`… and ${items.length - rowsMax} more`] : []),
  ]
  return [
    `A: block ${a.block?.number ?? 'unknown'}, ${counted(a.pools.size, 'pool')}; ` +
      `B: block ${b.block?.number ?? 'unknown'}, ${counted(b.pools.size, 'pool')}`,
    ...some(onlyA, ({ kind, id }) => `only in A: ${kind} ${id}`),
    ...some(onlyB, ({ kind, id }) => `only in B: ${kind} ${id}`),
    ...some(
      changed,
      ({ kind, id, field, held, chain }) =>
        `differs: ${kind} ${id} ${field}: ${short(held)} and ${short(chain)}`,
    ),
    ...some(tokens, ({ address, what }) => `token ${address}: ${what}`),
    ...some(
      prices,
      ({ address, symbol, move }) =>
        `price of ${symbol} ${address}: ${move > 0 ? '+' : ''}${(100 * move).toPrecision(4)} %`,
    ),
    found.equal
      ? 'equal'
      : `differs: ${counted(changed.length, 'pool')}, ${onlyA.length} only in A, ${onlyB.length} only in B, ${counted(tokens.length, 'token')}`,
  ]
}

/** A field's value for a person. */
function short(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent'
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
