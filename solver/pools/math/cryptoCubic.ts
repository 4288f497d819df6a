/**
 * What the closed forms of the NG pools share: the cubic for K0 is solved by Cardano's formula in 256-bit integers.
 *
 * Source: https://etherscan.io/address/0xcbff3004a20dbfe2731543aa38599a526e0fd6ee#code
 */
import { divDown } from '../../core/rounding.ts'
import { cbrt } from './cryptoRoots.ts'

/** A balance and, for the next invariant's first guess, K0 in 18 digits; 0 where Newton's method found it. */
export type Solved = { readonly y: bigint; readonly K0: bigint }

const int256Max = 2n ** 255n - 1n

/** Quotient towards zero for either sign, as SDIV gives it. */
export function quotient(x: bigint, d: bigint): bigint {
  return divDown(x, d)
}

/** The value without its sign. */
export function magnitude(x: bigint): bigint {
  return x < 0n ? -x : x
}

/** True where every value is an int256. */
export function fits(...values: readonly bigint[]): boolean {
  return values.every((value) => magnitude(value) <= int256Max)
}

/** Cube root in 18 digits, with the sign of `x`; of 0 it is 0. */
export function signedCbrt(x: bigint): bigint {
  if (x === 0n) return 0n
  return x > 0n ? cbrt(x) : -cbrt(-x)
}
