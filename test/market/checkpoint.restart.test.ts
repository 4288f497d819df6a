/** A market that is killed and comes back: processes of their own, the real rooms, PGlite in a folder. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { runRestarts } from '../helpers/restarts.ts'

describe('a market that is killed', () => {
  it('comes back as the chain was at its checkpoint, and catches up to the chain', async () => {
    const result = await runRestarts({ seed: 3, pools: 300, kills: 5 })
    assert.equal(result.torn, 0)
    assert.equal(result.different, 0)
    assert.ok(result.resumed >= 2, `${result.resumed} restarts found a checkpoint`)
    assert.ok(result.killsInSave >= 1, 'no kill came in a save')
  })

  it('comes back torn when its pools are written one by one, without a transaction', async () => {
    const result = await runRestarts({ seed: 3, pools: 300, kills: 20, isNaive: true })
    assert.ok(result.torn >= 1, `nothing torn in ${result.kills} kills`)
  })
})
