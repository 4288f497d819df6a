/** The states of the pool kinds, apart from their arithmetic so that codecs and kernels can name them. */
import type { Address } from '../core/hex.ts'
import type { PoolStateBase } from './pool.ts'

/** Uniswap V2 pair and forks that differ in their fee. */
export type UniswapV2State = PoolStateBase<'uniswapV2'> & {
  /** Base units of token 0 and token 1, each within uint112. */
  readonly reserves: readonly [bigint, bigint]
  /** Fee on the input, in millionths: 3,000 on Uniswap, 2,500 on PancakeSwap. */
  readonly feePips: number
}

/** An initialised tick. */
export type Tick = {
  readonly index: number
  /** Liquidity added when the price crosses upward; 0 only where `liquidityGross` is known and is not. */
  readonly liquidityNet: bigint
  /** Liquidity of all positions that start or end here, at which the tick goes away; absent when unknown. */
  readonly liquidityGross?: bigint | undefined
}

/** What Uniswap V3 and V4 pools share: concentrated liquidity over ticks. */
export type TickState = {
  /** Fee on the input, in millionths (V4: the LP fee in force now). */
  readonly feePips: number
  readonly tickSpacing: number
  /** Square root of token 1 per token 0, Q64.96. */
  readonly sqrtPriceX96: bigint
  /** As in slot0: after a downward crossing the price may sit exactly on the lower bound of `tick + 1`. */
  readonly tick: number
  /** Active liquidity at `tick`. */
  readonly liquidity: bigint
  /** Ascending by index. What lies outside: docs/market.md, "Ticks". */
  readonly ticks: readonly Tick[]
  /** When present `ticks` holds every initialised tick within it, and the price may not leave it. */
  readonly tickRange?: readonly [low: number, high: number] | undefined
  /** When true `ticks` is empty and the price may not leave the current spacing interval. */
  readonly singleRange?: boolean | undefined
}

/**
 * Forks of Uniswap V3 with the same arithmetic and another surface.
 *
 * - `pancake`: Pancake V3. Its swaps log two more words, its callback has another name.
 * - `solidly`: Solidly V3. The fee stands in slot0, and a log says when it changes.
 * - `slipstream`: Velodrome's and Aerodrome's. The fee is asked of the factory, and no log of the pool tells.
 */
export const uniswapV3Variants = ['pancake', 'solidly', 'slipstream'] as const

/** One of {@link uniswapV3Variants}. */
export type UniswapV3Variant = (typeof uniswapV3Variants)[number]

/** Uniswap V3 pool and forks with the same arithmetic. */
export type UniswapV3State = PoolStateBase<'uniswapV3'> &
  TickState & {
    /** Absent for Uniswap's own pools and forks that are equal to the byte. */
    readonly variant?: UniswapV3Variant | undefined
  }

/** The five fields that name a Uniswap V4 pool; its id is their hash. */
export type PoolKey = {
  readonly currency0: Address
  readonly currency1: Address
  /** Pips, or 8,388,608 for a dynamic fee. */
  readonly fee: number
  readonly tickSpacing: number
  readonly hooks: Address
}

/** Uniswap V4 pool. */
export type UniswapV4State = PoolStateBase<'uniswapV4'> &
  TickState & {
    readonly poolKey: PoolKey
    readonly hooks: Address
    /** Packed 24 bits: `v & 4095` pips from token 0 to 1, `v >> 12` from 1 to 0. */
    readonly protocolFee: number
  }
