/** The port of an API route, and what routes share. */
import type { z } from 'zod'
import type { Hex } from '../core/hex.ts'
import type { Engine } from '../engine/engine.ts'
import type { FirmQuote } from '../engine/options.ts'
import type { Telemetry } from '../engine/telemetry.ts'
import type { Report } from '../measure/report.ts'
import { NotRunningError } from './errors.ts'

/** What every route may use. */
export type ApiContext = {
  readonly engine: Engine
  /** The newest firm quotes by id, oldest dropped first. */
  readonly quotes: Map<Hex, FirmQuote>
  /** Everything settled since the start. */
  report(): Report
  /** What ended the engine's loop; `undefined` while it runs. */
  readonly failure?: (() => unknown) | undefined
  /** What the line shows of itself; without it there are no metrics. */
  readonly telemetry?: Pick<Telemetry, 'render' | 'state'> | undefined
}

/** One operation: its place, the schema of what it takes, and its handler. */
export type ApiRoute<input extends z.ZodType = z.ZodType> = {
  readonly operationId: string
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly summary: string
  /** Of path, query and body together; unknown fields are refused. */
  readonly input: input
  /** What the documentation shows instead of `input`, where the handler's own reader checks more. */
  readonly document?: z.ZodType | undefined
  /** What it answers, as JSON on the wire. */
  readonly answer?: z.ZodType | undefined
  /** Content type of a text answer; JSON when absent. */
  readonly contentType?: string | undefined
  readonly status?: number | undefined
  /** The answer, or a promise of it. */
  handle(input: z.infer<input>, context: ApiContext): unknown
}

/**
 * Passes while the engine's loop runs.
 *
 * @throws {NotRunningError} `api.not-running`.
 */
export function requireRunning({ failure }: ApiContext): void {
  const reason = failure?.()
  if (reason !== undefined) throw new NotRunningError(reason)
}

/** Keeps the type of `input` while a route is written down. */
export function defineRoute<input extends z.ZodType>(route: ApiRoute<input>): ApiRoute {
  // The server gives a handler only what its own schema made of the request.
  return route
}
