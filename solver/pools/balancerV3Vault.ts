/**
 * A swap as Balancer V3's vault makes it: amounts scaled to 18 digits and by the rates, the fee on the input, what the
 * pool's own maths answers, and the balances after. Every rounding is the vault's.
 *
 * Exact-out is the vault's own function, which rounds against the trader by itself: exact-in of what it takes may
 * pay less, and a unit less may do.
 *
 * Source: npm @balancer-labs/v3-vault 1.0.0, contracts/Vault.sol (`swap`, `_swap`) and lib/PoolDataLib.sol (`load`).
 */
import { divDown, max, min, mulDivDown, mulDivUp } from '../core/rounding.ts'
import type { BalancerV3State } from './balancerV3State.ts'
import { gasOfSwap } from './gas.ts'
import { complement, wad, wadDivDown, wadDivUp, wadMulDown, wadMulUp } from './math/fixedPoint.ts'
import type { SwapExactIn, SwapExactOut, SwapResult } from './pool.ts'

/** Why a contract reverts: larger amounts may do, or smaller ones. */
export type Refusal = 'tooSmall' | 'tooLarge'

/** A pool type's own maths on one state of a pool, between two of its tokens; all amounts scaled to 18 digits. */
export type PoolMaths = {
  /** No larger input is accepted; smaller ones may be refused yet. */
  readonly mostIn: bigint
  /** No larger output is accepted; smaller ones may be refused yet. */
  readonly mostOut: bigint
  /** Paid for `amountIn`, which is after the fee. */
  outGivenIn(amountIn: bigint): bigint | Refusal
  /** Taken before the fee for `amountOut`. */
  inGivenOut(amountOut: bigint): bigint | Refusal
  /** The swap fee where it depends on the swap: for a given input, fee included, or a given output. */
  feeOf?(isExactIn: boolean, given: bigint): bigint | Refusal
}

/** {@link PoolMaths} of `state` from `live` balances, or `undefined` where the pool refuses every such swap. */
export type MathsOf<state> = (
  state: state,
  live: readonly bigint[],
  pair: { readonly indexIn: number; readonly indexOut: number },
) => PoolMaths | undefined

/** Least scaled amount that the vault trades, in and out: fixed when it was deployed. */
export const minTradeAmount = 1_000_000n
/** The vault packs a raw and a scaled balance into 128 bits each. */
export const balanceMax = 2n ** 128n - 1n

/** The vault refuses what a hook asks above 99.9999 %. */
const dynamicFeeMax = 999_999_000_000_000_000n

/** A token's units: base units times `scale` times `rate` / 10^18 are scaled units. */
type Units = { readonly scale: bigint; readonly rate: bigint; readonly rateUp: bigint }

/** A pool as the vault loads it: raw and scaled balances after the yield fees. */
type Loaded = { readonly balances: readonly bigint[]; readonly live: readonly bigint[] }

/** The balances that a swap of `state` starts from, raw and scaled: yield fees are taken first. */
export function loadBalances(state: BalancerV3State): Loaded {
  const balances: bigint[] = []
  const live: bigint[] = []
  for (const [at, held] of state.balances.entries()) {
    const units = unitsOf(state, at)
    const raw = held - yieldFeeOf(state, at, toLive(held, units))
    balances.push(raw)
    live.push(toLive(raw, units))
  }
  return { balances, live }
}

/** Base units of token `at` that the vault takes as yield fee when it next touches the pool. */
function yieldFeeOf(state: BalancerV3State, at: number, live: bigint): bigint {
  const growth = live - (state.lastLive[at] ?? live)
  if (state.aggregateYieldFee === 0n || state.tokenKinds[at] !== 'yield' || growth <= 0n) return 0n
  return toRawDown(wadMulUp(growth, state.aggregateYieldFee), unitsOf(state, at))
}

