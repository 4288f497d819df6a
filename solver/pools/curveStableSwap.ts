/**
 * Swaps of a StableSwap pool, to the base unit.
 *
 * The authority is `exchange`: exact-in pays what it pays. There is no exact-out function, so exact-out finds the
 * least input for which `exchange` pays at least what is wanted, and reports what it then pays, which may be more.
 * A dynamic fee grows off the peg, so there more input may pay less; the least input is the least all the same.
 */
import { limits } from '../core/limits.ts'
import { divDown, divUp, min, mulDivDown } from '../core/rounding.ts'
import { adminFeeOf, type CurveStableState, roundingOf } from './curveStableState.ts'
import { gasOfSwap } from './gas.ts'
import {
  balanceFor,
  commonUnits,
  feeBetween,
  feeUnit,
  invariantOf,
  oracleTakes,
  rateUnit,
  stableRules,
  wordMax,
} from './math/stable.ts'
import { leastWhere } from './math/stableSearch.ts'
import type { SwapExactIn, SwapExactOut, SwapResult } from './pool.ts'

/** What `exchange` moves in common units: the pool's side of a swap before its fee, and the fee's rate. */
type Point = { readonly x: bigint; readonly y: bigint; readonly dy: bigint; readonly fee: bigint }

/** A pool with two of its tokens chosen. */
type Desk = {
  /** `undefined` where the contract reverts because the input is too large. */
  at(amountIn: bigint): Point | undefined
  /** Base units paid at a point, by its own fee; negative where the contract reverts because it is too small. */
  paid(point: Point): bigint
  /** True where the fee depends on what the sides hold. */
  readonly isDynamic: boolean
  /** True from the point on where both sides hold the same, and where a dynamic fee is least. */
  isPastPeg(point: Point): boolean
  /** The least input up to `most` that pays `wanted` at a constant `fee`. */
  leastAt(fee: bigint, wanted: bigint, most: bigint): bigint | undefined
  next(amountIn: bigint, point: Point): CurveStableState
}

/** Orders name no more, so neither do swaps; below it the contract's own arithmetic decides. */
const amountMax = limits.amountMax

/** Sells up to `amountIn`; see {@link PoolModule}. What the contract refuses as too much is sold in part. */
export function swapExactIn(
  state: CurveStableState,
  { indexIn, indexOut, amountIn }: SwapExactIn,
): SwapResult<CurveStableState> {
  const desk = createDesk(state, indexIn, indexOut)
  if (desk === undefined || amountIn <= 0n) return untouched(state)
  const taken = min(amountIn, amountMax)
  return fill(state, desk, mostOf(desk, taken))
}

/** Buys up to `amountOut`, or a little more; see {@link PoolModule}. */
export function swapExactOut(
  state: CurveStableState,
  { indexIn, indexOut, amountOut }: SwapExactOut,
): SwapResult<CurveStableState> {
  const desk = createDesk(state, indexIn, indexOut)
  if (desk === undefined || amountOut <= 0n) return untouched(state)
  const most = mostOf(desk, amountMax)
  const paidFor = (input: bigint | undefined) => {
    const point = input === undefined ? undefined : desk.at(input)
    return point === undefined ? 0n : desk.paid(point)
  }
  const amountIn = leastFor(desk, amountOut, most)
  if (amountIn !== undefined && paidFor(amountIn) >= amountOut) return fill(state, desk, amountIn)
  let best = bestOf(desk, most)
  if (paidFor(best) <= 0n) return untouched(state)
  // With a side all but empty the last units come and go with the contract's own rounding.
  for (let unit = 0; unit < lastUnits; unit += 1) {
    const more = leastFor(desk, paidFor(best) + 1n, most)
    if (more === undefined || paidFor(more) <= paidFor(best)) break
    best = more
  }
  const paid = paidFor(best)
  // Where the fee's turns do not end, near the peak, the inputs below it are tried themselves.
  const least = leastFor(desk, paid, most)
  if (least !== undefined && paidFor(least) >= paid) return fill(state, desk, least)
  return fill(state, desk, leastWhere((input) => paidFor(input) >= paid, best, best) ?? best)
}

/** Units more than its largest input pays that a pool is asked for. */
const lastUnits = 8

function fill(state: CurveStableState, desk: Desk, amountIn: bigint): SwapResult<CurveStableState> {
  const point = amountIn === 0n ? undefined : desk.at(amountIn)
  const amountOut = point === undefined ? 0n : desk.paid(point)
  // The contract would take dust for nothing; a trader who wants at least one unit is refused.
  if (point === undefined || amountOut <= 0n) return untouched(state)
  return { amountIn, amountOut, gas: gasOfSwap(state), next: desk.next(amountIn, point) }
}

