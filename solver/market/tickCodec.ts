/** The fields that Uniswap V3 and V4 pools share in a snapshot, and rules 8 to 10 about them. */
import { getSqrtRatioAtTick } from '../pools/math/tickMath.ts'
import type { Tick, TickState } from '../pools/states.ts'
import { integer, list, natural, refuse, small } from './fields.ts'
import type { Json, JsonObject } from './snapshot.ts'

const tickMax = 887_272
const anyTick = { low: -tickMax, high: tickMax, rule: 9 }

/** Names of the fields read and written here. */
export const tickFields = [
  'feePips',
  'tickSpacing',
  'sqrtPriceX96',
  'tick',
  'liquidity',
  'ticks',
  'ticksGross',
  'tickRange',
  'singleRange',
] as const

/**
 * Reads the shared fields of the tick pool named `at`.
 *
 * @throws {SnapshotInvalidError} `market.snapshot-invalid`, rules 1, 5, 8, 9 and 10.
 */
export function decodeTicks(pool: JsonObject, at: string): TickState {
  const tickSpacing = small(pool['tickSpacing'], at, 'tickSpacing', { low: 1, high: 32_767 })
  const range = pool['tickRange']
  const state: TickState = {
    feePips: small(pool['feePips'], at, 'feePips', { high: 999_999, rule: 5 }),
    tickSpacing,
    sqrtPriceX96: natural(pool['sqrtPriceX96'], at, 'sqrtPriceX96'),
    tick: small(pool['tick'], at, 'tick', anyTick),
    liquidity: natural(pool['liquidity'], at, 'liquidity'),
    ticks: decodeTickList(pool, at),
    ...(range === undefined ? {} : { tickRange: decodeRange(range, at) }),
    ...(pool['singleRange'] === undefined ? {} : { singleRange: pool['singleRange'] === true }),
  }
  if (pool['singleRange'] !== undefined && typeof pool['singleRange'] !== 'boolean')
    refuse(1, 'singleRange is not a boolean', at, pool['singleRange'])
  checkPrice(state, at)
  checkTicks(state, at)
  checkLiquidity(state, at)
  return state
}

/** Writes the shared fields. */
export function encodeTicks(state: TickState): JsonObject {
  return {
    feePips: String(state.feePips),
    tickSpacing: String(state.tickSpacing),
    sqrtPriceX96: String(state.sqrtPriceX96),
    tick: String(state.tick),
    liquidity: String(state.liquidity),
    ticks: state.ticks
      .filter(({ liquidityNet }) => liquidityNet !== 0n)
      .map(({ index, liquidityNet }) => [String(index), String(liquidityNet)]),
    ...encodeGross(state.ticks),
    ...(state.tickRange === undefined ? {} : { tickRange: state.tickRange.map(String) }),
    ...(state.singleRange === undefined ? {} : { singleRange: state.singleRange }),
  }
}

/**
 * `ticks` as the format has it: never a net of 0. Markets of ours add `ticksGross`, pairs of tick and gross
 * liquidity, which also lists ticks whose net is 0: they are initialised, and a swap's rounding stops there.
 */
function decodeTickList(pool: JsonObject, at: string): Tick[] {
  const nets = decodePairs(pool['ticks'], at, 'ticks')
  const zero = nets.find(([, net]) => net === 0n)
  if (zero !== undefined) refuse(9, 'the net of a tick is 0', at, zero[0])
  if (pool['ticksGross'] === undefined)
    return nets.map(([index, liquidityNet]) => ({ index, liquidityNet }))
  const known = new Map(nets)
  const ticks = decodePairs(pool['ticksGross'], at, 'ticksGross').map(([index, gross]) => {
    if (gross <= 0n) refuse(9, 'the gross liquidity of a tick is not above 0', at, index)
    return { index, liquidityNet: known.get(index) ?? 0n, liquidityGross: gross }
  })
  const listed = new Set(ticks.map(({ index }) => index))
  const lone = nets.find(([index]) => !listed.has(index))
  return lone === undefined ? ticks : refuse(9, 'a tick is not in ticksGross', at, lone[0])
}

