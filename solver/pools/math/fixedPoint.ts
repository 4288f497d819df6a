/**
 * Fixed-point numbers of 18 decimals as Balancer's contracts round them. A number here is an integer of 10^-18.
 *
 * Source: https://github.com/balancer/balancer-v2-monorepo, pkg/solidity-utils/contracts/math/FixedPoint.sol; the
 * library of Balancer V3 rounds alike.
 */
import { mulDivDown, mulDivUp } from '../../core/rounding.ts'
import { pow } from './logExp.ts'

/** One. */
export const wad = 10n ** 18n
/** Relative error of the power by logarithm that the contracts allow for, 10^-14, in 10^-18. */
const powErrorMax = 10_000n

/** `a * b`, rounded down. Both are at least 0. */
export function wadMulDown(a: bigint, b: bigint): bigint {
  return mulDivDown(a, b, wad)
}

/** `a * b`, rounded up. Both are at least 0. */
export function wadMulUp(a: bigint, b: bigint): bigint {
  return mulDivUp(a, b, wad)
}

/** `a / b`, rounded down. `a` is at least 0, `b` is above. */
export function wadDivDown(a: bigint, b: bigint): bigint {
  return mulDivDown(a, wad, b)
}

/** `a / b`, rounded up. `a` is at least 0, `b` is above. */
export function wadDivUp(a: bigint, b: bigint): bigint {
  return mulDivUp(a, wad, b)
}

/** `1 - a`, or 0 where `a` is above 1. */
export function complement(a: bigint): bigint {
  return a < wad ? wad - a : 0n
}

/** How a contract takes powers: always by logarithm, or exponents 1, 2 and 4 by multiplication. */
export type PowerForm = 'logarithm' | 'products'

/** `x^y`, never above the true value; `undefined` where the contract reverts. */
export function wadPowDown(x: bigint, y: bigint, form: PowerForm): bigint | undefined {
  const exact = form === 'products' ? productPower(x, y, wadMulDown) : undefined
  if (exact !== undefined) return exact
  const raw = pow(x, y)
  if (raw === undefined) return undefined
  const error = wadMulUp(raw, powErrorMax) + 1n
  return raw < error ? 0n : raw - error
}

/** `x^y`, never below the true value; `undefined` where the contract reverts. */
export function wadPowUp(x: bigint, y: bigint, form: PowerForm): bigint | undefined {
  const exact = form === 'products' ? productPower(x, y, wadMulUp) : undefined
  if (exact !== undefined) return exact
  const raw = pow(x, y)
  return raw === undefined ? undefined : raw + wadMulUp(raw, powErrorMax) + 1n
}

function productPower(
  x: bigint,
  y: bigint,
  multiply: (a: bigint, b: bigint) => bigint,
): bigint | undefined {
  if (y === wad) return x
  if (y === 2n * wad) return multiply(x, x)
  if (y !== 4n * wad) return undefined
  const square = multiply(x, x)
  return multiply(square, square)
}
