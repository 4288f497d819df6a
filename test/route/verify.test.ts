/** The independent checker: it accepts every quote and rejects every change. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { type Bundle, createBundle } from '../../solver/route/bundle.ts'
import { bundleDigest } from '../../solver/route/digest.ts'
import { findQuote } from '../../solver/route/quote.ts'
import type { Quote } from '../../solver/route/route.ts'
import { verifyCertificate } from '../../solver/route/verify.ts'
import { aCase, anExtremeCase, runs } from '../helpers/routeCases.ts'

const seeds = fc.integer({ min: 1, max: 1_000_000 })

function aBundle(seed: number, gasPrice: bigint): Bundle | undefined {
  const { universe, request } = aCase(seed)
  const options = { gasPrice }
  const quote = findQuote(universe.view, request, options)
  return quote && createBundle(universe.view, quote, options)
}

/** The bundle with another result, and a digest that fits it: only the mathematics can object. */
function resigned(bundle: Bundle, change: Partial<Quote>): Bundle {
  const body = { ...bundle, result: { ...bundle.result, ...change } }
  return { ...body, digest: bundleDigest(body) }
}

describe('verify.verifyCertificate', () => {
  it('accepts every quote, with gas and without', () => {
    fc.assert(
      fc.property(seeds, fc.boolean(), (seed, hasGas) => {
        const bundle = aBundle(seed, hasGas ? 10n ** 10n : 0n)
        if (bundle === undefined) return
        const seen = verifyCertificate(bundle)
        assert.ok(seen.valid, seen.valid ? '' : seen.reason)
      }),
      runs(2_000),
    )
  })

  it('accepts every quote on markets of absurd pools, prices and amounts', () => {
    fc.assert(
      fc.property(seeds, fc.boolean(), fc.boolean(), (seed, hasGas, executable) => {
        const { view, request } = anExtremeCase(seed)
        const options = { gasPrice: hasGas ? 10n ** 10n : 0n, executable }
        const quote = findQuote(view, request, options)
        if (quote === undefined) return
        assert.ok(quote.gapBps >= 0 && Number.isFinite(quote.gapBps))
        const seen = verifyCertificate(createBundle(view, quote, options))
        assert.ok(seen.valid, seen.valid ? '' : seen.reason)
      }),
      runs(1_000),
    )
  })

  it('rejects a bundle whose digest no longer fits', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 0, max: 3 }), (seed, which) => {
        const bundle = aBundle(seed, 0n)
        if (bundle === undefined) return
        const { result } = bundle
        const { bound } = result.certificate
        const changed: Bundle =
          which === 0
            ? { ...bundle, result: { ...result, amountOut: result.amountOut + 1n } }
            : which === 1
              ? {
                  ...bundle,
                  result: { ...result, certificate: { ...result.certificate, bound: bound + 1n } },
                }
              : which === 2
                ? { ...bundle, options: { gasPrice: 1n } }
                : { ...bundle, view: { ...bundle.view, gasPrice: 7n } }
        assert.deepEqual(verifyCertificate(changed), { valid: false, reason: 'digest-differs' })
      }),
      runs(200),
    )
  })

  it('rejects a bound below the exact one even under a fitting digest', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const bundle = aBundle(seed, 0n)
        if (bundle?.request.amountIn === undefined) return
        const { certificate } = bundle.result
        const seen = verifyCertificate(bundle)
        if (!seen.valid) return
        const low = { ...certificate, bound: seen.bound - 1n }
        const reason = verifyCertificate(resigned(bundle, { certificate: low }))
        assert.deepEqual(reason, { valid: false, reason: 'bound-too-low' })
      }),
      runs(200),
    )
  })

  it('rejects a bound that is looser than float arithmetic needs', () => {
    const bundle = aBundle(11, 0n)
    assert.ok(bundle !== undefined)
    const { certificate } = bundle.result
    const far = (certificate.bound * 1_001n) / 1_000n + 10n ** 6n
    const isExactIn = bundle.request.amountIn !== undefined
    const loose = {
      ...certificate,
      bound: isExactIn ? far : certificate.bound - (far - certificate.bound),
    }
    const seen = verifyCertificate(resigned(bundle, { certificate: loose }))
    assert.deepEqual(seen, { valid: false, reason: 'bound-too-high' })
  })

  it('rejects better amounts, missing legs, other gas and moved prices under a fitting digest', () => {
    fc.assert(
      fc.property(seeds, fc.boolean(), (seed, hasGas) => {
        const bundle = aBundle(seed, hasGas ? 10n ** 10n : 0n)
        if (bundle === undefined) return
        const { result } = bundle
        const { route, certificate } = result
        const [first, ...rest] = route.legs
        const isExactIn = bundle.request.amountIn !== undefined
        const counted = isExactIn ? bundle.request.tokenOut : bundle.request.tokenIn
        const changes: Partial<Quote>[] = [
          { amountOut: result.amountOut + 1n },
          { amountIn: result.amountIn - 1n },
          { netAmount: result.netAmount + (isExactIn ? 1n : -1n) },
          { gas: result.gas - 1n },
          { route: { ...route, legs: rest } },
          { route: { ...route, legs: first === undefined ? [] : [first, first, ...rest] } },
          { gapBps: result.gapBps + 0.1 },
          {
            certificate: {
              ...certificate,
              prices: new Map([...certificate.prices, [counted, 1.01]]),
            },
          },
        ]
        for (const change of changes)
          assert.equal(verifyCertificate(resigned(bundle, change)).valid, false)
      }),
      runs(150),
    )
  })

  it('rejects gas terms that are not those of the options and the market', () => {
    const bundle = aBundle(5, 10n ** 10n)
    assert.ok(bundle !== undefined)
    const { certificate } = bundle.result
    for (const terms of [{ gasPrice: 1n }, { priceWei: 1n }, { gasPrice: undefined }])
      assert.deepEqual(
        verifyCertificate(resigned(bundle, { certificate: { ...certificate, ...terms } })),
        { valid: false, reason: 'gas-terms-differ' },
      )
  })
})
