/** Laws of limits; `test/contracts/twins.test.ts` holds them equal to the contract's. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { limitAt, proRata } from '../../solver/intents/limit.ts'
import { anOrder, anyOrder, codeOfError } from '../helpers/orders.ts'

const anyTime = fc.integer({ min: 0, max: 2 ** 40 - 1 })

describe('limit.limitAt', () => {
  it('is the start up to decayStart and the end from decayEnd on', () => {
    const order = anOrder({ limitStart: 100n, limitEnd: 90n, decayStart: 10, decayEnd: 20 })
    assert.deepEqual(
      [0, 10, 20, 99].map((time) => limitAt(order, time)),
      [100n, 100n, 90n, 90n],
    )
  })

  it('rounds up between', () => {
    const order = anOrder({ limitStart: 100n, limitEnd: 99n, decayStart: 0, decayEnd: 3 })
    assert.deepEqual(
      [1, 2, 3].map((time) => limitAt(order, time)),
      [100n, 100n, 99n],
    )
  })

  it('stays between the ends and never rises in time', () => {
    fc.assert(
      fc.property(anyOrder, anyTime, anyTime, (order, one, other) => {
        const [early, late] = one < other ? [one, other] : [other, one]
        const [high, low] = [limitAt(order, early), limitAt(order, late)]
        assert.ok(order.limitStart >= high && high >= low && low >= order.limitEnd)
      }),
    )
  })

  it('is a step where the decay is empty', () => {
    const order = anOrder({ decayStart: 10, decayEnd: 10 })
    assert.equal(limitAt(order, 10), order.limitStart)
    assert.equal(limitAt(order, 11), order.limitEnd)
  })

  it('refuses a limit that rises, at any time', async () => {
    const order = anOrder({ limitStart: 1n, limitEnd: 2n })
    for (const time of [0, order.decayStart, 2 ** 40 - 1])
      assert.equal(await codeOfError(() => limitAt(order, time)), 'intents.limit-rises')
  })
})

describe('limit.proRata', () => {
  const anyAmount = fc.bigInt({ min: 1n, max: 2n ** 128n - 1n })

  it('pays in parts at least what the whole pays, and at most one wei a part more', () => {
    fc.assert(
      fc.property(anyAmount, anyAmount, anyAmount, (limit, x, y) => {
        const parts = proRata(limit, x, x + y) + proRata(limit, y, x + y)
        assert.ok(parts === limit || parts === limit + 1n)
      }),
    )
  })

  it('is the limit for the whole', () => {
    fc.assert(
      fc.property(anyAmount, anyAmount, (limit, amount) => {
        assert.equal(proRata(limit, amount, amount), limit)
      }),
    )
  })
})
