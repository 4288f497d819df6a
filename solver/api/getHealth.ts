/** `GET /healthz` and `GET /readyz`: does the process turn, and may it be asked for quotes. */
import { z } from 'zod'
import { health, ready } from './answers.ts'
import { defineRoute, requireRunning } from './route.ts'

const nothing = z.strictObject({})

/** 200 while the engine's loop runs; `api.not-running` (503) once it has ended. */
export const getHealth = defineRoute({
  operationId: 'getHealth',
  method: 'GET',
  path: '/healthz',
  summary: 'Whether the process turns',
  input: nothing,
  answer: health,
  handle(_input, context) {
    requireRunning(context)
    return { ok: true }
  },
})

/** 200 with the head, the nodes and the mode while the market is fresh; `market.stale` or `api.not-running` (503) else. */
export const getReady = defineRoute({
  operationId: 'getReady',
  method: 'GET',
  path: '/readyz',
  summary: 'Whether quotes are served: the market is fresh',
  input: nothing,
  answer: ready,
  handle(_input, context) {
    requireRunning(context)
    const { block, pools } = context.engine.view()
    const line = context.telemetry?.state()
    return { ok: true, block: block?.number, hash: block?.hash, pools: pools.size, ...line }
  },
})
