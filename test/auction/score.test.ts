/** No solver is believed: each claim is run again, and each way to be wrong has its reason. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import type { Solution } from '../../solver/auction/auction.ts'
import { type Rejection, scoreSolution } from '../../solver/auction/score.ts'
import {
  aSigned,
  aSolution,
  aView,
  anAuction,
  pairs,
  planOver,
  quoteOf,
} from '../helpers/auctions.ts'
import { tokenA, tokenB } from '../helpers/pools.ts'
import { tokenC } from '../helpers/auctions.ts'

const whole = 10n ** 20n
const order = aSigned({ amount: whole })
const auction = anAuction([order])
const plan = planOver([whole - whole / 11n, whole / 11n])

function rejectionOf(solution: Solution, over = auction): string | undefined {
  const result = scoreSolution(over, solution)
  return 'rejected' in result ? result.rejected : undefined
}

function scoreOf(solution: Solution, over = auction): bigint | undefined {
  const result = scoreSolution(over, solution)
  return 'rejected' in result ? undefined : result.scoreWei
}

describe('score.scoreSolution', () => {
  it('scores an honest solution by its surplus in wei', () => {
    const limit = plan.amountOut - 1_000n
    const limited = aSigned({ amount: whole, limitStart: limit, limitEnd: limit })
    // One base unit of B is worth half a wei.
    assert.equal(scoreOf(aSolution('s', limited, plan), anAuction([limited])), 500n)
  })

  const { legs } = plan.route
  const reasons: readonly (readonly [Rejection['rejected'], string, Solution])[] = [
    ['order-not-in-auction', 'an order of another auction', aSolution('s', aSigned({}, 2), plan)],
    ['sells-too-much', 'more than the owner sells', aSolution('s', order, planOver([whole + 1n]))],
    [
      'plan-does-not-run',
      'a leg that pays more than its pool does',
      aSolution('s', order, {
        ...plan,
        route: {
          legs: legs.map((leg) => ({ ...leg, amountOut: leg.amountOut + 1n })),
          credit: false,
        },
      }),
    ],
    [
      'plan-does-not-run',
      'no legs at all',
      aSolution('s', order, { ...plan, route: { legs: [], credit: false } }),
    ],
    [
      'plan-does-not-run',
      'one pool crossed twice',
      aSolution('s', order, { ...plan, route: { legs: [...legs, ...legs], credit: false } }),
    ],
    [
      'claims-more-than-plan',
      'one base unit more than the plan pays',
      aSolution('s', order, plan, { bought: plan.amountOut + 1n }),
    ],
    [
      'claims-more-than-plan',
      'a plan that takes more than is claimed to be sold',
      aSolution('s', order, plan, { sold: plan.amountIn - 1n }),
    ],
  ]
  for (const [reason, what, solution] of reasons)
    it(`refuses ${what}: ${reason}`, () => {
      assert.equal(rejectionOf(solution), reason)
    })

  it('refuses one base unit below the limit: below-limit', () => {
    const limit = plan.amountOut + 1n
    const high = aSigned({ amount: whole, limitStart: limit, limitEnd: limit })
    assert.equal(rejectionOf(aSolution('s', high, plan), anAuction([high])), 'below-limit')
    const met = aSigned({ amount: whole, limitStart: limit - 1n, limitEnd: limit - 1n })
    assert.equal(scoreOf(aSolution('s', met, plan), anAuction([met])), 0n)
  })

  it('takes the limit at the time of settlement, not at the time of signing', () => {
    const falling = aSigned({
      amount: whole,
      limitStart: plan.amountOut + 100n,
      limitEnd: plan.amountOut - 100n,
      decayStart: 1_000,
      decayEnd: 1_100,
    })
    const at = (settlesAt: number) => ({ ...anAuction([falling]), settlesAt })
    const solution = aSolution('s', falling, plan)
    assert.equal(rejectionOf(solution, at(1_049)), 'below-limit')
    assert.equal(scoreOf(solution, at(1_050)), 0n)
    assert.equal(scoreOf(solution, at(1_100)), 50n)
  })

  it('refuses a plan that was made for other tokens', () => {
    const other = quoteOf(aView(), { tokenIn: tokenB, tokenOut: tokenC, amountIn: whole })
    assert.equal(rejectionOf(aSolution('s', order, other)), 'plan-does-not-run')
    const backward = quoteOf(aView(), { tokenIn: tokenB, tokenOut: tokenA, amountIn: whole })
    assert.equal(rejectionOf(aSolution('s', order, backward)), 'plan-does-not-run')
  })

  it('refuses a plan once its pool has moved', () => {
    const [first, ...rest] = pairs
    const [reserve0, reserve1] = first.reserves
    const moved = aView([{ ...first, reserves: [reserve0 + 10n ** 20n, reserve1] }, ...rest])
    assert.equal(
      rejectionOf(aSolution('s', order, plan), anAuction([order], moved)),
      'plan-does-not-run',
    )
  })

  it('never scores a solution above what its plan pays, whatever it claims', () => {
    const anyClaim = fc.bigInt({ min: 0n, max: 2n * plan.amountOut })
    fc.assert(
      fc.property(anyClaim, anyClaim, (sold, bought) => {
        const score = scoreOf(aSolution('s', order, plan, { sold, bought }))
        if (score === undefined) return
        assert.ok(bought <= plan.amountOut && sold >= plan.amountIn && sold <= whole)
        assert.equal(score, (bought - 1n) / 2n)
      }),
    )
  })
})
