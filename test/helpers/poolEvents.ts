/** A day of one V3 pool, event by event: every swap predicted from the state that the events before it left. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { sharedData } from '../../bench/accept/check.ts'
import type { Log } from '../../solver/chain/block.ts'
import type { Hex } from '../../solver/core/hex.ts'
import { signed, tickOf, topicAt, wordAt } from '../../solver/pools/logWords.ts'
import { maxTick, minTick } from '../../solver/pools/math/tickMath.ts'
import { swapTicks } from '../../solver/pools/math/tickSwap.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import type { Tick, UniswapV3State } from '../../solver/pools/states.ts'
import { uniswapV3 } from '../../solver/pools/uniswapV3.ts'
import { tokenA, tokenB } from './pools.ts'

/** A recorded day: the file, without its ending, and what the pool's creation fixed. */
export type RecordedDay = {
  readonly file: string
  readonly feePips: number
  readonly tickSpacing: number
}

/** The recorded days of ../shared/data/v3-events. */
export const recordedDays = [
  { file: 'ethereum-0x88e6-usdc-weth-500-2024-01-05', feePips: 500, tickSpacing: 10 },
  { file: 'ethereum-0x8ad5-usdc-weth-3000-2024-01-05', feePips: 3_000, tickSpacing: 60 },
  { file: 'ethereum-0x82c4-weth-osqth-3000-2024-01-05', feePips: 3_000, tickSpacing: 60 },
  { file: 'polygon-0x45dd-usdc-weth-500-2022-01-05', feePips: 500, tickSpacing: 10 },
] as const satisfies readonly RecordedDay[]

/** How a swap was told to end; the log does not say, so the first that gives the logged numbers counts. */
export type Ending = 'exactIn' | 'exactOut' | 'priceLimit'

/** What a replay saw. The first swap of a day has no state before it and is counted nowhere but in `swaps`. */
export type EventReplay = {
  readonly file: string
  readonly events: number
  readonly swaps: number
  /** Swaps that left the liquidity as it was before them, and how many of each ending were exact in everything. */
  readonly sameLiquidity: number
  readonly exact: Readonly<Record<Ending, number>>
  /** Same-liquidity swaps that no ending reproduces. */
  readonly misses: readonly string[]
  /**
   * Swaps that changed the liquidity, so crossed ticks that the recording does not list: `known` ones crossed
   * only ticks that earlier swaps of the day had revealed, `revealed` ones exactly one more, the rest several.
   */
  readonly crossing: {
    readonly known: number
    readonly revealed: number
    readonly several: number
  }
}

const poolId = toPoolId('0x00000000000000000000000000000000000000e1')
const [, swapTopic, , mintTopic, burnTopic] = uniswapV3.topics

/** The day's logs in order; their topics stand in a quoted list, their data behind it. */
export function readDay({ file }: RecordedDay): Log[] {
  const path = join(sharedData, 'v3-events', `${file}.raw.csv.gz`)
  const lines = gunzipSync(readFileSync(path)).toString().trim().split('\n').slice(1)
  return lines.map((line) => {
    const [, list = '', data = '0x'] = /"\[([^\]]*)\]",(0x[0-9a-f]*)/.exec(line) ?? []
    const topics = list.match(/0x[0-9a-f]{64}/g) ?? []
    return { address: poolId, topics: topics as Hex[], data: data as Hex } // both match the form of Hex
  })
}

/** The pool before the first event, of which nothing is known: no price, no tick listed. */
export function unknownPool({ feePips, tickSpacing }: RecordedDay): UniswapV3State {
  return {
    kind: 'uniswapV3',
    id: poolId,
    tokens: [tokenA, tokenB],
    feePips,
    tickSpacing,
    sqrtPriceX96: 0n,
    tick: 0,
    liquidity: 0n,
    ticks: [],
    singleRange: true,
  }
}

