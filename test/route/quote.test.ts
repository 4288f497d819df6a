/** The public verb: optimal, exact, never below one pool, the same bytes for the same market. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { zeroAddress } from '../../solver/core/hex.ts'
import { createRng } from '../../solver/core/rng.ts'
import type { MarketView } from '../../solver/market/view.ts'
import { moduleOf } from '../../solver/pools/index.ts'
import { createBundle } from '../../solver/route/bundle.ts'
import { evaluateRoute } from '../../solver/route/evaluate.ts'
import { gasCost, legGas, settlementGas } from '../../solver/route/gas.ts'
import { findQuote } from '../../solver/route/quote.ts'
import type { Quote, QuoteOptions } from '../../solver/route/route.ts'
import { aPair } from '../helpers/pools.ts'
import { aCase, runs } from '../helpers/routeCases.ts'
import { type Universe, createUniverse } from '../helpers/universe.ts'
import { toPoolId } from '../../solver/pools/pool.ts'

const seeds = fc.integer({ min: 1, max: 1_000_000 })
const gwei10 = 10n ** 10n

function isExactIn(quote: Quote): boolean {
  return quote.request.amountIn !== undefined
}

/** The best single pool's result net of gas, higher is better; from the pools' own arithmetic. */
function bestSingle(universe: Universe, quote: Quote): bigint | undefined {
  const { view } = universe
  const { request, certificate } = quote
  const { gasPrice = 0n, priceWei = 1n } = certificate
  const alias = (token: string) => (token === zeroAddress ? view.wrappedNative : token)
  let best: bigint | undefined
  for (const state of view.pools.values()) {
    const indexIn = state.tokens.findIndex((token) => alias(token) === request.tokenIn)
    const indexOut = state.tokens.findIndex((token) => alias(token) === request.tokenOut)
    if (indexIn < 0 || indexOut < 0) continue
    const swap = { indexIn, indexOut }
    const cost = gasCost({ gasPrice, priceWei }, settlementGas + legGas(state.kind))
    if (request.amountIn !== undefined) {
      const done = moduleOf(state).swapExactIn(state, { ...swap, amountIn: request.amountIn })
      if (done.amountIn !== request.amountIn || done.amountOut === 0n) continue
      if (best === undefined || done.amountOut - cost > best) best = done.amountOut - cost
    } else {
      const done = moduleOf(state).swapExactOut(state, { ...swap, amountOut: request.amountOut })
      if (done.amountOut !== request.amountOut) continue
      if (best === undefined || -(done.amountIn + cost) > best) best = -(done.amountIn + cost)
    }
  }
  return best
}

