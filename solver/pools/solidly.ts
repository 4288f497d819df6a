/**
 * Solidly pair, volatile and stable, and what descends from it: Velodrome V1 and V2, Aerodrome V2.
 *
 * The authority is the pair's `swap`, which is told what to pay and accepts it while k does not fall. So
 * `amountOut` is the most that the pair would pay and `amountIn` the least that it would take. Its `getAmountOut`
 * says the same; where its Newton loop ends a unit away, `swap` decides. The fee leaves the pair at once, so that
 * reserves grow by the rest of the input.
 *
 * Left alone are stable pairs below the least k that a pair may begin with, where roundings of k are worth more
 * than a swap, and within a factor of 4 of the largest k that fits 256 bits.
 *
 * Source: https://github.com/aerodrome-finance/contracts/blob/main/contracts/Pool.sol
 */
import type { Log } from '../chain/block.ts'
import { divDown, divUp, max, min, mulDivDown, mulDivUp } from '../core/rounding.ts'
import { gasOfSwap } from './gas.ts'
import { wordAt } from './logWords.ts'
import { leastStable, scaled, stableAmountOut, stableK } from './math/solidly.ts'
import { exchange, stableCurve } from './math/solidlyCurve.ts'
import {
  baseRefOf,
  type PoolModule,
  type SegmentCurve,
  type SmoothCurve,
  type SwapExactIn,
  type SwapExactOut,
  type SwapResult,
} from './pool.ts'
import {
  discoverSolidly,
  solidlyCreation,
  snapshotSolidly,
  solidlyCodec,
  type SolidlyState,
  syncTopic,
} from './solidlyState.ts'

export type { SolidlyState } from './solidlyState.ts'

const pips = 1_000_000n
/** `MINIMUM_K` of Velodrome V2 and Aerodrome. */
const leastK = 10n ** 10n
/** Below it the products of one swap fit 256 bits, whatever it takes within {@link scaledMaxOf}. */
const mostK = divDown(2n ** 254n, 10n ** 18n)
/** Of a volatile pair, so that the product of both fits 256 bits. */
const volatileMax = 2n ** 128n - 1n

/** The Solidly module. Shapes, units and laws are {@link PoolModule}'s; it throws nothing. */
export const solidly = {
  kind: 'solidly',
  about: "volatile and stable pairs of Solidly and forks; exact against Aerodrome's bytecode",
  topics: [syncTopic],
  discover: discoverSolidly,
  creation: solidlyCreation,
  snapshot: snapshotSolidly,
  refOf: (state) => ({
    ...baseRefOf(state),
    ...(state.variant === undefined ? {} : { variant: state.variant }),
    ...(state.variant === 'v1' ? { feePips: state.feePips } : {}),
  }),
  apply,
  // The factory of V2 sets fees and may pause every pair; Solidly's own pairs have neither.
  drifts: ({ variant }) => variant !== 'v1',
  swapExactIn,
  swapExactOut,
  price,
  curve,
  codec: solidlyCodec,
} satisfies PoolModule<SolidlyState>

function apply(state: SolidlyState, log: Log): SolidlyState {
  if (log.address !== state.id || log.topics[0] !== syncTopic) return state
  return { ...state, reserves: [wordAt(log.data, 0), wordAt(log.data, 1)] }
}

function swapExactIn(state: SolidlyState, swap: SwapExactIn): SwapResult<SolidlyState> {
  const pair = tradable(state, swap.indexIn)
  if (pair === undefined) return untouched(state)
  const amountIn = min(swap.amountIn, mostInOf(pair))
  if (amountIn <= 0n) return untouched(state)
  const balanceIn = pair.reserveIn + keptOf(amountIn, pair.keptPips)
  const amountOut = pair.reserveOut - pair.leastOut(balanceIn)
  return amountOut <= 0n ? untouched(state) : trade(state, pair, amountIn, amountOut)
}

function swapExactOut(state: SolidlyState, swap: SwapExactOut): SwapResult<SolidlyState> {
  const pair = tradable(state, swap.indexIn)
  if (pair === undefined) return untouched(state)
  const mostOut = pair.reserveOut - pair.leastOut(pair.balanceInMax)
  const amountOut = min(swap.amountOut, mostOut)
  if (amountOut <= 0n) return untouched(state)
  const kept = max(1n, pair.leastIn(pair.reserveOut - amountOut) - pair.reserveIn)
  // The least input of which `kept` is left: its fee is rounded down.
  const amountIn = mulDivDown(kept - 1n, pips, pair.keptPips) + 1n
  return trade(state, pair, amountIn, amountOut)
}

/** A pair seen from one side. */
type Pair = {
  readonly indexIn: number
  readonly reserveIn: bigint
  readonly reserveOut: bigint
  /** Share of the input that stays in the pair, in millionths. */
  readonly keptPips: bigint
  /** The largest balance of the token that comes in. */
  readonly balanceInMax: bigint
  /** The least balances of one token that keep k beside a given balance of the other; at least 1. */
  readonly leastOut: (balanceIn: bigint) => bigint
  readonly leastIn: (balanceOut: bigint) => bigint
}

