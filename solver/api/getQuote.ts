/** `GET /v1/quotes/{id}/bundle` and `/route.svg`: what a firm quote was made of. */
import { z } from 'zod'
import type { Hex } from '../core/hex.ts'
import { drawRouteSvg } from '../measure/routeSvg.ts'
import { formatBundle } from '../route/bundle.ts'
import { NotFoundError } from './errors.ts'
import type { FirmQuote } from '../engine/options.ts'
import { type ApiContext, defineRoute } from './route.ts'
import { hash } from './schemas.ts'

const byId = z.strictObject({ id: hash })

/** The replayable bundle: `isoprice replay` gives the same digest on any machine. */
export const getQuoteBundle = defineRoute({
  operationId: 'getQuoteBundle',
  method: 'GET',
  path: '/v1/quotes/{id}/bundle',
  summary: 'Replayable bundle of a firm quote',
  input: byId,
  contentType: 'application/json',
  handle: ({ id }, context) => formatBundle(stored(id, context).bundle),
})

/** The route as a picture. */
export const getQuoteRoute = defineRoute({
  operationId: 'getQuoteRoute',
  method: 'GET',
  path: '/v1/quotes/{id}/route.svg',
  summary: 'Route of a firm quote as SVG',
  input: byId,
  contentType: 'image/svg+xml',
  handle: ({ id }, context) =>
    drawRouteSvg(stored(id, context).quote.route, context.engine.view()) ?? '',
})

/** @throws {NotFoundError} `api.not-found`. */
function stored(id: Hex, { quotes }: ApiContext): FirmQuote {
  const found = quotes.get(id)
  if (found === undefined) throw new NotFoundError('quote')
  return found
}
