/** Errors of the SDK: each with a stable `code`, its `facts`, a `hint`, and the server's `requestId` when it answered. */
import { BaseError } from '../solver/core/errors.ts'
import type { Address } from '../solver/core/hex.ts'
import { toJson } from '../solver/core/units.ts'

/** What an SDK error is made of; `requestId` names the answer at the server's operator. */
export type SdkErrorOptions = BaseError.Options & { readonly requestId?: string | undefined }

/** Root of the errors that the SDK raises. Match on `code`, never on `message`. */
export abstract class SdkError extends BaseError {
  /** The id of the answer that caused it, for the operator; absent when no answer came. */
  readonly requestId: string | undefined

  constructor(summary: string, { requestId, ...options }: SdkErrorOptions = {}) {
    super(summary, options)
    this.requestId = requestId
  }
}

/** What the server offers to sign is not what was asked for. Nothing is signed. */
export class MismatchError extends SdkError {
  override readonly code = 'sdk.mismatch'

  constructor(field: string, expected: unknown, given: unknown) {
    super('The server offers something else to sign than was asked for.', {
      facts: { field, expected: shown(expected), given: shown(given) },
      hint: 'Sign nothing of it; ask another server, or check the settlement address that you gave.',
    })
  }
}

/** An approval for a contract that never needs one. */
export class SpenderRefusedError extends SdkError {
  override readonly code = 'sdk.spender-refused'

  constructor(spender: string, settlement: Address | undefined) {
    super('Only the settlement contract and Permit2 are ever approved.', {
      facts: { spender: shown(spender), settlement: settlement ?? 'not known yet' },
      hint: 'Use the approvals of a quote of this client, or give `settlement` to `intentActions`.',
    })
  }
}

/** A request that cannot be sent: an amount that is no bigint, an address that is none, a share out of range. */
export class BadRequestError extends SdkError {
  override readonly code = 'sdk.bad-request'

  constructor(field: string, value: unknown, form: string) {
    super('The request is not well formed.', {
      facts: { field, value: shown(value), form },
      hint: 'Token amounts are bigints in base units, for example 10n ** 18n for one WETH.',
    })
  }
}

/** The server did not answer: wrong URL, no network, or no answer in time. */
export class UnreachableError extends SdkError {
  override readonly code = 'sdk.unreachable'

  constructor(url: string, cause: unknown) {
    super('The isoprice server does not answer.', {
      cause,
      facts: { url },
      hint: 'Check the URL and that the server runs; handing in the same intent again is safe.',
      retryable: true,
    })
  }
}

/** The server answered, but not in the form that its interface promises. */
export class BadAnswerError extends SdkError {
  override readonly code = 'sdk.bad-answer'

  constructor(field: string, given: unknown, requestId?: string) {
    super("The server's answer is not of the promised form.", {
      facts: { field, given: shown(given) },
      hint: 'Check that the URL is that of an isoprice server of the same version.',
      requestId,
    })
  }
}

/** An error that the server named itself (`application/problem+json`): its own code, facts and hint. */
export class ProblemError extends SdkError {
  /** The server's, for example `intents.nonce-used`; `docs/errors.md` lists them. */
  override readonly code: string
  /** HTTP status of the answer. */
  readonly status: number
  /** For `api.invalid-request`: each field that is wrong. */
  readonly errors: readonly { readonly path: string; readonly message: string }[]

  constructor(
    problem: Pick<ProblemError, 'code' | 'status' | 'errors'> & { readonly title: string },
    options: SdkErrorOptions,
  ) {
    super(problem.title, options)
    this.code = problem.code
    this.status = problem.status
    this.errors = problem.errors
  }
}

/** The wallet has no account to sign with. */
export class NoAccountError extends SdkError {
  override readonly code = 'sdk.no-account'

  constructor(cause?: unknown) {
    super('The wallet gives no account.', {
      cause,
      hint: 'Connect the wallet, or give `taker`, or an `account` to the client.',
    })
  }
}

/** The person said no in the wallet. */
export class UserRejectedError extends SdkError {
  override readonly code = 'sdk.user-rejected'

  constructor(action: string, cause: unknown) {
    super('The request was rejected in the wallet.', {
      cause,
      facts: { action },
      hint: 'Nothing was signed or sent; the same call asks again.',
    })
  }
}

/** The wallet, or the node behind it, failed at something it was asked for. */
export class WalletError extends SdkError {
  override readonly code = 'sdk.wallet-failed'

  constructor(action: string, cause: unknown) {
    super('The wallet could not do what was asked.', {
      cause,
      facts: { action, reason: reasonOf(cause) },
      hint: 'See `cause`; check that the wallet is on the right chain and its node answers.',
    })
  }
}

/** What the wallet returned is no signature of the taker. */
export class WrongSignatureError extends SdkError {
  override readonly code = 'sdk.wrong-signature'

  constructor(taker: Address, recovered: Address | undefined) {
    super("The wallet's signature is not the taker's.", {
      facts: { taker, recovered: recovered ?? 'nobody' },
      hint: 'Select the account that asked for the quote in the wallet, and sign again.',
    })
  }
}

/** The time to sign the quote is over. */
export class QuoteExpiredError extends SdkError {
  override readonly code = 'sdk.quote-expired'

  constructor(validTo: number, now: number) {
    super('The quote is no longer valid.', {
      facts: { validTo, now },
      hint: 'Ask for a new quote; `validForSeconds` gives more time.',
    })
  }
}

/** A quote without a route has nothing to sign. */
export class NoLiquidityError extends SdkError {
  override readonly code = 'sdk.no-liquidity'

  constructor(reasons: readonly string[]) {
    super('This quote has no route, so there is nothing to sign.', {
      facts: { reasons: reasons.join(', ') },
      hint: 'Test `quote.liquidityAvailable` first; try a smaller amount or another pair.',
    })
  }
}

/** The approval was mined and reverted. */
export class ApprovalRevertedError extends SdkError {
  override readonly code = 'sdk.approval-reverted'

  constructor(token: Address, transactionHash: string) {
    super('The token refused the approval.', {
      facts: { token, transactionHash },
      hint: 'Ask for a new quote: its approvals are made for the allowance that stands now.',
    })
  }
}

/** The intent did not end in the time that the watch was given. */
export class WatchTimeoutError extends SdkError {
  override readonly code = 'sdk.watch-timeout'

  constructor(intentHash: string, timeoutMs: number) {
    super('The intent has not ended in this time.', {
      facts: { intentHash, timeoutMs },
      hint: 'The intent stands as before; watch it again.',
      retryable: true,
    })
  }
}

/** Foreign text is cut before it is repeated. */
function shown(value: unknown): string {
  return (typeof value === 'string' ? value : (toJson(value) ?? typeof value)).slice(0, 120)
}

/** The first line of what a wallet says, cut: it may hold anything. */
function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : shown(cause)
  return (text.split('\n')[0] ?? '').slice(0, 200)
}
