/**
 * A pool's initialised ticks as a sorted list, with the stops of the contract's bitmap on top.
 *
 * The contract looks for the next tick within one word of 256 spacings and halts at the word's end when it
 * finds none. Those halts round, so an exact walk makes them too.
 *
 * Source: https://github.com/Uniswap/v3-core/blob/v1.0.0/contracts/libraries/TickBitmap.sol
 */
import type { Tick } from '../states.ts'
import { getSqrtRatioAtTick, maxTick, minTick } from './tickMath.ts'

/** Square-root prices met on walks over one list: a pure memo, dropped with the list. */
const memo = new WeakMap<readonly Tick[], Map<number, bigint>>()

/** {@link getSqrtRatioAtTick}, remembered for as long as `ticks` lives. */
export function sqrtRatioOn(ticks: readonly Tick[], tick: number): bigint {
  let ratios = memo.get(ticks)
  if (ratios === undefined) memo.set(ticks, (ratios = new Map<number, bigint>()))
  let ratio = ratios.get(tick)
  if (ratio === undefined) ratios.set(tick, (ratio = getSqrtRatioAtTick(tick)))
  return ratio
}

/** Place of the last entry whose index is at most `tick`; -1 when there is none. */
export function placeAtOrBelow(ticks: readonly Tick[], tick: number): number {
  let low = 0
  let high = ticks.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ticks[middle]?.index ?? Infinity) <= tick) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** Where a downward search from `tick` stops in the bitmap: the first spacing of its word. */
export function wordStart(tick: number, tickSpacing: number): number {
  return Math.max(minTick, (compress(tick, tickSpacing) & ~255) * tickSpacing)
}

/** Where an upward search from `tick` stops in the bitmap: the last spacing of the next spacing's word. */
export function wordEnd(tick: number, tickSpacing: number): number {
  return Math.min(maxTick, ((compress(tick, tickSpacing) + 1) | 255) * tickSpacing)
}

/** Number of the spacing that holds `tick`: `tick / tickSpacing`, rounded down. */
export function compress(tick: number, tickSpacing: number): number {
  return Math.floor(tick / tickSpacing)
}

/** `ticks` after the positions between `lower` and `upper` grew by `delta` (shrank, when negative). */
export function withPosition(
  ticks: readonly Tick[],
  lower: number,
  upper: number,
  delta: bigint,
): readonly Tick[] {
  return withTick(withTick(ticks, lower, delta, delta), upper, -delta, delta)
}

function withTick(
  ticks: readonly Tick[],
  index: number,
  netDelta: bigint,
  grossDelta: bigint,
): readonly Tick[] {
  const place = placeAtOrBelow(ticks, index)
  const found = ticks[place]
  const before = found?.index === index ? found : undefined
  const liquidityNet = (before?.liquidityNet ?? 0n) + netDelta
  const grossBefore = before === undefined ? 0n : before.liquidityGross
  const liquidityGross = grossBefore === undefined ? undefined : grossBefore + grossDelta
  // Without the gross a net of 0 means an empty tick: balanced positions on both sides are the rare case.
  const empty = (liquidityGross ?? liquidityNet) === 0n
  return [
    ...ticks.slice(0, before === undefined ? place + 1 : place),
    ...(empty ? [] : [{ index, liquidityNet, liquidityGross }]),
    ...ticks.slice(place + 1),
  ]
}