function untouched(state: CurveStableState): SwapResult<CurveStableState> {
  return { amountIn: 0n, amountOut: 0n, gas: 0n, next: state }
}

/** The largest input up to `offered` that the contract accepts; 0 when it accepts none. */
function mostOf(desk: Desk, offered: bigint): bigint {
  if (desk.at(offered) !== undefined) return offered
  const refused = leastWhere((amountIn) => desk.at(amountIn) === undefined, 1n, offered)
  return (refused ?? 1n) - 1n
}

/** The least input up to `most` that pays `wanted`; `undefined` when none does. */
function leastFor(desk: Desk, wanted: bigint, most: bigint): bigint | undefined {
  const first = most === 0n ? undefined : desk.at(1n)
  if (first === undefined) return undefined
  if (!desk.isDynamic) return desk.leastAt(first.fee, wanted, most)
  if (desk.isPastPeg(first)) return leastPastPeg(desk, wanted, most, first.fee)
  const peg =
    leastWhere((amountIn) => satisfies(desk.at(amountIn), desk.isPastPeg), 1n, most) ?? most
  // Up to the peg the fee falls, so more input pays more.
  const pays = (amountIn: bigint) =>
    satisfies(desk.at(amountIn), (point) => desk.paid(point) >= wanted)
  if (pays(peg)) return leastWhere(pays, peg, peg)
  return leastPastPeg(desk, wanted, most, desk.at(peg)?.fee ?? first.fee)
}

/** Turns of the fee that one exact-out may take: each moves it nearer, and a few reach it. */
const turnsMax = 64

/**
 * Past the peg the fee grows with the input. Starting from a fee that is too low, each turn finds the least input
 * at the last fee, and then that input's fee: both only grow, and where they stand still is the least answer.
 */
function leastPastPeg(desk: Desk, wanted: bigint, most: bigint, start: bigint): bigint | undefined {
  let fee = start
  for (let turn = 0; turn < turnsMax; turn += 1) {
    const amountIn = desk.leastAt(fee, wanted, most)
    const point = amountIn === undefined ? undefined : desk.at(amountIn)
    if (point === undefined) return undefined
    if (amountIn !== undefined && desk.paid(point) >= wanted)
      return leastNear(desk, wanted, amountIn)
    if (point.fee <= fee) return undefined
    fee = point.fee
  }
  return undefined
}

/** Units below an answer that are looked at: where a fee steps, its own rounding steps to and fro. */
const stepsBack = 32n

function leastNear(desk: Desk, wanted: bigint, amountIn: bigint): bigint {
  let least = amountIn
  for (let each = amountIn - 1n; each > 0n && each >= amountIn - stepsBack; each -= 1n)
    if (satisfies(desk.at(each), (point) => desk.paid(point) >= wanted)) least = each
  return least
}

/** Steps of a fee up to which they are looked at one by one, more or less; more are seen by strides. */
const stepsMax = 64n
/** Share of an input, as a shift, of a stride. */
const strideShift = 12n

/**
 * The input that pays the most: all that is accepted at a constant fee, less where the fee outgrows the price.
 *
 * A dynamic fee is a whole number, so what is paid grows until the fee's next step and falls there: the most is
 * paid before one of the steps, and over the steps it grows and then falls.
 */
function bestOf(desk: Desk, most: bigint): bigint {
  const last = desk.isDynamic ? desk.at(most) : undefined
  if (last === undefined || !desk.isPastPeg(last)) return most
  const paidFor = (amountIn: bigint) => {
    const point = desk.at(amountIn)
    return point === undefined ? 0n : desk.paid(point)
  }
  const isPastPeg = (amountIn: bigint) => satisfies(desk.at(amountIn), desk.isPastPeg)
  const peg = leastWhere(isPastPeg, 1n, most) ?? most
  const low = desk.at(peg)?.fee ?? last.fee
  /** The last input at this fee or less. */
  const endOf = (fee: bigint) => {
    const next = leastWhere(
      (amountIn) => isPastPeg(amountIn) && (desk.at(amountIn)?.fee ?? fee) > fee,
      peg,
      most,
    )
    return next === undefined ? most : next - 1n
  }
  if (last.fee - low <= stepsMax) {
    const falls = (step: bigint) => paidFor(endOf(low + step)) < paidFor(endOf(low + step - 1n))
    const firstFall = leastWhere(falls, 1n, last.fee - low)
    return firstFall === undefined ? most : endOf(low + firstFall - 1n)
  }
  const less = (amountIn: bigint) => amountIn - (amountIn >> strideShift)
  const past = leastWhere(
    (amountIn) => isPastPeg(amountIn) && paidFor(amountIn) < paidFor(less(amountIn)),
    peg,
    most,
  )
  return past === undefined ? most : endOf(desk.at(less(past))?.fee ?? last.fee)
}

