/** Division with its rounding in the name: the two roundings enclose the exact quotient. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { divDown, divUp, max, min, mulDivDown, mulDivUp } from '../../solver/core/rounding.ts'

const anyFactor = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })
const anyDivisor = fc.bigInt({ min: 1n, max: 2n ** 256n - 1n })

describe('rounding.mulDivDown', () => {
  it('is the largest integer whose product with the divisor is not above the dividend', () => {
    fc.assert(
      fc.property(anyFactor, anyFactor, anyDivisor, (x, y, d) => {
        const quotient = mulDivDown(x, y, d)
        assert.ok(quotient * d <= x * y && (quotient + 1n) * d > x * y)
      }),
    )
  })
})

describe('rounding.mulDivUp', () => {
  it('is the least integer whose product with the divisor is not below the dividend', () => {
    fc.assert(
      fc.property(anyFactor, anyFactor, anyDivisor, (x, y, d) => {
        const quotient = mulDivUp(x, y, d)
        assert.ok(quotient * d >= x * y && (quotient - 1n) * d < x * y)
      }),
    )
  })
})

describe('rounding.divDown and divUp', () => {
  it('differ by one exactly where something is left over', () => {
    fc.assert(
      fc.property(anyFactor, anyDivisor, (x, d) => {
        assert.equal(divUp(x, d) - divDown(x, d), x % d === 0n ? 0n : 1n)
        assert.equal(divDown(x, d), mulDivDown(x, 1n, d))
        assert.equal(divUp(x, d), mulDivUp(x, 1n, d))
      }),
    )
  })
})

describe('rounding.min and max', () => {
  it('are one of the two each, in order, and lose neither', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), (x, y) => {
        assert.ok(min(x, y) <= max(x, y))
        assert.equal(min(x, y) + max(x, y), x + y)
        assert.ok(min(x, y) === x || min(x, y) === y)
      }),
    )
  })
})
