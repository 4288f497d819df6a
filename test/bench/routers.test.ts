/** The judge of the router bench: it must price plans exactly and let nothing pass that would not run. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'mocha'
import { compare, type RouterRun } from '../../bench/routers/compare.ts'
import { type Judged, judge } from '../../bench/routers/judge.ts'
import { type Plan, hopOf } from '../../bench/routers/plan.ts'
import { svgOf } from '../../bench/routers/plot.ts'
import {
  type BenchRequest,
  type BenchUniverse,
  openUniverse,
} from '../../bench/routers/universes.ts'
import { noGas } from '../../solver/route/gas.ts'
import { findQuote } from '../../solver/route/quote.ts'
import type { Quote } from '../../solver/route/route.ts'

const spec = {
  source: 'synthetic',
  name: 'v2v3-40',
  family: 'v2v3',
  pools: 40,
  tokens: 12,
  requests: 6,
} as const
const gasPrice = 10n ** 10n

let universe: BenchUniverse
before(async () => {
  universe = await openUniverse(spec)
})

function quoted(request: BenchRequest): Quote | undefined {
  const { tokenIn, tokenOut, amountIn } = request
  return findQuote(universe.view, { tokenIn, tokenOut, amountIn }, { gasPrice, executable: true })
}

/** Our quotes with their requests. */
function pairs(): { request: BenchRequest; quote: Quote }[] {
  return universe.requests.flatMap((request) => {
    const quote = quoted(request)
    return quote === undefined ? [] : [{ request, quote }]
  })
}

function termsOf({ certificate: { priceWei } }: Quote) {
  return priceWei === undefined ? noGas : { gasPrice, priceWei }
}

function legsOf({ route }: Quote): Plan {
  const legs = route.legs.map(({ pool, tokenIn, tokenOut, amountIn }) => ({
    pool,
    tokenIn,
    tokenOut,
    amountIn: String(amountIn),
  }))
  return { form: 'legs', credit: route.credit, legs }
}

function judged(request: BenchRequest, plan: Plan): Judged {
  return judge(universe.view, request, plan, noGas)
}

describe('judge', () => {
  it('prices our own plan as our quote says, to the unit', () => {
    const all = pairs()
    assert.ok(all.length >= 4)
    for (const { request, quote } of all) {
      const result = judge(universe.view, request, legsOf(quote), termsOf(quote))
      assert.ok(result.runs)
      assert.equal(result.net, quote.netAmount)
      assert.equal(result.amountOut, quote.amountOut)
    }
  })

  it('counts a plan that sells one unit less as nothing', () => {
    for (const { request, quote } of pairs()) {
      const other = { ...request, amountIn: request.amountIn + 1n }
      assert.equal(judged(other, legsOf(quote)).runs, false)
    }
  })

  it('joins paths through one pool into one leg, and leaves no dust of a split', () => {
    const pool = universe.pools[0]
    assert.ok(pool)
    const [tokenIn = '0x', tokenOut = '0x'] = pool.tokens
    const request = { id: 'x', tokenIn, tokenOut, amountIn: 1_000_003n, depthShare: 0 }
    const hops = [hopOf(pool, tokenIn)]
    const path = (amountIn: string) => ({ amountIn, hops })
    const whole = judged(request, { form: 'paths', paths: [path('1000003')] })
    const parts = judged(request, { form: 'paths', paths: [path('400000'), path('600003')] })
    assert.ok(whole.runs && parts.runs)
    assert.equal(parts.legs, 1)
    assert.equal(parts.amountOut, whole.amountOut)
    const flows = hops.map((hop) => ({ ...hop, size: 0.1 + 1e6 }))
    assert.deepEqual(judged(request, { form: 'flows', flows }), whole)
  })

  it('refuses a pool crossed both ways, a circle, an unknown pool and more than a pool takes', () => {
    const tick = universe.pools.find(({ kind }) => kind === 'uniswapV3')
    assert.ok(tick)
    const [tokenIn = '0x', tokenOut = '0x'] = tick.tokens
    const request = { id: 'x', tokenIn, tokenOut, amountIn: 10n ** 9n, depthShare: 0 }
    const there = hopOf(tick, tokenIn)
    const back = hopOf(tick, tokenOut)
    const flows = (...hops: (typeof there)[]): Plan => ({
      form: 'flows',
      flows: hops.map((hop) => ({ ...hop, size: 1e9 })),
    })
    assert.deepEqual(judged(request, flows(there, back)), {
      runs: false,
      why: 'crosses a pool both ways',
    })
    const other = { ...back, pool: universe.pools[1]?.id ?? tick.id }
    const twice = { amountIn: '500000000', hops: [there, other] }
    assert.equal(judged(request, { form: 'paths', paths: [twice, twice] }).runs, false)
    assert.deepEqual(judged(request, flows(there, other)), { runs: false, why: 'runs in a circle' })
    const unknown = { ...there, pool: `${there.pool.slice(0, -4)}ffff` as typeof there.pool }
    assert.equal(judged(request, flows(unknown)).runs, false)
    assert.equal(judged({ ...request, amountIn: 10n ** 36n }, flows(there)).runs, false)
    assert.ok(judged(request, flows(there)).runs)
  })
})

