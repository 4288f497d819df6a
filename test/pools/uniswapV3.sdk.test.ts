/** V3 against the second oracle, `@uniswap/v3-sdk`: seeded swaps over many pools, price and tick included. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { compareWithSdk } from '../helpers/sdkComparison.ts'

const wanted = 1_500

describe('uniswapV3.swapExactIn', () => {
  it(`equals @uniswap/v3-sdk in ${wanted} seeded swaps, in both directions and across ticks`, async () => {
    const { differences, crossed } = await compareWithSdk('in', wanted, 2_023)
    assert.deepEqual(differences, [])
    assert.ok(crossed >= wanted / 10, `${crossed} of them cross a tick`)
  })

  it('differs from it when the fee is a millionth more: the comparison sees', async () => {
    const dearer = await compareWithSdk('in', 100, 2_023, (state) => ({
      ...state,
      feePips: state.feePips + 1,
    }))
    assert.ok(dearer.differences.length > 50)
  })
})

describe('uniswapV3.swapExactOut', () => {
  it(`equals @uniswap/v3-sdk in ${wanted} seeded swaps`, async () => {
    assert.deepEqual((await compareWithSdk('out', wanted, 2_024)).differences, [])
  })
})
