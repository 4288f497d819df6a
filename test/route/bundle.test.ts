/** Bundles: what goes out comes back, and a replay finds the same quote. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { createBundle, formatBundle, parseBundle, replayBundle } from '../../solver/route/bundle.ts'
import { findQuote } from '../../solver/route/quote.ts'
import { aCase, runs } from '../helpers/routeCases.ts'

const seeds = fc.integer({ min: 1, max: 1_000_000 })

function aBundleText(seed: number): { text: string; digest: string } {
  for (let at = seed; ; at++) {
    const { universe, request } = aCase(at)
    const quote = findQuote(universe.view, request)
    if (quote === undefined) continue
    const bundle = createBundle(universe.view, quote)
    return { text: formatBundle(bundle), digest: bundle.digest }
  }
}

describe('bundle.replayBundle', () => {
  it('finds the same digest again from the text alone', () => {
    fc.assert(
      fc.property(seeds, fc.boolean(), fc.boolean(), (seed, hasGas, executable) => {
        const { universe, request } = aCase(seed)
        const options = { gasPrice: hasGas ? 10n ** 10n : 0n, executable }
        const quote = findQuote(universe.view, request, options)
        if (quote === undefined) return
        const bundle = createBundle(universe.view, quote, options)
        const read = parseBundle(formatBundle(bundle))
        assert.equal(read.digest, bundle.digest)
        assert.deepEqual(read.result, quote)
        assert.equal(replayBundle(read).digest, bundle.digest)
      }),
      runs(200),
    )
  })

  it('names two quotes apart', () => {
    assert.notEqual(aBundleText(100).digest, aBundleText(200).digest)
  })
})

describe('bundle.parseBundle', () => {
  it('refuses a bundle in which any digit was changed', () => {
    const { text } = aBundleText(300)
    for (const field of ['amountOut', 'bound', 'gapBps', 'gas', 'amountIn']) {
      const changed = text.replace(new RegExp(`"${field}":"(\\d)`), (_, digit: string) => {
        return `"${field}":"${(Number(digit) % 9) + 1}`
      })
      assert.notEqual(changed, text)
      assert.throws(() => parseBundle(changed), { code: 'route.bundle-digest' })
    }
  })

  it('refuses what is no bundle', () => {
    const { text } = aBundleText(400)
    const cases = ['', '[]', 'null', '{}', '{"format":"isoprice-bundle/9"}', text.slice(0, -2)]
    for (const each of cases)
      assert.throws(() => parseBundle(each), { code: 'route.bundle-format' })
  })

  it('refuses a result whose fields are not of their form', () => {
    const { text } = aBundleText(500)
    for (const [from, to] of [
      [/"netAmount":"[^"]*"/, '"netAmount":"1e9"'],
      [/"bound":"[^"]*"/, '"bound":7'],
      [/"legs":\[/, '"legs":{},"x":['],
    ] as const)
      assert.throws(() => parseBundle(text.replace(from, to)), { code: 'route.bundle-format' })
  })
})