/** The vault's EXACT_IN swap; where the pool cannot take all, the largest input that it accepts. */
export function swapExactInOf<state extends BalancerV3State>(
  state: state,
  { indexIn, indexOut, amountIn }: SwapExactIn,
  mathsOf: MathsOf<state>,
): SwapResult<state> {
  const trade = openTrade(state, indexIn, indexOut, mathsOf)
  if (trade === undefined) return untouched(state)
  const { maths, unitsIn } = trade
  // The most whose part after the fee is within `mostIn`, undone step by step. A fee that depends on the swap is
  // computed from what all of the input would buy.
  const kept = maths.feeOf === undefined ? wad - state.swapFee : wad
  const mostScaled = divDown((maths.mostIn + 1n) * wad - 1n, kept)
  const most = divDown((mostScaled + 1n) * wad - 1n, unitsIn.scale * unitsIn.rate)
  return fill(min(amountIn, most), (amount) => tryExactIn(state, trade, amount)) ?? untouched(state)
}

/** The vault's EXACT_OUT swap; where the pool cannot pay all, the largest output that it accepts. */
export function swapExactOutOf<state extends BalancerV3State>(
  state: state,
  { indexIn, indexOut, amountOut }: SwapExactOut,
  mathsOf: MathsOf<state>,
): SwapResult<state> {
  const trade = openTrade(state, indexIn, indexOut, mathsOf)
  if (trade === undefined) return untouched(state)
  const { maths, unitsOut } = trade
  const most = mulDivDown(maths.mostOut, wad, unitsOut.scale * unitsOut.rateUp)
  return (
    fill(min(amountOut, most), (amount) => tryExactOut(state, trade, amount)) ?? untouched(state)
  )
}

type Trade = Loaded & {
  readonly indexIn: number
  readonly indexOut: number
  readonly maths: PoolMaths
  readonly unitsIn: Units
  readonly unitsOut: Units
}

function openTrade<state extends BalancerV3State>(
  state: state,
  indexIn: number,
  indexOut: number,
  mathsOf: MathsOf<state>,
): Trade | undefined {
  if (!isOpen(state)) return undefined
  const loaded = loadBalances(state)
  // The vault stores all balances before it swaps.
  if (loaded.live.some((live) => live > balanceMax)) return undefined
  const maths = mathsOf(state, loaded.live, { indexIn, indexOut })
  if (maths === undefined) return undefined
  const [unitsIn, unitsOut] = [unitsOf(state, indexIn), unitsOf(state, indexOut)]
  return { ...loaded, indexIn, indexOut, maths, unitsIn, unitsOut }
}

/** False for a pool that trades with nobody, or not by its own maths alone. */
export function isOpen({ paused, hooks, rates }: BalancerV3State): boolean {
  return !paused && hooks === undefined && !rates.includes(0n)
}

/** The result for `amount`, or for the largest smaller amount that is not too large. Bounded by the bits of `amount`. */
function fill<state>(
  amount: bigint,
  attempt: (amount: bigint) => SwapResult<state> | Refusal,
): SwapResult<state> | undefined {
  let result = attempt(amount)
  let [low, high] = [0n, amount]
  if (result === 'tooLarge') {
    while (high - low > 1n) {
      const middle = (low + high) >> 1n
      if (attempt(middle) === 'tooLarge') high = middle
      else low = middle
    }
    result = attempt(low)
  }
  return typeof result === 'string' ? undefined : result
}

function tryExactIn<state extends BalancerV3State>(
  state: state,
  trade: Trade,
  amountIn: bigint,
): SwapResult<state> | Refusal {
  const { unitsIn, unitsOut, maths } = trade
  const given = toLive(amountIn, unitsIn)
  const swapFee = feeFor(state, maths, true, given)
  if (typeof swapFee === 'string') return swapFee
  const fee = wadMulUp(given, swapFee)
  if (given - fee < minTradeAmount) return 'tooSmall'
  const paid = maths.outGivenIn(given - fee)
  if (typeof paid === 'string') return paid
  if (paid < minTradeAmount) return 'tooSmall'
  const amountOut = wadDivDown(paid, unitsOut.scale * unitsOut.rateUp)
  return settle(state, trade, { amountIn, amountOut, fee })
}

