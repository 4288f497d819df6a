/**
 * From float flows to a plan in exact integers.
 *
 * Legs that go backward in the order are run first, on credit, with the amounts that the flows name; then the
 * nodes are emptied in order, each leg taking its share and the last one the rest. So no dust is lost, every
 * pool is crossed once, and what rounding changes ends in the token out (exact-out: in the token in).
 */
import { min } from '../core/rounding.ts'
import { indexAt, itemAt } from './arrays.ts'
import { type PoolFlow, type Ranks, trimmed } from './flows.ts'
import { settlementGas } from './gas.ts'
import type { Graph } from './graph.ts'
import { crossExactIn, crossExactOut, truthful } from './legs.ts'
import type { Leg, Route } from './route.ts'

/** A route with its exact totals. */
export type Plan = {
  readonly route: Route
  /**
   * What the plan takes of the token in, and brings of the token out, both net of its own loops: an exact-out
   * plan on credit takes less than nothing where its loops earn more than the trade costs.
   */
  readonly amountIn: bigint
  readonly amountOut: bigint
  /** Gas units of the legs and of the settlement. */
  readonly gas: bigint
}

/** A trade between two nodes; exactly one amount is given. */
export type Trade = {
  readonly source: number
  readonly target: number
} & (
  | { readonly amountIn: bigint; readonly amountOut?: undefined }
  | { readonly amountOut: bigint; readonly amountIn?: undefined }
)

/** Times that a leg run on credit is cut because its debt was not covered; each cut covers one node. */
const cutsMax = 40

/** A debt that a plan could not cover: `by` base units at `node`. */
type Shortfall = { readonly node: number; readonly by: bigint }

/**
 * The plan that `flows` name, run in the order of `ranks`. Pure.
 *
 * @param run - `forward` empties the nodes in order into the last one, `backward` fills them in reverse from
 *   the first one. An exact-out trade whose loops earn more than it costs runs forward, into its token in.
 * @returns The plan, or `undefined` when the flows cannot be made whole: the amount does not fit the pools,
 *   or nothing is left after rounding.
 */
export function finalize(
  graph: Graph,
  flows: readonly PoolFlow[],
  ranks: Ranks,
  trade: Trade,
  run: 'forward' | 'backward' = trade.amountIn === undefined ? 'backward' : 'forward',
): Plan | undefined {
  const ranked = flows.filter(
    ({ from, to }) => indexAt(ranks, from) >= 0 && indexAt(ranks, to) >= 0,
  )
  const usable = trimmed(ranked, trade.source, trade.target)
  const onCredit = new Map(
    usable
      .filter(({ from, to }) => indexAt(ranks, from) > indexAt(ranks, to))
      .map((flow) => [flow, floorOf(run === 'forward' ? flow.sizeIn : flow.sizeOut)]),
  )
  const forward = usable.filter((flow) => !onCredit.has(flow))
  for (let cuts = 0; cuts < cutsMax; cuts++) {
    const tried =
      run === 'forward'
        ? runForward(graph, forward, onCredit, ranks, trade)
        : runBackward(graph, forward, onCredit, ranks, trade)
    if (tried === undefined) return undefined
    if ('legs' in tried) return totals(graph, tried.legs, onCredit.size > 0, trade)
    if (!cut(onCredit, tried) && !(run === 'backward' && raise(onCredit, tried))) return undefined
  }
  return undefined
}

/** Empties the nodes in order: from the amount in, or into the token in with the amount out as a debt. */
function runForward(
  graph: Graph,
  forward: readonly PoolFlow[],
  onCredit: ReadonlyMap<PoolFlow, bigint>,
  ranks: Ranks,
  trade: Trade,
): { legs: readonly Leg[] } | Shortfall | undefined {
  const held = graph.tokens.map(() => 0n)
  const legs: Leg[] = []
  const run = (flow: PoolFlow, offered: bigint) => {
    const leg = crossExactIn(graph, flow, offered)
    if (leg === undefined) return 0n
    held[flow.from] = itemAt(held, flow.from) - leg.amountIn
    held[flow.to] = itemAt(held, flow.to) + leg.amountOut
    legs.push(leg)
    return leg.amountIn
  }
  const isExactIn = trade.amountIn !== undefined
  if (isExactIn) held[trade.source] = trade.amountIn
  else held[trade.target] = -trade.amountOut
  const root = isExactIn ? trade.target : trade.source
  for (const [flow, amount] of onCredit) run(flow, amount)
  const leaving = grouped(forward, ({ from }) => from)
  for (const node of inOrder(ranks)) {
    if (node === root) continue
    const whole = itemAt(held, node)
    if (whole < 0n) return { node, by: -whole }
    const flows = leaving.get(node) ?? []
    share(flows, whole, ({ sizeIn }) => sizeIn, run)
    if (isExactIn && node === trade.source && itemAt(held, node) > 0n) return undefined
  }
  return { legs }
}