function decodePairs(value: Json | undefined, at: string, name: string): [number, bigint][] {
  return list(value, at, name).map((each) => {
    if (!Array.isArray(each) || each.length !== 2)
      return refuse(9, `an entry of ${name} is not a pair`, at, each)
    return [small(each[0], at, 'tick', anyTick), integer(each[1], at, name)]
  })
}

/** Gross liquidities, when every tick has one. */
function encodeGross(ticks: readonly Tick[]): JsonObject {
  const pairs = ticks.flatMap(({ index, liquidityGross }) =>
    liquidityGross === undefined ? [] : [[String(index), String(liquidityGross)]],
  )
  return pairs.length === 0 || pairs.length < ticks.length ? {} : { ticksGross: pairs }
}

function decodeRange(value: JsonObject[string], at: string): readonly [number, number] {
  const [low, high] = list(value, at, 'tickRange').map((each) =>
    small(each, at, 'tickRange', anyTick),
  )
  if (low === undefined || high === undefined || low > high)
    return refuse(9, 'tickRange is not a pair of ascending ticks', at, value)
  return [low, high]
}

/** Rule 8. At the upper end the price was reached by crossing `tick + 1` downward. */
function checkPrice({ sqrtPriceX96, tick }: TickState, at: string): void {
  const low = getSqrtRatioAtTick(tick)
  const high = getSqrtRatioAtTick(Math.min(tick + 1, tickMax))
  if (sqrtPriceX96 < low || sqrtPriceX96 > high)
    refuse(8, `sqrtPriceX96 is not within tick ${tick}`, at, sqrtPriceX96)
}

/** Rule 9. */
function checkTicks({ ticks, tickSpacing, tickRange, singleRange }: TickState, at: string): void {
  if (singleRange === true && ticks.length > 0)
    refuse(9, 'a singleRange pool lists ticks', at, ticks[0]?.index)
  if (singleRange === true && tickRange !== undefined)
    refuse(9, 'a singleRange pool has a tickRange', at, tickRange)
  let previous = -Infinity
  for (const { index } of ticks) {
    if (index <= previous) refuse(9, 'ticks do not ascend', at, index)
    if (index % tickSpacing !== 0) refuse(9, 'a tick is off the tick spacing', at, index)
    if (tickRange !== undefined && (index < tickRange[0] || index > tickRange[1]))
      refuse(9, 'a tick lies outside tickRange', at, index)
    previous = index
  }
}

/** Rule 10. */
function checkLiquidity(state: TickState, at: string): void {
  const { ticks, tick, liquidity, tickRange, singleRange } = state
  if (singleRange === true) return
  const above = ticks.findIndex(({ index }) => index > tick)
  const split = above === -1 ? ticks.length : above
  if (tickRange !== undefined) {
    walk(ticks.slice(split), liquidity, at)
    const below = ticks.slice(0, split).toReversed()
    const negated = below.map(({ index, liquidityNet }) => ({ index, liquidityNet: -liquidityNet }))
    walk(negated, liquidity, at)
    return
  }
  const reached = walk(ticks.slice(0, split), 0n, at)
  if (reached !== liquidity)
    refuse(10, `the nets up to tick ${tick} are not the liquidity ${liquidity}`, at, reached)
  const left = walk(ticks.slice(split), reached, at)
  if (left !== 0n) refuse(10, 'the nets do not add up to 0', at, left)
}

function walk(ticks: readonly Tick[], start: bigint, at: string): bigint {
  return ticks.reduce((sum, { index, liquidityNet }) => {
    const next = sum + liquidityNet
    return next >= 0n ? next : refuse(10, `the liquidity falls below 0 at tick ${index}`, at, next)
  }, start)
}
