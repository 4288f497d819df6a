/** Pancake V3 by Uniswap V3's arithmetic against the published bytecode of its pools. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { compare } from '../helpers/differential/pancakeV3.ts'

/** The short form of the default run, and the whole campaign of `npm run test:long`. */
const swaps = process.env['ISOPRICE_LONG'] === '1' ? 5_000 : 150

describe('uniswapV3 on the real bytecode of Pancake V3', () => {
  it('moves the same amounts and ends in the same state, to the wei', async () => {
    const seen = await compare(swaps, 1)
    assert.deepEqual(seen.differences, [])
    assert.equal(seen.swaps, swaps)
    assert.ok(seen.exactIn > swaps / 3 && seen.exactOut > swaps / 3)
    assert.ok(seen.partial > 0 && seen.crossed > 0 && seen.statesCompared > swaps / 2)
  })

  it('would be caught with a fee of a millionth more', async () => {
    const seen = await compare(40, 1, (state) => ({ ...state, feePips: state.feePips + 1 }))
    assert.ok(seen.differences.length > 0)
  })
})
