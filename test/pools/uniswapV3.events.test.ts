/** Days of real V3 pools, event by event: zelos-alpha/demeter-fetch @ 2fda05e6 (Apache-2.0). */
import assert from 'node:assert/strict'
import { before, describe, it } from 'mocha'
import { hasSharedData } from '../../bench/accept/check.ts'
import {
  readDay,
  readDecoded,
  recordedDays,
  replayDay,
  rowsThatDiffer,
} from '../helpers/poolEvents.ts'

const [usdcWeth] = recordedDays

describe('uniswapV3 over a recorded day', () => {
  before(function () {
    if (!hasSharedData) this.skip()
  })

  it('predicts every swap that leaves the liquidity unchanged, to the wei and the price', () => {
    const replays = recordedDays.map((day) => replayDay(day, readDay(day)))
    assert.deepEqual(
      replays.map(({ sameLiquidity, exact, misses }) => [sameLiquidity, exact, misses]),
      [
        [5_478, { exactIn: 4_777, exactOut: 577, priceLimit: 124 }, []],
        [244, { exactIn: 212, exactOut: 11, priceLimit: 21 }, []],
        [13, { exactIn: 12, exactOut: 1, priceLimit: 0 }, []],
        [3_406, { exactIn: 2_670, exactOut: 155, priceLimit: 581 }, []],
      ],
    )
  })

  it('learns the ticks from the swaps that cross them, and predicts the next crossings by them', () => {
    const replays = recordedDays.map((day) => replayDay(day, readDay(day)))
    assert.deepEqual(
      replays.map(({ crossing }) => crossing),
      [
        { known: 517, revealed: 30, several: 20 },
        { known: 18, revealed: 4, several: 0 },
        { known: 8, revealed: 7, several: 12 },
        { known: 483, revealed: 72, several: 10 },
      ],
    )
  })

  it('would miss nearly all of them with a fee of a millionth more', () => {
    const dearer = replayDay(usdcWeth, readDay(usdcWeth), (state) => ({ ...state, feePips: 501 }))
    assert.ok(dearer.misses.length > 5_400)
  })

  it('carries the state that another program decoded, after each of 6,234 events', () => {
    const logs = readDay(usdcWeth)
    const rows = readDecoded(usdcWeth)
    assert.equal(rows.length, 6_234)
    assert.deepEqual(rowsThatDiffer(usdcWeth, logs, rows), [])
    // Without one event the rest no longer agrees.
    const [first, , ...rest] = logs
    assert.ok(first !== undefined)
    assert.ok(rowsThatDiffer(usdcWeth, [first, first, ...rest], rows).length > 0)
  })
})