/**
 * Replays `logs`: our own `apply` carries the state from event to event, and every swap is run from the state
 * before it.
 *
 * @param alter - Changes the state that swaps are run from: a control that must lead to misses.
 */
export function replayDay(
  day: RecordedDay,
  logs: readonly Log[],
  alter: (state: UniswapV3State) => UniswapV3State = (state) => state,
): EventReplay {
  const exact: Record<Ending, number> = { exactIn: 0, exactOut: 0, priceLimit: 0 }
  const crossing = { known: 0, revealed: 0, several: 0 }
  const misses: string[] = []
  const nets = new Map<number, bigint>()
  let [swaps, sameLiquidity] = [0, 0]
  let state = unknownPool(day)
  for (const [at, log] of logs.entries()) {
    const before = alter(state)
    state = uniswapV3.apply(state, log)
    if (log.topics[0] === mintTopic) addPosition(nets, log, wordAt(log.data, 1))
    if (log.topics[0] === burnTopic) addPosition(nets, log, -wordAt(log.data, 0))
    if (log.topics[0] !== swapTopic) continue
    swaps += 1
    if (before.sqrtPriceX96 === 0n) continue
    const swap = loggedSwap(before, state, log)
    if (before.liquidity !== state.liquidity) crossing[crossTicks(before, swap, nets)] += 1
    else {
      sameLiquidity += 1
      const ending = endingOf(before, swap, [])
      if (ending === undefined) misses.push(`event ${at}: ${show(swap)}`)
      else exact[ending] += 1
    }
  }
  return { file: day.file, events: logs.length, swaps, sameLiquidity, exact, misses, crossing }
}

type LoggedSwap = {
  readonly zeroForOne: boolean
  readonly amountIn: bigint
  readonly amountOut: bigint
  readonly after: UniswapV3State
}

function loggedSwap(before: UniswapV3State, after: UniswapV3State, log: Log): LoggedSwap {
  const [gain0, gain1] = [signed(wordAt(log.data, 0)), signed(wordAt(log.data, 1))]
  const zeroForOne = after.sqrtPriceX96 < before.sqrtPriceX96 || (gain0 > 0n && gain1 <= 0n)
  return zeroForOne
    ? { zeroForOne, amountIn: gain0, amountOut: -gain1, after }
    : { zeroForOne, amountIn: gain1, amountOut: -gain0, after }
}

/** The ending that gives both amounts, price, tick and liquidity as logged, over a pool with exactly `ticks`. */
function endingOf(
  before: UniswapV3State,
  { zeroForOne, amountIn, amountOut, after }: LoggedSwap,
  ticks: readonly Tick[],
): Ending | undefined {
  const { feePips } = before
  const open = { ...before, ticks, singleRange: false, tickRange: [minTick, maxTick] as const }
  const requests = {
    exactIn: { exact: 'in', amount: amountIn },
    exactOut: { exact: 'out', amount: amountOut },
    // Who names the price to stop at offers plenty.
    priceLimit: { exact: 'in', amount: 2n * amountIn + 1n, limitX96: after.sqrtPriceX96 },
  } as const
  const isExact = (ending: Ending) => {
    const done = swapTicks(open, { zeroForOne, feePips, ...requests[ending] })
    return (
      done.amountIn === amountIn &&
      done.amountOut === amountOut &&
      done.sqrtPriceX96 === after.sqrtPriceX96 &&
      done.tick === after.tick &&
      done.liquidity === after.liquidity
    )
  }
  return (['exactIn', 'exactOut', 'priceLimit'] as const).find(isExact)
}

/**
 * Explains a swap that changed the liquidity: by the ticks already known, or by those and one more, which it
 * thereby reveals. The new tick's net is what the liquidity changed by beyond the known ones on the way.
 */
