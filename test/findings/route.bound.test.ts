/** Certificates that our own checker once refused: borders of narrow ranges, misplaced by float rounding. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { parseBundle } from '../../solver/route/bundle.ts'
import { createBundle } from '../../solver/route/bundle.ts'
import { findQuote } from '../../solver/route/quote.ts'
import { verifyCertificate } from '../../solver/route/verify.ts'
import { anExtremeCase } from '../helpers/routeCases.ts'

describe('quote.findQuote', () => {
  for (const seed of [7_008_420, 20_007_564])
    for (const executable of [true, false])
      it(`gives a bound that the checker confirms on market ${seed}, executable ${executable}`, () => {
        const { view, request } = anExtremeCase(seed)
        const options = { executable, gasPrice: 0n }
        const quote = findQuote(view, request, options)
        assert.ok(quote !== undefined)
        const seen = verifyCertificate(createBundle(view, quote, options))
        assert.ok(seen.valid, seen.valid ? '' : seen.reason)
        // Nearer than the checker asks: no farther above the exact bound than 1e-10 of it.
        const { bound } = quote.certificate
        const far = bound > seen.bound ? bound - seen.bound : seen.bound - bound
        assert.ok(far * 10n ** 10n <= bound, String(far))
      })
})

describe('bundle.parseBundle', () => {
  it('refuses text that is nested beyond any bundle, instead of exhausting the stack', () => {
    const deep = 100_000
    const text = `{"format":"isoprice-bundle/1","market":${'{"a":'.repeat(deep)}1${'}'.repeat(deep)}}`
    assert.throws(() => parseBundle(text), { code: 'route.bundle-format' })
  })
})
