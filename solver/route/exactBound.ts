/**
 * The bound of a certificate, recomputed in integers from raw pool states.
 *
 * Shares no code with the search: own square roots, own tick prices, own closed forms. Values are bigints with
 * 256 fractional bits, square-root prices have 160; all rounding is upward, in favour of the bound.
 */
import { divDown, divUp } from '../core/rounding.ts'
import type { TickState } from '../pools/states.ts'
import type { RoutedState } from './routed.ts'
import { sqrtDown, tickRoot } from './roots.ts'

/** Fractional bits of values, prices and costs. */
export const valueBits = 256n
const rootBits = 160n
const pips = 1_000_000n

/** Float rounding that a claimed bound may hold, as a share of the value that moves: 2^-30. */
export const slackBits = 30n

/** What a pool adds at some prices, by the token it takes, and by how much float arithmetic may miss it. */
export type PoolBound = { readonly surplus: bigint; readonly takes: 0 | 1; readonly slack: bigint }

const nothing: PoolBound = { surplus: 0n, takes: 0, slack: 0n }

/** A positive float as a value with {@link valueBits} fractional bits, exactly down to 2^-203; 0n for 0. */
export function exactPrice(price: number): bigint {
  if (!(price > 0) || !Number.isFinite(price)) return 0n
  let whole = price
  let shift = 0n
  while (!Number.isInteger(whole)) {
    whole *= 2
    shift += 1n
  }
  return shift > valueBits
    ? BigInt(whole) >> (shift - valueBits)
    : BigInt(whole) << (valueBits - shift)
}

/** The most that `state` can add in value at prices of its two tokens, rounded up. */
export function poolBound(state: RoutedState, price0: bigint, price1: bigint): PoolBound {
  const kept0 = pips - feeOf(state, 0)
  const kept1 = pips - feeOf(state, 1)
  if (kept0 <= 0n || kept1 <= 0n || !isPlain(state)) return nothing
  const best = bestTrade(state, price0, price1, [kept0, kept1])
  // At the very price at which a pool wakes, floats miss a trade by the square of their miss of its fee.
  const share = divUp(pips, kept0 < kept1 ? kept0 : kept1)
  return { ...best, slack: best.slack + ((depthOf(state, price1) * share * share) >> 95n) }
}

/** Value of token 1 that stands behind the current price. */
function depthOf(state: RoutedState, price1: bigint): bigint {
  if (state.kind === 'uniswapV2') return price1 * state.reserves[1]
  return (price1 * state.liquidity * state.sqrtPriceX96) >> 96n
}

function bestTrade(
  state: RoutedState,
  price0: bigint,
  price1: bigint,
  [kept0, kept1]: readonly [bigint, bigint],
): PoolBound {
  if (state.kind === 'uniswapV2') {
    const [reserve0, reserve1] = state.reserves
    if (reserve0 === 0n || reserve1 === 0n) return nothing
    const first = productBound(price0 * reserve0, price1 * reserve1, kept0)
    if (first.surplus > 0n) return { ...first, takes: 0 }
    return { ...productBound(price1 * reserve1, price0 * reserve0, kept1), takes: 1 }
  }
  const down = downward(state, price0, price1, kept0)
  return down.surplus > 0n ? down : upward(state, price0, price1, kept1)
}

/** Hooks that may change a swap's amounts make a pool something else than its ticks. */
function isPlain(state: RoutedState): boolean {
  return state.kind !== 'uniswapV4' || (BigInt(state.hooks) & 0xccn) === 0n
}

function feeOf(state: RoutedState, takes: 0 | 1): bigint {
  const lp = BigInt(state.feePips)
  if (state.kind !== 'uniswapV4') return lp
  const packed = BigInt(state.protocolFee)
  const protocol = takes === 0 ? packed & 4_095n : packed >> 12n
  return protocol + lp - divDown(protocol * lp, pips)
}

/** Constant product: the best trade wins (√(value out) - √(value in / kept))². */
function productBound(valueIn: bigint, valueOut: bigint, kept: bigint) {
  if (valueOut * kept <= valueIn * pips) return { surplus: 0n, slack: 0n }
  const rootOut = sqrtDown(valueOut << valueBits) + 1n
  const rootIn = sqrtDown(divDown(valueIn * pips, kept) << valueBits)
  const distance = rootOut - rootIn
  return {
    surplus: ((distance * distance) >> valueBits) + 1n,
    slack: (rootOut * distance) >> (valueBits + slackBits),
  }
}

