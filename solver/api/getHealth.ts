/** `GET /healthz` and `GET /readyz`: does the process turn, and may it be asked for quotes. */
import { z } from 'zod'
import { defineRoute } from './route.ts'

const nothing = z.strictObject({})

/** 200 while the process answers. */
export const getHealth = defineRoute({
  operationId: 'getHealth',
  method: 'GET',
  path: '/healthz',
  summary: 'Whether the process turns',
  input: nothing,
  handle: () => ({ ok: true }),
})

/** 200 with the head while the market is fresh; `market.stale` (503) otherwise. */
export const getReady = defineRoute({
  operationId: 'getReady',
  method: 'GET',
  path: '/readyz',
  summary: 'Whether quotes are served: the market is fresh',
  input: nothing,
  handle(_input, { engine }) {
    const { block, pools } = engine.view()
    return { ok: true, block: block?.number, hash: block?.hash, pools: pools.size }
  },
})
