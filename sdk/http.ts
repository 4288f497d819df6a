/** Requests to an isoprice server: JSON in and out, problems as errors, a time limit on each. */
import { toJson } from '../solver/core/units.ts'
import { BadAnswerError, BadRequestError, ProblemError, UnreachableError } from './errors.ts'

/** A JSON object as it came, with the id of the answer. */
export type Answer = {
  readonly body: Readonly<Record<string, unknown>>
  readonly requestId: string | undefined
}

/** Where the server is and how it is asked. */
export type HttpOptions = {
  /** For example `http://127.0.0.1:4000`; a path before `/v1` is kept. */
  readonly url: string
  /** Longest wait for one answer, in milliseconds; 10,000 when absent. */
  readonly timeoutMs?: number | undefined
  /** For tests and unusual runtimes; the global one when absent. */
  readonly fetch?: typeof globalThis.fetch | undefined
}

/** Sends requests to one server. */
export type Http = {
  get(path: string, query?: Readonly<Record<string, unknown>>): Promise<Answer>
  post(path: string, body: Readonly<Record<string, unknown>>): Promise<Answer>
}

/**
 * The client of one server.
 *
 * Its functions throw {@link UnreachableError} `sdk.unreachable`, {@link ProblemError} with the server's own
 * code, and {@link BadAnswerError} `sdk.bad-answer`.
 *
 * @throws {BadRequestError} `sdk.bad-request`, when `url` is not http or https.
 */
export function createHttp({ url, timeoutMs = 10_000, fetch }: HttpOptions): Http {
  if (!/^https?:\/\/[^/?#]/.test(url))
    throw new BadRequestError('url', url, 'a URL with http or https')
  const base = url.replace(/[?#].*$/, '').replace(/\/+$/, '')
  const send = async (path: string, init: RequestInit): Promise<Answer> => {
    const signal = AbortSignal.timeout(timeoutMs)
    try {
      // Looked up at each call, so that a page may wrap the global one.
      const reply = await (fetch ?? globalThis.fetch)(`${base}${path}`, { ...init, signal })
      return read(reply, await reply.text())
    } catch (error) {
      if (error instanceof ProblemError || error instanceof BadAnswerError) throw error
      throw new UnreachableError(base, error)
    }
  }
  return {
    get: (path, query = {}) => send(`${path}${queryText(query)}`, { method: 'GET' }),
    post: (path, body) =>
      send(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: toJson(body),
      }),
  }
}

function queryText(query: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  if (given.length === 0) return ''
  const texts = Object.fromEntries(given.map(([name, value]) => [name, String(value)]))
  return `?${new URLSearchParams(texts).toString()}`
}

/** @throws {ProblemError} the server's code. @throws {BadAnswerError} `sdk.bad-answer`. */
function read(reply: Response, text: string): Answer {
  const requestId = reply.headers.get('x-request-id') ?? undefined
  const body = parse(text)
  if (body === undefined) throw new BadAnswerError(`status ${reply.status}`, text, requestId)
  if (reply.ok) return { body, requestId }
  throw problemOf(reply.status, body, requestId)
}

function problemOf(status: number, body: Answer['body'], requestId: string | undefined): Error {
  const { code, title, hint, retryable, facts, errors } = body as Record<string, unknown>
  if (typeof code !== 'string') return new BadAnswerError(`status ${status}`, body, requestId)
  const titled = typeof title === 'string' ? title.slice(0, 200) : code
  return new ProblemError(
    { code, status, title: titled, errors: errorsOf(errors) },
    {
      facts: isObject(facts) ? facts : {},
      hint: typeof hint === 'string' ? hint : undefined,
      retryable: retryable === true,
      requestId:
        requestId ?? (typeof body['requestId'] === 'string' ? body['requestId'] : undefined),
    },
  )
}

function errorsOf(errors: unknown): ProblemError['errors'] {
  if (!Array.isArray(errors)) return []
  return errors
    .filter(isObject)
    .map(({ path, message }) => ({ path: String(path), message: String(message) }))
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    // Not JSON: a proxy's page, a wrong URL. The caller names it.
    return undefined
  }
}

/** True for a JSON object; arrays and null are none. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
