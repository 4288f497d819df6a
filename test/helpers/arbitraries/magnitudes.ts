/** Integers of every order of magnitude alike. */
import * as fc from 'fast-check'

/** 1 to `2^bits - 1`, log-uniform: as many values below a thousand as above the thousandth part of the top. */
export function anyMagnitude(bits: number, least = 0): fc.Arbitrary<bigint> {
  return fc
    .tuple(fc.integer({ min: least, max: bits - 1 }), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))
    .map(([top, digits]) => (1n << BigInt(top)) + ((digits << BigInt(top)) >> 64n))
}
