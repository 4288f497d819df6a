/** Single legs in exact integers: what a pool takes and pays when it is crossed. */
import { min, mulDivUp } from '../core/rounding.ts'
import { type PoolState, moduleOf } from '../pools/index.ts'
import { indexAt, itemAt } from './arrays.ts'
import type { PoolFlow } from './flows.ts'
import type { Graph } from './graph.ts'
import type { Leg } from './route.ts'
import { capacityOf, isLive, isRouted } from './routed.ts'

/** The leg that sells up to `amountIn`; `undefined` when the pool would pay nothing. */
export function crossExactIn(
  graph: Graph,
  { pool, from }: Pick<PoolFlow, 'pool' | 'from'>,
  amountIn: bigint,
): Leg | undefined {
  if (amountIn <= 0n) return undefined
  const state = itemAt(graph.pools, pool)
  const places = placesOf(graph, pool, from)
  if (places === undefined) return undefined
  const done = moduleOf(state).swapExactIn(state, {
    ...places,
    amountIn: capped(state, places, amountIn),
  })
  return done.amountOut > 0n ? legOf(state, places, done) : undefined
}

/** The leg that buys up to `amountOut`; `undefined` when the pool would pay nothing. */
export function crossExactOut(
  graph: Graph,
  { pool, from }: Pick<PoolFlow, 'pool' | 'from'>,
  amountOut: bigint,
): Leg | undefined {
  if (amountOut <= 0n) return undefined
  const state = itemAt(graph.pools, pool)
  const places = placesOf(graph, pool, from)
  if (places === undefined) return undefined
  const done = sufficient(state, places, amountOut)
  const isTaken = done.amountIn <= capacityOf(state, places.indexIn, places.indexOut)
  return done.amountOut > 0n && isTaken ? legOf(state, places, done) : undefined
}

/** Times that the input of an exact-out leg is raised; once is usual where a contract rounds it on its own. */
const raisesMax = 4

/**
 * What the pool takes for `amountOut`, raised until it pays that much for it: legs are run by their input, and
 * some contracts' exact-out takes a little less than their exact-in asks for.
 */
function sufficient(state: PoolState, places: Places, amountOut: bigint): Amounts {
  const module = moduleOf(state)
  const done = module.swapExactOut(state, { ...places, amountOut })
  if (isRouted(state) || done.amountOut === 0n) return done
  let { amountIn } = done
  for (let raises = 0; raises < raisesMax; raises++) {
    const run = module.swapExactIn(state, { ...places, amountIn })
    const short = done.amountOut - run.amountOut
    if (short <= 0n) return { amountIn: run.amountIn, amountOut: done.amountOut }
    if (run.amountIn < amountIn) return run
    amountIn += mulDivUp(2n * short, amountIn, done.amountOut) + 1n
  }
  return module.swapExactIn(state, { ...places, amountIn })
}

type Amounts = { readonly amountIn: bigint; readonly amountOut: bigint }

/** Which of its tokens a pool takes and pays. */
type Places = { readonly indexIn: number; readonly indexOut: number }

/** `undefined` for a direction that no plan may use. */
function placesOf(graph: Graph, pool: number, from: number): Places | undefined {
  const [a, b] = itemAt(graph.pairs, pool)
  const isForward = indexAt(graph.kernel.node0, pool) === from
  const [indexIn, indexOut] = isForward ? [a, b] : [b, a]
  const curve = graph.smooth[pool]
  const isOpen = curve === undefined || isLive(itemAt(graph.pools, pool), curve, indexIn, indexOut)
  return isOpen ? { indexIn, indexOut } : undefined
}

function capped(state: PoolState, { indexIn, indexOut }: Places, amount: bigint): bigint {
  return min(amount, capacityOf(state, indexIn, indexOut))
}

function legOf(
  { id, kind, tokens }: PoolState,
  { indexIn, indexOut }: Places,
  { amountIn, amountOut }: Amounts,
): Leg {
  const tokenIn = itemAt(tokens, indexIn)
  const tokenOut = itemAt(tokens, indexOut)
  return { pool: id, kind, indexIn, indexOut, tokenIn, tokenOut, amountIn, amountOut }
}

/** `leg` with what the pool takes of its input and pays for that: at least what was asked of it. */
export function truthful(graph: Graph, leg: Leg): Leg {
  const state = graph.view.pools.get(leg.pool)
  if (state === undefined) return leg
  const { indexIn, indexOut } = leg
  const run = moduleOf(state).swapExactIn(state, { indexIn, indexOut, amountIn: leg.amountIn })
  // What a pool leaves of an input cannot be told from a debt by whoever reads the plan: name what it takes.
  return { ...leg, amountIn: run.amountIn, amountOut: run.amountOut }
}
