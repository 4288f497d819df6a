/** Routing over pools of every kind: what holds of a quote whatever it crosses. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import type { Address } from '../../solver/core/hex.ts'
import { mulDivDown } from '../../solver/core/rounding.ts'
import { moduleOf, type PoolState } from '../../solver/pools/index.ts'
import { createBundle, replayBundle } from '../../solver/route/bundle.ts'
import { evaluateRoute } from '../../solver/route/evaluate.ts'
import { findQuote } from '../../solver/route/quote.ts'
import { capacityOf } from '../../solver/route/routed.ts'
import { verifyCertificate } from '../../solver/route/verify.ts'
import { mixedCases, type MixedCase } from '../helpers/mixedMarkets.ts'
import { runs } from '../helpers/routeCases.ts'

const gasPrices = fc.constantFrom(0n, 10n ** 9n)

/** What `state` pays of one token for all of `amountIn` of another; `undefined` where no plan may do so. */
function paidFor(
  state: PoolState,
  tokenIn: Address,
  tokenOut: Address,
  amountIn: bigint,
): bigint | undefined {
  const indexIn = state.tokens.indexOf(tokenIn)
  const indexOut = state.tokens.indexOf(tokenOut)
  const isPool = indexIn >= 0 && indexOut >= 0 && indexIn !== indexOut && amountIn > 0n
  if (!isPool || moduleOf(state).curve(state) === undefined) return undefined
  if (amountIn > capacityOf(state, indexIn, indexOut)) return undefined
  const done = moduleOf(state).swapExactIn(state, { indexIn, indexOut, amountIn })
  return done.amountIn === amountIn && done.amountOut > 0n ? done.amountOut : undefined
}

/** What one pool alone, and all plans of two legs one after the other, give for the whole of an exact-in request. */
function simplePlans({ view, request }: MixedCase): readonly bigint[] {
  const { amountIn, tokenIn, tokenOut } = request
  if (amountIn === undefined) return []
  const pools = [...view.pools.values()]
  const results = pools.map((state) => paidFor(state, tokenIn, tokenOut, amountIn))
  for (const first of pools)
    for (const middle of first.tokens) {
      const held = paidFor(first, tokenIn, middle, amountIn)
      if (held === undefined || middle === tokenOut) continue
      for (const second of pools)
        if (second !== first) results.push(paidFor(second, middle, tokenOut, held))
    }
  return results.filter((paid) => paid !== undefined)
}

/** What the request split over two pools gives, `part` of 100 to the first. */
function splitPlans({ view, request }: MixedCase, part: bigint): readonly bigint[] {
  const { amountIn, tokenIn, tokenOut } = request
  if (amountIn === undefined) return []
  const one = mulDivDown(amountIn, part, 100n)
  const pools = [...view.pools.values()]
  return pools.flatMap((first, at) =>
    pools.slice(at + 1).flatMap((second) => {
      const paid = paidFor(first, tokenIn, tokenOut, one)
      const rest = paidFor(second, tokenIn, tokenOut, amountIn - one)
      return paid === undefined || rest === undefined ? [] : [paid + rest]
    }),
  )
}

describe('quote.findQuote over pools of every kind', () => {
  it('says exactly what its legs do, crosses each pool once, and nets at most its bound', () => {
    fc.assert(
      fc.property(mixedCases, gasPrices, ({ view, request }, gasPrice) => {
        const quote = findQuote(view, request, { gasPrice })
        if (quote === undefined) return
        const run = evaluateRoute(view, quote.route, request)
        assert.equal(run?.amountIn, quote.amountIn)
        assert.equal(run?.amountOut, quote.amountOut)
        const { legs } = quote.route
        assert.equal(new Set(legs.map(({ pool }) => pool)).size, legs.length)
        const { bound } = quote.certificate
        assert.ok(
          request.amountIn === undefined ? quote.netAmount >= bound : quote.netAmount <= bound,
        )
      }),
      runs(120),
    )
  })

  it('is never below one pool alone, and no plan of two legs is above its bound', () => {
    fc.assert(
      fc.property(mixedCases, fc.bigInt({ min: 1n, max: 99n }), (drawn, part) => {
        const quote = findQuote(drawn.view, drawn.request, { gasPrice: 0n })
        const { tokenIn, tokenOut, amountIn = 0n } = drawn.request
        for (const state of drawn.view.pools.values()) {
          const paid = paidFor(state, tokenIn, tokenOut, amountIn)
          if (paid !== undefined) assert.ok(quote !== undefined && quote.amountOut >= paid)
        }
        if (quote === undefined) return
        for (const paid of [...simplePlans(drawn), ...splitPlans(drawn, part)])
          assert.ok(paid <= quote.certificate.bound)
      }),
      runs(150),
    )
  })

  it('has a certificate that the checker accepts, and not one unit tighter', () => {
    fc.assert(
      fc.property(mixedCases, gasPrices, ({ view, request }, gasPrice) => {
        const options = { gasPrice }
        const quote = findQuote(view, request, options)
        if (quote === undefined) return
        const seen = verifyCertificate(createBundle(view, quote, options))
        assert.ok(seen.valid, seen.valid ? '' : seen.reason)
        const { certificate } = quote
        const tight = request.amountIn === undefined ? seen.bound + 1n : seen.bound - 1n
        const forged = { ...quote, certificate: { ...certificate, bound: tight } }
        const answer = verifyCertificate(createBundle(view, forged, options))
        assert.deepEqual(answer, { valid: false, reason: 'bound-too-low' })
      }),
      runs(120),
    )
  })

  it('crosses only pools that the settlement has verbs for, when plans must be executable', () => {
    fc.assert(
      fc.property(mixedCases, ({ view, request }) => {
        const options = { gasPrice: 0n, executable: true }
        const quote = findQuote(view, request, options)
        if (quote === undefined) return
        assert.ok(quote.route.legs.every(({ kind }) => kind.startsWith('uniswap')))
        const seen = verifyCertificate(createBundle(view, quote, options))
        assert.ok(seen.valid, seen.valid ? '' : seen.reason)
      }),
      runs(120),
    )
  })

  it('is found again by a replay, byte for byte', () => {
    fc.assert(
      fc.property(mixedCases, gasPrices, ({ view, request }, gasPrice) => {
        const quote = findQuote(view, request, { gasPrice })
        if (quote === undefined) return
        const bundle = createBundle(view, quote, { gasPrice })
        const pools = new Map([...bundle.view.pools].toReversed())
        const replay = replayBundle({ ...bundle, view: { ...bundle.view, pools } })
        assert.equal(replay.digest, bundle.digest)
      }),
      runs(40),
    )
  })
})
