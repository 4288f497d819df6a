/**
 * Prices at which all pools together trade best: the dual of routing, minimised in log prices.
 *
 * g(ν) = amount·ν[source] + Σ surplus_i(ν) bounds every plan at every ν and equals the best at its minimum.
 * In log prices its Hessian there is a weighted Laplacian of the token graph, so a semi-smooth Newton step is
 * one sparse factorisation. Resting pools enter with a stiffness that is driven to zero.
 *
 * Source: Diamandis, Resnick, Chitra, Angeris, "An Efficient Algorithm for Optimal Routing Through Constant
 * Function Market Makers", https://arxiv.org/abs/2302.04938, for the dual; Newton and stiffness are ours.
 */
import { at, indexAt } from './arrays.ts'
import { type Kernel, type Responses, anyDirection, createResponses, respond } from './kernel.ts'
import type { Network } from './network.ts'
import { mix, type Rivals, scaleSlot } from './rivals.ts'

/** One routing problem on a network. */
export type DualProblem = {
  readonly network: Network
  /** Kernel node whose price is 1: the token out; for exact-out the token in. */
  readonly ground: number
  /** Kernel node that the trade feeds (positive amount: exact-in) or drains (negative: exact-out). */
  readonly source: number
  readonly size: number
  /** By kernel pool, bits as in `anyDirection`; absent allows both. */
  readonly directions?: Uint8Array | undefined
  /** Newton decrement at which the search ends, as a share of the trade; absent: 1e-12. */
  readonly precision?: number | undefined
  /** Charges each pool for being used, smoothed: surplus s counts as softplus of s - cost. */
  readonly charge?: { readonly cost: Float64Array; readonly width: number } | undefined
  /** Counts of the pairs of one pool no more than their best, smoothed; absent: each for itself. */
  readonly rivals?: Rivals | undefined
}

/** A point of the dual: prices, its value, and what every pool does there. */
export type DualPoint = {
  /** By kernel node; nodes outside the network keep the start's price. */
  readonly price: Float64Array
  readonly value: number
  /** By slot of the network. */
  readonly responses: Responses
  readonly steps: number
}

/** Newton steps after which a search ends with the prices it has; 6 to 20 are usual. */
const stepsMax = 100
const halvingsMax = 20
/** Below this share of the trade the Newton decrement is mostly rounding. */
const decrementMin = 1e-12

type Workspace = {
  readonly price: Float64Array
  readonly net: Float64Array
  readonly weight: Float64Array
  readonly stiffness: Float64Array
  readonly responses: Responses
}

function createWorkspace({ nodes, edgeCount, pools }: Network): Workspace {
  return {
    price: new Float64Array(nodes.length),
    net: new Float64Array(nodes.length),
    weight: new Float64Array(edgeCount),
    stiffness: new Float64Array(edgeCount),
    responses: createResponses(pools.length),
  }
}

/**
 * Minimises the dual of `problem`. Pure, no allocation that outlives it.
 *
 * @param start - Positive prices by kernel node, in any scale: they are divided by the ground's.
 */
export function minimise(kernel: Kernel, problem: DualProblem, start: Float64Array): DualPoint {
  const { network, precision = decrementMin } = problem
  const size = network.nodes.length
  const ground = indexAt(network.placeOf, problem.ground)
  let now = createWorkspace(network)
  let next = createWorkspace(network)
  for (let p = 0; p < size; p++)
    now.price[p] = at(start, indexAt(network.nodes, p)) / at(start, problem.ground)
  let value = evaluate(kernel, problem, now)
  const floor = stiffnessFloor(network, now)
  const diagonal = new Float64Array(size)
  const weights = new Float64Array(network.edgeCount)
  const step = new Float64Array(size)
  let theta = 1
  let steps = 0
  while (steps < stepsMax) {
    steps++
    for (let e = 0; e < weights.length; e++)
      weights[e] = at(now.weight, e) + theta * at(now.stiffness, e)
    for (let p = 0; p < size; p++) {
      const pull = -at(now.price, p) * at(now.net, p)
      step[p] = pull
      // Where no pool resists, the floor must not hold a price back that is far too low.
      diagonal[p] = Math.max(1e-250, Math.min(at(floor, p), Math.abs(pull)))
    }
    diagonal[ground] = 1e300
    step[ground] = 0
    network.solver.solve(diagonal, weights, step)
    const slope = project(now, step, ground)
    const scale = Math.abs(problem.size) * priceAt(now, network, problem.source) + Math.abs(value)
    if (-slope <= precision * scale && theta <= 1e-3) break
    const { length, value: reached } = search(kernel, problem, now, next, step, value, slope, scale)
    if (length === 0) {
      if (theta >= 1) break
      theta = Math.min(1, theta * 100)
      continue
    }
    // A step that had to be cut short met pools that wake: let resting pools resist more, else less.
    theta = length < 0.3 ? Math.min(1, theta * 3) : theta > 1e-12 ? theta * 0.1 : theta
    ;[now, next] = [next, now]
    value = reached
  }
  const price = scaled(start, problem.ground)
  for (let p = 0; p < size; p++) price[indexAt(network.nodes, p)] = at(now.price, p)
  return { price, value, responses: now.responses, steps }
}