/** `undefined` where the pair takes no swap, or where what we know of it is not enough to tell. */
function tradable(state: SolidlyState, indexIn: number): Pair | undefined {
  const [reserveIn, reserveOut] = oriented(state.reserves, indexIn)
  const base = { indexIn, reserveIn, reserveOut, keptPips: pips - BigInt(state.feePips) }
  if (reserveIn === 0n || reserveOut === 0n) return undefined
  if (!state.stable) {
    if (max(reserveIn, reserveOut) > volatileMax) return undefined
    const k = reserveIn * reserveOut
    const least = (other: bigint) => divUp(k, other)
    return { ...base, balanceInMax: volatileMax, leastOut: least, leastIn: least }
  }
  const units = unitsOf(state)
  if (units === undefined) return undefined
  const [unitIn, unitOut] = oriented(units, indexIn)
  const [x, y] = [scaled(reserveIn, unitIn), scaled(reserveOut, unitOut)]
  const scaledMax = scaledMaxOf(unitOut)
  if (x > scaledMax || y > scaledMaxOf(unitIn)) return undefined
  const k = stableK(x, y)
  if (k < leastK || k > mostK) return undefined
  return {
    ...base,
    balanceInMax: mulDivDown(scaledMax, unitIn, 10n ** 18n),
    leastOut: (balanceIn) => leastStable(scaled(balanceIn, unitIn), k, y, unitOut),
    leastIn: (balanceOut) => leastStable(scaled(balanceOut, unitOut), k, x, unitIn),
  }
}

/**
 * The largest scaled balance beside one that can be as small as a base unit. Rounding the other balance up to a base
 * unit of `s` raises the product in k by `x³ s / 10^36`, which is kept below 2^253.
 */
function scaledMaxOf(unitOut: bigint): bigint {
  return 2n ** BigInt(124 - thirdOfBits(divDown(10n ** 18n, unitOut)))
}

/** A third of the bits of `value`, rounded up. */
function thirdOfBits(value: bigint): number {
  return value === 0n ? 0 : Math.ceil(value.toString(2).length / 3)
}

/** The largest input after which the balance is within `balanceInMax`. */
function mostInOf({ balanceInMax, reserveIn, keptPips }: Pair): bigint {
  return mulDivDown(balanceInMax - reserveIn, pips, keptPips)
}

/** What of `amountIn` is left after the fee, which is rounded down. */
function keptOf(amountIn: bigint, keptPips: bigint): bigint {
  return mulDivUp(amountIn, keptPips, pips)
}

function oriented<value>(
  [first, second]: readonly [value, value],
  indexIn: number,
): [value, value] {
  return indexIn === 0 ? [first, second] : [second, first]
}

function unitsOf({ decimals }: SolidlyState): readonly [bigint, bigint] | undefined {
  return decimals && [10n ** BigInt(decimals[0]), 10n ** BigInt(decimals[1])]
}

/** Reserves as floats, scaled to 18 digits in a stable pair. */
function balancesOf({ stable, reserves, ...rest }: SolidlyState): [number, number] {
  const [scale0, scale1] = stable ? scalesOf(rest) : [1, 1]
  return [Number(reserves[0]) * scale0, Number(reserves[1]) * scale1]
}

function scalesOf({ decimals }: Pick<SolidlyState, 'decimals'>): [number, number] {
  const [decimals0, decimals1] = decimals ?? [18, 18]
  return [10 ** (18 - decimals0), 10 ** (18 - decimals1)]
}

function trade(
  state: SolidlyState,
  { indexIn, reserveIn, reserveOut, keptPips }: Pair,
  amountIn: bigint,
  amountOut: bigint,
): SwapResult<SolidlyState> {
  const reserves = oriented(
    [reserveIn + keptOf(amountIn, keptPips), reserveOut - amountOut],
    indexIn,
  )
  return { amountIn, amountOut, gas: gasOfSwap(state), next: { ...state, reserves } }
}

function untouched(state: SolidlyState): SwapResult<SolidlyState> {
  return { amountIn: 0n, amountOut: 0n, gas: 0n, next: state }
}

/**
 * What the pair's own view `getAmountOut` answers, base units; `undefined` where it reverts or decimals or variant
 * are unknown.
 *
 * @param swap - `amountIn` with its fee.
 */
export function getAmountOut(state: SolidlyState, swap: SwapExactIn): bigint | undefined {
  const [reserveIn, reserveOut] = oriented(state.reserves, swap.indexIn)
  const amountIn = keptOf(swap.amountIn, pips - BigInt(state.feePips))
  if (!state.stable)
    return reserveIn + amountIn === 0n
      ? undefined
      : mulDivDown(amountIn, reserveOut, reserveIn + amountIn)
  const units = unitsOf(state)
  if (units === undefined || state.variant === undefined) return undefined
  return stableAmountOut(state.variant, state.reserves, units, swap.indexIn === 0 ? 0 : 1, amountIn)
}

function price(state: SolidlyState, indexIn: number): number {
  if (tradable(state, indexIn) === undefined) return 0
  const [balanceIn, balanceOut] = oriented(balancesOf(state), indexIn)
  const kept = 1 - state.feePips / Number(pips)
  if (!state.stable) return (kept * balanceOut) / balanceIn
  const [scaleIn, scaleOut] = oriented(scalesOf(state), indexIn)
  return (kept * exchange(balanceIn, balanceOut) * scaleIn) / scaleOut
}

function curve(state: SolidlyState): SegmentCurve | SmoothCurve | undefined {
  const sides = [tradable(state, 0), tradable(state, 1)] as const
  if (sides[0] === undefined || sides[1] === undefined) return undefined
  const kept = 1 - state.feePips / Number(pips)
  const balances = balancesOf(state)
  if (state.stable) {
    const mostIn = [Number(mostInOf(sides[0])), Number(mostInOf(sides[1]))] as const
    return stableCurve({ balances, scales: scalesOf(state), kept, mostIn })
  }
  return {
    shape: 'segments',
    sqrtPrice: Math.sqrt(balances[1] / balances[0]),
    bounds: Float64Array.of(0, Infinity),
    liquidity: Float64Array.of(Math.sqrt(balances[0]) * Math.sqrt(balances[1])),
    current: 0,
    kept: [kept, kept],
  }
}