describe('compare', () => {
  const runOf = (name: RouterRun['name'], planOf: (quote: Quote) => Plan): RouterRun => ({
    name,
    pools: 40,
    rssBytes: 10 ** 8,
    isFit: true,
    answers: pairs().map(({ request, quote }) => ({
      type: 'answer',
      request: request.id,
      gasPrice: String(gasPrice),
      cpuMs: 1,
      plan: planOf(quote),
    })),
  })

  it('calls the same plans equal, and a router without plans always worse', () => {
    const empty = { ...runOf('uniswap', legsOf), answers: [] }
    const result = compare(
      universe,
      [runOf('isoprice', legsOf), runOf('tines', legsOf), empty],
      gasPrice,
    )
    const [, tines, uniswap] = result.rows
    assert.ok(tines && uniswap)
    assert.equal(tines.ours.equal, result.fillable)
    assert.equal(uniswap.ours.better, result.fillable)
    assert.equal(uniswap.filled, 0)
    assert.equal(result.best.equal, result.fillable)
    assert.ok(tines.gapBps && tines.gapBps.p50 >= 0)
  })

  it('names the request on which another router is ahead', () => {
    const worse = (quote: Quote): Plan => {
      const legs = legsOf(quote)
      return legs.form === 'legs' && legs.legs.length > 1 ? { ...legs, legs: [] } : legs
    }
    const result = compare(universe, [runOf('isoprice', worse), runOf('tines', legsOf)], gasPrice)
    const several = pairs().filter(({ quote }) => quote.route.legs.length > 1)
    assert.ok(several.length > 0)
    assert.equal(result.best.worse, several.length)
    assert.equal(result.best.worst?.router, 'tines')
    assert.ok(several.some(({ request }) => request.id === result.best.worst?.request))
  })
})

describe('universes.openUniverse', () => {
  it('holds one V2 pool a pair and one V3 pool a pair and fee, the same each time', async () => {
    const names = universe.pools.map(
      (pool) => `${pool.tokens.join()}-${pool.kind === 'uniswapV3' ? pool.feePips : 'v2'}`,
    )
    assert.equal(new Set(names).size, spec.pools)
    assert.deepEqual(await openUniverse(spec), universe)
  })
})

describe('plot.svgOf', () => {
  it('draws a dot a point within the frame, also below the smallest value shown', () => {
    const points = [
      [0.01, 0],
      [1, 100],
    ] as const
    const axes = { title: 'a < b', xTitle: 'x', yTitle: 'y', xMin: 1e-3, yMin: 1e-3 }
    const svg = svgOf({ ...axes, series: [{ title: 's', colour: '#000', points }] })
    const dots = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="3"/g)]
    assert.equal(dots.length, points.length)
    for (const [, x, y] of dots) assert.ok(Number(x) >= 0 && Number(y) >= 40 && Number(y) <= 368)
    assert.ok(svg.includes('a &lt; b'))
  })
})
