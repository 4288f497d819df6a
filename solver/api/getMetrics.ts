/** `GET /metrics`: every number that the service shows, as Prometheus reads it. */
import { z } from 'zod'
import { NotFoundError } from './errors.ts'
import { defineRoute } from './route.ts'

/** The metrics of docs/observability.md. Also while the engine stands still: then they are wanted most. */
export const getMetrics = defineRoute({
  operationId: 'getMetrics',
  method: 'GET',
  path: '/metrics',
  summary: 'Metrics in the text format of Prometheus',
  input: z.strictObject({}),
  contentType: 'text/plain; version=0.0.4; charset=utf-8',
  handle(_input, { telemetry }) {
    if (telemetry === undefined) throw new NotFoundError('operation')
    return telemetry.render()
  },
})
