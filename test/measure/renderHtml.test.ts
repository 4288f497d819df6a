/** The report as files: the JSON that other programs read, and a page that runs nothing. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { renderHtml, renderJson } from '../../solver/measure/renderHtml.ts'
import { createReport } from '../../solver/measure/report.ts'
import { aView } from '../helpers/auctions.ts'
import { tokenA } from '../helpers/pools.ts'
import { aSettled } from '../helpers/reports.ts'

const view = aView()
const intents = [aSettled(), aSettled({ received: 1n, gasUsed: 2n ** 70n })]

type Row = Record<'hash' | 'sold' | 'quoted' | 'received' | 'gasUsed' | 'channel' | 'block', string>
type Read = { intents: Row[]; savingsBps: number; certifiedGapBps: number; digests: string[] }

describe('renderHtml.renderJson', () => {
  it('has the keys that other programs read, integers as decimal text', () => {
    const report = JSON.parse(renderJson(createReport(intents, view.tokens))) as Read
    assert.equal(typeof report.savingsBps, 'number')
    assert.equal(typeof report.certifiedGapBps, 'number')
    assert.deepEqual(
      report.digests,
      intents.map(({ bundle }) => bundle.digest),
    )
    for (const [index, row] of report.intents.entries()) {
      const { hash, sold, quoted, received, gasUsed, channel, block } = row
      const intent = intents[index]
      assert.deepEqual(
        { hash, sold, quoted, received, gasUsed, channel, block },
        {
          hash: intent?.hash,
          sold: String(intent?.sold),
          quoted: String(intent?.quoted),
          received: String(intent?.received),
          gasUsed: String(intent?.gasUsed),
          channel: intent?.channel,
          block: String(intent?.block),
        },
      )
    }
  })
})

describe('renderHtml.renderHtml', () => {
  const page = renderHtml(createReport(intents, view.tokens), view)

  it('runs and loads nothing', () => {
    assert.doesNotMatch(
      page,
      /<script|<link|<img|<iframe|\bon\w+=|\bsrc=|url\(|@import|javascript:/i,
    )
    assert.doesNotMatch(page.replaceAll('xmlns="http://www.w3.org/2000/svg"', ''), /https?:/)
  })

  it('says of each intent whether it got what was quoted', () => {
    assert.equal(page.match(/yes, to the wei/g)?.length, 1)
    assert.ok(page.includes(`no: ${1n - (intents[1]?.quoted ?? 0n)}`))
  })

  it('shows a hostile symbol as text', () => {
    const symbol = '<script>alert(1)</script>'
    const tokens = new Map(view.tokens).set(tokenA, { address: tokenA, symbol, decimals: 18 })
    const hostile = renderHtml(createReport(intents, tokens), { ...view, tokens })
    assert.doesNotMatch(hostile, /<script/)
    assert.ok(hostile.includes('&lt;script&gt;'))
  })
})
