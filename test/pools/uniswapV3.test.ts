/** Laws of the V3 pool: they hold whatever the ticks, the price and the amount. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { getSqrtRatioAtTick } from '../../solver/pools/math/tickMath.ts'
import { uniswapV3 } from '../../solver/pools/uniswapV3.ts'
import { curveOutput } from '../helpers/curveOutput.ts'
import { aTickPool, randomTickPool } from '../helpers/pools.ts'

const numRuns = Math.min(600, Number(process.env['FC_NUM_RUNS'] ?? 600))
const forward = { indexIn: 0, indexOut: 1 }
const backward = { indexIn: 1, indexOut: 0 }
const anyPool = fc.integer({ min: 0, max: 100_000 }).map(randomTickPool)
/** Every order of magnitude alike, from dust to more than a pool holds. */
const anyAmount = fc
  .tuple(fc.bigInt({ min: 1n, max: 10n ** 30n }), fc.integer({ min: 0, max: 29 }))
  .map(([amount, digits]) => amount / 10n ** BigInt(digits) + 1n)
const anySwap = fc.tuple(anyPool, anyAmount, fc.constantFrom(forward, backward))

const onePosition = aTickPool(
  [{ lower: -600, upper: 600, liquidity: 10n ** 21n }],
  getSqrtRatioAtTick(0),
)

describe('uniswapV3.swapExactIn', () => {
  it('pays no more for an input in two swaps than in one', () => {
    fc.assert(
      fc.property(anySwap, anyAmount, ([pool, first, way], second) => {
        const whole = uniswapV3.swapExactIn(pool, { ...way, amountIn: first + second })
        const leg1 = uniswapV3.swapExactIn(pool, { ...way, amountIn: first })
        const leg2 = uniswapV3.swapExactIn(leg1.next, { ...way, amountIn: second })
        assert.ok(leg1.amountOut + leg2.amountOut <= whole.amountOut)
      }),
      { numRuns },
    )
  })

  it('never profits on a round trip', () => {
    fc.assert(
      fc.property(anySwap, ([pool, offered, way]) => {
        const back = way === forward ? backward : forward
        const there = uniswapV3.swapExactIn(pool, { ...way, amountIn: offered })
        const home = uniswapV3.swapExactIn(there.next, { ...back, amountIn: there.amountOut })
        assert.ok(there.amountIn <= offered)
        assert.ok(home.amountOut <= there.amountIn)
      }),
      { numRuns },
    )
  })

  it('pays no less for more', () => {
    fc.assert(
      fc.property(anySwap, anyAmount, ([pool, amountIn, way], more) => {
        const less = uniswapV3.swapExactIn(pool, { ...way, amountIn })
        const rest = uniswapV3.swapExactIn(pool, { ...way, amountIn: amountIn + more })
        assert.ok(rest.amountOut >= less.amountOut)
        assert.ok(rest.amountIn >= less.amountIn)
      }),
      { numRuns },
    )
  })

  it('keeps liquidity equal to the sum of the nets up to its tick', () => {
    fc.assert(
      fc.property(anySwap, ([pool, amountIn, way]) => {
        const { next } = uniswapV3.swapExactIn(pool, { ...way, amountIn })
        const upTo = next.ticks.filter(({ index }) => index <= next.tick)
        assert.equal(
          upTo.reduce((sum, { liquidityNet }) => sum + liquidityNet, 0n),
          next.liquidity,
        )
        assert.ok(next.sqrtPriceX96 >= getSqrtRatioAtTick(next.tick))
        assert.ok(next.sqrtPriceX96 <= getSqrtRatioAtTick(next.tick + 1))
      }),
      { numRuns },
    )
  })

  it('takes an input that is too small to buy anything, as the contract does', () => {
    const { amountIn, amountOut } = uniswapV3.swapExactIn(onePosition, { ...forward, amountIn: 1n })
    assert.deepEqual([amountIn, amountOut], [1n, 0n])
  })

  it('takes nothing where there is no liquidity', () => {
    const empty = aTickPool([], getSqrtRatioAtTick(0))
    for (const way of [forward, backward]) {
      const result = uniswapV3.swapExactIn(empty, { ...way, amountIn: 10n ** 18n })
      assert.deepEqual(result, { amountIn: 0n, amountOut: 0n, gas: 0n, next: empty })
    }
  })

  it('costs more gas for every tick crossed', () => {
    const narrow = aTickPool(
      [
        { lower: -60, upper: 60, liquidity: 10n ** 21n },
        { lower: -600, upper: 600, liquidity: 10n ** 21n },
      ],
      getSqrtRatioAtTick(0),
    )
    const within = uniswapV3.swapExactIn(narrow, { ...forward, amountIn: 10n ** 15n })
    const across = uniswapV3.swapExactIn(narrow, { ...forward, amountIn: 10n ** 19n })
    assert.equal(across.next.liquidity, 10n ** 21n)
    assert.ok(across.gas > within.gas)
  })
})

