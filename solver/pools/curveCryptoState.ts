/** State of a Curve CryptoSwap pool, and which of the four contracts solves its invariant how. */
import { divDown, mulDivDown } from '../core/rounding.ts'
import type { Solved } from './math/cryptoCubic.ts'
import {
  type CryptoShape,
  geometricMean,
  newtonD,
  newtonY2,
  newtonY3,
  one,
  sortDown,
} from './math/cryptoNewton.ts'
import { isqrt } from './math/cryptoRoots.ts'
import { geometricMean3, solveD3, solveY3 } from './math/cryptoTriNg.ts'
import { solveD2, solveY2 } from './math/cryptoTwoNg.ts'
import type { PoolStateBase } from './pool.ts'

/**
 * Which contract: the two-coin pools of the v2 factory, tricrypto and tricrypto2, Twocrypto-NG, Tricrypto-NG.
 */
export type CryptoVariant = 'two' | 'tri' | 'twoNg' | 'triNg'

/** What the contract looks at after a swap to decide whether its price scale follows the market. 18 digits each. */
export type CryptoRebalance = {
  /** Moving average of the prices as a swap at the state's own time sees it; one less than there are tokens. */
  readonly priceOracle: readonly bigint[]
  readonly xcpProfit: bigint
  readonly virtualPrice: bigint
  /** Share tokens. */
  readonly totalSupply: bigint
  readonly allowedExtraProfit: bigint
  readonly adjustmentStep: bigint
  /** True while an adjustment that was begun goes on (`two` and `tri`, which keep it private); absent is false. */
  readonly notAdjusted?: boolean | undefined
}

/** CryptoSwap pool of two or three coins. */
export type CurveCryptoState = PoolStateBase<'curveCrypto'> & {
  readonly variant: CryptoVariant
  /** A * N^N times `aMultiplier`, as the contract has it. */
  readonly A: bigint
  /** 18 digits. */
  readonly gamma: bigint
  /** The invariant, 18 digits of token 0. */
  readonly D: bigint
  /** Base units. */
  readonly balances: readonly bigint[]
  /** 10^(18 - decimals). */
  readonly precisions: readonly bigint[]
  /** Token 0 per token 1 and up, 18 digits: one less than there are tokens. */
  readonly priceScale: readonly bigint[]
  /** 10^-10. */
  readonly midFee: bigint
  /** 10^-10. */
  readonly outFee: bigint
  /** 18 digits. */
  readonly feeGamma: bigint
  /** 100 in the first tricrypto; absent is 10,000. */
  readonly aMultiplier?: bigint | undefined
  /** True while A or gamma move, in which the contract solves D anew before each swap; absent is false. */
  readonly isRamping?: boolean | undefined
  /** Absent when unknown: then swaps leave the price scale where it is. */
  readonly rebalance?: CryptoRebalance | undefined
}

const defaultMultiplier = 10_000n

/** The constants of the pool's invariant. */
export function shapeOf({ A, gamma, aMultiplier }: CurveCryptoState): CryptoShape {
  return { ann: A, gamma, aMultiplier: aMultiplier ?? defaultMultiplier }
}

/** Number of coins that a variant has. */
export function coinsOf(variant: CryptoVariant): 2 | 3 {
  return variant === 'two' || variant === 'twoNg' ? 2 : 3
}

/** Bounds of A / (N^N * multiplier), in hundredths, and of gamma, in 18 digits, both included. */
type Limits = { readonly aMin: bigint; readonly aMax: bigint; readonly gammaMax: bigint }

