/** StableSwap's maths against real bytecode: the published sUSD pool, and the pools of recorded mainnet blocks. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'mocha'
import { hasSharedData } from '../../bench/accept/check.ts'
import { compare, withDearerFee } from '../helpers/differential/curveStable.ts'
import { runVectors } from '../helpers/vectors/curveStable.ts'
import { runRecorded } from '../helpers/vectors/curveStableBlocks.ts'

/** The short form of the default run, and the whole campaign of `npm run test:long`. */
const isLong = process.env['ISOPRICE_LONG'] === '1'
const swaps = isLong ? 5_000 : 150

describe('curveStable on the real bytecode', () => {
  it('moves the same amounts and ends in the same state, to the base unit', async () => {
    const seen = await compare(swaps, 1)
    assert.deepEqual(seen.differences, [])
    assert.equal(seen.swaps, swaps)
    assert.equal(seen.exactIn + seen.exactOut, swaps)
    assert.ok(seen.partial > 0 && seen.statesCompared > swaps / 2)
  })

  it('would be caught with a fee of 10^-10 more', async () => {
    const seen = await compare(30, 1, withDearerFee)
    assert.ok(seen.differences.length > 0)
  })
})

describe('curveStable on recorded mainnet data', () => {
  before(function () {
    if (!hasSharedData) this.skip()
  })

  it('quotes what the views of 3pool and of the RAI pool quoted, all 78', () => {
    const { entries, exact, misses } = runVectors()
    assert.deepEqual(misses, [])
    assert.deepEqual([entries, exact], [78, 78])
  })

  it('makes the six recorded exchanges again, and seeded ones as their bytecode does', async () => {
    const seen = await runRecorded(isLong ? 500 : 12)
    for (const { name, expected, ours, applied, bytecode } of seen) {
      assert.equal(ours, expected, name)
      assert.ok(applied, `${name}: the log leads elsewhere`)
      assert.deepEqual(bytecode.differences, [])
    }
    const generations = new Set(seen.map(({ state }) => state.rounding))
    assert.deepEqual(generations, new Set(['first', 'classic', 'ng', 'ema']))
    assert.equal(seen.filter(({ bytecode }) => bytecode.swaps > 0).length, 4)
  })
})
