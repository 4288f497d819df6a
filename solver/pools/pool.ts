/** What every pool type is: the port that a venue's file implements, and its nouns. */
import type { Call, Log } from '../chain/block.ts'
import type { Address, Brand, Hex } from '../core/hex.ts'

/** Chain-wide name of a pool: its address, or its 32-byte id on singleton venues. */
export type PoolId = Brand<Hex, 'PoolId'>

/** The pool's name from its address or its 32-byte id, lower-case: the one place where the brand is made. */
export function toPoolId(text: string): PoolId {
  return text.toLowerCase() as PoolId
}

/** Everything a swap depends on, at one block. Immutable: `apply` returns the next one. */
export type PoolStateBase<kind extends string = string> = {
  readonly kind: kind
  readonly id: PoolId
  /** In the pool's own order; swaps name tokens by their index here. The zero address is the native currency. */
  readonly tokens: readonly Address[]
  /** Deployment that the pool belongs to, as `chains/` names it; absent when unknown. */
  readonly exchange?: string | undefined
  /** Gas that the snapshot's source says one swap adds to a settlement; absent when unknown. */
  readonly gasHint?: bigint | undefined
}

/** Amounts are base units of the token at their index; the two indices differ. */
export type SwapExactIn = {
  readonly indexIn: number
  readonly indexOut: number
  readonly amountIn: bigint
}

/** The same with the amount that the trader wants. */
export type SwapExactOut = {
  readonly indexIn: number
  readonly indexOut: number
  readonly amountOut: bigint
}

/**
 * What the pool really does with a swap. Swaps are total functions: a pool that
 * runs dry reports the part it filled instead of throwing, so search stays cheap.
 * A caller that needs all or nothing compares with what it asked for.
 */
export type SwapResult<state> = {
  /** Taken from the trader, at most what was offered. */
  readonly amountIn: bigint
  /** Paid to the trader. */
  readonly amountOut: bigint
  /** Estimated execution gas of this leg inside our settlement. */
  readonly gas: bigint
  /** The pool after the swap. */
  readonly next: state
}

/** What is known of a pool before its state is read: enough to ask the chain for the rest. */
export type PoolRef = {
  readonly kind: string
  readonly id: PoolId
  readonly tokens: readonly Address[]
  readonly exchange?: string | undefined
  /** Swap fee in millionths where the pool's creation fixes it. */
  readonly feePips?: number | undefined
  readonly tickSpacing?: number | undefined
  /** Uniswap V4 only. */
  readonly hooks?: Address | undefined
}

/**
 * Reads one pool in rounds: yields the calls of a round, takes their return data in the same order
 * (`undefined` where a call reverted), and returns the state, or `undefined` for no such pool. Pure: the
 * market runs the rounds of all pools together, one batched request a round.
 */
export type SnapshotReader<state> = Generator<
  readonly Call[],
  state | undefined,
  readonly (Hex | undefined)[]
>

/** How far from the current price a reader lists ticks; absent means every tick of the pool. */
export type SnapshotOptions = { readonly wordsEachSide?: number | undefined }

/**
 * A two-token pool as the float kernel sees it: piecewise-constant liquidity over the square root of the
 * price (base units of token 1 per base unit of token 0, before fees). Guides search, never settles.
 */
export type SegmentCurve = {
  readonly shape: 'segments'
  /** Current square-root price; lies within segment `current`. */
  readonly sqrtPrice: number
  /** n + 1 ascending square-root prices; the first may be 0 and the last Infinity (constant product). */
  readonly bounds: Float64Array
  /** n liquidities; 0 marks a gap that the price passes at no amount. Beyond the bounds there is none. */
  readonly liquidity: Float64Array
  readonly current: number
  /** Share of the input that is swapped, from token 0 to 1 and from 1 to 0: 0.997 for a fee of 30 bps. */
  readonly kept: readonly [number, number]
}

/** The float views that the kernel knows, told apart by `shape`. */
export type Curve = SegmentCurve

/** A pool type: a few verbs over one state. Implementations are pure and hold nothing. */
export type PoolModule<state extends PoolStateBase> = {
  readonly kind: state['kind']
  /** First topics of the logs that change a state of this kind. */
  readonly topics: readonly Hex[]
  /** The pool that a factory's or singleton's log creates, or `undefined` for any other log. */
  discover(log: Log): PoolRef | undefined
  /** Reads the whole state of `ref`; see {@link SnapshotReader}. */
  snapshot(ref: PoolRef, options?: SnapshotOptions): SnapshotReader<state>
  /** The state after `log`; the same reference when `log` is not about this pool. */
  apply(state: state, log: Log): state
  swapExactIn(state: state, swap: SwapExactIn): SwapResult<state>
  swapExactOut(state: state, swap: SwapExactOut): SwapResult<state>
  /** Marginal token out per token in, in base units after the fee; 0 when the pool cannot trade. */
  price(state: state, indexIn: number, indexOut: number): number
  /** The float kernel's view, or `undefined` when the pool cannot trade (or its hook may change amounts). */
  curve(state: state): Curve | undefined
}
