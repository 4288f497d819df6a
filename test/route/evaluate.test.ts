/** Routes are believed only as far as the pools bear them out. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { zeroAddress } from '../../solver/core/hex.ts'
import { evaluateRoute } from '../../solver/route/evaluate.ts'
import { findQuote } from '../../solver/route/quote.ts'
import type { Leg } from '../../solver/route/route.ts'
import { createUniverse } from '../helpers/universe.ts'

const { view, tokens } = createUniverse({ seed: 21, pools: 20, tokens: 4 })
const [tokenIn = zeroAddress, tokenOut = zeroAddress] = tokens
const quote = findQuote(view, { tokenIn, tokenOut, amountIn: 10n ** 19n }, { executable: true })

function legsOf(): readonly Leg[] {
  assert.ok(quote !== undefined && quote.route.legs.length > 1)
  return quote.route.legs
}

function changed(change: Partial<Leg>) {
  const [first, ...rest] = legsOf()
  assert.ok(first !== undefined)
  return { legs: [{ ...first, ...change }, ...rest], credit: false }
}

describe('evaluate.evaluateRoute', () => {
  it('finds the ends of a route by itself', () => {
    const run = evaluateRoute(view, { legs: legsOf(), credit: false })
    assert.equal(run?.amountIn, quote?.amountIn)
    assert.equal(run?.amountOut, quote?.amountOut)
  })

  it('has no result for a route that does not run as it says', () => {
    const [first] = legsOf()
    assert.ok(first !== undefined)
    const routes = [
      { legs: [], credit: false },
      changed({ amountOut: first.amountOut + 1n }),
      changed({ amountIn: 2n * first.amountIn }),
      changed({ amountIn: 0n }),
      changed({ kind: 'uniswapV9' }),
      changed({ indexIn: first.indexOut, indexOut: first.indexIn }),
      changed({ tokenIn: tokenOut, tokenOut: tokenIn }),
      { legs: [...legsOf(), first], credit: false },
    ]
    for (const route of routes) assert.equal(evaluateRoute(view, route), undefined)
  })

  it('has no result for debt on the way, unless the route runs on credit', () => {
    const backward = { legs: legsOf().toReversed(), credit: false }
    const inner = legsOf().some(({ tokenIn: from }) => from !== tokenIn)
    assert.ok(inner)
    assert.equal(evaluateRoute(view, backward), undefined)
    const ends = { tokenIn, tokenOut }
    assert.notEqual(evaluateRoute(view, { ...backward, credit: true }, ends), undefined)
  })
})
