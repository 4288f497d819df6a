/** V3 against the second oracle, `@uniswap/v3-sdk`: seeded swaps over many pools, price and tick included. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { createRng } from '../../solver/core/rng.ts'
import { swapTicks } from '../../solver/pools/math/tickSwap.ts'
import { uniswapV3 } from '../../solver/pools/uniswapV3.ts'
import { randomTickPool } from '../helpers/pools.ts'
import { sdkExactIn, sdkExactOut, toSdkPool } from '../helpers/uniswapSdk.ts'

/** Swaps that both can fill: the SDK throws where a pool runs dry, ours fills what it can. */
const wanted = 1_500

describe('uniswapV3.swapExactIn', () => {
  it(`equals @uniswap/v3-sdk in ${wanted} seeded swaps, in both directions and across ticks`, async () => {
    const rng = createRng(2_023)
    let [compared, crossing] = [0, 0]
    for (let seed = 0; compared < wanted; seed += 1) {
      const state = randomTickPool(seed)
      const sdk = toSdkPool(state)
      for (let each = 0; each < 5; each += 1) {
        const indexIn = rng.int(0, 1)
        const amountIn = rng.logUniform(1n, 10n ** 26n)
        const ours = uniswapV3.swapExactIn(state, { indexIn, indexOut: 1 - indexIn, amountIn })
        if (ours.amountIn < amountIn) continue
        const { amountOut, next } = await sdkExactIn(sdk, indexIn === 0, amountIn)
        assert.deepEqual(after(ours.next), [
          BigInt(next.sqrtRatioX96.toString()),
          BigInt(next.liquidity.toString()),
          next.tickCurrent,
        ])
        assert.equal(ours.amountOut, amountOut)
        compared += 1
        const { feePips } = state
        const request = {
          zeroForOne: indexIn === 0,
          exact: 'in',
          amount: amountIn,
          feePips,
        } as const
        if (swapTicks(state, request).ticksCrossed > 0) crossing += 1
      }
    }
    assert.ok(crossing >= wanted / 10, `${crossing} of them cross a tick`)
  })
})

describe('uniswapV3.swapExactOut', () => {
  it(`equals @uniswap/v3-sdk in ${wanted} seeded swaps`, async () => {
    const rng = createRng(2_024)
    let compared = 0
    for (let seed = 10_000; compared < wanted; seed += 1) {
      const state = randomTickPool(seed)
      const sdk = toSdkPool(state)
      for (let each = 0; each < 5; each += 1) {
        const indexIn = rng.int(0, 1)
        const amountOut = rng.logUniform(1n, 10n ** 26n)
        const ours = uniswapV3.swapExactOut(state, { indexIn, indexOut: 1 - indexIn, amountOut })
        if (ours.amountOut < amountOut) continue
        const { amountIn, next } = await sdkExactOut(sdk, indexIn === 0, amountOut)
        assert.equal(ours.amountIn, amountIn)
        assert.deepEqual(after(ours.next), [
          BigInt(next.sqrtRatioX96.toString()),
          BigInt(next.liquidity.toString()),
          next.tickCurrent,
        ])
        compared += 1
      }
    }
  })
})

function after(state: { sqrtPriceX96: bigint; liquidity: bigint; tick: number }) {
  return [state.sqrtPriceX96, state.liquidity, state.tick]
}
