/** The sorted tick list, and the stops of the contract's bitmap. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import {
  placeAtOrBelow,
  withPosition,
  wordEnd,
  wordStart,
} from '../../../solver/pools/math/tickList.ts'
import { maxTick, minTick } from '../../../solver/pools/math/tickMath.ts'
import type { Tick } from '../../../solver/pools/states.ts'
import { type Position, ticksOf } from '../../helpers/pools.ts'

const anyPosition = fc
  .tuple(fc.integer({ min: -9, max: 8 }), fc.integer({ min: 1, max: 9 }), fc.bigInt(1n, 50n))
  .map(([lower, width, liquidity]): Position => ({ lower, upper: lower + width, liquidity }))

describe('tickList.placeAtOrBelow', () => {
  it('finds what a search from the end finds', () => {
    const sorted = fc
      .uniqueArray(fc.integer({ min: -50, max: 50 }))
      .map((indices) => indices.sort((left, right) => left - right))
    fc.assert(
      fc.property(sorted, fc.integer({ min: -60, max: 60 }), (indices, tick) => {
        const ticks = indices.map((index): Tick => ({ index, liquidityNet: 1n }))
        const expected = ticks.findLastIndex(({ index }) => index <= tick)
        assert.equal(placeAtOrBelow(ticks, tick), expected)
      }),
    )
  })
})

describe('tickList.withPosition', () => {
  it('adds up to the list of all positions, in any order', () => {
    fc.assert(
      fc.property(fc.array(anyPosition, { maxLength: 12 }), (positions) => {
        const grown = positions.reduce<readonly Tick[]>(
          (ticks, { lower, upper, liquidity }) => withPosition(ticks, lower, upper, liquidity),
          [],
        )
        assert.deepEqual(grown, ticksOf(positions))
      }),
    )
  })

  it('comes back to the list without a position when it is taken out', () => {
    fc.assert(
      fc.property(fc.array(anyPosition, { maxLength: 8 }), anyPosition, (others, position) => {
        const { lower, upper, liquidity } = position
        const before = ticksOf(others)
        const after = withPosition(before, lower, upper, liquidity)
        assert.deepEqual(withPosition(after, lower, upper, -liquidity), before)
      }),
    )
  })

  it('takes a net of 0 for an empty tick where the gross is unknown', () => {
    const unknown: Tick[] = [
      { index: 0, liquidityNet: 5n },
      { index: 9, liquidityNet: -5n },
    ]
    assert.deepEqual(withPosition(unknown, 0, 9, -5n), [])
  })
})

describe('tickList.wordStart', () => {
  it('is the lowest spacing of the word of 256 that holds the tick', () => {
    assert.equal(wordStart(0, 1), 0)
    assert.equal(wordStart(255, 1), 0)
    assert.equal(wordStart(-1, 1), -256)
    assert.equal(wordStart(-1, 60), -15_360)
    assert.equal(wordStart(15_359, 60), 0)
    assert.equal(wordStart(minTick, 200), minTick)
  })
})

describe('tickList.wordEnd', () => {
  it('is the highest spacing of the word that holds the next spacing', () => {
    assert.equal(wordEnd(0, 1), 255)
    assert.equal(wordEnd(254, 1), 255)
    assert.equal(wordEnd(255, 1), 511)
    assert.equal(wordEnd(-1, 60), 15_300)
    assert.equal(wordEnd(-61, 60), -60)
    assert.equal(wordEnd(maxTick - 1, 200), maxTick)
  })
})
