/** The direct solver: quoted plans while they hold, fresh plans when a pool moved, never less than promised. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { scoreSolution } from '../../solver/auction/score.ts'
import type { MarketView } from '../../solver/market/view.ts'
import type { Quote } from '../../solver/route/route.ts'
import { direct } from '../../solver/solve/direct.ts'
import { aSigned, aView, anAuction, pairs, planOver, quoteOf, tokenC } from '../helpers/auctions.ts'
import { tokenA, tokenB } from '../helpers/pools.ts'

const whole = 10n ** 20n
const order = aSigned({ amount: whole })
const request = { tokenIn: tokenA, tokenOut: tokenB, amountIn: whole } as const
/** A plan that holds but that no search would choose: all through the shallow pair. */
const odd = planOver([0n, whole])

function solve(firm: Quote | undefined, view: MarketView = aView(), signed = order) {
  const auction = anAuction([signed], view)
  const asked =
    firm === undefined ? auction : { ...auction, firm: new Map([[signed.digest, firm]]) }
  return { auction: asked, solution: direct.solve(asked)[0] }
}

/** The market after somebody traded through the shallow pair. */
function movedView(): MarketView {
  const [deep, shallow, last] = pairs
  const [reserve0, reserve1] = shallow.reserves
  return aView([deep, { ...shallow, reserves: [reserve0 + whole, reserve1] }, last])
}

describe('direct.solve', () => {
  it('finds the best plan for an order that nobody was quoted for', () => {
    const { solution } = solve(undefined)
    assert.equal(solution?.bought, quoteOf(aView(), request).amountOut)
    assert.equal(solution?.sold, whole)
  })

  it('keeps the quoted plan while its pools stand still, even if a better one exists', () => {
    const { solution } = solve(odd)
    assert.equal(solution?.quote, odd)
    assert.ok(odd.amountOut < quoteOf(aView(), request).amountOut)
  })

  it('plans again when a pool of the quoted plan moved', () => {
    const { auction, solution } = solve(odd, movedView())
    assert.equal(solution?.bought, quoteOf(movedView(), request).amountOut)
    assert.ok(solution && 'scoreWei' in scoreSolution(auction, solution))
  })

  it('keeps the quoted plan when only a pool that it does not cross moved', () => {
    const [deep, shallow, last] = pairs
    const elsewhere = aView([deep, shallow, { ...last, reserves: [5n, 7n] }])
    assert.equal(solve(odd, elsewhere).solution?.quote, odd)
  })

  it('plans again when the quote was for other tokens', () => {
    const other = quoteOf(aView(), { tokenIn: tokenB, tokenOut: tokenC, amountIn: whole })
    assert.equal(solve(other).solution?.bought, quoteOf(aView(), request).amountOut)
  })

  it('plans again when the quote was for another amount than the order sells', () => {
    for (const amountIn of [whole / 10n, whole * 10n]) {
      const { solution } = solve(quoteOf(aView(), { ...request, amountIn }))
      assert.equal(solution?.sold, whole)
      assert.equal(solution?.bought, quoteOf(aView(), request).amountOut)
    }
  })

  it('leaves an order out that no pools can fill', () => {
    assert.equal(solve(undefined, aView([pairs[2]])).solution, undefined)
  })

  it('answers each order of an auction by itself', () => {
    const orders = [order, aSigned({ amount: 7n, sellToken: tokenB, buyToken: tokenC }, 2)]
    const digests = direct.solve(anAuction(orders)).map((solution) => solution.order.digest)
    assert.deepEqual(
      digests,
      orders.map(({ digest }) => digest),
    )
  })
})
