/** The route's picture: well-formed, one band a leg, and deaf to what token symbols say. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { zeroAddress } from '../../solver/core/hex.ts'
import type { Token } from '../../solver/core/token.ts'
import { drawRouteSvg, escapeXml } from '../../solver/measure/routeSvg.ts'
import { drawRouteText } from '../../solver/measure/routeText.ts'
import { aView, planOver, quoteOf, tokenC } from '../helpers/auctions.ts'
import { tokenA } from '../helpers/pools.ts'
import { requireWellFormedXml } from '../helpers/xml.ts'

const view = aView()
const split = planOver([75n * 10n ** 18n, 25n * 10n ** 18n])

/** The market with token A called `symbol`. */
function named(symbol: string) {
  const token: Token = { address: tokenA, symbol, decimals: 18 }
  return { ...view, tokens: new Map(view.tokens).set(tokenA, token) }
}

describe('routeSvg.drawRouteSvg', () => {
  it('draws one band for each leg and one box for each token', () => {
    const hops = quoteOf(view, { tokenIn: tokenA, tokenOut: tokenC, amountIn: 10n ** 21n })
    const svg = drawRouteSvg(hops.route, view) ?? ''
    const elements = requireWellFormedXml(svg)
    const count = (name: string) => elements.filter((element) => element.name === name).length
    assert.equal(elements[0]?.name, 'svg')
    assert.equal(count('path'), hops.route.legs.length)
    assert.equal(count('rect'), 3)
  })

  it('labels bands with shares of the whole trade', () => {
    const svg = drawRouteSvg(split.route, view) ?? ''
    assert.match(svg, />75\.0 % uniswapV2/)
    assert.match(svg, />25\.0 % uniswapV2/)
  })

  it('draws the native currency and its wrapped form as one token, and loses no share between them', () => {
    // Without the joint node the native quarter would start from nothing.
    const [first, second] = split.route.legs
    assert.ok(first !== undefined && second !== undefined)
    const native = { ...second, tokenIn: zeroAddress }
    const route = { ...split.route, legs: [first, native] }
    const svg = drawRouteSvg(route, { ...view, wrappedNative: tokenA }) ?? ''
    const boxes = requireWellFormedXml(svg).filter(({ name }) => name === 'rect')
    assert.equal(boxes.length, 2)
    assert.match(svg, />75\.0 % uniswapV2/)
    assert.match(svg, />25\.0 % uniswapV2/)
    assert.equal(
      drawRouteText(route, { ...view, wrappedNative: tokenA }).filter(
        (line) => !line.startsWith(' '),
      ).length,
      1,
    )
  })

  it('gives undefined for a plan on credit, which has loops, and for no legs', () => {
    assert.equal(drawRouteSvg({ ...split.route, credit: true }, view), undefined)
    assert.equal(drawRouteSvg({ legs: [], credit: false }, view), undefined)
  })

  const hostile = [
    '<script>alert(1)</script>',
    '"><image href=x onerror=alert(1)>',
    "' onload='alert(1)",
    ']]>&lt;&#x3c;',
    '</text><a href="javascript:1">',
  ]
  for (const symbol of hostile)
    it(`shows the symbol ${JSON.stringify(symbol)} as text and nothing else`, () => {
      const plain = requireWellFormedXml(drawRouteSvg(split.route, view) ?? '')
      const elements = requireWellFormedXml(drawRouteSvg(split.route, named(symbol)) ?? '')
      const shape = (list: typeof plain) =>
        list.map(({ name, attributes }) => [name, ...attributes])
      assert.deepEqual(shape(elements), shape(plain))
    })

  it('stays well-formed whatever a token is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (symbol) => {
        requireWellFormedXml(drawRouteSvg(split.route, named(symbol)) ?? '')
      }),
      { numRuns: 300 },
    )
  })
})

describe('routeSvg.escapeXml', () => {
  it('leaves no character that XML reads as markup', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.doesNotMatch(escapeXml(text).replace(/&(amp|lt|gt|quot|#39);/g, ''), /[&<>"']/)
      }),
    )
  })
})
