/** Sparse factorisation of graph Laplacians. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { createRng } from '../../solver/core/rng.ts'
import { at, indexAt } from '../../solver/route/arrays.ts'
import { analyse, createLaplacianSolver } from '../../solver/route/ldl.ts'
import { runs } from '../helpers/routeCases.ts'

describe('ldl.createLaplacianSolver', () => {
  it('solves the system that it was given, on any graph', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), (seed) => {
        const rng = createRng(seed)
        const size = rng.int(1, 40)
        const pairs = new Map<string, readonly [number, number]>()
        for (let e = 0; e < 3 * size; e++) {
          const [a, b] = [rng.int(0, size - 1), rng.int(0, size - 1)]
          if (a < b) pairs.set(`${a},${b}`, [a, b])
        }
        const edges = [...pairs.values()]
        const tails = Int32Array.from(edges, ([a]) => a)
        const heads = Int32Array.from(edges, ([, b]) => b)
        const weights = Float64Array.from(edges, () => 10 ** (6 * rng.next()))
        const diagonal = Float64Array.from({ length: size }, () => 10 ** (2 * rng.next()))
        const right = Float64Array.from({ length: size }, () => rng.next() - 0.5)
        const solver = createLaplacianSolver(analyse(size, tails, heads))
        const x = solver.solve(diagonal, weights, right.slice())
        const left = x.map((each, node) => each * at(diagonal, node))
        for (let e = 0; e < edges.length; e++) {
          const [a, b] = [indexAt(tails, e), indexAt(heads, e)]
          const flow = at(weights, e) * (at(x, a) - at(x, b))
          left[a] = at(left, a) + flow
          left[b] = at(left, b) - flow
        }
        for (let node = 0; node < size; node++)
          assert.ok(Math.abs(at(left, node) - at(right, node)) < 1e-8)
      }),
      runs(500),
    )
  })

  it('eliminates the leaves of a tree without fill', () => {
    const star = analyse(6, Int32Array.of(0, 0, 0, 0, 0), Int32Array.of(1, 2, 3, 4, 5))
    assert.equal(star.rowOf.length, 5)
  })
})
