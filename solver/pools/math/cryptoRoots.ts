/**
 * Roots and powers of the CryptoSwap contracts, rounded as they round.
 *
 * Source: https://etherscan.io/address/0xcbff3004a20dbfe2731543aa38599a526e0fd6ee#code (cube root),
 * https://etherscan.io/address/0x8f68f4810cce3194b6cb6f3d50fa58c2c9bdd1d5#code (square root, half powers).
 */
import { divDown, mulDivDown } from '../../core/rounding.ts'
import { one } from './cryptoNewton.ts'

/** Largest integer whose square is at most `x`; `x` is at least 0. */
export function isqrt(x: bigint): bigint {
  if (x < 2n) return x
  let root = 1n << BigInt((bitsOf(x) + 1) >> 1)
  for (;;) {
    const next = (root + divDown(x, root)) >> 1n
    if (next >= root) return root
    root = next
  }
}

/** Bits that `x` needs; a hexadecimal digit is four of them. */
function bitsOf(x: bigint): number {
  const text = x.toString(16)
  return 4 * (text.length - 1) + (32 - Math.clz32(Number.parseInt(text[0] ?? '0', 16)))
}

/** Above it `x * 10^36` no longer fits 256 bits. */
const cubeLimit = 115792089237316195423570985008687907853269n

/** Cube root of `x` in 18 digits: seven steps of Newton from a power of two, as the contract makes them; `x` > 0. */
export function cbrt(x: bigint): bigint {
  const isHuge = x >= cubeLimit * one
  const isLarge = x >= cubeLimit
  const cube = isHuge ? x : isLarge ? x * one : x * 10n ** 36n
  const log2 = bitsOf(cube) - 1
  const rest = BigInt(log2 % 3)
  let root = mulDivDown(1n << divDown(BigInt(log2), 3n), 1260n ** rest, 1000n ** rest)
  for (let step = 0; step < 7; step++) root = divDown(2n * root + divDown(cube, root * root), 3n)
  return isHuge ? root * 10n ** 12n : isLarge ? root * 10n ** 6n : root
}

/** Square root of `x`, both in 18 digits, as the older contracts iterate to it. */
export function sqrtOfWad(x: bigint): bigint | undefined {
  if (x === 0n) return 0n
  let z = (x + one) >> 1n
  let y = x
  for (let step = 0; step < 256; step++) {
    if (z === y) return y
    y = z
    z = (divDown(x * one, z) + z) >> 1n
  }
  return undefined
}

/** `10^18 * 0.5^(power / 10^18)`, a series ended where a term falls below 10^10; `power` is at least 0. */
export function halfPower(power: bigint): bigint {
  const whole = divDown(power, one)
  const rest = power - whole * one
  if (whole > 59n) return 0n
  const result = divDown(one, 1n << whole)
  if (rest === 0n) return result
  let [term, sum, isNegative] = [one, one, false]
  for (let index = 1n; index < 256n; index++) {
    const K = index * one
    let c = K - one
    if (rest > c) {
      c = rest - c
      isNegative = !isNegative
    } else c -= rest
    term = mulDivDown(term, divDown(c, 2n), K)
    sum = isNegative ? sum - term : sum + term
    if (term < 10n ** 10n) break
  }
  return mulDivDown(result, sum, one)
}
