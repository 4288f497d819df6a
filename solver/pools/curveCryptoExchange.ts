/**
 * One exchange of a CryptoSwap pool, as its contract makes it: the amounts with their dynamic fee, and the price
 * scale that may follow the market afterwards.
 *
 * The price scale moves where the pool has earned enough since its last move: `next` is the contract's own state
 * for a swap at the state's own time. (In a later block the moving average has gone on; pools are read again.)
 *
 * Source: CurveCryptoSwap (tricrypto2, 0xd51a44d3fae010294c616388b506acda1bfaae46), CurveCryptoSwap2ETH (v2
 * factory), CurveTwocryptoOptimized v2, CurveTricryptoOptimizedWETH v2; "Automatic market-making with dynamic
 * peg", Curve, 2021.
 */
import { divDown, max, mulDivDown } from '../core/rounding.ts'
import {
  coinsOf,
  type CryptoRebalance,
  type CurveCryptoState,
  scaledOf,
  scaleOf,
  solveD,
  solveY,
  unscaleOf,
  xcpOf,
} from './curveCryptoState.ts'
import { isNear, one, sumOf } from './math/cryptoNewton.ts'
import { isqrt, sqrtOfWad } from './math/cryptoRoots.ts'

/** Denominator of the fees. */
const feeUnit = 10n ** 10n

/** An input and between which tokens; the indices differ and are the pool's. */
export type Offer = {
  readonly indexIn: number
  readonly indexOut: number
  readonly amountIn: bigint
}

/** What an exchange pays, and what the rest of the contract needs of it. */
export type CryptoQuote = {
  readonly amountOut: bigint
  /** Scaled balances after it, fee included. */
  readonly xp: readonly bigint[]
  readonly K0: bigint
}

/**
 * What the contract would pay (its `get_dy`), without what comes after; `undefined` where that reverts.
 *
 * @param D - {@link invariantOf} the state.
 */
export function quoteOf(
  state: CurveCryptoState,
  { indexIn, indexOut, amountIn }: Offer,
  D: bigint,
): CryptoQuote | undefined {
  const xp = scaledOf(
    state,
    state.balances.map((balance, at) => (at === indexIn ? balance + amountIn : balance)),
  )
  const solved = solveY(state, xp, D, indexOut)
  if (solved === undefined) return undefined
  const paid = (xp[indexOut] ?? 0n) - solved.y - 1n
  if (paid < 0n) return undefined
  xp[indexOut] = solved.y
  const fee = feeOf(state, xp)
  if (fee === undefined) return undefined
  const before = unscaleOf(state, indexOut, paid)
  const amountOut = before - mulDivDown(fee, before, feeUnit)
  xp[indexOut] = scaleOf(state, indexOut, (state.balances[indexOut] ?? 0n) - amountOut)
  return { amountOut, xp, K0: solved.K0 }
}

/** The fee at scaled balances `xp`, 10^-10: `midFee` in balance, towards `outFee` out of it. */
function feeOf(
  { midFee, outFee, feeGamma }: CurveCryptoState,
  xp: readonly bigint[],
): bigint | undefined {
  const n = BigInt(xp.length)
  const S = sumOf(xp)
  let K = one
  if (n === 2n) K = mulDivDown(divDown(4n * one * (xp[0] ?? 0n), S), xp[1] ?? 0n, S)
  else for (const x of xp) K = divDown(K * n * x, S)
  const share = feeGamma === 0n && n === 3n ? K : feeShare(feeGamma, K)
  return share === undefined ? undefined : divDown(midFee * share + outFee * (one - share), one)
}

function feeShare(feeGamma: bigint, K: bigint): bigint | undefined {
  const gap = feeGamma + one - K
  return gap <= 0n ? undefined : mulDivDown(feeGamma, one, gap)
}

/**
 * The exchange as the contract makes it.
 *
 * @param D - {@link invariantOf} the state.
 * @returns What it pays and the pool after it; `undefined` where the contract reverts.
 */
export function exchange(
  state: CurveCryptoState,
  offer: Offer,
  D: bigint,
): { readonly amountOut: bigint; readonly next: CurveCryptoState } | undefined {
  const quote = quoteOf(state, offer, D)
  if (quote === undefined) return undefined
  const after = solveD(state, quote.xp, quote.K0)
  if (after === undefined) return undefined
  const { amountOut } = quote
  const balances = state.balances.map((balance, at) => {
    if (at === offer.indexIn) return balance + offer.amountIn
    return at === offer.indexOut ? balance - amountOut : balance
  })
  const next = settle({ ...state, balances }, quote.xp, after)
  return next === undefined ? undefined : { amountOut, next }
}

