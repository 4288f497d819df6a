/**
 * Recorded blocks fed to a market: every Uniswap-like pool that a block touches is read before it, the block's
 * receipts are applied as one event, and every pool is compared with what its own logs say of it.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type Abi, decodeEventLog, parseAbi, toEventSelector } from 'viem'
import type { Log } from '../../solver/chain/block.ts'
import { type RecordedCodes, recordedBlockTape } from '../../solver/chain/recordedBlock.ts'
import type { Hex } from '../../solver/core/hex.ts'
import { createMarket } from '../../solver/market/market.ts'
import { moduleOf, type PoolState } from '../../solver/pools/index.ts'
import { type PoolId, toPoolId } from '../../solver/pools/pool.ts'
import type { PoolKey, TickState } from '../../solver/pools/states.ts'
import { recordedBlocks } from './recordedBlocks.ts'
import { readTouched, type TouchedPools } from './touchedPools.ts'

/** What feeding one block to a market showed. */
export type BlockReplay = {
  readonly block: number
  /** Pools that the block touched and the market held. */
  readonly touched: number
  /** Of them, those that the market asked to read again because their fee may change without a log. */
  readonly readAgain: number
  /** Of all, those whose state after the block is what their own logs say. */
  readonly equal: number
  /** States amid the block that another program recorded around its swaps, and how many ours equal. */
  readonly midBlock: { readonly compared: number; readonly equal: number }
  readonly differences: readonly string[]
  readonly notHeld: TouchedPools['notHeld']
}

/** A recorded block's file, as far as it is read here; its README names the rest. */
type BlockFile = {
  readonly block: { readonly hash: Hex; readonly parentHash: Hex; readonly timestamp: Hex }
  readonly receipts: readonly { readonly logs: readonly Log[] }[]
}

/** A line of `swaps.jsonl.gz`: V2 lines have reserves before, the others price, tick and liquidity. */
export type SwapRow = {
  readonly block: number
  readonly kind: 'v2' | 'v3' | 'v4'
  readonly txIndex: number
  readonly logIndex: number
  readonly pool: string
  readonly poolKey?: PoolKey
  readonly [field: string]: unknown
}

/** Numbers of the recorded blocks, ascending. */
export async function recordedNumbers(): Promise<number[]> {
  const text = await readFile(join(recordedBlocks, 'index.json'), 'utf8')
  const blocks = JSON.parse(text) as { number: number }[] // the README describes the rows
  return blocks.map(({ number }) => number).sort((left, right) => left - right)
}

/** The swaps that another program recorded in all blocks, in their order. */
export async function recordedSwapRows(): Promise<SwapRow[]> {
  const text = gunzipSync(await readFile(join(recordedBlocks, 'swaps.jsonl.gz'))).toString()
  const lines = text.trim().split('\n')
  return lines.map((line) => JSON.parse(line) as SwapRow)
}

/**
 * Replays recorded block `number`.
 *
 * @param alter - Changes the logs that are applied: a control that must lead to differences.
 */
export async function replayBlock(
  number: number,
  codes: RecordedCodes,
  rows: readonly SwapRow[],
  alter: (logs: readonly Log[]) => readonly Log[] = (logs) => logs,
): Promise<BlockReplay> {
  const path = join(recordedBlocks, `blocks/${number}.json.gz`)
  const file = JSON.parse(gunzipSync(await readFile(path)).toString()) as BlockFile
  const logs = file.receipts.flatMap((receipt) => receipt.logs)
  const keys = new Map(
    rows.flatMap(({ pool, poolKey }) => (poolKey === undefined ? [] : [[pool, poolKey] as const])),
  )
  const { pools, notHeld } = await readTouched(recordedBlockTape(file, codes), logs, keys)
  const { after, askedAgain } = applyBlock(file, number, pools, alter(logs))
  const atEnd = [...pools].flatMap(([id, before]) => {
    const expected = saidByLogs(before, logs)
    return differenceOf(id, expected, after.get(id))
  })
  const midBlock = compareAmid(
    file,
    pools,
    rows.filter(({ block }) => block === number),
  )
  return {
    block: number,
    touched: pools.size,
    readAgain: askedAgain.length,
    equal: pools.size - atEnd.length,
    midBlock: { compared: midBlock.compared, equal: midBlock.compared - midBlock.wrong.length },
    differences: [...atEnd, ...midBlock.wrong],
    notHeld,
  }
}

/**
 * The pools after the market took the block as one event. A pool that drifts leaves the market to be read again;
 * what it would be by the logs alone is then given by its module.
 */
function applyBlock(
  { block }: BlockFile,
  number: number,
  pools: ReadonlyMap<PoolId, PoolState>,
  logs: readonly Log[],
): { readonly after: ReadonlyMap<PoolId, PoolState>; readonly askedAgain: readonly PoolId[] } {
  const timestamp = BigInt(block.timestamp)
  const parent = {
    number: BigInt(number - 1),
    hash: block.parentHash,
    parentHash: block.parentHash,
    timestamp: timestamp - 12n,
  }
  const market = createMarket({ chainId: 1, block: parent, tokens: new Map(), pools })
  const { hash, parentHash } = block
  market.apply({
    kind: 'block',
    block: { number: BigInt(number), hash, parentHash, timestamp },
    logs,
  })
  const after = new Map(market.view().pools)
  const askedAgain: PoolId[] = []
  for (const [id, before] of pools) {
    if (after.has(id) || moduleOf(before).drifts?.(before) !== true) continue
    askedAgain.push(id)
    const state = logs.reduce<PoolState>(
      (last, log) => moduleOf(last).apply(last, log) ?? last,
      before,
    )
    after.set(id, state)
  }
  return { after, askedAgain }
}

