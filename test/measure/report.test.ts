/** The report: its sums are those of its rows. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { bpsAbove, createReport, savingsBps } from '../../solver/measure/report.ts'
import { aView } from '../helpers/auctions.ts'
import { tokenA, tokenB } from '../helpers/pools.ts'
import { aSettled } from '../helpers/reports.ts'

const { tokens } = aView()
const single = (amountOut: bigint) => {
  const pool = aSettled().quote.bestSinglePool?.pool
  if (pool === undefined) throw new RangeError('the test market has no single pool')
  return { bestSinglePool: { pool, amountIn: 1n, amountOut } }
}

describe('report.bpsAbove', () => {
  it('is a ten-thousandth for each part in ten thousand, signed', () => {
    assert.equal(bpsAbove(10_001n, 10_000n), 1)
    assert.equal(bpsAbove(9_999n, 10_000n), -1)
    assert.equal(bpsAbove(5n, 5n), 0)
  })

  it('keeps six digits of a basis point on amounts of any size', () => {
    const anyBase = fc.bigInt({ min: 10n ** 12n, max: 2n ** 128n })
    fc.assert(
      fc.property(anyBase, fc.integer({ min: -9_999, max: 9_999 }), (base, bps) => {
        const value = base + (base * BigInt(bps)) / 10_000n
        assert.ok(Math.abs(bpsAbove(value, base) - bps) < 2e-6)
      }),
    )
  })
})

describe('report.savingsBps', () => {
  it('compares what was received, not what was quoted, with the best single pool', () => {
    const intent = aSettled({ received: 1_010_000n, quoted: 9n }, single(1_000_000n))
    assert.equal(savingsBps(intent), 100)
  })

  it('is undefined where no single pool joins the tokens', () => {
    assert.equal(savingsBps(aSettled({}, { bestSinglePool: undefined })), undefined)
    assert.equal(savingsBps(aSettled({}, single(0n))), undefined)
  })
})

describe('report.createReport', () => {
  it('is zeros without intents', () => {
    const { savingsBps: saved, certifiedGapBps, digests } = createReport([], tokens)
    assert.deepEqual(
      { saved, certifiedGapBps, digests },
      { saved: 0, certifiedGapBps: 0, digests: [] },
    )
  })

  it('weighs savings by value: a large intent counts for more', () => {
    const large = aSettled({ received: 300n * 10n ** 18n }, single(200n * 10n ** 18n))
    const small = aSettled({ received: 10n ** 18n }, single(10n ** 18n))
    // 100 on 201: not the mean of 5,000 and 0 bps.
    assert.ok(Math.abs(createReport([large, small], tokens).savingsBps - (1e4 * 100) / 201) < 0.001)
  })

  it('weighs by wei across tokens of different prices', () => {
    const inB = aSettled({ received: 22n * 10n ** 17n }, single(2n * 10n ** 18n))
    const inA = aSettled({ buyToken: tokenA, received: 10n ** 18n }, single(10n ** 18n))
    // One B is worth half an A: both weigh 1 ETH, and one of them saved a tenth.
    assert.ok(Math.abs(createReport([inA, inB], tokens).savingsBps - 500) < 0.001)
  })

  it('leaves out what has no single pool or no price, and keeps it as a row', () => {
    const priced = aSettled({ received: 11n * 10n ** 18n }, single(10n ** 19n))
    const lone = aSettled({}, { bestSinglePool: undefined })
    const unpriced = aSettled({ buyToken: `0x${'99'.repeat(20)}` }, single(1n))
    const report = createReport([priced, lone, unpriced], tokens)
    assert.equal(report.savingsBps, 1_000)
    assert.equal(report.intents.length, 3)
  })

  it('certifies the largest gap of all intents and names every bundle', () => {
    const intents = [0.5, 2.25, 1].map((gapBps) => aSettled({}, { gapBps }))
    const report = createReport(intents, tokens)
    assert.equal(report.certifiedGapBps, 2.25)
    assert.deepEqual(
      report.digests,
      intents.map(({ bundle }) => bundle.digest),
    )
  })

  it('shows a loss as a negative saving', () => {
    const intent = aSettled({ buyToken: tokenB, received: 99n * 10n ** 18n }, single(10n ** 20n))
    assert.equal(createReport([intent], tokens).savingsBps, -100)
  })
})
