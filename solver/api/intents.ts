/** `POST /v1/intents` and `GET /v1/intents/{hash}`: hand in a signed order, follow what becomes of it. */
import { z } from 'zod'
import type { Hex } from '../core/hex.ts'
import type { BookOrder } from '../intents/orderBook.ts'
import { parseSignedOrder } from '../intents/orderJson.ts'
import { intentStatus } from './answers.ts'
import { NotFoundError } from './errors.ts'
import { defineRoute, requireRunning } from './route.ts'
import { hash, signedOrder } from './schemas.ts'

/**
 * 201 with the digest and status; the same order again answers the same. With `quoteId` beside the order's
 * fields the quoted plan is executed while it holds.
 */
export const postIntent = defineRoute({
  operationId: 'postIntent',
  method: 'POST',
  path: '/v1/intents',
  summary: 'Hand in a signed order',
  input: z.record(z.string(), z.unknown()),
  document: signedOrder,
  answer: intentStatus,
  status: 201,
  async handle({ quoteId, ...order }, context) {
    requireRunning(context)
    const { engine, quotes } = context
    const firm = typeof quoteId === 'string' ? quotes.get(quoteId.toLowerCase() as Hex) : undefined
    if (quoteId !== undefined && firm === undefined) throw new NotFoundError('quote')
    return statusOf(await engine.accept(parseSignedOrder(order), firm))
  },
})

/** While not filled, `why` says what it waits for. */
export const getIntent = defineRoute({
  operationId: 'getIntent',
  method: 'GET',
  path: '/v1/intents/{hash}',
  summary: 'Status of an order',
  input: z.strictObject({ hash }),
  answer: intentStatus,
  handle({ hash: digest }, { engine }) {
    const entry = engine.book.get(digest)
    if (entry === undefined) throw new NotFoundError('intent')
    return statusOf(entry)
  },
})

/** Nothing of the order itself: limits and amounts stay private until the fill shows them. */
function statusOf({ signed, status, why, fill }: BookOrder): Record<string, unknown> {
  return {
    intentHash: signed.digest,
    status,
    why: status === 'open' ? (why ?? 'waiting-auction') : why,
    fill,
  }
}