describe('quote.findQuote', () => {
  it('is never below the best single pool, net of gas', () => {
    fc.assert(
      fc.property(seeds, fc.boolean(), fc.boolean(), (seed, hasGas, executable) => {
        const { universe, request } = aCase(seed)
        const { view } = universe
        const quote = findQuote(view, request, { gasPrice: hasGas ? gwei10 : 0n, executable })
        if (quote === undefined) return
        const single = bestSingle(universe, quote)
        const net = isExactIn(quote) ? quote.netAmount : -quote.netAmount
        assert.ok(single === undefined || net >= single)
      }),
      runs(400),
    )
  })

  it('finds a way whenever one pool alone can fill the request', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { universe, request } = aCase(seed)
        const { view } = universe
        const quote = findQuote(view, request, { gasPrice: 0n })
        const asked = { request, certificate: {} } as Quote
        if (quote === undefined) assert.equal(bestSingle(universe, asked), undefined)
      }),
      runs(400),
    )
  })

  it('says exactly what its legs do, and nets at most its bound', () => {
    fc.assert(
      fc.property(seeds, fc.boolean(), (seed, hasGas) => {
        const { universe, request } = aCase(seed)
        const { view } = universe
        const quote = findQuote(view, request, { gasPrice: hasGas ? gwei10 : 0n })
        if (quote === undefined) return
        const run = evaluateRoute(view, quote.route, request)
        assert.equal(run?.amountIn, quote.amountIn)
        assert.equal(run?.amountOut, quote.amountOut)
        if (request.amountIn === undefined) assert.ok(quote.amountOut >= request.amountOut)
        else assert.equal(quote.amountIn, request.amountIn)
        const { bound } = quote.certificate
        assert.ok(isExactIn(quote) ? quote.netAmount <= bound : quote.netAmount >= bound)
        assert.ok(quote.gapBps >= 0)
        assert.ok(quote.priceImpactBps >= 0 && quote.priceImpactBps <= 10_000)
      }),
    )
  })

  it('leaves no debt: what a token brings covers what it takes, but for the two ends', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { universe, request } = aCase(seed)
        const { view } = universe
        const quote = findQuote(view, request, { gasPrice: 0n })
        if (quote === undefined) return
        const run = evaluateRoute(view, quote.route, request)
        assert.ok([...(run?.leftovers.values() ?? [])].every((left) => left >= 0n))
      }),
      runs(400),
    )
  })

  it('gives plans without credit that cross each pool once, when they must be executable', () => {
    fc.assert(
      fc.property(seeds, fc.boolean(), (seed, hasGas) => {
        const { universe, request } = aCase(seed)
        const { view } = universe
        const options = { gasPrice: hasGas ? gwei10 : 0n, executable: true }
        const quote = findQuote(view, request, options)
        if (quote === undefined) return
        assert.equal(quote.route.credit, false)
        const pools = quote.route.legs.map(({ pool }) => pool)
        assert.equal(new Set(pools).size, pools.length)
        assert.notEqual(evaluateRoute(view, quote.route, request), undefined)
      }),
      runs(500),
    )
  })

  it('does not depend on the order in which the view lists pools and tokens', () => {
    fc.assert(
      fc.property(seeds, fc.boolean(), (seed, hasGas) => {
        const { universe, request } = aCase(seed)
        const { view } = universe
        const rng = createRng(seed)
        const options: QuoteOptions = { gasPrice: hasGas ? gwei10 : 0n }
        const shuffle = <item>(items: Iterable<item>) =>
          [...items].map((item) => ({ item, key: rng.next() })).sort((a, b) => a.key - b.key)
        const other: MarketView = {
          ...view,
          pools: new Map(shuffle(view.pools).map(({ item }) => item)),
          tokens: new Map(shuffle(view.tokens).map(({ item }) => item)),
        }
        const one = findQuote(view, request, options)
        const two = findQuote(other, request, options)
        assert.equal(
          one && createBundle(view, one, options).digest,
          two && createBundle(other, two, options).digest,
        )
      }),
      runs(200),
    )
  })

  it('keeps to the most legs that it is given', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 3 }), (seed, maxLegs) => {
        const { universe, request } = aCase(seed)
        const { view } = universe
        for (const executable of [false, true])
          for (const gasPrice of [0n, gwei10]) {
            const quote = findQuote(view, request, { gasPrice, maxLegs, executable })
            if (quote !== undefined) assert.ok(quote.route.legs.length <= maxLegs)
          }
      }),
      runs(200),
    )
  })

  it('takes the native currency and its wrapped token for one', () => {
    const { view, tokens } = createUniverse({
      seed: 4,
      pools: 12,
      tokens: 3,
      v4Share: 1,
      tickShare: 0.7,
    })
    const [wrapped = zeroAddress, , other = zeroAddress] = tokens
    const amounts = { tokenOut: other, amountIn: 10n ** 17n }
    const one = findQuote(view, { tokenIn: wrapped, ...amounts })
    const two = findQuote(view, { tokenIn: zeroAddress, ...amounts })
    assert.notEqual(one, undefined)
    assert.equal(one?.amountOut, two?.amountOut)
  })

  it('answers dust and huge amounts with a quote, with nothing, or with a coded error', () => {
    const edges = [1n, 2n, 10n, 2n ** 64n, 2n ** 112n - 1n, 2n ** 112n, 2n ** 127n, 2n ** 128n - 1n]
    fc.assert(
      fc.property(
        seeds,
        fc.constantFrom(...edges),
        fc.boolean(),
        fc.boolean(),
        (seed, amount, isIn, hasGas) => {
          const { universe, request } = aCase(seed)
          const { view } = universe
          const { tokenIn, tokenOut } = request
          const asked = isIn
            ? { tokenIn, tokenOut, amountIn: amount }
            : { tokenIn, tokenOut, amountOut: amount }
          const quote = findQuote(view, asked, { gasPrice: hasGas ? gwei10 : 0n })
          if (quote === undefined) return
          assert.ok(Number.isFinite(quote.gapBps))
          assert.ok(quote.amountOut > 0n)
          assert.notEqual(evaluateRoute(view, quote.route, asked), undefined)
        },
      ),
      runs(600),
    )
  })

  it('splits two equal pools in halves', () => {
    const universe = createUniverse({ seed: 1, pools: 1, tokens: 2, tickShare: 0 })
    const [token0 = zeroAddress, token1 = zeroAddress] = universe.tokens
    const pools = [1, 2].map((digit) =>
      aPair([10n ** 24n, 10n ** 24n], {
        id: toPoolId(`0x${String(digit).repeat(40)}`),
        tokens: [token0, token1],
      }),
    )
    const view = { ...universe.view, pools: new Map(pools.map((pool) => [pool.id, pool])) }
    const quote = findQuote(view, { tokenIn: token0, tokenOut: token1, amountIn: 10n ** 23n })
    const [first, second] = quote?.route.legs ?? []
    assert.ok(first !== undefined && second !== undefined)
    const apart = first.amountIn - second.amountIn
    assert.ok((apart < 0n ? -apart : apart) < 10n ** 16n)
  })
})

