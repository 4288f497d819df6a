/**
 * The opponent: the same dual minimised by L-BFGS, as routers of the literature do.
 *
 * The textbook two-loop recursion with a backtracking Armijo search, in log prices, on the same kernel as ours
 * and from the same start, so that only the method differs.
 *
 * Source: Nocedal and Wright, "Numerical Optimization", algorithm 7.4; CFMMRouter.jl runs L-BFGS-B on the dual.
 */
import { at, indexAt } from '../solver/route/arrays.ts'
import { type Kernel, anyDirection, createResponses, respond } from '../solver/route/kernel.ts'
import type { DualProblem } from '../solver/route/dual.ts'

/** Pairs of steps and gradients that the recursion remembers. */
const memory = 10
const iterationsMax = 600

/** Where the search ended. */
export type LbfgsPoint = {
  readonly value: number
  readonly steps: number
  readonly reached: boolean
}

/**
 * Minimises the dual of `problem` from `start` (prices by kernel node) until its value is at most `goal`, or no
 * step helps.
 */
export function minimiseByLbfgs(
  kernel: Kernel,
  problem: DualProblem,
  start: Float64Array,
  goal: number,
): LbfgsPoint {
  const { nodes, placeOf } = problem.network
  const ground = indexAt(placeOf, problem.ground)
  const unit = at(start, problem.ground)
  let x: Float64Array = Float64Array.from(nodes, (node) => Math.log(at(start, node) / unit))
  let gradient: Float64Array = new Float64Array(nodes.length)
  const evaluate = createEvaluation(kernel, problem, ground)
  let value = evaluate(x, gradient)
  const pairs: { s: Float64Array; y: Float64Array; rho: number }[] = []
  for (let steps = 1; steps <= iterationsMax; steps++) {
    if (value <= goal) return { value, steps, reached: true }
    const direction = twoLoop(gradient, pairs)
    const largest = direction.reduce((most, each) => Math.max(most, Math.abs(each)), 0)
    const slope = dot(direction, gradient)
    let length = largest > 1 ? 1 / largest : 1
    let found: { x: Float64Array; gradient: Float64Array; value: number } | undefined
    for (let tries = 0; tries < 30 && found === undefined; tries++, length *= 0.5) {
      const nextX = x.map((each, p) => each + length * at(direction, p))
      const nextGradient = new Float64Array(x.length)
      const nextValue = evaluate(nextX, nextGradient)
      if (nextValue <= value + 1e-4 * length * slope)
        found = { x: nextX, gradient: nextGradient, value: nextValue }
    }
    if (found === undefined) {
      if (pairs.length === 0) return { value, steps, reached: false }
      pairs.length = 0
      continue
    }
    remember(pairs, x, gradient, found)
    ;({ x, gradient, value } = found)
  }
  return { value, steps: iterationsMax, reached: false }
}

function remember(
  pairs: { s: Float64Array; y: Float64Array; rho: number }[],
  x: Float64Array,
  gradient: Float64Array,
  next: { readonly x: Float64Array; readonly gradient: Float64Array },
): void {
  const s = next.x.map((each, p) => each - at(x, p))
  const y = next.gradient.map((each, p) => each - at(gradient, p))
  const curvature = dot(s, y)
  if (curvature <= 1e-18 * dot(y, y)) return
  pairs.push({ s, y, rho: 1 / curvature })
  if (pairs.length > memory) pairs.shift()
}

function twoLoop(
  gradient: Float64Array,
  pairs: readonly { s: Float64Array; y: Float64Array; rho: number }[],
): Float64Array {
  const q = gradient.map((each) => -each)
  const weights: number[] = []
  for (const { s, y, rho } of pairs.toReversed()) {
    const weight = rho * dot(s, q)
    weights.unshift(weight)
    for (let p = 0; p < q.length; p++) q[p] = at(q, p) - weight * at(y, p)
  }
  const last = pairs.at(-1)
  const scale =
    last === undefined
      ? 1 / Math.max(...gradient.map((each) => Math.abs(each)), 1e-300)
      : 1 / (last.rho * dot(last.y, last.y))
  for (let p = 0; p < q.length; p++) q[p] = at(q, p) * scale
  for (const [index, { s, y, rho }] of pairs.entries()) {
    const back = rho * dot(y, q)
    for (let p = 0; p < q.length; p++) q[p] = at(q, p) + at(s, p) * ((weights[index] ?? 0) - back)
  }
  return q
}

function createEvaluation(kernel: Kernel, problem: DualProblem, ground: number) {
  const { pools, tail, head, placeOf } = problem.network
  const responses = createResponses(pools.length)
  const source = indexAt(placeOf, problem.source)
  return (x: Float64Array, gradient: Float64Array): number => {
    const price = x.map((each) => Math.exp(each))
    gradient.fill(0)
    let total = problem.size * at(price, source)
    for (let slot = 0; slot < pools.length; slot++) {
      const a = indexAt(tail, slot)
      const b = indexAt(head, slot)
      const i = indexAt(pools, slot)
      total += respond(kernel, i, at(price, a), at(price, b), anyDirection, responses, slot)
      gradient[a] = at(gradient, a) + at(responses.net0, slot)
      gradient[b] = at(gradient, b) + at(responses.net1, slot)
    }
    gradient[source] = at(gradient, source) + problem.size
    for (let p = 0; p < gradient.length; p++) gradient[p] = at(gradient, p) * at(price, p)
    gradient[ground] = 0
    return total
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let p = 0; p < a.length; p++) sum += at(a, p) * at(b, p)
  return sum
}
