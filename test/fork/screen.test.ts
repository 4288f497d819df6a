/** The screen on real tokens: recorded mainnet blocks, where intents met transfer fees. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'mocha'
import { hasSharedData } from '../../bench/accept/check.ts'
import { type ForkScreens, screenForks } from '../helpers/screenedForks.ts'

describe('screen.screenTokens on recorded blocks', function () {
  this.timeout(300_000)
  let seen: ForkScreens
  before(async function () {
    if (!hasSharedData) this.skip()
    // Two of 2023 with many such tokens; `market.screen` takes twelve blocks.
    seen = await screenForks([17_666_333, 18_426_253])
  })

  it('finds the fee of every token of which a buyer was paid too little', () => {
    assert.ok(seen.short >= 10, String(seen.short))
    assert.equal(seen.shortFound, seen.short)
  })

  it('finds why a pool refused a sale, unless the record lacks what a purchase reads', () => {
    assert.ok(seen.refusedFound > 0)
    assert.equal(seen.refusedFound + seen.refusedUntried, seen.refused)
  })

  it('finds no fee and no refusal where an intent settled in the same direction', () => {
    assert.ok(seen.settled > 10, String(seen.settled))
    assert.deepEqual(seen.contradictions, [])
  })
})
