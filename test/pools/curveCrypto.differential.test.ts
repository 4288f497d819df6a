/** CryptoSwap maths against the recorded pools' own bytecode. The long form is 5,000 swaps. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'mocha'
import { hasSharedData } from '../../bench/accept/check.ts'
import { compare } from '../helpers/differential/curveCrypto.ts'

const count = process.env['ISOPRICE_LONG'] === '1' ? 5_000 : 350

describe('curveCrypto on the real bytecode', () => {
  before(function () {
    if (!hasSharedData) this.skip()
  })

  it('moves the same amounts and ends in the same state, to the wei', async () => {
    const seen = await compare(count, 1)
    assert.deepEqual(seen.differences, [])
    assert.equal(seen.swaps, count)
    assert.ok(seen.exactIn > 100 && seen.exactOut > 100)
    assert.ok(seen.statesCompared > 0.8 * count && seen.rescaled > 0.2 * count)
    assert.ok(seen.partial > 10)
  })

  it('would be caught with a fee of a unit more', async () => {
    const seen = await compare(60, 1, (state) => ({
      ...state,
      midFee: state.midFee + 1n,
      outFee: state.outFee + 1n,
    }))
    assert.ok(seen.differences.length > 0)
  })

  it('would be caught with a profit bound of a unit more', async () => {
    // The price scale moves when twice the virtual price passes it: seen only in the state after.
    const seen = await compare(60, 1, (state) => {
      const { rebalance } = state
      if (rebalance === undefined) return state
      return { ...state, rebalance: { ...rebalance, xcpProfit: rebalance.xcpProfit + 1n } }
    })
    assert.ok(seen.differences.length > 0)
  })
})
