/** Winner selection: the best of each order, whoever came first; a worse solution changes nothing. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { type ScoredSolution, scoreSolution } from '../../solver/auction/score.ts'
import { rankWinners, selectWinners } from '../../solver/auction/select.ts'
import type { Token } from '../../solver/core/token.ts'
import { aSigned, aSolution, aView, anAuction, planOver } from '../helpers/auctions.ts'
import { tokenB } from '../helpers/pools.ts'

const whole = 10n ** 20n
const orders = [1, 2, 3].map((name) => aSigned({ amount: whole }, name))
const auction = anAuction(orders)

/**
 * Solver, order, and tenths of the order that go through the first pair. A modest solver claims one base unit
 * whatever its plan pays, so that ties between different plans happen often.
 */
type Bid = {
  readonly solver: string
  readonly order: number
  readonly tenths: number
  readonly modest?: boolean
}

const anyBid = fc.record({
  solver: fc.constantFrom('ada', 'bob', 'cy'),
  order: fc.integer({ min: 0, max: 2 }),
  tenths: fc.integer({ min: 0, max: 10 }),
  modest: fc.boolean(),
})
const anyBids = fc.array(anyBid, { maxLength: 9 })

function scored({ solver, order, tenths, modest = false }: Bid): ScoredSolution {
  const part = (whole * BigInt(tenths)) / 10n
  const signed = orders[order]
  if (signed === undefined) throw new RangeError('no such order')
  const plan = planOver([part, whole - part])
  const claim = modest ? { bought: 1n } : {}
  const result = scoreSolution(auction, aSolution(solver, signed, plan, claim))
  if ('rejected' in result) throw new RangeError(result.rejected)
  return result
}

/** The winners as text, by order, so that two selections can be compared. */
function winnersOf(candidates: readonly ScoredSolution[]): string[] {
  return selectWinners(candidates)
    .map(({ solution: { solver, order, quote }, scoreWei }) => {
      const legs = quote.route.legs.map(({ pool, amountIn }) => `${pool}:${amountIn}`)
      return `${order.digest} ${solver} ${scoreWei} ${legs.join(' ')}`
    })
    .sort()
}

describe('select.selectWinners', () => {
  it('chooses one winner for each order that has a solution, the highest score of it', () => {
    fc.assert(
      fc.property(anyBids, (bids) => {
        const candidates = bids.map(scored)
        const winners = selectWinners(candidates)
        const wanted = new Set(bids.map(({ order }) => order))
        assert.equal(winners.length, wanted.size)
        for (const winner of winners)
          for (const { solution, scoreWei } of candidates)
            if (solution.order.digest === winner.solution.order.digest)
              assert.ok(scoreWei <= winner.scoreWei)
      }),
      { numRuns: 300 },
    )
  })

  it('does not depend on the order of arrival, ties included', () => {
    const shuffled = anyBids.chain((bids) =>
      fc.tuple(fc.constant(bids), fc.shuffledSubarray(bids, { minLength: bids.length })),
    )
    fc.assert(
      fc.property(shuffled, ([bids, other]) => {
        assert.deepEqual(winnersOf(other.map(scored)), winnersOf(bids.map(scored)))
      }),
      { numRuns: 300 },
    )
  })

  it('keeps its winners when a worse solution joins', () => {
    fc.assert(
      fc.property(anyBids, anyBid, (bids, late) => {
        const candidates = bids.map(scored)
        const joined = scored(late)
        const held = selectWinners(candidates).find(
          ({ solution }) => solution.order.digest === joined.solution.order.digest,
        )
        fc.pre(held !== undefined && joined.scoreWei < held.scoreWei)
        assert.deepEqual(winnersOf([...candidates, joined]), winnersOf(candidates))
      }),
      { numRuns: 300 },
    )
  })

  it('gives a tie to the name that comes first', () => {
    const tie = ['cy', 'ada', 'bob'].map((solver) => scored({ solver, order: 0, tenths: 5 }))
    assert.deepEqual(
      selectWinners(tie).map(({ solution }) => solution.solver),
      ['ada'],
    )
  })

  it('has no winner without solutions', () => {
    assert.deepEqual(selectWinners([]), [])
  })
})

describe('select.rankWinners', () => {
  const winners = [
    scored({ solver: 'ada', order: 0, tenths: 5, modest: true }),
    scored({ solver: 'ada', order: 1, tenths: 5 }),
  ]
  const view = aView()
  const withPrice = (priceWei: bigint | undefined) => {
    const token: Token = { address: tokenB, symbol: 'B', decimals: 18, priceWei }
    return { ...view, tokens: new Map(view.tokens).set(tokenB, token) }
  }
  const digests = (list: readonly ScoredSolution[]) =>
    list.map(({ solution }) => solution.order.digest)

  it('puts the larger surplus first', () => {
    const [modest, generous] = winners
    assert.ok(modest && generous && generous.scoreWei > modest.scoreWei)
    assert.deepEqual(digests(rankWinners(winners, withPrice(1n))), digests([generous, modest]))
  })

  it('puts a token without a price last, however many units of it are the surplus', () => {
    const [modest, generous] = winners
    assert.ok(modest && generous)
    const { order } = generous.solution.order
    const junk = '0x00000000000000000000000000000000000000dd' as const
    const inJunk = { ...generous.solution.order, order: { ...order, buyToken: junk } }
    const rich = {
      ...generous,
      scoreWei: 10n ** 60n,
      solution: { ...generous.solution, order: inJunk },
    }
    assert.deepEqual(rankWinners([rich, modest], withPrice(1n)), [modest, rich])
  })
})