/** The input that pays the most, beyond which more pays nothing more; 0 where the tokens cannot be traded. */
export function mostPaidFor(state: CurveStableState, indexIn: number, indexOut: number): bigint {
  const desk = createDesk(state, indexIn, indexOut)
  return desk === undefined ? 0n : bestOf(desk, mostOf(desk, amountMax))
}

function satisfies(point: Point | undefined, holds: (point: Point) => boolean): boolean {
  return point !== undefined && holds(point)
}

/** `undefined` for a pool in which the two tokens cannot be traded. */
function createDesk(state: CurveStableState, indexIn: number, indexOut: number): Desk | undefined {
  const { balances, rates, fee, offpegFeeMultiplier } = state
  const rounding = roundingOf(state)
  const { gap } = stableRules[rounding]
  const xp = commonUnits(balances, rates)
  const [xIn, xOut] = [xp?.[indexIn], xp?.[indexOut]]
  const [rateIn, rateOut] = [rates[indexIn] ?? 0n, rates[indexOut] ?? 0n]
  if (xp === undefined || xIn === undefined || xOut === undefined || indexIn === indexOut)
    return undefined
  if (xOut === 0n || rateIn === 0n || rateOut === 0n) return undefined
  const D = invariantOf(xp, state, rounding)
  if (D === undefined || D === 0n) return undefined
  const xAt = (amountIn: bigint) => xIn + mulDivDown(amountIn, rateIn, rateUnit)
  const yAt = (x: bigint) => balanceFor(xp.with(indexIn, x), indexOut, D, state)
  const at = (amountIn: bigint): Point | undefined => {
    const x = xAt(amountIn)
    const y = amountIn * rateIn > wordMax ? undefined : yAt(x)
    if (y === undefined) return undefined
    const rate = feeBetween(fee, offpegFeeMultiplier, divDown(xIn + x, 2n), divDown(xOut + y, 2n))
    if (rate === undefined || rate >= feeUnit) return undefined
    const after = xp.with(indexIn, x).with(indexOut, y)
    if (!oracleTakes(after, D, state, rounding)) return undefined
    return { x, y, dy: xOut - y - gap, fee: rate }
  }
  return {
    isDynamic: (offpegFeeMultiplier ?? 0n) > feeUnit,
    at,
    paid: ({ dy, fee: rate }) =>
      dy < 0n ? dy : mulDivDown(dy - mulDivDown(dy, rate, feeUnit), rateUnit, rateOut),
    isPastPeg: ({ x, y }) => xIn + x >= xOut + y,
    leastAt(rate, wanted, most) {
      // dy - floor(dy * rate / 10^10) reaches `net` first at this dy.
      const net = divUp(wanted * rateOut, rateUnit)
      const dy = mulDivDown(net - 1n, feeUnit, feeUnit - rate) + 1n
      const target = xOut - gap - dy
      if (target < 0n) return undefined
      const x = balanceFor(xp.with(indexOut, target), indexIn, D, state) ?? xIn
      const guess = x > xIn ? divUp((x - xIn) * rateUnit, rateIn) : 1n
      return leastWhere((amountIn) => (yAt(xAt(amountIn)) ?? xOut) <= target, guess, most)
    },
    next: (amountIn, point) => ({
      ...state,
      balances: balancesAfter(state, indexIn, indexOut, amountIn, point),
    }),
  }
}

function balancesAfter(
  state: CurveStableState,
  indexIn: number,
  indexOut: number,
  amountIn: bigint,
  { x, y, dy, fee }: Point,
): readonly bigint[] {
  const { balances, rates } = state
  const [rateIn = 1n, rateOut = 1n] = [rates[indexIn], rates[indexOut]]
  const [balanceIn = 0n, balanceOut = 0n] = [balances[indexIn], balances[indexOut]]
  const charged = mulDivDown(dy, fee, feeUnit)
  const kept = mulDivDown(charged, adminFeeOf(state), feeUnit)
  if (stableRules[roundingOf(state)].books === 'scaled')
    return balances
      .with(indexIn, mulDivDown(x, rateUnit, rateIn))
      .with(indexOut, mulDivDown(y + charged - kept, rateUnit, rateOut))
  const paid = mulDivDown(dy - charged, rateUnit, rateOut)
  return balances
    .with(indexIn, balanceIn + amountIn)
    .with(indexOut, balanceOut - paid - mulDivDown(kept, rateUnit, rateOut))
}
