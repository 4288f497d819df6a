/** Uniswap V4's maths against the real bytecode of the local chain's pools. The long form is `main.differential`. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { compareWithBytecode, withDearerFee } from '../helpers/bytecode.ts'
import { createProbedChain, type ProbedChain } from '../helpers/prober.ts'

/** The short form of the default run, and the whole campaign of `npm run test:long`. */
const swaps = process.env['ISOPRICE_LONG'] === '1' ? 10_000 : 300

describe('uniswapV4 on the real bytecode', () => {
  let chain: ProbedChain
  before(async () => {
    chain = await createProbedChain()
  })
  after(() => chain.close())

  it('moves the same amounts and ends in the same state, to the wei', async () => {
    const seen = await compareWithBytecode(chain, 'uniswapV4', swaps, 1)
    assert.deepEqual(seen.differences, [])
    assert.equal(seen.swaps, swaps)
    assert.ok(seen.partial > 0 && seen.statesCompared > 250)
  })

  it('would be caught with a fee of a millionth more', async () => {
    const seen = await compareWithBytecode(chain, 'uniswapV4', 30, 1, withDearerFee)
    assert.ok(seen.differences.length > 0)
  })
})
