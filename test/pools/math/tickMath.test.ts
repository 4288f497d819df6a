/** Ticks and square-root prices against the SDK's, and against each other at every border. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import {
  getSqrtRatioAtTick,
  getTickAtSqrtRatio,
  maxSqrtRatio,
  maxTick,
  minSqrtRatio,
  minTick,
} from '../../../solver/pools/math/tickMath.ts'
import { sdkSqrtRatioAtTick, sdkTickAtSqrtRatio } from '../../helpers/uniswapSdk.ts'

const anyTick = fc.integer({ min: minTick, max: maxTick })

describe('tickMath.getSqrtRatioAtTick', () => {
  it('equals the SDK at any tick, the ends and both sides of 0', () => {
    for (const tick of [minTick, minTick + 1, -1, 0, 1, maxTick - 1, maxTick])
      assert.equal(getSqrtRatioAtTick(tick), sdkSqrtRatioAtTick(tick))
    fc.assert(
      fc.property(anyTick, (tick) => {
        assert.equal(getSqrtRatioAtTick(tick), sdkSqrtRatioAtTick(tick))
      }),
    )
  })

  it('has the published ends', () => {
    assert.equal(getSqrtRatioAtTick(minTick), minSqrtRatio)
    assert.equal(getSqrtRatioAtTick(maxTick), maxSqrtRatio)
  })
})

describe('tickMath.getTickAtSqrtRatio', () => {
  it('changes exactly at the price of the tick', () => {
    for (let tick = minTick + 1; tick < maxTick; tick += 211) {
      const ratio = getSqrtRatioAtTick(tick)
      assert.deepEqual([ratio - 1n, ratio, ratio + 1n].map(getTickAtSqrtRatio), [
        tick - 1,
        tick,
        tick,
      ])
    }
  })

  it('changes exactly there at the lowest prices too, where a unit of price is a large part of a tick', () => {
    for (let tick = minTick + 1; tick < minTick + 5_000; tick += 1) {
      const ratio = getSqrtRatioAtTick(tick)
      assert.deepEqual([ratio - 1n, ratio].map(getTickAtSqrtRatio), [tick - 1, tick])
    }
  })

  it('equals the SDK at any price', () => {
    fc.assert(
      fc.property(anyTick, fc.bigInt({ min: 0n, max: 2n ** 64n }), (tick, part) => {
        if (tick === maxTick) return
        const [low, high] = [getSqrtRatioAtTick(tick), getSqrtRatioAtTick(tick + 1)]
        const price = low + (((high - low) * part) >> 64n)
        assert.equal(
          getTickAtSqrtRatio(price),
          price === high ? tick + 1 : sdkTickAtSqrtRatio(price),
        )
      }),
    )
  })

  it('knows the ends', () => {
    assert.equal(getTickAtSqrtRatio(minSqrtRatio), minTick)
    assert.equal(getTickAtSqrtRatio(maxSqrtRatio - 1n), maxTick - 1)
  })
})
