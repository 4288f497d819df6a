/** What every pool type is: the port that a venue's file implements, and its nouns. */
import type { Call, Log } from '../chain/block.ts'
import type { Address, Brand, Hex } from '../core/hex.ts'
import type { Json, JsonObject } from '../core/json.ts'

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
  /** Which of a kind's contracts it is, where one kind has several: the format's `variant` or `version`. */
  readonly variant?: string | undefined
  /** Balancer V2's 32-byte name of the pool in its vault. */
  readonly vaultId?: Hex | undefined
  /** The pool whose share token this one trades (Curve meta pools). */
  readonly basePool?: PoolId | undefined
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

/** How far from the current price a reader lists ticks; absent means every tick of the pool. The nearer bound holds. */
export type SnapshotOptions = {
  /** In words of the tick bitmap. */
  readonly wordsEachSide?: number | undefined
  /** In ticks, rounded up to whole words: 27,728 ticks are a factor 16 in price. */
  readonly reachTicks?: number | undefined
}

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

/**
 * A pool of two or more tokens whose price moves without steps, as floats: base units, fees included. `out`
 * grows with the input and is concave; beyond `mostIn` the pool takes nothing more. Guides search, never settles.
 */
export type SmoothCurve = {
  readonly shape: 'smooth'
  /** Paid of token `indexOut` for `size` of token `indexIn`. */
  out(indexIn: number, indexOut: number, size: number): number
  /** Paid for the next unit after `size`: the derivative of `out`. */
  slope(indexIn: number, indexOut: number, size: number): number
  /** The largest input that still buys anything. */
  mostIn(indexIn: number, indexOut: number): number
}

/** The float views that the kernel knows, told apart by `shape`. */
export type Curve = SegmentCurve | SmoothCurve

/** What every kind's state starts from when it is read from a snapshot. */
export type PoolBase = Omit<PoolStateBase, 'kind'>

/** Bounds of a field, both ends included, and the number of the rule that a value outside breaks. */
export type FieldBounds = { readonly low?: number; readonly high?: number; readonly rule?: number }

/**
 * The fields of one pool in a snapshot, each checked as it is read (docs/market.md). What is wrong there is
 * refused by the file's reader with rule, pool and value: `market.snapshot-invalid`.
 */
export type PoolFields = {
  /** As the file has it, unchecked; `undefined` when absent. */
  read(name: string): Json | undefined
  has(name: string): boolean
  /** An integer of at least 0, and at most `max`. */
  natural(name: string, bounds?: { readonly max?: bigint; readonly rule?: number }): bigint
  /** An integer of at most 48 bits. */
  small(name: string, bounds?: FieldBounds): number
  /** A list of naturals, of `length` entries where that is given. */
  naturals(
    name: string,
    bounds?: { readonly length?: number; readonly max?: bigint; readonly rule?: number },
  ): readonly bigint[]
  list(name: string): readonly Json[]
  /** A list of pairs of integers of any sign. */
  pairs(name: string): readonly (readonly [bigint, bigint])[]
  boolean(name: string): boolean
  text(name: string): string
  address(name: string): Address
  /** The fields of an object within. */
  object(name: string): PoolFields
  /** Refuses the file: `rule` of docs/market.md is broken. */
  refuse(rule: number, what: string, value?: unknown): never
}

/** How a kind's states stand in a snapshot, beside `kind`, `id`, `tokens`, `gas` and `exchange`. */
export type PoolCodec<state> = {
  /** Hex digits of an id of this kind. */
  readonly idDigits: 40 | 64
  /** Names of the fields that it reads and writes; others are kept aside by the reader. */
  readonly fields: readonly string[]
  /** Checks all that the kind's rules say, and gives the state. */
  decode(base: PoolBase, fields: PoolFields): state
  encode(state: state): JsonObject
}

/** Who logs that a pool was created, and under which first topics. */
export type CreationLogs = {
  readonly addresses: readonly Address[]
  readonly topics: readonly Hex[]
}

/** A pool type: a few verbs over one state. Implementations are pure and hold nothing. */
export type PoolModule<state extends PoolStateBase> = {
  readonly kind: state['kind']
  /** What it is and what it was proven equal to: half a line for a person. */
  readonly about?: string
  /** First topics of the logs that change a state of this kind. */
  readonly topics: readonly Hex[]
  /** The pool that a factory's or singleton's log creates, or `undefined` for any other log. */
  discover(log: Log): PoolRef | undefined
  /** Which logs to ask a node for to `discover` pools; absent where no log names any. */
  readonly creation?: CreationLogs
  /** Reads the whole state of `ref`; see {@link SnapshotReader}. */
  snapshot(ref: PoolRef, options?: SnapshotOptions): SnapshotReader<state>
  /** What is needed to read the pool of `state` again. */
  refOf(state: state): PoolRef
  /**
   * The state after `log`; the same reference when `log` is not about this pool, `undefined` when it is and does
   * not say enough, so that the pool must be read again.
   */
  apply(state: state, log: Log): state | undefined
  /** True when a swap also depends on what no log of this pool tells, as a rate or a ramp: read it every block. */
  drifts?(state: state): boolean
  swapExactIn(state: state, swap: SwapExactIn): SwapResult<state>
  swapExactOut(state: state, swap: SwapExactOut): SwapResult<state>
  /** Marginal token out per token in, in base units after the fee; 0 when the pool cannot trade. */
  price(state: state, indexIn: number, indexOut: number): number
  /** The float kernel's view, or `undefined` when the pool cannot trade (or its hook may change amounts). */
  curve(state: state): Curve | undefined
  /** How the state stands in a snapshot. */
  readonly codec: PoolCodec<state>
}

/** The part of a reference that every kind has: spread it and add the rest. */
export function baseRefOf({ kind, id, tokens, exchange }: PoolStateBase): PoolRef {
  return { kind, id, tokens, ...(exchange === undefined ? {} : { exchange }) }
}
