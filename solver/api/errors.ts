/** Errors of the API as `application/problem+json` (RFC 9457), and the one table of statuses. */
import { BaseError } from '../core/errors.ts'

/** A request that does not fit its schema; `errors` names each field. */
export class InvalidRequestError extends BaseError {
  override readonly code = 'api.invalid-request'
  readonly errors: readonly { readonly path: string; readonly message: string }[]

  constructor(errors: readonly { readonly path: string; readonly message: string }[]) {
    super('The request is not of the form that this operation takes.', {
      facts: { fields: errors.map(({ path, message }) => `${path}: ${message}`).join('; ') },
      hint: 'Amounts are decimal strings in base units; unknown fields are refused; see /openapi.json.',
    })
    this.errors = errors
  }
}

/** Neither or both of `sellAmount` and `buyAmount`. */
export class AmountAmbiguousError extends BaseError {
  override readonly code = 'api.amount-ambiguous'

  constructor() {
    super('Exactly one of sellAmount and buyAmount must be given.', {
      hint: 'Give sellAmount for exact-in, buyAmount for exact-out.',
    })
  }
}

/** A chain that this service does not serve. */
export class UnsupportedChainError extends BaseError {
  override readonly code = 'api.unsupported-chain'

  constructor(asked: number, served: number) {
    super('This service does not serve that chain.', {
      facts: { asked, served },
      hint: 'Leave chainId out or give the one served.',
    })
  }
}

/** No quote or intent has this name; one of somebody else answers alike. */
export class NotFoundError extends BaseError {
  override readonly code = 'api.not-found'

  constructor(what: string) {
    super(`There is no such ${what}.`, {
      hint: 'See /openapi.json for every operation; of an id, mind that old quotes are forgotten.',
    })
  }
}

/** The loop that follows the chain and settles has ended, so nothing handed in would ever be filled. */
export class NotRunningError extends BaseError {
  override readonly code = 'api.not-running'

  constructor(failure: unknown) {
    super('The engine has stopped.', {
      cause: failure,
      facts: { reason: failure instanceof BaseError ? failure.code : 'unknown' },
      hint: 'The operator must restart the server; its log says why it stopped.',
      retryable: true,
    })
  }
}

const statuses: Readonly<Record<string, number>> = {
  'api.not-found': 404,
  'intents.nonce-used': 409,
  'intents.expired': 409,
  'intents.state-conflict': 409,
  'intents.signature-invalid': 422,
  'intents.wrong-chain': 422,
  'intents.digest-mismatch': 422,
  'engine.balance-too-low': 422,
  'engine.allowance-too-low': 422,
  'api.not-running': 503,
  'market.stale': 503,
  'chain.unreachable': 503,
  'chain.disagreement': 503,
  'chain.bad-answer': 503,
}

/** A request's body in bytes: a signed order has about 1,500. */
export const bodyBytes = 16_384

/** What to do about a fault that the HTTP layer finds; by its status. */
const clientHints: Readonly<Record<number, string>> = {
  400: 'Send an HTTP/1.1 request; a body is JSON with content-type application/json.',
  408: 'Send the whole request within 5 seconds, its headers within 3.',
  413: `Send a body of at most ${bodyBytes} bytes.`,
  415: 'Send JSON with content-type application/json.',
  431: 'Send headers of at most 8,192 bytes in all.',
}

/** The status and body that stand for `error`. What is not one of ours says nothing of itself. */
export function problemOf(error: unknown, requestId: string): { status: number; body: object } {
  const body = (status: number, code: string, title: string, more: object) => ({
    status,
    body: { type: `/errors/${code}`, title, status, code, ...more, requestId },
  })
  if (isClientFault(error))
    return body(error.statusCode, 'api.invalid-request', 'The request cannot be read', {
      detail: error.message,
      facts: {},
      hint: clientHints[error.statusCode] ?? 'See /openapi.json for every operation.',
      retryable: error.statusCode === 408,
    })
  if (!(error instanceof BaseError))
    return body(500, 'api.internal', 'Internal error', {
      facts: {},
      hint: 'Report the requestId to the operator.',
      retryable: true,
    })
  const { facts, hint, retryable, message } = error
  const errors = error instanceof InvalidRequestError ? error.errors : undefined
  const title = message.split('\n')[0] ?? ''
  const status = statuses[error.code] ?? 400
  return body(status, error.code, title, { facts: plain(facts), hint, retryable, errors })
}

/** Faults that the HTTP layer finds before a handler: a body that is no JSON, or too large. */
function isClientFault(error: unknown): error is Error & { statusCode: number } {
  if (!(error instanceof Error) || error instanceof BaseError || !('statusCode' in error))
    return false
  const { statusCode } = error
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
}

function plain(facts: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, String(value)]))
}
