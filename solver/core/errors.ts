/** The root of all errors. */

/**
 * Root of every error this project throws.
 *
 * `code` is the contract: tests, the HTTP layer and clients match on it.
 * `message` is for people and may change in any release.
 */
export abstract class BaseError extends Error {
  /** Stable machine name, `<room>.<kebab-case-fact>`, for example `market.stale`. */
  abstract readonly code: string

  /** True when the same call may succeed later with no change by the caller. */
  readonly retryable: boolean

  /** The values that made it fail, as the caller would write them. */
  readonly facts: Readonly<Record<string, unknown>>

  /** One sentence: what the reader can do next. */
  readonly hint: string | undefined

  constructor(summary: string, options: BaseError.Options = {}) {
    const { cause, facts = {}, hint, retryable = false } = options
    const lines = Object.entries(facts).map(([name, value]) => `  ${name}: ${String(value)}`)
    super([summary, ...lines, ...(hint ? [hint] : [])].join('\n'), { cause })
    this.name = new.target.name
    this.retryable = retryable
    this.facts = facts
    this.hint = hint
  }
}

export declare namespace BaseError {
  type Options = {
    cause?: unknown
    facts?: Readonly<Record<string, unknown>> | undefined
    /** One sentence: what the reader can do next. */
    hint?: string | undefined
    retryable?: boolean | undefined
  }
}