describe('uniswapV3.swapExactOut', () => {
  it('asks for an input that buys at least the output', () => {
    fc.assert(
      fc.property(anySwap, ([pool, wanted, way]) => {
        const asked = uniswapV3.swapExactOut(pool, { ...way, amountOut: wanted })
        assert.ok(asked.amountOut <= wanted)
        if (asked.amountIn === 0n) return
        const bought = uniswapV3.swapExactIn(pool, { ...way, amountIn: asked.amountIn })
        assert.ok(bought.amountOut >= asked.amountOut)
      }),
      { numRuns },
    )
  })

  it('fills what it can where less than the wanted output is there', () => {
    const wanted = 10n ** 30n
    const result = uniswapV3.swapExactOut(onePosition, { ...forward, amountOut: wanted })
    assert.ok(result.amountOut > 0n && result.amountOut < wanted)
    assert.equal(result.next.sqrtPriceX96, getSqrtRatioAtTick(-600))
  })
})

describe('uniswapV3.price', () => {
  it('is what a small swap pays, to six digits, both ways', () => {
    for (const way of [forward, backward]) {
      const amountIn = 10n ** 13n
      const { amountOut } = uniswapV3.swapExactIn(onePosition, { ...way, amountIn })
      const paid = Number(amountOut) / Number(amountIn)
      assert.ok(Math.abs(paid / uniswapV3.price(onePosition, way.indexIn, way.indexOut) - 1) < 1e-6)
    }
  })

  it('is 0 in the direction that has no liquidity left', () => {
    const { next } = uniswapV3.swapExactIn(onePosition, { ...forward, amountIn: 10n ** 30n })
    assert.equal(uniswapV3.price(next, 0, 1), 0)
    assert.ok(uniswapV3.price(next, 1, 0) > 0)
  })

  it('in a gap is the price where the gap ends', () => {
    const gap = aTickPool(
      [{ lower: 600, upper: 1_200, liquidity: 10n ** 21n }],
      getSqrtRatioAtTick(0),
    )
    const expected = 0.997 / 1.0001 ** 600
    assert.ok(Math.abs(uniswapV3.price(gap, 1, 0) / expected - 1) < 1e-9)
    assert.equal(uniswapV3.price(gap, 0, 1), 0)
  })
})

describe('uniswapV3.curve', () => {
  it('agrees with the exact amounts to nine digits, whatever ticks a swap crosses', () => {
    let compared = 0
    fc.assert(
      fc.property(anySwap, ([pool, amountIn, way]) => {
        const curve = uniswapV3.curve(pool)
        if (curve === undefined) return assert.equal(pool.ticks.length, 0)
        const {
          amountIn: taken,
          amountOut,
          next,
        } = uniswapV3.swapExactIn(pool, { ...way, amountIn })
        // Below this the wei that each stop rounds away is more than nine digits.
        if (taken < 10n ** 12n || amountOut < 10n ** 12n || next.liquidity < 10n ** 12n) return
        compared += 1
        const guessed = curveOutput(curve, way === forward, Number(taken))
        assert.ok(Math.abs(guessed / Number(amountOut) - 1) < 1e-9)
      }),
      { numRuns },
    )
    assert.ok(compared > 0)
  })

  it('has ascending borders with the price in the current segment', () => {
    fc.assert(
      fc.property(anySwap, ([pool, amountIn, way]) => {
        const { next } = uniswapV3.swapExactIn(pool, { ...way, amountIn })
        const curve = uniswapV3.curve(next)
        assert.ok(curve)
        const { bounds, liquidity, current, sqrtPrice } = curve
        assert.equal(bounds.length, liquidity.length + 1)
        assert.ok(bounds.every((bound, at) => at === 0 || bound > (bounds[at - 1] ?? 0)))
        assert.ok(
          sqrtPrice >= (bounds[current] ?? NaN) && sqrtPrice <= (bounds[current + 1] ?? NaN),
        )
        assert.ok(liquidity.every((each) => each >= 0))
      }),
      { numRuns },
    )
  })

  it('ends where a partial listing ends, and is absent once the price has left it', () => {
    const partial = { ...onePosition, ticks: [], tickRange: [-100, 200] as const }
    const curve = uniswapV3.curve(partial)
    assert.ok(curve)
    assert.deepEqual([...curve.liquidity], [1e21])
    assert.ok(Math.abs((curve.bounds[0] ?? 0) ** 2 / 1.0001 ** -100 - 1) < 1e-9)
    const left = { ...partial, tick: 300, sqrtPriceX96: getSqrtRatioAtTick(300) }
    assert.equal(uniswapV3.curve(left), undefined)
    assert.equal(uniswapV3.price(left, 0, 1), 0)
  })

  it('reaches liquidity beyond a gap', () => {
    const gap = aTickPool(
      [{ lower: 600, upper: 1_200, liquidity: 10n ** 21n }],
      getSqrtRatioAtTick(0),
    )
    const curve = uniswapV3.curve(gap)
    assert.ok(curve)
    assert.deepEqual([...curve.liquidity], [0, 1e21])
    assert.equal(curve.current, 0)
  })
})
