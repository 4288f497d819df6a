/**
 * An exact swap over ticks, as the loop of `UniswapV3Pool.swap` and V4's `Pool.swap` runs it.
 *
 * What differs from the contract is only the end: the price stops where the known liquidity ends
 * (docs/market.md, "Ticks") instead of running on through empty space to the caller's limit.
 *
 * Source: https://github.com/Uniswap/v3-core/blob/v1.0.0/contracts/UniswapV3Pool.sol and
 * https://github.com/Uniswap/v4-core/blob/v4.0.0/src/libraries/Pool.sol
 */
import { max, min } from '../../core/rounding.ts'
import type { TickState } from '../states.ts'
import { stepExactIn, stepExactOut } from './swapStep.ts'
import { compress, placeAtOrBelow, sqrtRatioOn, wordEnd, wordStart } from './tickList.ts'
import { getTickAtSqrtRatio, maxSqrtRatio, maxTick, minSqrtRatio, minTick } from './tickMath.ts'

/** A swap over ticks. */
export type TickSwapRequest = {
  /** True when token 0 comes in and the price falls. */
  readonly zeroForOne: boolean
  /** What `amount` names: the input, or the output wanted. */
  readonly exact: 'in' | 'out'
  /** Base units, at least 0. */
  readonly amount: bigint
  /** Fee in force, in millionths, the protocol's share included. */
  readonly feePips: number
  /** Price that the swap may not pass, Q64.96; absent means as far as liquidity reaches. */
  readonly limitX96?: bigint
}

/** What the swap did; the state after it differs in the last three fields alone. */
export type TickSwap = {
  readonly amountIn: bigint
  readonly amountOut: bigint
  readonly ticksCrossed: number
  readonly sqrtPriceX96: bigint
  readonly tick: number
  readonly liquidity: bigint
}

/** Runs `request` on `state`. Total: it stops where the liquidity ends and says what it filled. */
export function swapTicks(state: TickState, request: TickSwapRequest): TickSwap {
  const { zeroForOne, exact } = request
  const feePips = BigInt(request.feePips)
  const step = exact === 'in' ? stepExactIn : stepExactOut
  const limit = limitOf(state, request)
  let { sqrtPriceX96: price, tick, liquidity } = state
  let [remaining, amountIn, amountOut, ticksCrossed] = [request.amount, 0n, 0n, 0]
  if (limit === undefined || (zeroForOne ? price <= limit : price >= limit)) remaining = 0n
  // V4 refuses an exact output at a fee of 100 %: no input would ever be enough.
  if (exact === 'out' && feePips >= 1_000_000n) remaining = 0n
  const stops = createStops(state, zeroForOne)

  // At most one turn for each listed tick and each bitmap word.
  while (remaining > 0n && price !== limit) {
    const stop = stops.next(tick, liquidity)
    const target = zeroForOne ? max(stop.price, limit ?? 0n) : min(stop.price, limit ?? 0n)
    const { next, taken, paid } = step(price, target, liquidity, remaining, feePips)
    remaining -= exact === 'in' ? taken : paid
    amountIn += taken
    amountOut += paid
    if (next === stop.price) {
      if (stop.liquidityNet !== undefined) {
        liquidity += zeroForOne ? -stop.liquidityNet : stop.liquidityNet
        ticksCrossed += 1
      }
      tick = zeroForOne ? stop.tick - 1 : stop.tick
    } else if (next !== price) tick = getTickAtSqrtRatio(next)
    price = next
  }
  tick = keepInSingleRange(state, tick)
  return { amountIn, amountOut, ticksCrossed, sqrtPriceX96: price, tick, liquidity }
}

type Stop = {
  readonly tick: number
  readonly price: bigint
  /** Absent where the stop is only the end of a bitmap word. */
  readonly liquidityNet: bigint | undefined
}

/** The stops of a walk in one direction, each asked for once. */
function createStops({ ticks, tickSpacing, tick }: TickState, zeroForOne: boolean) {
  let place = placeAtOrBelow(ticks, tick) + (zeroForOne ? 0 : 1)
  const haltOf = (from: number, liquidity: bigint) => {
    // Without liquidity nothing is traded, so nothing rounds: straight to the next listed tick.
    if (liquidity === 0n) return zeroForOne ? minTick : maxTick
    return zeroForOne ? wordStart(from, tickSpacing) : wordEnd(from, tickSpacing)
  }
  return {
    next(from: number, liquidity: bigint): Stop {
      const listed = ticks[place]
      const halt = haltOf(from, liquidity)
      const isListed =
        listed !== undefined && (zeroForOne ? listed.index >= halt : listed.index <= halt)
      if (isListed) place += zeroForOne ? -1 : 1
      const at = isListed ? listed.index : halt
      return {
        tick: at,
        price: sqrtRatioOn(ticks, at),
        liquidityNet: isListed ? listed.liquidityNet : undefined,
      }
    },
  }
}

/** Where the price must stop at the latest, or `undefined` when it cannot be moved at all. */
function limitOf(state: TickState, { zeroForOne, limitX96 }: TickSwapRequest): bigint | undefined {
  const range = rangeOf(state)
  if (range === undefined) return undefined
  const low = sqrtRatioOn(state.ticks, range[0])
  const high = sqrtRatioOn(state.ticks, range[1])
  // Beyond a partial listing the ticks are unknown: a price that has left it cannot come back by our maths.
  if (isPartial(state) && (state.sqrtPriceX96 < low || state.sqrtPriceX96 > high)) return undefined
  // The contract's callers may not go to the very ends of the price range.
  return zeroForOne
    ? max(low, max(limitX96 ?? 0n, minSqrtRatio + 1n))
    : min(high, min(limitX96 ?? maxSqrtRatio, maxSqrtRatio - 1n))
}

/** True when liquidity beyond the listed ticks is unknown rather than absent. */
export function isPartial(state: TickState): boolean {
  return state.tickRange !== undefined || state.singleRange === true
}

/** The ticks between which the price may move (docs/market.md, "Ticks"), or `undefined` without liquidity. */
export function rangeOf(state: TickState): readonly [low: number, high: number] | undefined {
  if (state.singleRange === true) {
    const low = compress(state.tick, state.tickSpacing) * state.tickSpacing
    return [low, low + state.tickSpacing]
  }
  if (state.tickRange !== undefined) return state.tickRange
  const [first, last] = [state.ticks[0], state.ticks.at(-1)]
  return first === undefined || last === undefined ? undefined : [first.index, last.index]
}

/**
 * The tick after a swap, kept in the one interval that a single-range state knows. The contract's own tick
 * may be the neighbour's when the price stands exactly on the border; ours would then trade on unknown liquidity.
 */
function keepInSingleRange(state: TickState, tick: number): number {
  if (state.singleRange !== true) return tick
  const [low, high] = rangeOf(state) ?? [tick, tick]
  return Math.max(low, Math.min(high - 1, tick))
}
