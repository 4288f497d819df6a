/** Where a walk over ticks ends: what lies outside the listed ticks (market-snapshot.md 5). */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { getSqrtRatioAtTick } from '../../../solver/pools/math/tickMath.ts'
import { swapTicks, type TickSwap } from '../../../solver/pools/math/tickSwap.ts'
import type { TickState } from '../../../solver/pools/states.ts'
import { aTickPool } from '../../helpers/pools.ts'

const liquidity = 10n ** 21n
const huge = 10n ** 30n
const sell0 = { zeroForOne: true, exact: 'in', amount: huge, feePips: 3_000 } as const
const sell1 = { ...sell0, zeroForOne: false } as const
const pool = aTickPool([{ lower: -600, upper: 600, liquidity }], getSqrtRatioAtTick(0))

function after(state: TickState, { sqrtPriceX96, tick, liquidity }: TickSwap): TickState {
  return { ...state, sqrtPriceX96, tick, liquidity }
}

function fills(state: TickState): boolean[] {
  return [sell0, sell1].map((request) => swapTicks(state, request).amountIn > 0n)
}

describe('tickSwap.swapTicks', () => {
  it('ends at the first and at the last listed tick, with no liquidity beyond', () => {
    const down = swapTicks(pool, sell0)
    assert.ok(down.amountIn < huge)
    assert.deepEqual(
      [down.sqrtPriceX96, down.tick, down.liquidity],
      [getSqrtRatioAtTick(-600), -601, 0n],
    )
    const up = swapTicks(pool, sell1)
    assert.deepEqual([up.sqrtPriceX96, up.tick, up.liquidity], [getSqrtRatioAtTick(600), 600, 0n])
  })

  it('comes back into the liquidity from either end', () => {
    const low = after(pool, swapTicks(pool, sell0))
    assert.deepEqual(fills(low), [false, true])
    assert.equal(swapTicks(low, sell1).sqrtPriceX96, getSqrtRatioAtTick(600))
    const high = after(pool, swapTicks(pool, sell1))
    assert.deepEqual(fills(high), [true, false])
  })

  it('stops at the ends of a partial listing even where liquidity is left', () => {
    const partial: TickState = { ...pool, ticks: [], tickRange: [-100, 200] }
    const down = swapTicks(partial, sell0)
    assert.deepEqual(
      [down.sqrtPriceX96, down.tick, down.liquidity],
      [getSqrtRatioAtTick(-100), -100, liquidity],
    )
    assert.equal(swapTicks(partial, sell1).sqrtPriceX96, getSqrtRatioAtTick(200))
    assert.deepEqual(fills(after(partial, down)), [false, true])
  })

  it('trades nothing once the price has left a partial listing', () => {
    const left = { ...pool, ticks: [], tickRange: [-100, 200] as const, tick: 300 }
    assert.deepEqual(fills({ ...left, sqrtPriceX96: getSqrtRatioAtTick(300) }), [false, false])
  })

  it('stays in the one interval that a single-range pool knows, however often it is asked', () => {
    const single: TickState = { ...pool, ticks: [], singleRange: true }
    const down = after(single, swapTicks(single, sell0))
    assert.equal(down.sqrtPriceX96, getSqrtRatioAtTick(0))
    const up = after(single, swapTicks(single, sell1))
    assert.equal(up.sqrtPriceX96, getSqrtRatioAtTick(60))
    assert.deepEqual(fills(up), [true, false])
    const back = after(up, swapTicks(up, sell0))
    assert.deepEqual([back.sqrtPriceX96, back.tick], [getSqrtRatioAtTick(0), 0])
    assert.deepEqual(fills(back), [false, true])
  })

  it('passes a gap between listed ticks at no amount', () => {
    const positions = [
      { lower: -600, upper: -60, liquidity },
      { lower: 60_000, upper: 60_600, liquidity },
    ]
    const gap = aTickPool(positions, getSqrtRatioAtTick(0))
    assert.equal(gap.liquidity, 0n)
    const far = aTickPool(positions, getSqrtRatioAtTick(60_000))
    const [fromGap, fromEdge] = [swapTicks(gap, sell1), swapTicks(far, sell1)]
    assert.deepEqual([fromGap.amountIn, fromGap.amountOut], [fromEdge.amountIn, fromEdge.amountOut])
    assert.equal(swapTicks(gap, sell0).sqrtPriceX96, getSqrtRatioAtTick(-600))
  })

  it('stops at the price limit of its caller', () => {
    const limitX96 = getSqrtRatioAtTick(-17) + 5n
    const stopped = swapTicks(pool, { ...sell0, limitX96 })
    assert.deepEqual([stopped.sqrtPriceX96, stopped.tick], [limitX96, -17])
    assert.equal(swapTicks(pool, { ...sell1, limitX96 }).amountIn, 0n)
  })

  it('rounds at the ends of bitmap words, where no tick is listed', () => {
    // Two words of spacing 1 lie between the price and the input's end: three steps, each rounded for the pool.
    const wide = aTickPool([{ lower: -10_000, upper: 10_000, liquidity }], getSqrtRatioAtTick(0), {
      tickSpacing: 1,
    })
    const target = getSqrtRatioAtTick(-600)
    const walked = swapTicks(wide, { ...sell0, limitX96: target })
    const jumped = swapTicks({ ...wide, tickSpacing: 10_000 }, { ...sell0, limitX96: target })
    assert.equal(walked.sqrtPriceX96, jumped.sqrtPriceX96)
    assert.ok(walked.amountIn > jumped.amountIn)
    assert.ok(walked.amountOut <= jumped.amountOut)
    assert.ok(walked.amountIn - jumped.amountIn <= 6n)
  })
})
