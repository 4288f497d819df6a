/**
 * Token amounts between two square-root prices, and the price that an amount leads to.
 *
 * Prices are Q64.96, liquidity is uint128, amounts are base units. `low <= high` throughout.
 *
 * Source: SqrtPriceMath of https://github.com/Uniswap/v3-core/blob/v1.0.0/contracts/libraries/SqrtPriceMath.sol;
 * Uniswap V4 keeps the same results.
 */
import { divDown, divUp, mulDivDown, mulDivUp } from '../../core/rounding.ts'

const q96 = 2n ** 96n
const word = 2n ** 256n

/**
 * Token 0 between the prices, as the pool asks for it. The contract divides by one price and then by the other,
 * rounding up both times; dividing once by their product gives the same.
 */
export function amount0Up(low: bigint, high: bigint, liquidity: bigint): bigint {
  return mulDivUp(liquidity << 96n, high - low, low * high)
}

/** Token 0 between the prices, as the pool pays it. */
export function amount0Down(low: bigint, high: bigint, liquidity: bigint): bigint {
  return mulDivDown(liquidity << 96n, high - low, low * high)
}

/** Token 1 between the prices, as the pool asks for it. */
export function amount1Up(low: bigint, high: bigint, liquidity: bigint): bigint {
  return (liquidity * (high - low) + q96 - 1n) >> 96n
}

/** Token 1 between the prices, as the pool pays it. */
export function amount1Down(low: bigint, high: bigint, liquidity: bigint): bigint {
  return (liquidity * (high - low)) >> 96n
}

/** The price after `amount` of token 0 comes in, rounded up; `price` and `liquidity` are above 0. */
export function priceAfterAmount0In(price: bigint, liquidity: bigint, amount: bigint): bigint {
  const numerator = liquidity << 96n
  return (
    finePriceAfterAmount0In(price, liquidity, amount) ??
    divUp(numerator, divDown(numerator, price) + amount)
  )
}

/**
 * The same by the contract's first formula, or `undefined` where that needs more than 256 bits and the
 * contract takes a coarser one.
 */
export function finePriceAfterAmount0In(
  price: bigint,
  liquidity: bigint,
  amount: bigint,
): bigint | undefined {
  const numerator = liquidity << 96n
  const denominator = numerator + amount * price
  return denominator < word ? mulDivUp(numerator, price, denominator) : undefined
}

/** The price after `amount` of token 1 comes in, rounded down. */
export function priceAfterAmount1In(price: bigint, liquidity: bigint, amount: bigint): bigint {
  return price + divDown(amount << 96n, liquidity)
}

/** The price after `amount` of token 0 goes out, rounded up; less must go out than lies above `price`. */
export function priceAfterAmount0Out(price: bigint, liquidity: bigint, amount: bigint): bigint {
  const numerator = liquidity << 96n
  return mulDivUp(numerator, price, numerator - amount * price)
}

/** The price after `amount` of token 1 goes out, rounded down; less must go out than lies below. */
export function priceAfterAmount1Out(price: bigint, liquidity: bigint, amount: bigint): bigint {
  return price - divUp(amount << 96n, liquidity)
}
