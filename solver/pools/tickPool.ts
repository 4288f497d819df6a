/** What the pools with ticks share beyond the arithmetic: swap results, positions, and how they are read. */
import type {
  PoolStateBase,
  SnapshotOptions,
  SwapExactIn,
  SwapExactOut,
  SwapResult,
} from './pool.ts'
import type { TickState } from './states.ts'
import { gasOfSwap } from './gas.ts'
import { compress, withPosition } from './math/tickList.ts'
import { maxTick, minTick } from './math/tickMath.ts'
import { swapTicks } from './math/tickSwap.ts'
import { max, min } from '../core/rounding.ts'

type AnyTickState = PoolStateBase & TickState

/** The fee in force, in millionths, and the largest amount that the contract's integers hold. */
export type SwapBounds = { readonly feePips: number; readonly amountMax: bigint }

/** Sells up to `swap.amountIn`; an amount beyond `amountMax` on either side counts as refused. */
export function tickSwapExactIn<state extends AnyTickState>(
  state: state,
  swap: SwapExactIn,
  bounds: SwapBounds,
): SwapResult<state> {
  return run(state, swap.indexIn, 'in', swap.amountIn, bounds)
}

/** Buys up to `swap.amountOut`, in the same manner. */
export function tickSwapExactOut<state extends AnyTickState>(
  state: state,
  swap: SwapExactOut,
  bounds: SwapBounds,
): SwapResult<state> {
  return run(state, swap.indexIn, 'out', swap.amountOut, bounds)
}

function run<state extends AnyTickState>(
  state: state,
  indexIn: number,
  exact: 'in' | 'out',
  wanted: bigint,
  { feePips, amountMax }: SwapBounds,
): SwapResult<state> {
  const amount = min(wanted, amountMax)
  const done = swapTicks(state, { zeroForOne: indexIn === 0, exact, amount, feePips })
  const { amountIn, amountOut, ticksCrossed, sqrtPriceX96, tick, liquidity } = done
  if (amountIn === 0n || max(amountIn, amountOut) > amountMax) return untouched(state)
  const next = { ...state, sqrtPriceX96, tick, liquidity }
  return { amountIn, amountOut, gas: gasOfSwap(state, ticksCrossed), next }
}

/** The result of a swap that the pool refuses or cannot begin. */
export function untouched<state>(state: state): SwapResult<state> {
  return { amountIn: 0n, amountOut: 0n, gas: 0n, next: state }
}

/** `state` after liquidity between two ticks changed by `delta`; the same reference where `delta` is 0. */
export function withLiquidity<state extends AnyTickState>(
  state: state,
  lower: number,
  upper: number,
  delta: bigint,
): state {
  if (delta === 0n) return state
  const isActive = lower <= state.tick && state.tick < upper
  const liquidity = isActive ? state.liquidity + delta : state.liquidity
  if (state.singleRange === true) return { ...state, liquidity }
  const [low, high] = state.tickRange ?? [minTick, maxTick]
  const changed = withPosition(state.ticks, lower, upper, delta)
  const isOutside = lower < low || upper > high
  const ticks = isOutside ? changed.filter(({ index }) => index >= low && index <= high) : changed
  return { ...state, liquidity, ticks }
}

/** True when the price moved out of the range whose ticks are known: nothing can be traded until it is read anew. */
export function hasLeftRange({ tick, tickRange }: TickState): boolean {
  return tickRange !== undefined && (tick < tickRange[0] || tick > tickRange[1])
}

/** Which bitmap words to read around `tick`, and the range that they cover; no range when it is everything. */
export function wordsToRead(
  tick: number,
  tickSpacing: number,
  options: SnapshotOptions = {},
): { readonly words: readonly number[]; readonly tickRange?: readonly [number, number] } {
  const [first, last] = [wordOf(minTick, tickSpacing), wordOf(maxTick, tickSpacing)]
  const here = wordOf(tick, tickSpacing)
  const { wordsEachSide = Infinity, reachTicks = Infinity } = options
  const reach = Math.min(wordsEachSide, Math.ceil(reachTicks / (256 * tickSpacing)))
  const from = Math.max(first, here - reach)
  const to = Math.min(last, here + reach)
  const words = Array.from({ length: to - from + 1 }, (_, offset) => from + offset)
  if (from === first && to === last) return { words }
  const low = Math.max(minTick, from * 256 * tickSpacing)
  const high = Math.min(maxTick, (to + 1) * 256 * tickSpacing - 1)
  return { words, tickRange: [low, high] }
}

function wordOf(tick: number, tickSpacing: number): number {
  return compress(tick, tickSpacing) >> 8
}

/** The ticks that the bits of one bitmap word stand for, ascending. */
export function ticksInWord(word: number, bitmap: bigint, tickSpacing: number): number[] {
  const found: number[] = []
  let rest = bitmap
  for (let bit = 0; rest > 0n; bit += 1, rest >>= 1n)
    if (rest & 1n) found.push((word * 256 + bit) * tickSpacing)
  return found
}

/** Share of the input that is swapped at a fee of `feePips` millionths. */
export function keptOf(feePips: number): number {
  return 1 - feePips / 1_000_000
}