/** Books the profit of an exchange and lets the price scale follow; `undefined` where the contract reverts. */
function settle(
  state: CurveCryptoState,
  xp: readonly bigint[],
  D: bigint,
): CurveCryptoState | undefined {
  const { rebalance, priceScale, variant, isRamping = false } = state
  if (rebalance === undefined || rebalance.totalSupply === 0n) return { ...state, D }
  const virtualPrice = virtualPriceOf(state, D, priceScale)
  if (virtualPrice === undefined) return undefined
  const { virtualPrice: before } = rebalance
  const isNg = variant === 'twoNg' || variant === 'triNg'
  const isLoss = isNg ? virtualPrice <= before : virtualPrice < before
  if (before > 0n && isLoss && !isRamping) return undefined
  const grown =
    before === 0n
      ? { xcpProfit: one, virtualPrice: one }
      : { xcpProfit: mulDivDown(rebalance.xcpProfit, virtualPrice, before), virtualPrice }
  const unmoved = { ...state, D, rebalance: { ...rebalance, ...grown } }
  const { xcpProfit, notAdjusted = false } = unmoved.rebalance
  const hasEarned = grown.virtualPrice * 2n - one > xcpProfit + 2n * rebalance.allowedExtraProfit
  const goesOn = !isNg && notAdjusted
  if (!hasEarned && !goesOn) return unmoved
  const target = nextPrices(state, rebalance)
  if (target === 'reverts') return undefined
  if (isNg) return target === undefined ? unmoved : follow(unmoved, xp, target, unmoved)
  const begun = withFlag(unmoved, true)
  const given = withFlag(unmoved, false)
  // tricrypto keeps trying while the oracle is near; the two-coin pools begin only when it is far, and give up.
  if (target === undefined || before === 0n)
    return variant === 'tri' ? begun : goesOn ? given : unmoved
  return follow(begun, xp, target, given)
}

function follow(
  state: CurveCryptoState & { readonly rebalance: CryptoRebalance },
  xp: readonly bigint[],
  target: readonly bigint[],
  otherwise: CurveCryptoState,
): CurveCryptoState | undefined {
  const moved = moveTo(state, xp, target)
  return moved === 'poorer' ? otherwise : moved
}

function withFlag<state extends CurveCryptoState & { rebalance: CryptoRebalance }>(
  state: state,
  notAdjusted: boolean,
): state {
  return { ...state, rebalance: { ...state.rebalance, notAdjusted } }
}

function virtualPriceOf(
  state: CurveCryptoState,
  D: bigint,
  prices: readonly bigint[],
): bigint | undefined {
  const xcp = xcpOf(state, D, prices)
  const supply = state.rebalance?.totalSupply ?? 0n
  return xcp === undefined ? undefined : mulDivDown(one, xcp, supply)
}

/** The price scale one step nearer to the oracle; `undefined` where it is near enough already. */
function nextPrices(
  { priceScale, variant }: CurveCryptoState,
  { priceOracle, adjustmentStep }: CryptoRebalance,
): readonly bigint[] | 'reverts' | undefined {
  const ratios = priceScale.map((price, at) => {
    const ratio = mulDivDown(priceOracle[at] ?? 0n, one, price)
    return ratio > one ? ratio - one : one - ratio
  })
  const square = ratios.reduce((sum, ratio) => sum + ratio * ratio, 0n)
  let distance = ratios[0] ?? 0n
  let step = max(adjustmentStep, divDown(distance, 5n))
  if (variant === 'triNg') {
    distance = isqrt(square)
    step = max(adjustmentStep, divDown(distance, 5n))
  } else if (variant === 'tri') {
    if (square <= adjustmentStep * adjustmentStep) return undefined
    const root = sqrtOfWad(divDown(square, one))
    if (root === undefined || root < adjustmentStep || root === 0n) return 'reverts'
    distance = root
    step = adjustmentStep
  }
  if (variant !== 'tri' && distance <= step) return undefined
  return priceScale.map((price, at) =>
    divDown(price * (distance - step) + step * (priceOracle[at] ?? 0n), distance),
  )
}

/** The pool at another price scale, if its profit allows; `poorer` if not, `undefined` where the contract reverts. */
function moveTo(
  state: CurveCryptoState & { readonly rebalance: CryptoRebalance },
  xp: readonly bigint[],
  prices: readonly bigint[],
): CurveCryptoState | 'poorer' | undefined {
  const { priceScale, variant, rebalance } = state
  if (prices.some((price) => price === 0n)) return undefined
  const moved = xp.map((x, at) =>
    at === 0 ? x : mulDivDown(x, prices[at - 1] ?? 0n, priceScale[at - 1] ?? 1n),
  )
  const D = solveD(state, moved)
  if (D === undefined) return undefined
  const isNg = variant === 'twoNg' || variant === 'triNg'
  if (isNg && !moved.every((x) => isNear(x, D))) return undefined
  const virtualPrice = virtualPriceOf(state, D, prices)
  if (virtualPrice === undefined) return undefined
  if (virtualPrice <= one || 2n * virtualPrice - one <= rebalance.xcpProfit) return 'poorer'
  return { ...state, D, priceScale: prices, rebalance: { ...rebalance, virtualPrice } }
}

/** True when the state has what a swap divides by: coins, prices and an invariant. */
export function isTradable(state: CurveCryptoState): boolean {
  const { balances, precisions, priceScale, variant, tokens } = state
  const n = coinsOf(variant)
  if (tokens.length !== n || balances.length !== n || precisions.length !== n) return false
  if (priceScale.length !== n - 1) return false
  return [...balances, ...precisions, ...priceScale].every((value) => value > 0n)
}