function crossTicks(
  before: UniswapV3State,
  swap: LoggedSwap,
  nets: Map<number, bigint>,
): 'known' | 'revealed' | 'several' {
  const known = [...nets].map(([index, liquidityNet]) => ({ index, liquidityNet }))
  const listed = known.filter(({ liquidityNet }) => liquidityNet !== 0n).sort(byIndex)
  if (endingOf(before, swap, listed) !== undefined) return 'known'
  const [low, high] = [before.tick, swap.after.tick].sort((left, right) => left - right)
  const { tickSpacing } = before
  const passed = (index: number) => index > (low ?? 0) && index <= (high ?? 0)
  const change = (swap.after.liquidity - before.liquidity) * (swap.zeroForOne ? -1n : 1n)
  const first = Math.floor((low ?? 0) / tickSpacing) * tickSpacing
  for (let index = first; index <= (high ?? 0); index += tickSpacing) {
    if (!passed(index)) continue
    const others = listed.filter((tick) => tick.index !== index)
    const net = others
      .filter((tick) => passed(tick.index))
      .reduce((rest, { liquidityNet }) => rest - liquidityNet, change)
    const ticks = [...others, { index, liquidityNet: net }].sort(byIndex)
    if (endingOf(before, swap, ticks) === undefined) continue
    nets.set(index, net)
    return 'revealed'
  }
  return 'several'
}

const byIndex = (left: Tick, right: Tick) => left.index - right.index

/** Keeps the ticks that are known up to date; what else stands at an unknown one stays unknown. */
function addPosition(nets: Map<number, bigint>, log: Log, amount: bigint): void {
  const ends = [
    [tickOf(topicAt(log, 2)), amount],
    [tickOf(topicAt(log, 3)), -amount],
  ] as const
  for (const [index, delta] of ends) {
    const net = nets.get(index)
    if (net !== undefined) nets.set(index, net + delta)
  }
}

function show({ zeroForOne, amountIn, amountOut, after }: LoggedSwap): string {
  return `${amountIn} in, ${amountOut} out, ${zeroForOne ? 'down' : 'up'} to ${after.sqrtPriceX96}`
}

/** A row of the decoded file of 0x88e6: the state after an event, as another program read it from the node. */
export type DecodedRow = {
  readonly kind: string
  readonly liquidity: bigint
  readonly sqrtPriceX96: bigint
  readonly tick: number
}

/** The rows of the decoded file beside the raw one of `day`, in the same order. */
export function readDecoded({ file }: RecordedDay): DecodedRow[] {
  const path = join(sharedData, 'v3-events', `${file}.tick.csv.gz`)
  const [head = '', ...lines] = gunzipSync(readFileSync(path)).toString().trim().split('\n')
  const columns = head.split(',')
  return lines.map((line) => {
    const cells = line.split(',')
    const cell = (name: string) => cells[columns.indexOf(name)] ?? ''
    return {
      kind: cell('tx_type'),
      liquidity: BigInt(cell('total_liquidity') || 0),
      sqrtPriceX96: BigInt(cell('sqrtPriceX96') || 0),
      tick: Number(cell('current_tick')),
    }
  })
}

/**
 * The rows after which the state that our `apply` carried is not the decoded one: price and tick after every
 * event, the liquidity after every swap. (The decoded liquidity after a mint or a burn misses the event in 10
 * rows, as the next swap's own log shows; ours is proven by the swaps that follow.)
 */
export function rowsThatDiffer(
  day: RecordedDay,
  logs: readonly Log[],
  rows: readonly DecodedRow[],
): string[] {
  if (rows.length !== logs.length) return [`${rows.length} rows for ${logs.length} events`]
  let state = unknownPool(day)
  return rows.flatMap(({ kind, liquidity, sqrtPriceX96, tick }, at) => {
    const log = logs[at]
    if (log !== undefined) state = uniswapV3.apply(state, log)
    const isEqual =
      state.sqrtPriceX96 === sqrtPriceX96 &&
      state.tick === tick &&
      (kind !== 'SWAP' || state.liquidity === liquidity)
    return isEqual ? [] : [`event ${at} (${kind}): tick ${state.tick}, not ${tick}`]
  })
}
