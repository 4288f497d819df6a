/** A tick pool as the float kernel and the search see it: prices and liquidities in floating point. */
import type { SegmentCurve } from '../pool.ts'
import type { TickState } from '../states.ts'
import { placeAtOrBelow, sqrtRatioOn } from './tickList.ts'
import { isPartial, rangeOf } from './tickSwap.ts'

/**
 * The piecewise-constant liquidity of `state`, or `undefined` where nothing can be traded.
 *
 * @param kept - Share of the input that is swapped, from token 0 to 1 and from 1 to 0.
 */
export function curveOfTicks(
  state: TickState,
  kept: readonly [number, number],
): SegmentCurve | undefined {
  const range = rangeOf(state)
  if (range === undefined) return undefined
  const sqrtPrice = toFloat(state.sqrtPriceX96)
  const { prices, liquidity, current } = segmentsOf(state, range)
  const [first = 0, last = 0] = [prices[0], prices.at(-1)]
  const [isBelow, isAbove] = [sqrtPrice < first, sqrtPrice > last]
  if ((isBelow || isAbove) && isPartial(state)) return undefined
  if (!liquidity.some((each) => each > 0)) return undefined
  // A price beyond all liquidity reaches it again through a gap.
  const gap = [0]
  return {
    shape: 'segments',
    sqrtPrice,
    bounds: Float64Array.from([
      ...(isBelow ? [sqrtPrice] : []),
      ...prices,
      ...(isAbove ? [sqrtPrice] : []),
    ]),
    liquidity: Float64Array.from([...(isBelow ? gap : []), ...liquidity, ...(isAbove ? gap : [])]),
    current: isBelow ? 0 : isAbove ? liquidity.length : current,
    kept,
  }
}

type SegmentFloats = { prices: number[]; liquidity: number[]; current: number }

/** Borders in the range, ascending, and the liquidity between them, summed exactly from the current one. */
function segmentsOf(state: TickState, [low, high]: readonly [number, number]): SegmentFloats {
  const place = placeAtOrBelow(state.ticks, state.tick)
  const below = state.ticks.slice(0, place + 1).filter(({ index }) => index > low && index < high)
  const above = state.ticks.slice(place + 1).filter(({ index }) => index < high && index > low)
  const prices = [low, ...[...below, ...above].map(({ index }) => index), high]
  const inside = liquidityInside(state, low, high)
  let downward = inside
  const left = below.toReversed().map(({ liquidityNet }) => (downward -= liquidityNet))
  let upward = inside
  const right = above.map(({ liquidityNet }) => (upward += liquidityNet))
  const liquidity = [...left.toReversed(), inside, ...right]
  return {
    prices: prices.map((tick) => toFloat(sqrtRatioOn(state.ticks, tick))),
    liquidity: liquidity.map((each) => Math.max(0, Number(each))),
    current: below.length,
  }
}

/** Active liquidity; where the price stands on or beyond an end, what it is on the inner side of that end. */
function liquidityInside(state: TickState, low: number, high: number): bigint {
  const netAt = (index: number) => {
    const tick = state.ticks[placeAtOrBelow(state.ticks, index)]
    return tick?.index === index ? tick.liquidityNet : 0n
  }
  if (state.tick < low) return state.liquidity + netAt(low)
  if (state.tick >= high) return state.liquidity - netAt(high)
  return state.liquidity
}

/**
 * Marginal token out per token in, in base units after the fee; 0 where no liquidity lies that way. In a gap
 * it is the price at which the gap ends.
 */
export function priceOfTicks(state: TickState, zeroForOne: boolean, feePips: number): number {
  const sqrtPrice = sqrtPriceOfFirstTrade(state, zeroForOne)
  if (sqrtPrice === 0) return 0
  const raw = zeroForOne ? sqrtPrice * sqrtPrice : 1 / (sqrtPrice * sqrtPrice)
  return raw * (1 - feePips / 1_000_000)
}

function sqrtPriceOfFirstTrade(state: TickState, zeroForOne: boolean): number {
  const range = rangeOf(state)
  if (range === undefined) return 0
  const [low, high] = [sqrtRatioOn(state.ticks, range[0]), sqrtRatioOn(state.ticks, range[1])]
  const price = state.sqrtPriceX96
  if (zeroForOne ? price <= low : price >= high) return 0
  if (isPartial(state) && (price < low || price > high)) return 0
  let { liquidity } = state
  let place = placeAtOrBelow(state.ticks, state.tick) + (zeroForOne ? 0 : 1)
  let at = price
  for (; liquidity === 0n; place += zeroForOne ? -1 : 1) {
    const tick = state.ticks[place]
    if (tick === undefined) return 0
    liquidity += zeroForOne ? -tick.liquidityNet : tick.liquidityNet
    at = sqrtRatioOn(state.ticks, tick.index)
  }
  return toFloat(at)
}

/** Q64.96 as a float. */
function toFloat(sqrtPriceX96: bigint): number {
  return Number(sqrtPriceX96) / 2 ** 96
}