/** What a log can say of a pool: reserves, or price, tick and liquidity. */
type Said = readonly bigint[]

function saidBy(state: PoolState): Said {
  if (state.kind === 'uniswapV2') return state.reserves
  const { sqrtPriceX96, tick, liquidity } = state as PoolState & TickState // told apart by its kind
  return [sqrtPriceX96, BigInt(tick), liquidity]
}

function differenceOf(id: PoolId, expected: Said, after: PoolState | undefined): string[] {
  const [ours, theirs] = [after === undefined ? '' : saidBy(after).join(), expected.join()]
  return ours === theirs ? [] : [`${id}: ${ours}, not ${theirs}`]
}

const events = parseAbi([
  'event Sync(uint112 reserve0, uint112 reserve1)',
  'event Initialize(uint160 sqrtPriceX96, int24 tick)',
  'event Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1, uint160 sqrtPriceX96, uint128 liquidity, int24 tick)',
  'event Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1, uint160 sqrtPriceX96, uint128 liquidity, int24 tick, uint128 protocolFeesToken0, uint128 protocolFeesToken1)',
  'event Swap(bytes32 indexed id, address indexed sender, int128 amount0, int128 amount1, uint160 sqrtPriceX96, uint128 liquidity, int24 tick, uint24 fee)',
  'event Mint(address sender, address indexed owner, int24 indexed tickLower, int24 indexed tickUpper, uint128 amount, uint256 amount0, uint256 amount1)',
  'event Burn(address indexed owner, int24 indexed tickLower, int24 indexed tickUpper, uint128 amount, uint256 amount0, uint256 amount1)',
  'event ModifyLiquidity(bytes32 indexed id, address indexed sender, int24 tickLower, int24 tickUpper, int256 liquidityDelta, bytes32 salt)',
])
const selectors = new Set<string>(events.map((event) => toEventSelector(event)))

/** Name and arguments of a log of one of the events above. */
function decode({ topics, data }: Log) {
  const [selector, ...indexed] = topics
  if (selector === undefined || !selectors.has(selector)) return undefined
  // Typed wide: the events' arguments are read by name below, whichever event it is.
  const abi: Abi = events
  const { eventName, args } = decodeEventLog({ abi, data, topics: [selector, ...indexed] })
  const named = args as unknown as Readonly<Record<string, unknown>> // every argument above has a name
  return { eventName, read: (name: string) => BigInt(String(named[name])) }
}

/** What the pool's logs say of it after the last of them, decoded by viem and not by the module. */
function saidByLogs(before: PoolState, logs: readonly Log[]): Said {
  let said = saidBy(before)
  for (const log of logs) {
    if (log.address !== before.id && log.topics[1] !== before.id) continue
    const event = decode(log)
    if (event === undefined) continue
    const { eventName, read } = event
    const [price = 0n, tick = 0n, liquidity = 0n] = said
    if (eventName === 'Sync') said = [read('reserve0'), read('reserve1')]
    else if (eventName === 'Initialize') said = [read('sqrtPriceX96'), read('tick'), liquidity]
    else if (eventName === 'Swap') said = [read('sqrtPriceX96'), read('tick'), read('liquidity')]
    else if (read('tickLower') <= tick && tick < read('tickUpper')) {
      const delta = eventName === 'ModifyLiquidity' ? read('liquidityDelta') : read('amount')
      said = [price, tick, liquidity + (eventName === 'Burn' ? -delta : delta)]
    }
  }
  return said
}

/** Our running states against those that another program recorded before (and for ticks after) every swap. */
function compareAmid(
  { receipts }: BlockFile,
  pools: ReadonlyMap<PoolId, PoolState>,
  rows: readonly SwapRow[],
): { readonly compared: number; readonly wrong: readonly string[] } {
  const states = new Map(pools)
  const before = new Map<PoolId, PoolState>()
  const byPlace = new Map(rows.map((row) => [row.logIndex, row]))
  const wrong: string[] = []
  let compared = 0
  const compare = (row: SwapRow, state: PoolState | undefined, suffix: 'Before' | 'After') => {
    compared += 1
    wrong.push(...differenceOf(toPoolId(row.pool), recordedIn(row, suffix), state))
  }
  for (const [place, log] of receipts.flatMap(({ logs }) => logs).entries()) {
    const row = byPlace.get(place)
    for (const id of new Set([log.address, log.topics[1] ?? log.address].map(toPoolId))) {
      const state = states.get(id)
      if (state === undefined) continue
      const next = moduleOf(state).apply(state, log)
      if (next === undefined || next === state) continue
      before.set(id, state)
      states.set(id, next)
    }
    const id = toPoolId(row?.pool ?? '')
    // Two pairs keep their reserves where the recorder did not look: it has 2 and 0 for them.
    if (row === undefined || !states.has(id) || row['reserve1Before'] === '0') continue
    compare(row, before.get(id), 'Before')
    if (row.kind !== 'v2') compare(row, states.get(id), 'After')
  }
  return { compared, wrong }
}

function recordedIn(row: SwapRow, suffix: 'Before' | 'After'): Said {
  const names = row.kind === 'v2' ? ['reserve0', 'reserve1'] : ['sqrtPriceX96', 'tick', 'liquidity']
  return names.map((name) => BigInt(String(row[`${name}${suffix}`])))
}
