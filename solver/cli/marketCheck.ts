/** `isoprice market check`: whether a market file is valid, makes sense, and equals the chain. */
import type { Command } from 'commander'
import { createRng } from '../core/rng.ts'
import { toJson } from '../core/units.ts'
import { loadSnapshot } from '../market/snapshotFile.ts'
import type { MarketView } from '../market/view.ts'
import type { RunAction } from './command.ts'
import { InputFileError, UsageError } from './errors.ts'
import { exitCodes, type Io } from './io.ts'
import { compareViews, type MarketDifference } from './marketDiff.ts'
import { poolRefsOf, withPrices } from './marketFile.ts'
import { readInParts } from './marketNode.ts'
import { checkSanity, type FindingName, findingNames, type Sanity } from './marketSanity.ts'
import { connectAt, type NodeOptions, patienceOf, withNodeOptions } from './marketSource.ts'
import { parseNumberOption } from './numberOption.ts'
import { counted } from './plural.ts'
import { rpcFlag, severalNodes } from './rpcOption.ts'

type Options = NodeOptions & {
  readonly rpc?: readonly string[]
  readonly sample: string
  readonly seed: string
  readonly all?: boolean
  readonly json?: boolean
}

/** Pools that a person is shown of each finding. */
const namedMax = 3

/** Adds the command to `parent`. */
export function addCheck(parent: Command, run: RunAction): Command {
  const command = parent
    .command('check <file>')
    .description('check a market file: its rules, whether its pools make sense, and with a node')
    .option(rpcFlag, `also read pools again from this node, at the file's block (${severalNodes})`)
    .option('--sample <number>', 'with --rpc: so many pools, drawn by --seed', '50')
    .option('--seed <integer>', 'with --rpc: draws the sample', '1')
    .option('--all', 'with --rpc: every pool')
  return withNodeOptions(command)
    .option('--json', 'print {sanity, compared} as one object')
    .addHelpText(
      'after',
      `
Findings do not fail the check: a market has pools that are dry, or closed by their hooks.
Exit code: 0 checked, 1 a pool differs from the chain, 2 the file breaks a rule of its format.

Examples:
  isoprice market check market.json.gz
  isoprice market check market.json.gz --rpc http://127.0.0.1:8545 --all
  isoprice market check market.json.gz --rpc URL --sample 100 --seed 7 --json`,
    )
    .action(run((io, options: Options, path = '') => check(io, options, path)))
}

async function check(io: Io, options: Options, path: string): Promise<number> {
  const { rpc } = options
  if (rpc === undefined && (options.all === true || options.block !== undefined))
    throw new UsageError('--all and --block need --rpc.', 'Give the URL of a node.')
  const { view, ignored } = await loadSnapshot(path)
  io.say(
    `${path} keeps the ten rules: ${counted(view.pools.size, 'pool')}, ${ignored.length} not built`,
  )
  const sanity = checkSanity(withPrices(view))
  const compared =
    rpc === undefined ? undefined : await compareWithNode(io, { ...options, rpc }, view, path)
  const facts = { file: path, block: view.block?.number, unbuilt: ignored.length, sanity, compared }
  const lines = options.json === true ? [toJson(facts)] : describe(sanity, ignored.length, compared)
  for (const line of lines) io.print(line)
  return compared === undefined || compared.equal ? exitCodes.ok : exitCodes.differs
}

/** A comparison with the chain. */
type Compared = Pick<MarketDifference, 'equal' | 'changed'> & {
  readonly block: bigint
  /** True when neither the file nor the user named a block: its states are held against those of the head. */
  readonly atHead: boolean
  readonly pools: number
  /** Pools that the chain does not have. */
  readonly absent: MarketDifference['onlyA']
}

async function compareWithNode(
  io: Io,
  options: Options & { readonly rpc: readonly string[] },
  view: MarketView,
  path: string,
): Promise<Compared> {
  const wanted = options.block ?? view.block?.number.toString()
  if (view.pools.size === 0)
    throw new InputFileError(path, 'it has no pool of a kind that is built')
  const drawn = options.all === true ? view : sampleOf(view, options)
  const { node, block } = await connectAt(options.rpc, { block: wanted, chainId: view.chainId })
  const chain = await readInParts(io, node, poolRefsOf(drawn), { ...patienceOf(options), block })
  const { onlyA, changed } = compareViews(drawn, chain.view)
  const equal = onlyA.length === 0 && changed.length === 0
  const atHead = wanted === undefined
  return { equal, changed, absent: onlyA, block: block.number, atHead, pools: drawn.pools.size }
}

/** Some pools of `view`: the same for the same seed. */
function sampleOf(view: MarketView, { sample, seed }: Options): MarketView {
  const count = Number(parseNumberOption('--sample', sample))
  const rng = createRng(Number(parseNumberOption('--seed', seed)))
  const lots = [...view.pools].map((entry) => ({ entry, lot: rng.next() }))
  const drawn = lots.sort((a, b) => a.lot - b.lot).slice(0, Math.max(count, 1))
  return { ...view, pools: new Map(drawn.map(({ entry }) => entry)) }
}

const meanings: Readonly<Record<FindingName, string>> = {
  overpays: 'pays more for a round trip than it took',
  refused: 'a hook may change amounts',
  closed: 'cannot trade: a side is empty, or it is paused',
  empty: 'pays nothing at all',
  'one-way': 'pays in some directions only',
  'off-price': 'more than 5 % from the reference prices',
  'out-of-range': 'no liquidity at its price',
  drifting: 'read every block',
}

function describe(sanity: Sanity, unbuilt: number, compared: Compared | undefined): string[] {
  const { pools, quoting, findings, inRange } = sanity
  const byName = Map.groupBy(findings, ({ finding }) => finding)
  return [
    `${quoting} of ${pools} pools quote a small swap between all their tokens`,
    ...findingNames.flatMap((name) => {
      const all = byName.get(name) ?? []
      if (all.length === 0) return []
      const named = all
        .slice(0, namedMax)
        .map(({ kind, id, detail }) => `  ${kind} ${id}: ${detail}`)
      const more = all.length > namedMax ? [`  … and ${all.length - namedMax} more`] : []
      return [`${name}: ${all.length} (${meanings[name]})`, ...named, ...more]
    }),
    ...(inRange === undefined
      ? []
      : [`liquidity in range, median of the pools with ticks: ${(100 * inRange).toFixed(1)} %`]),
    ...(unbuilt === 0 ? [] : [`${counted(unbuilt, 'pool')} of kinds that are not built`]),
    ...(compared === undefined ? [] : compareLines(compared)),
  ]
}

function compareLines({ equal, pools, block, atHead, changed, absent }: Compared): string[] {
  const where = atHead
    ? `block ${block}, the head, since the file names no block`
    : `block ${block}`
  const read = `${counted(pools, 'pool')} read again at ${where}`
  if (equal) return [`${read}: equal`]
  const text = (value: unknown) => (JSON.stringify(value) ?? 'absent').slice(0, 60)
  return [
    ...absent.map(({ kind, id }) => `not on the chain: ${kind} ${id}`),
    ...changed.map(
      ({ kind, id, field, held, chain }) =>
        `differs: ${kind} ${id} ${field}: ${text(held)} in the file, ${text(chain)} on the chain`,
    ),
    `${read}: ${changed.length + absent.length} differ`,
  ]
}