/** Takes token 0: the price falls from tick to tick until it is worth no more. */
function downward(state: TickState, price0: bigint, price1: bigint, kept: bigint): PoolBound {
  const range = rangeOf(state)
  if (range === undefined || price1 === 0n) return nothing
  const floor = tickRoot(range[0])
  const aim = sqrtDown(divDown((price0 * pips) << (2n * rootBits), price1 * kept))
  const end = aim > floor ? aim : floor
  let root = state.sqrtPriceX96 << 64n
  let { liquidity } = state
  let taken = 0n
  let paid = 0n
  let blur = 0n
  const below = state.ticks
    .filter(({ index }) => index <= state.tick && index > range[0])
    .toReversed()
  for (const step of [...below, undefined]) {
    if (root <= end) break
    const border = step === undefined ? end : tickRoot(step.index)
    const to = border > end ? border : end
    if (to < root) {
      paid += liquidity * (root - to)
      taken += divDown((liquidity * (root - to)) << (2n * rootBits), root * to)
      root = to
    }
    const change = step?.liquidityNet ?? liquidity
    if (border >= end && border > aim) blur += magnitude(change) * borderMiss(border)
    liquidity -= change
  }
  return earned(price1 * paid, divDown(price0 * taken * pips, kept), 0, price1 * blur)
}

/** Takes token 1: the price rises. */
function upward(state: TickState, price0: bigint, price1: bigint, kept: bigint): PoolBound {
  const range = rangeOf(state)
  if (range === undefined || price0 === 0n) return nothing
  const ceiling = tickRoot(range[1])
  const aim =
    price1 === 0n ? ceiling : sqrtDown(divDown((price0 * kept) << (2n * rootBits), price1 * pips))
  const end = aim < ceiling ? aim : ceiling
  let root = state.sqrtPriceX96 << 64n
  let { liquidity } = state
  let taken = 0n
  let paid = 0n
  let blur = 0n
  const above = state.ticks.filter(({ index }) => index > state.tick && index < range[1])
  for (const step of [...above, undefined]) {
    if (root >= end) break
    const border = step === undefined ? end : tickRoot(step.index)
    const to = border < end ? border : end
    if (to > root) {
      taken += liquidity * (to - root)
      paid += divDown((liquidity * (to - root)) << (2n * rootBits), root * to) + 1n
      root = to
    }
    const change = step?.liquidityNet ?? -liquidity
    if (border <= end && border < aim) {
      const missed = magnitude(change) * borderMiss(border)
      blur += divUp(missed << (2n * rootBits), border * border)
    }
    liquidity += change
  }
  return earned(price0 * paid, divDown(price1 * taken * pips, kept), 1, price0 * blur)
}

function earned(valueOut: bigint, valueIn: bigint, takes: 0 | 1, blur: bigint): PoolBound {
  if (valueOut <= valueIn) return nothing
  const slack = ((valueOut >> slackBits) + blur) >> rootBits
  return { surplus: ((valueOut - valueIn) >> rootBits) + 1n, takes, slack }
}

/** By how much a search may misplace a border: 2^-48 of it in floats, 2^-92 where it follows the chain's rounding. */
function borderMiss(border: bigint): bigint {
  return (border >> 48n) + (1n << (rootBits - 92n))
}

function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}

/** Ticks between which the price may move; `undefined` where it cannot (docs/market.md, "Ticks"). */
function rangeOf(state: TickState): readonly [number, number] | undefined {
  const { tick, tickSpacing, ticks, tickRange, singleRange } = state
  const low = Math.floor(tick) - (((tick % tickSpacing) + tickSpacing) % tickSpacing)
  const [first, last] = [ticks[0]?.index, ticks.at(-1)?.index]
  const partial = singleRange === true ? ([low, low + tickSpacing] as const) : tickRange
  if (partial !== undefined) {
    const root = state.sqrtPriceX96 << 64n
    // Tick prices on chain are rounded to 96 bits: a price on a border may be a hair off ours.
    const slack = 1n << 66n
    const isInside = root >= tickRoot(partial[0]) - slack && root <= tickRoot(partial[1]) + slack
    return isInside ? partial : undefined
  }
  return first === undefined || last === undefined ? undefined : [first, last]
}
