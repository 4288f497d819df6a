/** Golden numbers of Solidly pairs, see test/helpers/vectors/solidly.ts. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'mocha'
import { hasSharedData } from '../../bench/accept/check.ts'
import { runVectors } from '../helpers/vectors/solidly.ts'

describe('solidly on recorded answers', () => {
  before(function () {
    if (!hasSharedData) this.skip()
  })

  it('pays what the chain said, and rounds within as the contracts do', () => {
    const { entries, exact, misses } = runVectors()
    assert.deepEqual(misses, [])
    assert.deepEqual([entries, exact], [493, 493])
  })

  it('would not with a fee of a hundredth of a percent more', () => {
    const { misses } = runVectors((state) => ({ ...state, feePips: state.feePips + 100 }))
    assert.ok(misses.length >= 40)
  })
})