describe('quote.findQuote refuses', () => {
  const { view, tokens } = createUniverse({ seed: 2, pools: 8, tokens: 4, v4Share: 0.5 })
  const [tokenIn = zeroAddress, tokenOut = zeroAddress] = tokens
  const ask = (request: object, options: QuoteOptions = {}) =>
    findQuote(view, { tokenIn, tokenOut, amountIn: 10n ** 15n, ...request }, options)
  const refusals: readonly [string, object, QuoteOptions, string][] = [
    ['a token for itself', { tokenOut: tokenIn }, {}, 'route.same-token'],
    [
      'the native currency for its wrapped token',
      { tokenOut: zeroAddress },
      {},
      'route.same-token',
    ],
    ['zero', { amountIn: 0n }, {}, 'route.amount-out-of-range'],
    ['less than zero', { amountIn: -1n }, {}, 'route.amount-out-of-range'],
    ['2^128', { amountIn: 2n ** 128n }, {}, 'route.amount-out-of-range'],
    ['no amount', { amountIn: undefined }, {}, 'route.amount-out-of-range'],
    ['two amounts', { amountOut: 1n }, {}, 'route.amount-out-of-range'],
    ['a token that is not listed', { tokenIn: `0x${'9'.repeat(40)}` }, {}, 'route.unknown-token'],
    ['a negative gas price', {}, { gasPrice: -1n }, 'route.bad-option'],
    ['no legs', {}, { maxLegs: 0 }, 'route.bad-option'],
    ['half a leg', {}, { maxLegs: 1.5 }, 'route.bad-option'],
    ['a kind that nobody knows', {}, { kinds: ['uniswapV9'] }, 'route.bad-option'],
  ]
  for (const [name, request, options, code] of refusals)
    it(name, () => {
      assert.throws(() => ask(request, options), { code })
    })

  it('nothing, but has no answer for tokens that no pools join', () => {
    const lonely = { ...view, pools: new Map() }
    assert.equal(findQuote(lonely, { tokenIn, tokenOut, amountIn: 1_000n }), undefined)
  })
})
