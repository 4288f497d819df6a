/** A route as text: every leg once, shares that add up, amounts exact. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { amountText, drawRouteText, venueText } from '../../solver/measure/routeText.ts'
import { aView, pairs, planOver, quoteOf, tokenC } from '../helpers/auctions.ts'
import { tokenA, tokenB } from '../helpers/pools.ts'

const view = aView()
const split = planOver([75n * 10n ** 18n, 25n * 10n ** 18n])

describe('routeText.drawRouteText', () => {
  it('heads each token with what is taken of it and shows each leg under it', () => {
    const lines = drawRouteText(split.route, view)
    assert.equal(lines[0], '100 AAA')
    assert.equal(lines.length, 1 + split.route.legs.length)
    assert.match(lines[1] ?? '', /├─ +75\.00 % uniswapV2 0\.3 % 0x0000…00e1 {2}→ {2}149\./)
    assert.match(lines[2] ?? '', /└─ +25\.00 % uniswapV2 0\.3 % 0x0000…00e2 {2}→ {2}49\./)
  })

  it('draws tokens in the order in which legs run', () => {
    const hops = quoteOf(view, { tokenIn: tokenA, tokenOut: tokenC, amountIn: 10n ** 18n })
    const heads = drawRouteText(hops.route, view).filter((line) => !line.startsWith(' '))
    assert.deepEqual(
      heads.map((line) => line.split(' ')[1]),
      ['AAA', 'BBB'],
    )
  })

  it('is nothing for a route without legs', () => {
    assert.deepEqual(drawRouteText({ legs: [], credit: false }, view), [])
  })
})

describe('routeText.amountText', () => {
  it('shows an unknown token in base units under its short name', () => {
    assert.equal(amountText(1_500n, `0x${'9'.repeat(40)}`, view), '1,500 0x9999…9999')
    assert.equal(amountText(15n * 10n ** 17n, tokenB, view), '1.5 BBB')
  })
})

describe('routeText.venueText', () => {
  it('leaves the fee out of a pool that the market does not hold', () => {
    const [leg] = split.route.legs
    assert.ok(leg)
    assert.equal(venueText(leg, { ...view, pools: new Map() }), 'uniswapV2 0x0000…00e1')
    assert.equal(venueText(leg, view), `uniswapV2 ${pairs[0].feePips / 10_000} % 0x0000…00e1`)
    assert.equal(leg.tokenIn, tokenA)
  })
})
