/**
 * Whether a state is one that its kind's maths was made for. Contracts lie and logs are forged where a pool's code
 * is not the published one: what breaks a rule of the snapshot format is not a state. Pure.
 */
import { moduleOf, type PoolState } from '../pools/index.ts'
import {
  getSqrtRatioAtTick,
  maxSqrtRatio,
  maxTick,
  minSqrtRatio,
  minTick,
} from '../pools/math/tickMath.ts'
import type { UniswapV3State, UniswapV4State } from '../pools/states.ts'
import { decodePool, encodePool } from './poolCodec.ts'

const uint112 = 2n ** 112n
const uint128 = 2n ** 128n

/** True when `state` would load again from a file: whole, within all bounds, at least two different tokens. */
export function isSound(state: PoolState): boolean {
  const { tokens } = state
  if (tokens.length < 2 || new Set(tokens).size < tokens.length) return false
  if (state.kind === 'uniswapV3' || state.kind === 'uniswapV4') return isSoundTicks(state)
  try {
    decodePool(encodePool(state), state.kind)
    return true
  } catch {
    // The reason is the file reader's; here it only matters that there is one.
    return false
  }
}

/**
 * For pools with ticks all but the sums over ticks: a node that holds a part of the chain's state (a recorded block)
 * shows a part of the ticks, and the swaps within that part are right.
 */
function isSoundTicks(state: UniswapV3State | UniswapV4State): boolean {
  const [first = '', second = ''] = state.tokens
  const { tick, tickSpacing, sqrtPriceX96, ticks } = state
  if (state.tokens.length !== 2 || first >= second || !isSoundAfter(state)) return false
  if (tickSpacing < 1 || tickSpacing > 32_767 || tick < minTick || tick > maxTick) return false
  const isAtTick =
    sqrtPriceX96 >= getSqrtRatioAtTick(tick) &&
    sqrtPriceX96 <= getSqrtRatioAtTick(Math.min(tick + 1, maxTick))
  return isAtTick && ticks.every(({ index }) => index >= minTick && index <= maxTick)
}

/** The same for a sound state after one log, without a look at what the log cannot change. */
export function isSoundAfter(state: PoolState): boolean {
  if (state.kind === 'uniswapV2')
    return state.reserves.every((reserve) => reserve >= 0n && reserve < uint112)
  if (state.kind !== 'uniswapV3' && state.kind !== 'uniswapV4') return isSound(state)
  const { sqrtPriceX96, liquidity, feePips } = state
  const isPriced = sqrtPriceX96 >= minSqrtRatio && sqrtPriceX96 <= maxSqrtRatio
  return isPriced && liquidity >= 0n && liquidity < uint128 && feePips <= 1_000_000
}

/**
 * The state after `log`, `null` where it must be read again: the log does not say enough, or says nonsense. One
 * pool's nonsense must not stop the market, so whatever its module throws is nonsense too.
 */
export function applyLog(
  state: PoolState,
  log: Parameters<ReturnType<typeof moduleOf>['apply']>[1],
): PoolState | null {
  try {
    const after = moduleOf(state).apply(state, log)
    if (after === state) return state
    return after !== undefined && isSoundAfter(after) ? after : null
  } catch {
    return null
  }
}
