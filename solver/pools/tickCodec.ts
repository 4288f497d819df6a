/** The fields that Uniswap V3 and V4 pools share in a snapshot, and rules 8 to 10 about them. */
import type { Address } from '../core/hex.ts'
import type { JsonObject } from '../core/json.ts'
import { getSqrtRatioAtTick } from './math/tickMath.ts'
import type { PoolFields } from './pool.ts'
import type { Tick, TickState } from './states.ts'

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

/** Reads the shared fields of a tick pool, whose fee may be at most `feePipsMax`; a fault breaks rule 1, 5, 8, 9 or 10. */
export function decodeTicks(fields: PoolFields, feePipsMax = 999_999): TickState {
  const state: TickState = {
    feePips: fields.small('feePips', { high: feePipsMax, rule: 5 }),
    tickSpacing: fields.small('tickSpacing', { low: 1, high: 32_767 }),
    sqrtPriceX96: fields.natural('sqrtPriceX96'),
    tick: fields.small('tick', anyTick),
    liquidity: fields.natural('liquidity'),
    ticks: decodeTickList(fields),
    ...(fields.has('tickRange') ? { tickRange: decodeRange(fields) } : {}),
    ...(fields.has('singleRange') ? { singleRange: fields.boolean('singleRange') } : {}),
  }
  checkPrice(state, fields)
  checkTicks(state, fields)
  checkLiquidity(state, fields)
  return state
}

/** Rule 7: two tokens, ascending. Lower-case hex of one length sorts as the numbers do. */
export function requireSortedPair(tokens: readonly Address[], fields: PoolFields): void {
  const [first = '', second = ''] = tokens
  if (tokens.length !== 2 || first >= second)
    fields.refuse(7, 'a pool of this kind has two tokens in ascending order', tokens)
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
function decodeTickList(fields: PoolFields): Tick[] {
  const nets = decodePairs('ticks', fields)
  const zero = nets.find(([, net]) => net === 0n)
  if (zero !== undefined) fields.refuse(9, 'the net of a tick is 0', zero[0])
  if (!fields.has('ticksGross'))
    return nets.map(([index, liquidityNet]) => ({ index, liquidityNet }))
  const known = new Map(nets)
  const ticks = decodePairs('ticksGross', fields).map(([index, gross]) => {
    if (gross <= 0n) fields.refuse(9, 'the gross liquidity of a tick is not above 0', index)
    return { index, liquidityNet: known.get(index) ?? 0n, liquidityGross: gross }
  })
  const listed = new Set(ticks.map(({ index }) => index))
  const lone = nets.find(([index]) => !listed.has(index))
  return lone === undefined ? ticks : fields.refuse(9, 'a tick is not in ticksGross', lone[0])
}

function decodePairs(name: string, fields: PoolFields): [number, bigint][] {
  return fields.pairs(name).map(([index, value]) => [tickOf(index, fields), value])
}

function tickOf(value: bigint, fields: PoolFields): number {
  const tick = Number(value)
  return Math.abs(tick) <= tickMax
    ? tick
    : fields.refuse(9, `tick is not between -${tickMax} and ${tickMax}`, value)
}

/** Gross liquidities, when every tick has one. */
function encodeGross(ticks: readonly Tick[]): JsonObject {
  const pairs = ticks.flatMap(({ index, liquidityGross }) =>
    liquidityGross === undefined ? [] : [[String(index), String(liquidityGross)]],
  )
  return pairs.length === 0 || pairs.length < ticks.length ? {} : { ticksGross: pairs }
}

function decodeRange(fields: PoolFields): readonly [number, number] {
  const [low, high] = fields.list('tickRange').map((each) => {
    if (typeof each === 'string' && /^-?[0-9]{1,7}$/.test(each)) return tickOf(BigInt(each), fields)
    return fields.refuse(1, 'tickRange is not a pair of integers', each)
  })
  if (low === undefined || high === undefined || low > high)
    return fields.refuse(9, 'tickRange is not a pair of ascending ticks', fields.read('tickRange'))
  return [low, high]
}

/** Rule 8. At the upper end the price was reached by crossing `tick + 1` downward. */
function checkPrice({ sqrtPriceX96, tick }: TickState, fields: PoolFields): void {
  const low = getSqrtRatioAtTick(tick)
  const high = getSqrtRatioAtTick(Math.min(tick + 1, tickMax))
  if (sqrtPriceX96 < low || sqrtPriceX96 > high)
    fields.refuse(8, `sqrtPriceX96 is not within tick ${tick}`, sqrtPriceX96)
}

/** Rule 9. */
function checkTicks(
  { ticks, tickSpacing, tickRange, singleRange }: TickState,
  fields: PoolFields,
): void {
  if (singleRange === true && ticks.length > 0)
    fields.refuse(9, 'a singleRange pool lists ticks', ticks[0]?.index)
  if (singleRange === true && tickRange !== undefined)
    fields.refuse(9, 'a singleRange pool has a tickRange', tickRange)
  let previous = -Infinity
  for (const { index } of ticks) {
    if (index <= previous) fields.refuse(9, 'ticks do not ascend', index)
    if (index % tickSpacing !== 0) fields.refuse(9, 'a tick is off the tick spacing', index)
    if (tickRange !== undefined && (index < tickRange[0] || index > tickRange[1]))
      fields.refuse(9, 'a tick lies outside tickRange', index)
    previous = index
  }
}

/** Rule 10. */
function checkLiquidity(state: TickState, fields: PoolFields): void {
  const { ticks, tick, liquidity, tickRange, singleRange } = state
  if (singleRange === true) return
  const above = ticks.findIndex(({ index }) => index > tick)
  const split = above === -1 ? ticks.length : above
  if (tickRange !== undefined) {
    walk(ticks.slice(split), liquidity, fields)
    const below = ticks.slice(0, split).toReversed()
    const negated = below.map(({ index, liquidityNet }) => ({ index, liquidityNet: -liquidityNet }))
    walk(negated, liquidity, fields)
    return
  }
  const reached = walk(ticks.slice(0, split), 0n, fields)
  if (reached !== liquidity)
    fields.refuse(10, `the nets up to tick ${tick} are not the liquidity ${liquidity}`, reached)
  const left = walk(ticks.slice(split), reached, fields)
  if (left !== 0n) fields.refuse(10, 'the nets do not add up to 0', left)
}

function walk(ticks: readonly Tick[], start: bigint, fields: PoolFields): bigint {
  return ticks.reduce((sum, { index, liquidityNet }) => {
    const next = sum + liquidityNet
    return next >= 0n
      ? next
      : fields.refuse(10, `the liquidity falls below 0 at tick ${index}`, next)
  }, start)
}
