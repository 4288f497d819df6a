/** Single legs in exact integers: what a pool takes and pays when it is crossed. */
import { moduleOf } from '../pools/index.ts'
import { indexAt, itemAt } from './arrays.ts'
import type { PoolFlow } from './flows.ts'
import type { Graph } from './graph.ts'
import type { Leg } from './route.ts'

/** The leg that sells up to `amountIn`; `undefined` when the pool would pay nothing. */
export function crossExactIn(
  graph: Graph,
  { pool, from }: Pick<PoolFlow, 'pool' | 'from'>,
  amountIn: bigint,
): Leg | undefined {
  if (amountIn <= 0n) return undefined
  const state = itemAt(graph.pools, pool)
  const indexIn = indexAt(graph.kernel.node0, pool) === from ? 0 : 1
  const indexOut = 1 - indexIn
  const done = moduleOf(state).swapExactIn(state, { indexIn, indexOut, amountIn })
  return done.amountOut > 0n ? legOf(graph, pool, indexIn, done) : undefined
}

/** The leg that buys up to `amountOut`; `undefined` when the pool would pay nothing. */
export function crossExactOut(
  graph: Graph,
  { pool, from }: Pick<PoolFlow, 'pool' | 'from'>,
  amountOut: bigint,
): Leg | undefined {
  if (amountOut <= 0n) return undefined
  const state = itemAt(graph.pools, pool)
  const indexIn = indexAt(graph.kernel.node0, pool) === from ? 0 : 1
  const indexOut = 1 - indexIn
  const done = moduleOf(state).swapExactOut(state, { indexIn, indexOut, amountOut })
  return done.amountOut > 0n ? legOf(graph, pool, indexIn, done) : undefined
}

function legOf(
  graph: Graph,
  pool: number,
  indexIn: number,
  { amountIn, amountOut }: { readonly amountIn: bigint; readonly amountOut: bigint },
): Leg {
  const { id, kind, tokens } = itemAt(graph.pools, pool)
  const indexOut = 1 - indexIn
  const tokenIn = itemAt(tokens, indexIn)
  const tokenOut = itemAt(tokens, indexOut)
  return { pool: id, kind, indexIn, indexOut, tokenIn, tokenOut, amountIn, amountOut }
}

/** `leg` with what the pool pays for its input: at least what was asked of it for that input. */
export function truthful(graph: Graph, leg: Leg): Leg {
  const state = graph.view.pools.get(leg.pool)
  if (state === undefined) return leg
  const { indexIn, indexOut, amountIn } = leg
  const { amountOut } = moduleOf(state).swapExactIn(state, { indexIn, indexOut, amountIn })
  return { ...leg, amountOut }
}
