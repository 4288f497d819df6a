/** Golden numbers: on-chain quotes and paths collected by BowTiedDevil/degenbot @ 1fb8d74 (MIT). */
import assert from 'node:assert/strict'
import { before, describe, it } from 'mocha'
import { hasSharedData } from '../../bench/accept/check.ts'
import { runVectors, uniswapVectors } from '../helpers/vectors/uniswap.ts'

describe('recorded vectors of uniswap', () => {
  before(function () {
    if (!hasSharedData) this.skip()
  })

  it('are all ours: 80 quotes of V3, 88 of V4, 24 of Pancake V2 and six hops of paths', () => {
    const vectors = uniswapVectors()
    const counts = Map.groupBy(vectors, ({ pool }) => pool.kind)
    assert.deepEqual(
      [...counts].map(([kind, of]) => [kind, of.length]),
      [
        ['uniswapV3', 83],
        ['uniswapV4', 90],
        ['uniswapV2', 25],
      ],
    )
    // The 16 that the chain refused ask for more than the pool has, and ours fills only a part.
    assert.deepEqual(runVectors(vectors), {
      kind: 'uniswap',
      entries: 198,
      exact: 182,
      infeasible: 16,
      misses: [],
    })
  })

  it('would each be missed by one unit', () => {
    const wrong = uniswapVectors().map((vector) => ({
      ...vector,
      answer: vector.answer === undefined ? undefined : vector.answer + 1n,
    }))
    assert.equal(runVectors(wrong).misses.length, 182)
  })

  it('would not be taken for refused where the pool has enough', () => {
    const refused = uniswapVectors()
      .filter(({ answer }) => answer !== undefined)
      .map((vector) => ({ ...vector, answer: undefined }))
    // 13 answers of V3's quoter are of an input that its pool takes only in part.
    const { infeasible, misses } = runVectors(refused)
    assert.deepEqual([infeasible, misses.length], [13, 169])
  })
})
