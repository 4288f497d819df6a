/** What can go wrong with one relay. None of these holds a body, a transaction, a header or a URL. */
import { BaseError } from '../core/errors.ts'

/** The relay cannot be reached, or answers with a server error. */
export class RelayDownError extends BaseError {
  override readonly code = 'submit.relay-down'

  constructor(facts: { relay: string; reason: string }) {
    super('The relay is down.', {
      facts,
      hint: 'Check the relay with `isoprice doctor`; nothing was sent anywhere else.',
      retryable: true,
    })
  }
}

/** The relay took the connection and said nothing in time; it may have taken the bundle. */
export class RelayTimeoutError extends BaseError {
  override readonly code = 'submit.relay-timeout'

  constructor(facts: { relay: string; timeoutMs: number }) {
    super('The relay did not answer in time.', {
      facts,
      hint: 'Watch the chain before planning again: the bundle may have arrived.',
      retryable: true,
    })
  }
}

/** The relay counts requests and we are over. */
export class RelayBusyError extends BaseError {
  override readonly code = 'submit.relay-busy'

  constructor(facts: { relay: string }) {
    super('The relay limits our requests (HTTP 429).', {
      facts,
      hint: 'Send less often, or use another relay key with a better reputation.',
      retryable: true,
    })
  }
}

/** The relay understood and said no. */
export class RelayRejectedError extends BaseError {
  override readonly code = 'submit.relay-rejected'

  constructor(facts: { relay: string; rpcCode: number; reason: string }) {
    super('The relay refused the request.', {
      facts,
      hint: 'The reason is the relay’s own; the same request will be refused again.',
    })
  }
}

/** The answer is no JSON-RPC answer to what was asked. */
export class RelayMalformedError extends BaseError {
  override readonly code = 'submit.relay-malformed'

  constructor(facts: { relay: string; what: string }) {
    super(`The relay's answer ${facts.what}.`, {
      facts,
      hint: 'Check that the URL is that of a relay; the bundle may have arrived.',
    })
  }
}

/** The relay acknowledges another bundle than the one that it was sent. */
export class RelayWrongHashError extends BaseError {
  override readonly code = 'submit.relay-wrong-hash'

  constructor(facts: { relay: string; expected: string }) {
    super('The relay acknowledged another bundle than ours.', {
      facts,
      hint: 'Do not use this relay: it does not run what it is sent.',
    })
  }
}

/**
 * True when the relay may hold the bundle in spite of `error`, so the chain has to be watched. Only a
 * refused connection, a full house and a plain no are certain.
 */
export function mayHaveArrived(error: unknown): boolean {
  if (error instanceof RelayBusyError || error instanceof RelayRejectedError) return false
  return !(error instanceof RelayDownError && error.facts['reason'] === 'ECONNREFUSED')
}
