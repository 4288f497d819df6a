/** Seeded random numbers: one sequence per seed, within their ranges, over the whole of them. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { createRng } from '../../solver/core/rng.ts'

const anySeed = fc.integer({ min: 0, max: 2 ** 32 - 1 })
const draws = (seed: number, count: number) => {
  const rng = createRng(seed)
  return Array.from({ length: count }, () => rng.next())
}

describe('rng.createRng', () => {
  it('gives one sequence for one seed, and another for another', () => {
    fc.assert(
      fc.property(anySeed, (seed) => {
        assert.deepEqual(draws(seed, 8), draws(seed, 8))
        assert.notDeepEqual(draws(seed, 8), draws((seed + 1) % 2 ** 32, 8))
      }),
    )
  })

  it('keeps next in [0, 1), with the mean and the quarters of a uniform number', () => {
    const values = draws(7, 20_000)
    assert.ok(values.every((value) => value >= 0 && value < 1))
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    assert.ok(Math.abs(mean - 0.5) < 0.01, String(mean))
    for (const quarter of [0, 1, 2, 3]) {
      const share = values.filter((value) => Math.floor(value * 4) === quarter).length / 20_000
      assert.ok(Math.abs(share - 0.25) < 0.02, `${quarter}: ${share}`)
    }
  })

  it('reaches both ends of int and nothing beyond them', () => {
    fc.assert(
      fc.property(anySeed, fc.integer({ min: -50, max: 50 }), (seed, low) => {
        const rng = createRng(seed)
        const seen = new Set(Array.from({ length: 200 }, () => rng.int(low, low + 3)))
        assert.deepEqual(
          [...seen].sort((a, b) => a - b),
          [low, low + 1, low + 2, low + 3],
        )
      }),
      { numRuns: 100 },
    )
  })

  it('keeps logUniform within its bounds, even where floats are coarser than integers', () => {
    const anyBound = fc.bigInt({ min: 1n, max: 2n ** 128n - 1n })
    fc.assert(
      fc.property(anySeed, anyBound, anyBound, (seed, x, y) => {
        const [low, high] = x < y ? [x, y] : [y, x]
        const value = createRng(seed).logUniform(low, high)
        assert.ok(low <= value && value <= high)
      }),
    )
  })

  it('gives logUniform every order of magnitude alike', () => {
    const rng = createRng(11)
    const digits = Array.from({ length: 6_000 }, () => String(rng.logUniform(1n, 10n ** 6n)).length)
    for (const count of [1, 2, 3, 4, 5, 6]) {
      const share = digits.filter((each) => each === count).length / 6_000
      assert.ok(Math.abs(share - 1 / 6) < 0.03, `${count} digits: ${share}`)
    }
  })
})