function tryExactOut<state extends BalancerV3State>(
  state: state,
  trade: Trade,
  amountOut: bigint,
): SwapResult<state> | Refusal {
  const { unitsIn, unitsOut, maths } = trade
  const given = wadMulUp(amountOut * unitsOut.scale, unitsOut.rateUp)
  if (given < minTradeAmount) return 'tooSmall'
  const swapFee = feeFor(state, maths, false, given)
  if (typeof swapFee === 'string') return swapFee
  const taken = maths.inGivenOut(given)
  if (typeof taken === 'string') return taken
  if (taken < minTradeAmount) return 'tooSmall'
  const fee = mulDivUp(taken, swapFee, complement(swapFee))
  const amountIn = wadDivUp(taken + fee, unitsIn.scale * unitsIn.rate)
  return settle(state, trade, { amountIn, amountOut, fee })
}

function feeFor(
  { swapFee }: BalancerV3State,
  maths: PoolMaths,
  isExactIn: boolean,
  given: bigint,
): bigint | Refusal {
  if (maths.feeOf === undefined || given === 0n) return swapFee
  const share = maths.feeOf(isExactIn, given)
  return typeof share === 'bigint' && share > dynamicFeeMax ? 'tooLarge' : share
}

/** The books after a swap, `fee` scaled: the aggregate share of it leaves the pool. */
function settle<state extends BalancerV3State>(
  state: state,
  { balances, live, indexIn, indexOut, unitsIn, unitsOut }: Trade,
  { amountIn, amountOut, fee }: { amountIn: bigint; amountOut: bigint; fee: bigint },
): SwapResult<state> | Refusal {
  const leaving = wadMulDown(toRawDown(fee, unitsIn), state.aggregateSwapFee)
  const heldIn = (balances[indexIn] ?? 0n) + amountIn - leaving
  const heldOut = (balances[indexOut] ?? 0n) - amountOut
  const liveIn = toLive(heldIn, unitsIn)
  if (heldOut < 0n || max(heldIn, liveIn) > balanceMax) return 'tooLarge'
  const next = {
    ...state,
    balances: withPair(balances, indexIn, heldIn, indexOut, heldOut),
    lastLive: lastLiveOf(
      state,
      withPair(live, indexIn, liveIn, indexOut, toLive(heldOut, unitsOut)),
    ),
  }
  return { amountIn, amountOut, gas: gasOfSwap(state), next }
}

function withPair(
  values: readonly bigint[],
  index1: number,
  value1: bigint,
  index2: number,
  value2: bigint,
): readonly bigint[] {
  return values.map((value, at) => (at === index1 ? value1 : at === index2 ? value2 : value))
}

/** `live` where the state keeps it: for tokens that pay yield fees. */
export function lastLiveOf(
  { tokenKinds }: Pick<BalancerV3State, 'tokenKinds'>,
  live: readonly bigint[],
): readonly bigint[] {
  return live.map((value, at) => (tokenKinds[at] === 'yield' ? value : 0n))
}

function unitsOf({ scalingFactors, rates }: BalancerV3State, at: number): Units {
  const rate = rates[at] ?? wad
  // A whole rate has lost nothing; any other may have been rounded down by its provider.
  const rateUp = rate % wad === 0n ? rate : rate + 1n
  return { scale: scalingFactors[at] ?? 1n, rate, rateUp }
}

function toLive(raw: bigint, { scale, rate }: Units): bigint {
  return wadMulDown(raw * scale, rate)
}

function toRawDown(scaled: bigint, { scale, rate }: Units): bigint {
  return wadDivDown(scaled, scale * rate)
}

function untouched<state>(state: state): SwapResult<state> {
  return { amountIn: 0n, amountOut: 0n, gas: 0n, next: state }
}
