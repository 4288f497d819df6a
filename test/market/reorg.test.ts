/** Reorgs against a market that follows over a bad line. The long form is `npm run accept -- market.reorg`. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { followNaively } from '../helpers/naiveFollower.ts'
import { runReorgs } from '../helpers/reorgCampaign.ts'

const isLong = process.env['ISOPRICE_LONG'] === '1'

describe('a market that follows a chain of reorgs', function () {
  this.timeout(isLong ? 600_000 : 60_000)

  it('equals the chain after each, serves no stale quote and misses no log', async () => {
    const reorgs = isLong ? 200 : 8
    const seen = await runReorgs({ seed: 3, reorgs, depthMax: 7, gapMs: 1_500 })
    assert.equal(seen.compared, reorgs + 1)
    assert.deepEqual([seen.differing, seen.stale, seen.missed], [0, 0, 0])
    assert.ok(seen.seen > 0 && seen.logs > 0 && seen.quotes > 0)
  })

  it('is left behind by the same chain when it believes messages and numbers', async () => {
    const campaign = { seed: 3, reorgs: 3, depthMax: 7, settleMs: 500 }
    const seen = await runReorgs({ ...campaign, follow: followNaively })
    assert.ok(seen.differing > 0)
  })
})
