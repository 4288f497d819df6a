/** The float kernel against the exact pools. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { createRng } from '../../solver/core/rng.ts'
import { moduleOf } from '../../solver/pools/index.ts'
import { at, indexAt, itemAt } from '../../solver/route/arrays.ts'
import { graphOf } from '../../solver/route/graph.ts'
import { anyDirection, createResponses, respond } from '../../solver/route/kernel.ts'
import { payout } from '../../solver/route/payout.ts'
import { createUniverse } from '../helpers/universe.ts'
import { runs } from '../helpers/routeCases.ts'

const seeds = fc.integer({ min: 1, max: 1_000_000 })

/** An exact swap rounds by one unit of either token at each tick and at each end of a bitmap word. */
const roundings = 60

/** One pool of a small market, and prices that make it trade. */
function aPricedPool(seed: number) {
  const rng = createRng(seed)
  const { view } = createUniverse({ seed, pools: 4, tokens: 3, v4Share: 0.2 })
  const graph = graphOf(view)
  const i = rng.int(0, graph.pools.length - 1)
  const { kernel } = graph
  const own = at(kernel.sqrtPrice, i) ** 2
  const price0 = own * Math.exp((rng.next() - 0.5) * 0.6)
  const responses = createResponses(1)
  const surplus = respond(kernel, i, price0, 1, anyDirection, responses, 0)
  const nets = [at(responses.net0, 0), at(responses.net1, 0)] as const
  return { graph, kernel, i, price0, surplus, nets, weight: at(responses.weight, 0), rng }
}

describe('kernel.respond', () => {
  it("pays what the exact pool pays for the same input, to 1e-9 and the pool's own roundings", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { graph, i, nets, surplus } = aPricedPool(seed)
        if (surplus === 0) return
        const indexIn = nets[0] < 0 ? 0 : 1
        const [sold, bought] = indexIn === 0 ? [-nets[0], nets[1]] : [-nets[1], nets[0]]
        const state = itemAt(graph.pools, i)
        const amountIn = BigInt(Math.floor(sold))
        const done = moduleOf(state).swapExactIn(state, {
          indexIn,
          indexOut: 1 - indexIn,
          amountIn,
        })
        const unit = moduleOf(state).price(state, indexIn, 1 - indexIn)
        const dust = roundings * (unit + 1)
        assert.ok(
          Math.abs(Number(done.amountOut) - bought) <= 1e-9 * bought + dust,
          `${done.amountOut} ${bought} ${unit} ${dust}`,
        )
      }),
      runs(1_000),
    )
  })

  it('wins at least as much as any other input at the same prices', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { kernel, i, price0, surplus, nets, rng } = aPricedPool(seed)
        const isForward = surplus > 0 ? nets[0] < 0 : rng.next() < 0.5
        const scale = surplus > 0 ? (isForward ? -nets[0] : -nets[1]) : 1e6
        const sold = scale * 2 * rng.next()
        const bought = payout(kernel, i, isForward, sold)
        if (bought < 0) return
        const [paid, got] = isForward ? [price0 * sold, bought] : [sold, price0 * bought]
        assert.ok(got - paid <= surplus + 1e-12 * got)
      }),
      runs(1_000),
    )
  })

  it('has a weight that is the slope of its value flow', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { kernel, i, price0, nets, weight } = aPricedPool(seed)
        const responses = createResponses(1)
        const bump = 1e-7
        respond(kernel, i, price0 * (1 + bump), 1, anyDirection, responses, 0)
        const slope = (at(responses.net1, 0) - nets[1]) / bump
        // Prices at a tick have two slopes; elsewhere they agree to the size of the bump.
        const first = indexAt(kernel.first, i)
        const segments = indexAt(kernel.first, i + 1) - first
        if (weight === 0 || segments > 1) return
        assert.ok(Math.abs(-slope - weight) <= 1e-5 * weight)
      }),
      runs(1_000),
    )
  })

  it('rests in a direction that is not allowed', () => {
    const { kernel, i, price0 } = aPricedPool(3)
    assert.equal(respond(kernel, i, price0, 1, 0, createResponses(1), 0), 0)
  })
})

describe('payout.payout', () => {
  it("is what the exact pool pays, to 1e-9 and the pool's own roundings", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const { graph, kernel, i, rng } = aPricedPool(seed)
        const state = itemAt(graph.pools, i)
        const indexIn = rng.int(0, 1)
        const amountIn = rng.logUniform(1_000n, 10n ** 22n)
        const swap = { indexIn, indexOut: 1 - indexIn, amountIn }
        const done = moduleOf(state).swapExactIn(state, swap)
        const paid = payout(kernel, i, indexIn === 0, Number(amountIn))
        if (done.amountIn < amountIn) return
        const unit = moduleOf(state).price(state, indexIn, 1 - indexIn)
        const dust = roundings * (unit + 1)
        assert.ok(
          Math.abs(Number(done.amountOut) - paid) <= 1e-9 * paid + dust,
          `${done.amountOut} ${paid} ${unit} ${dust}`,
        )
      }),
      runs(1_000),
    )
  })
})