/** Fills the nodes in reverse order, from the amount out. */
function runBackward(
  graph: Graph,
  forward: readonly PoolFlow[],
  onCredit: ReadonlyMap<PoolFlow, bigint>,
  ranks: Ranks,
  trade: Trade,
): { legs: readonly Leg[] } | Shortfall | undefined {
  const needed = graph.tokens.map(() => 0n)
  const legs: Leg[] = []
  const run = (flow: PoolFlow, wanted: bigint) => {
    const leg = crossExactOut(graph, flow, wanted)
    if (leg === undefined) return 0n
    needed[flow.to] = itemAt(needed, flow.to) - leg.amountOut
    needed[flow.from] = itemAt(needed, flow.from) + leg.amountIn
    legs.unshift(leg)
    return leg.amountOut
  }
  needed[trade.target] = trade.amountOut ?? 0n
  const first: Leg[] = []
  for (const [flow, amount] of onCredit) run(flow, amount)
  first.push(...legs.splice(0))
  const arriving = grouped(forward, ({ to }) => to)
  for (const node of inOrder(ranks).toReversed()) {
    if (node === trade.source) continue
    const whole = itemAt(needed, node)
    if (whole <= 0n) continue
    share(arriving.get(node) ?? [], whole, ({ sizeOut }) => sizeOut, run)
    const left = itemAt(needed, node)
    if (left > 0n) return { node, by: left }
  }
  // Pools pay at least what was asked of them for the same input: the legs say what they really pay.
  const paid = [...first, ...legs].map((leg) => truthful(graph, leg))
  return { legs: paid }
}

/** Cuts the largest leg run on credit out of the node that fell short. False when there is none to cut. */
function cut(onCredit: Map<PoolFlow, bigint>, { node, by }: Shortfall): boolean {
  const debts = [...onCredit].filter(([{ from }, amount]) => from === node && amount > 0n)
  const [largest] = debts.sort(([, a], [, b]) => (a < b ? 1 : -1))
  if (largest === undefined) return false
  const [flow, amount] = largest
  // A little more than the shortfall: the legs after it change by their own rounding too.
  const less = min(amount, by + (by >> 10n) + 1n)
  if (amount - less <= 0n) onCredit.delete(flow)
  else onCredit.set(flow, amount - less)
  return true
}

/** Raises the largest leg run on credit into a node that the others cannot fill. False when there is none. */
function raise(onCredit: Map<PoolFlow, bigint>, { node, by }: Shortfall): boolean {
  const supplies = [...onCredit].filter(([{ to, weight }]) => to === node && weight > 0)
  const [largest] = supplies.sort(([, a], [, b]) => (a < b ? 1 : -1))
  if (largest === undefined) return false
  onCredit.set(largest[0], largest[1] + by)
  return true
}

/** Shares `whole` over `flows` by `size`; the last one, which has the most room, gets the rest. */
function share(
  flows: readonly PoolFlow[],
  whole: bigint,
  size: (flow: PoolFlow) => number,
  run: (flow: PoolFlow, amount: bigint) => bigint,
): bigint {
  const ordered = flows.toSorted(
    (a, b) => Math.sign(a.weight) - Math.sign(b.weight) || a.value - b.value || a.pool - b.pool,
  )
  let left = whole
  let total = ordered.reduce((sum, flow) => sum + size(flow), 0)
  for (const flow of ordered) {
    if (left <= 0n) break
    const isLast = flow === ordered.at(-1)
    const part = isLast ? left : min(left, scaledBy(left, size(flow), total))
    left -= run(flow, part)
    total -= size(flow)
  }
  return left
}

/** `amount * part / whole` to 53 bits; `part` is at most `whole`. */
function scaledBy(amount: bigint, part: number, whole: number): bigint {
  return (amount * BigInt(shareOf(part, whole))) >> 53n
}

function shareOf(part: number, whole: number): number {
  return whole > 0 ? Math.floor(Math.min(1, part / whole) * 2 ** 53) : 0
}

/** Adds the legs up, and refuses a plan that ends in debt or misses its amount. */
export function totals(
  graph: Graph,
  legs: readonly Leg[],
  credit: boolean,
  trade: Trade,
): Plan | undefined {
  const net = graph.tokens.map(() => 0n)
  for (const { tokenIn, tokenOut, amountIn, amountOut } of legs) {
    const from = graph.nodeOf.get(tokenIn) ?? 0
    const to = graph.nodeOf.get(tokenOut) ?? 0
    net[from] = itemAt(net, from) - amountIn
    net[to] = itemAt(net, to) + amountOut
  }
  const amountIn = -itemAt(net, trade.source)
  const amountOut = itemAt(net, trade.target)
  const ends = [trade.source, trade.target]
  const inDebt = net.some((each, node) => each < 0n && !ends.includes(node))
  if (inDebt || amountOut <= 0n) return undefined
  if (trade.amountIn !== undefined && amountIn !== trade.amountIn) return undefined
  if (trade.amountOut !== undefined && amountOut < trade.amountOut) return undefined
  const gas = legs.reduce((sum, { pool }) => sum + gasAt(graph, pool), settlementGas)
  return { route: { legs, credit }, amountIn, amountOut, gas }
}

function gasAt(graph: Graph, pool: Leg['pool']): bigint {
  const at0 = graph.positionOf.get(pool)
  return at0 === undefined ? 0n : itemAt(graph.gas, at0)
}

function grouped(
  flows: readonly PoolFlow[],
  key: (flow: PoolFlow) => number,
): ReadonlyMap<number, readonly PoolFlow[]> {
  const groups = new Map<number, PoolFlow[]>()
  for (const flow of flows) {
    const group = groups.get(key(flow))
    if (group === undefined) groups.set(key(flow), [flow])
    else group.push(flow)
  }
  return groups
}

function inOrder(ranks: Ranks): readonly number[] {
  return [...ranks.keys()]
    .filter((node) => indexAt(ranks, node) >= 0)
    .sort((a, b) => indexAt(ranks, a) - indexAt(ranks, b))
}

function floorOf(size: number): bigint {
  return Number.isFinite(size) ? BigInt(Math.floor(size)) : 0n
}