/** Armijo search from a capped step; length 0 when no step helps. */
function search(
  kernel: Kernel,
  problem: DualProblem,
  now: Workspace,
  next: Workspace,
  step: Float64Array,
  value: number,
  slope: number,
  scale: number,
): SearchPoint {
  let largest = 0
  for (const each of step) largest = Math.max(largest, Math.abs(each))
  // A log step above 1 leaves the region in which the model means anything.
  const cap = largest > 1 ? 1 / largest : 1
  let length = 1
  for (let halvings = 0; halvings < halvingsMax; halvings++) {
    for (let p = 0; p < step.length; p++)
      next.price[p] = at(now.price, p) * Math.exp(length * cap * at(step, p))
    const reached = evaluate(kernel, problem, next)
    if (reached <= value + 1e-4 * length * cap * slope + 1e-16 * scale)
      return { length, value: reached }
    length *= 0.5
  }
  return { length: 0, value }
}

type SearchPoint = { readonly length: number; readonly value: number }

/** The dual's value at `into.price`; fills net flows by place, weights by edge and responses by slot. */
function evaluate(kernel: Kernel, problem: DualProblem, into: Workspace): number {
  const { network, directions, charge, rivals } = problem
  const { pools, tail, head, edge } = network
  const { price, net, weight, stiffness, responses } = into
  net.fill(0)
  weight.fill(0)
  stiffness.fill(0)
  let total = 0
  for (let slot = 0; slot < pools.length; slot++) {
    const i = indexAt(pools, slot)
    const a = indexAt(tail, slot)
    const b = indexAt(head, slot)
    const allowed = directions === undefined ? anyDirection : (directions[i] ?? anyDirection)
    const surplus = respond(kernel, i, at(price, a), at(price, b), allowed, responses, slot)
    if (rivals !== undefined && rivals.isGrouped[slot] === 1) continue
    const e = indexAt(edge, slot)
    if (surplus > 0) {
      total += charge === undefined ? surplus : soften(charge, i, slot, responses, at(price, a))
      net[a] = at(net, a) + at(responses.net0, slot)
      net[b] = at(net, b) + at(responses.net1, slot)
      weight[e] = at(weight, e) + at(responses.weight, slot)
    }
    stiffness[e] = at(stiffness, e) + at(responses.stiffness, slot)
  }
  if (rivals !== undefined)
    for (let g = 0; g < rivals.start.length; g++) total += addGroup(problem, rivals, g, into)
  const source = indexAt(network.placeOf, problem.source)
  net[source] = at(net, source) + problem.size
  return problem.size * at(price, source) + total
}

/** Adds the pairs of one pool, each by its share. Returns what the pool wins, less its cost. */
function addGroup(
  { network, charge }: DualProblem,
  rivals: Rivals,
  g: number,
  into: Workspace,
): number {
  const { pools, tail, head, edge } = network
  const { price, net, weight, stiffness, responses } = into
  const [from, to] = [indexAt(rivals.start, g), indexAt(rivals.end, g)]
  let won = mix(rivals, g, responses, (slot) => at(price, indexAt(tail, slot)))
  const cost = charge === undefined ? 0 : at(charge.cost, indexAt(pools, from))
  const width = cost * (charge?.width ?? 0)
  const over = width > 0 ? (won - cost) / width : 0
  if (charge !== undefined && width > 0)
    won = width * (softplus(over) - softplus(-1 / charge.width))
  for (let slot = from; slot < to; slot++) {
    const a = indexAt(tail, slot)
    const b = indexAt(head, slot)
    const e = indexAt(edge, slot)
    if (at(responses.surplus, slot) > 0) {
      if (width > 0) scaleSlot(responses, slot, 1 / (1 + Math.exp(-over)), at(price, a), width)
      net[a] = at(net, a) + at(responses.net0, slot)
      net[b] = at(net, b) + at(responses.net1, slot)
      weight[e] = at(weight, e) + at(responses.weight, slot)
    }
    stiffness[e] = at(stiffness, e) + at(responses.stiffness, slot)
  }
  return won
}

/** Charges the pool in `slot` its cost: scales its response by how surely it pays. Returns what is left. */
function soften(
  charge: { readonly cost: Float64Array; readonly width: number },
  i: number,
  slot: number,
  responses: Responses,
  price0: number,
): number {
  const cost = at(charge.cost, i)
  const width = cost * charge.width
  if (width === 0) return at(responses.surplus, slot)
  const over = (at(responses.surplus, slot) - cost) / width
  const left = width * (softplus(over) - softplus(-1 / charge.width))
  scaleSlot(responses, slot, 1 / (1 + Math.exp(-over)), price0, width)
  return left
}

function softplus(x: number): number {
  return x > 30 ? x : Math.log1p(Math.exp(x))
}

/** A little of each node's own depth, so that no system is singular. */
function stiffnessFloor(network: Network, at0: Workspace): Float64Array {
  const floor = new Float64Array(network.nodes.length)
  for (let slot = 0; slot < network.pools.length; slot++) {
    const own = at(at0.responses.weight, slot) + at(at0.responses.stiffness, slot)
    const a = indexAt(network.tail, slot)
    const b = indexAt(network.head, slot)
    floor[a] = at(floor, a) + 1e-11 * own
    floor[b] = at(floor, b) + 1e-11 * own
  }
  for (let p = 0; p < floor.length; p++) floor[p] = Math.max(at(floor, p), 1e-250)
  return floor
}

/** The directional derivative of the dual along `step`. */
function project({ price, net }: Workspace, step: Float64Array, ground: number): number {
  let slope = 0
  for (let p = 0; p < step.length; p++)
    if (p !== ground) slope += at(price, p) * at(net, p) * at(step, p)
  return slope
}

function priceAt({ price }: Workspace, { placeOf }: Network, node: number): number {
  return at(price, indexAt(placeOf, node))
}

function scaled(start: Float64Array, ground: number): Float64Array {
  const unit = at(start, ground)
  return start.map((each) => each / unit)
}
