/** One step against the SDK's, over all prices, liquidities and amounts, past 256 bits where the contract wraps. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { priceAfterAmount0In } from '../../../solver/pools/math/sqrtPriceMath.ts'
import { stepExactIn, stepExactOut } from '../../../solver/pools/math/swapStep.ts'
import { getSqrtRatioAtTick, maxTick, minTick } from '../../../solver/pools/math/tickMath.ts'
import { sdkSwapStep } from '../../helpers/uniswapSdk.ts'

const anyPrice = fc.integer({ min: minTick, max: maxTick }).map(getSqrtRatioAtTick)
/** Every order of magnitude alike. */
const anyAmount = (bits: number) =>
  fc
    .tuple(fc.bigInt({ min: 0n, max: 2n ** BigInt(bits) - 1n }), fc.integer({ min: 0, max: bits }))
    .map(([amount, shift]) => amount >> BigInt(shift))
const anyStep = fc.record({
  price: anyPrice,
  target: anyPrice,
  liquidity: anyAmount(128),
  remaining: anyAmount(200).map((amount) => amount + 1n),
  feePips: fc.integer({ min: 0, max: 100_000 }).map(BigInt),
})

describe('swapStep.stepExactIn', () => {
  it('equals the SDK for any step', () => {
    let short = 0
    fc.assert(
      fc.property(anyStep, ({ price, target, liquidity, remaining, feePips }) => {
        const ours = stepExactIn(price, target, liquidity, remaining, feePips)
        if (ours.next !== target) short += 1
        assert.deepEqual(ours, sdkSwapStep(price, target, liquidity, remaining, feePips))
      }),
    )
    assert.ok(short > 0)
  })

  it('equals the SDK where the next price needs more than 256 bits', () => {
    const [price, target] = [2n ** 159n, 2n ** 100n]
    const liquidity = 2n ** 127n
    for (const remaining of [2n ** 96n, 2n ** 98n + 12_345n, 2n ** 110n, 2n ** 122n]) {
      const ours = stepExactIn(price, target, liquidity, remaining, 0n)
      assert.ok(remaining * price >= 2n ** 255n && ours.next > target)
      assert.deepEqual(ours, sdkSwapStep(price, target, liquidity, remaining, 0n))
    }
  })
})

describe('swapStep.stepExactOut', () => {
  it('equals the SDK for any step', () => {
    fc.assert(
      fc.property(anyStep, ({ price, target, liquidity, remaining, feePips }) => {
        const ours = stepExactOut(price, target, liquidity, remaining, feePips)
        assert.deepEqual(ours, sdkSwapStep(price, target, liquidity, -remaining, feePips))
      }),
    )
  })
})

describe('sqrtPriceMath.priceAfterAmount0In', () => {
  it('takes the coarser formula above 256 bits, as the contract does', () => {
    // An amount and price whose product just fits, and the next amount that does not.
    const [price, liquidity] = [2n ** 159n, 2n ** 127n + 1n]
    const fits = (2n ** 256n - 1n - (liquidity << 96n)) >> 159n
    const exact = (amount: bigint) => {
      const [numerator, denominator] = [liquidity << 96n, (liquidity << 96n) + amount * price]
      return (numerator * price + denominator - 1n) / denominator
    }
    assert.equal(priceAfterAmount0In(price, liquidity, fits), exact(fits))
    const coarse = fits + 1n + 2n ** 60n
    assert.ok(priceAfterAmount0In(price, liquidity, coarse) >= exact(coarse))
    assert.ok(priceAfterAmount0In(price, liquidity, coarse) < price)
  })
})
