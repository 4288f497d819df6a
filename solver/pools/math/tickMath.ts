/**
 * Square-root prices at ticks, and ticks at square-root prices, equal to the contract's to the bit.
 *
 * Source: TickMath of https://github.com/Uniswap/v3-core/blob/v1.0.0/contracts/libraries/TickMath.sol;
 * Uniswap V4 keeps the same numbers.
 */

import { divDown } from '../../core/rounding.ts'

/** The lowest tick of any pool. */
export const minTick = -887_272
/** The highest tick of any pool. */
export const maxTick = 887_272
/** `getSqrtRatioAtTick(minTick)`: no price is below it. */
export const minSqrtRatio = 4_295_128_739n
/** `getSqrtRatioAtTick(maxTick)`: every price is below it. */
export const maxSqrtRatio = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342n

/** One over sqrt(1.0001) to the power 2^i, Q128.128, for the bit i of the tick's size. */
const factors = [
  0xfffcb933bd6fad37aa2d162d1a594001n,
  0xfff97272373d413259a46990580e213an,
  0xfff2e50f5f656932ef12357cf3c7fdccn,
  0xffe5caca7e10e4e61c3624eaa0941cd0n,
  0xffcb9843d60f6159c9db58835c926644n,
  0xff973b41fa98c081472e6896dfb254c0n,
  0xff2ea16466c96a3843ec78b326b52861n,
  0xfe5dee046a99a2a811c461f1969c3053n,
  0xfcbe86c7900a88aedcffc83b479aa3a4n,
  0xf987a7253ac413176f2b074cf7815e54n,
  0xf3392b0822b70005940c7a398e4b70f3n,
  0xe7159475a2c29b7443b29c7fa6e889d9n,
  0xd097f3bdfd2022b8845ad8f792aa5825n,
  0xa9f746462d870fdf8a65dc1f90e061e5n,
  0x70d869a156d2a1b890bb3df62baf32f7n,
  0x31be135f97d08fd981231505542fcfa6n,
  0x9aa508b5b7a84e1c677de54f3e99bc9n,
  0x5d6af8dedb81196699c329225ee604n,
  0x2216e584f5fa1ea926041bedfe98n,
  0x48a170391f7dc42444e8fa2n,
] as const

/** The product over the low ten bits: the contract multiplies from the low bit up, so it is a prefix. */
const lowProducts = Array.from({ length: 1_024 }, (_, low) => multiply(2n ** 128n, low, 0))

const uint256Max = 2n ** 256n - 1n

/**
 * The square root of 1.0001^tick, Q64.96, rounded as the contract rounds.
 *
 * @param tick - An integer within [{@link minTick}, {@link maxTick}].
 */
export function getSqrtRatioAtTick(tick: number): bigint {
  const size = Math.abs(tick)
  const low = lowProducts[size & 1_023] ?? 0n
  const down = multiply(low, size >> 10, 10)
  const ratio = tick > 0 ? inverse(down) : down
  // From Q128.128 to Q64.96, up: a tick at the result is never above the one asked for.
  return (ratio + 0xffffffffn) >> 32n
}

/** `ratio` times the factors of the set bits of `bits`, the first of them for the factor `from`. */
function multiply(ratio: bigint, bits: number, from: number): bigint {
  let product = ratio
  for (let rest = bits, at = from; rest > 0; rest >>= 1, at += 1)
    if (rest & 1) product = (product * (factors[at] ?? 0n)) >> 128n
  return product
}

/**
 * The highest tick whose square-root price is at most `sqrtPriceX96`.
 *
 * @param sqrtPriceX96 - Q64.96, from {@link minSqrtRatio} to below {@link maxSqrtRatio}.
 */
export function getTickAtSqrtRatio(sqrtPriceX96: bigint): number {
  const estimate = estimateTick(sqrtPriceX96)
  const nearest = Math.round(estimate)
  // The estimate is off by less than 1e-5 of a tick: 4.7e-6 from the rounding of the contract's own lowest
  // prices, 1e-9 from the logarithm. Away from a whole number it decides; near one the exact price does.
  if (Math.abs(estimate - nearest) > 1e-4) return Math.floor(estimate)
  return getSqrtRatioAtTick(nearest) <= sqrtPriceX96 ? nearest : nearest - 1
}

const logOfSqrtTick = Math.log(1.0001) * 0.5

function estimateTick(sqrtPriceX96: bigint): number {
  return Math.log(Number(sqrtPriceX96) / 2 ** 96) / logOfSqrtTick
}

function inverse(ratio: bigint): bigint {
  return divDown(uint256Max, ratio)
}
