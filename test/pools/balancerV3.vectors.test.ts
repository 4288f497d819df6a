/** Recorded swaps of Balancer V3 pools (balancer-maths of Balancer Labs), to the unit. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'mocha'
import { hasSharedData } from '../../bench/accept/check.ts'
import { runVectors as runStable } from '../helpers/vectors/balancerV3Stable.ts'
import { runVectors as runWeighted } from '../helpers/vectors/balancerV3Weighted.ts'

describe('the recorded swaps of Balancer V3', () => {
  before(function () {
    // The recorded data are not part of a clone.
    if (!hasSharedData) this.skip()
  })

  it('are all met by weighted pools', () => {
    const { entries, exact, misses } = runWeighted()
    assert.deepEqual([entries, exact, misses], [4, 4, []])
  })

  it('are all met by stable pools, with the StableSurge hook too', () => {
    const { entries, exact, misses } = runStable()
    assert.deepEqual([entries, exact, misses], [6, 6, []])
  })
})
