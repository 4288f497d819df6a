/** The optimum in prices: its conditions, and what brute force finds. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { at, indexAt } from '../../solver/route/arrays.ts'
import { minimise } from '../../solver/route/dual.ts'
import { flowsAt } from '../../solver/route/flows.ts'
import { payout } from '../../solver/route/payout.ts'
import { aCase, problemOf, runs } from '../helpers/routeCases.ts'
import { createUniverse } from '../helpers/universe.ts'

const seeds = fc.integer({ min: 1, max: 1_000_000 })

function solved(seed: number, precision?: number) {
  const { universe, request } = aCase(seed)
  const found = problemOf(universe, request)
  if (found === undefined) return undefined
  const { graph, start } = found
  const problem = { ...found.problem, precision }
  const point = minimise(graph.kernel, problem, start)
  const flows = flowsAt(graph.kernel, problem.network, point)
  return { graph, problem, start, point, flows }
}

describe('dual.minimise', () => {
  // The search ends by value: where pools are far deeper than the trade, an imbalance costs next to nothing and
  // 1e-12 of the trade's value leaves room for one. Asked for more it must go.
  it('balances every token but the two ends, to 1e-4 of the trade, whenever it can be filled', () => {
    let checked = 0
    fc.assert(
      fc.property(seeds, (seed) => {
        const found = solved(seed, 1e-18)
        if (found === undefined || found.point.steps >= 100) return
        const { problem, point, flows } = found
        const net = new Float64Array(point.price.length)
        for (const { from, to, sizeIn, sizeOut } of flows) {
          net[from] = at(net, from) - sizeIn * at(point.price, from)
          net[to] = at(net, to) + sizeOut * at(point.price, to)
        }
        const worth = Math.abs(problem.size) * at(point.price, problem.source)
        // A flow below one base unit is left out, so cheap units of dear tokens show in tiny trades.
        if (worth < 1e6) return
        checked++
        const whole = flows.reduce((sum, { value }) => sum + value, worth)
        for (let node = 0; node < net.length; node++)
          if (node !== problem.ground && node !== problem.source)
            assert.ok(Math.abs(at(net, node)) <= 1e-4 * whole + 10 * at(point.price, node))
      }),
      runs(500),
    )
    assert.ok(checked > 0)
  })

  it('leaves every used pool at the marginal price that all paths share', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const found = solved(seed)
        // A search that used up its steps had a request that cannot be filled.
        if (found === undefined || found.point.steps >= 100) return
        const { graph, point, flows } = found
        for (const { pool, from, to, sizeIn, sizeOut, weight } of flows) {
          // The end of a pool's range and flows of a few units have no marginal price to compare.
          if (weight === 0 || sizeIn < 1e6 || sizeOut < 1e6) continue
          const isForward = indexAt(graph.kernel.node0, pool) === from
          const more = payout(graph.kernel, pool, isForward, sizeIn * 1.000_001)
          const less = payout(graph.kernel, pool, isForward, sizeIn * 0.999_999)
          if (more < 0) continue
          const marginal = (more - less) / (2e-6 * sizeIn)
          const shared = at(point.price, from) / at(point.price, to)
          assert.ok(Math.abs(marginal / shared - 1) < 1e-4)
        }
      }),
      runs(500),
    )
  })

  it('finds the same value from another start', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const found = solved(seed)
        if (found === undefined || found.point.steps >= 100) return
        const { graph, problem, start, point } = found
        const away = start.map((price, node) => price * Math.exp(0.3 * Math.sin(node + seed)))
        const again = minimise(graph.kernel, problem, away)
        if (again.steps >= 100) return
        const scale =
          Math.abs(point.value) + Math.abs(problem.size) * at(point.price, problem.source)
        assert.ok(Math.abs(again.value - point.value) <= 1e-8 * scale)
      }),
      runs(300),
    )
  })

  it('climbs out of a start at which a pool is drained and its token priced far too low', () => {
    for (const seed of [2_517, 1_837, 501_258]) {
      const found = solved(seed)
      assert.ok(found !== undefined)
      const { graph, problem, start, point } = found
      const away = start.map((price, node) => price * Math.exp(0.3 * Math.sin(node + seed)))
      const again = minimise(graph.kernel, problem, away)
      assert.ok(Math.abs(again.value / point.value - 1) < 1e-9)
    }
  })

  it('equals a grid search over the split of two parallel pools', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const universe = createUniverse({ seed, pools: 2, tokens: 2, tickShare: 0.5 })
        const [tokenIn, tokenOut] = universe.tokens
        if (tokenIn === undefined || tokenOut === undefined) return
        const found = problemOf(universe, { tokenIn, tokenOut, amountIn: 10n ** 17n })
        if (found === undefined) return
        const { graph, problem, start } = found
        const point = minimise(graph.kernel, problem, start)
        const isForward = indexAt(graph.kernel.node0, 0) === problem.source
        let best = 0
        for (let part = 0; part <= 1_000; part++) {
          const first = payout(graph.kernel, 0, isForward, (problem.size * part) / 1_000)
          const second = payout(graph.kernel, 1, isForward, problem.size * (1 - part / 1_000))
          best = Math.max(best, first + second)
        }
        assert.ok(point.value >= best * (1 - 1e-12))
        assert.ok(point.value <= best * (1 + 1e-5))
      }),
      runs(200),
    )
  })
})