const limits: Readonly<Record<CryptoVariant, Limits>> = {
  two: { aMin: 10n, aMax: 10_000_000n, gammaMax: 2n * 10n ** 16n },
  tri: { aMin: 1n, aMax: 100_000n, gammaMax: 5n * 10n ** 16n },
  twoNg: { aMin: 10n, aMax: 100_000n, gammaMax: 199n * 10n ** 15n },
  triNg: { aMin: 1n, aMax: 100_000n, gammaMax: 5n * 10n ** 16n },
}
/** The first tricrypto's math contract. */
const firstLimits: Limits = { aMin: 100n, aMax: 1_000_000n, gammaMax: 10n ** 16n }
const gammaMin = 10n ** 10n

/** True when A and gamma are such as the contract calculates with at all. */
export function isSane(state: CurveCryptoState): boolean {
  const { ann, gamma, aMultiplier } = shapeOf(state)
  const { aMin, aMax, gammaMax } = aMultiplier === 100n ? firstLimits : limits[state.variant]
  const unit = aMultiplier * (coinsOf(state.variant) === 2 ? 4n : 27n)
  const isSaneA = ann * 100n >= aMin * unit && ann * 100n <= aMax * unit
  return isSaneA && gamma >= gammaMin && gamma <= gammaMax
}

/** Balances in 18 digits of token 0. */
export function scaledOf(state: CurveCryptoState, balances: readonly bigint[]): bigint[] {
  return balances.map((balance, at) => scaleOf(state, at, balance))
}

/** `amount` of token `at` in 18 digits of token 0. */
export function scaleOf(
  { precisions, priceScale }: CurveCryptoState,
  at: number,
  amount: bigint,
): bigint {
  const precise = amount * (precisions[at] ?? 1n)
  return at === 0 ? precise : mulDivDown(precise, priceScale[at - 1] ?? 0n, one)
}

/** `scaled` in base units of token `at`, rounded down; the price scale must not be 0. */
export function unscaleOf(
  { precisions, priceScale }: CurveCryptoState,
  at: number,
  scaled: bigint,
): bigint {
  const precise = at === 0 ? scaled : mulDivDown(scaled, one, priceScale[at - 1] ?? 1n)
  return divDown(precise, precisions[at] ?? 1n)
}

/** The contract's answer to: how much of coin `i` stands for `D`. */
export function solveY(
  state: CurveCryptoState,
  xp: readonly bigint[],
  D: bigint,
  i: number,
): Solved | undefined {
  const shape = shapeOf(state)
  if (state.variant === 'triNg') return solveY3(shape, xp, D, i)
  if (state.variant === 'twoNg') return solveY2(shape, xp, D, i)
  const y = state.variant === 'two' ? newtonY2(shape, xp, D, i) : newtonY3(shape, xp, D, i)
  return y === undefined ? undefined : { y, K0: 0n }
}

/** The contract's invariant of scaled balances; `K0` is what {@link solveY} gave, or 0. */
export function solveD(
  state: CurveCryptoState,
  xp: readonly bigint[],
  K0 = 0n,
): bigint | undefined {
  const shape = shapeOf(state)
  if (state.variant === 'triNg') return solveD3(shape, xp, K0)
  if (state.variant === 'twoNg') return solveD2(shape, xp, K0)
  return newtonD(shape, xp)
}

/** The invariant that the next swap starts from; `undefined` where the contract reverts. */
export function invariantOf(state: CurveCryptoState): bigint | undefined {
  const hasRamp = state.isRamping === true && state.aMultiplier !== 100n
  return hasRamp ? solveD(state, scaledOf(state, state.balances)) : state.D
}

/** The constant-product value of a balanced pool with invariant `D`, 18 digits; prices must not be 0. */
export function xcpOf(
  { variant }: CurveCryptoState,
  D: bigint,
  prices: readonly bigint[],
): bigint | undefined {
  const n = BigInt(prices.length + 1)
  const x = [divDown(D, n), ...prices.map((price) => divDown(D * one, n * price))]
  if (variant === 'triNg') return geometricMean3(x)
  if (variant === 'twoNg') return isqrt((x[0] ?? 0n) * (x[1] ?? 0n))
  return geometricMean(sortDown(x))
}
