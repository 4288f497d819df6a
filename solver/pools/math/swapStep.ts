/**
 * One step of a swap: as far as the input, the wanted output or the next stop allows, at one liquidity.
 *
 * The steps of Uniswap V3 and V4 are written differently and give the same numbers; V4 alone may charge
 * the whole input as its fee.
 *
 * Source: https://github.com/Uniswap/v3-core/blob/v1.0.0/contracts/libraries/SwapMath.sol and
 * https://github.com/Uniswap/v4-core/blob/v4.0.0/src/libraries/SwapMath.sol
 */
import { mulDivDown, mulDivUp } from '../../core/rounding.ts'
import {
  amount0Down,
  amount0Up,
  amount1Down,
  amount1Up,
  finePriceAfterAmount0In,
  priceAfterAmount0In,
  priceAfterAmount0Out,
  priceAfterAmount1In,
  priceAfterAmount1Out,
} from './sqrtPriceMath.ts'

/** What one step did. Amounts are base units. */
export type SwapStep = {
  /** Price after the step, Q64.96. */
  readonly next: bigint
  /** Taken, with the fee. */
  readonly taken: bigint
  readonly paid: bigint
}

const pips = 1_000_000n

/**
 * The step that spends `remaining` of the input, or stops at `target`.
 *
 * @param price - Where the step starts; a target below it means token 0 comes in.
 * @param target - Where it stops at the latest.
 * @param liquidity - Active liquidity, 0 or more.
 * @param remaining - Input left, with its fee, above 0.
 * @param feePips - From 0 to 1,000,000.
 */
export function stepExactIn(
  price: bigint,
  target: bigint,
  liquidity: bigint,
  remaining: bigint,
  feePips: bigint,
): SwapStep {
  const kept = mulDivDown(remaining, pips - feePips, pips)
  const zeroForOne = target <= price
  if (zeroForOne && liquidity > 0n) {
    const next = finePriceAfterAmount0In(price, liquidity, kept)
    // The contract asks first what the way to the target costs. This price is rounded up, so it lies above
    // the target exactly when `kept` does not pay that way: then the costly question can be skipped.
    if (next !== undefined && next > target)
      return { next, taken: remaining, paid: amount1Down(next, price, liquidity) }
  }
  const toTarget = zeroForOne
    ? amount0Up(target, price, liquidity)
    : amount1Up(price, target, liquidity)
  if (kept >= toTarget)
    return {
      next: target,
      taken: toTarget + feeOn(toTarget, feePips),
      paid: paidBetween(price, target, liquidity),
    }
  const next = zeroForOne
    ? priceAfterAmount0In(price, liquidity, kept)
    : priceAfterAmount1In(price, liquidity, kept)
  // What is too little to move the price further goes to the fee.
  return { next, taken: remaining, paid: paidBetween(price, next, liquidity) }
}

/** The step that pays `remaining` of the output, or stops at `target`; `feePips` is below 1,000,000. */
export function stepExactOut(
  price: bigint,
  target: bigint,
  liquidity: bigint,
  remaining: bigint,
  feePips: bigint,
): SwapStep {
  const zeroForOne = target <= price
  const toTarget = paidBetween(price, target, liquidity)
  const reaches = remaining >= toTarget
  const next = reaches
    ? target
    : zeroForOne
      ? priceAfterAmount1Out(price, liquidity, remaining)
      : priceAfterAmount0Out(price, liquidity, remaining)
  const input = zeroForOne ? amount0Up(next, price, liquidity) : amount1Up(price, next, liquidity)
  return { next, taken: input + feeOn(input, feePips), paid: reaches ? toTarget : remaining }
}

function paidBetween(price: bigint, next: bigint, liquidity: bigint): bigint {
  return next <= price ? amount1Down(next, price, liquidity) : amount0Down(price, next, liquidity)
}

/** The fee on top of an input that the swap consumed; at a fee of 100 % that input is always 0. */
function feeOn(input: bigint, feePips: bigint): bigint {
  return input === 0n ? 0n : mulDivUp(input, feePips, pips - feePips)
}
