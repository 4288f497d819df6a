/**
 * Signed JSON-RPC to one relay: timeout, retries, bounded answers, coded errors.
 *
 * What is sent is secret until it is mined, so no error made here holds a body, a header or a URL,
 * and what a relay says is cut before it is repeated: a relay may echo what it got.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { BaseError } from '../core/errors.ts'
import { limits } from '../core/limits.ts'
import { flashbotsHeaderName, type MessageSigner, signFlashbotsHeader } from './flashbotsHeader.ts'
import {
  RelayBusyError,
  RelayDownError,
  RelayMalformedError,
  RelayRejectedError,
  RelayTimeoutError,
} from './relayErrors.ts'

/** A relay by a name that may be shown; its URL may hold a key and may not. */
export type RelayTarget = { readonly name: string; readonly url: string }

/** How patient a client is. Milliseconds. */
export type RelayPatience = {
  /** For one attempt; default 2,000: a bundle must arrive early in its slot. */
  readonly timeoutMs?: number | undefined
  /** Attempts after the first, when the relay was down, busy or silent; default 2. */
  readonly retries?: number | undefined
  /** Before the first retry; doubles each time; default 100. */
  readonly retryDelayMs?: number | undefined
}

/** Sends one request and gives its `result`, whatever its form. */
export type RelayRpc = (method: string, params: readonly unknown[]) => Promise<unknown>

/**
 * Makes the transport to one relay. Each call signs its exact body and is retried as a whole.
 *
 * @throws {InsecureRelayError} `submit.insecure-relay`, for a URL that is neither https nor loopback.
 *   A call rejects with `submit.relay-down`, `submit.relay-timeout`, `submit.relay-busy`,
 *   `submit.relay-rejected` or `submit.relay-malformed`.
 */
export function createRelayRpc(
  target: RelayTarget,
  signer: MessageSigner,
  { timeoutMs = 2_000, retries = 2, retryDelayMs = 100 }: RelayPatience = {},
): RelayRpc {
  if (!isSecure(target.url)) throw new InsecureRelayError(target.name)
  let lastId = 0
  return async (method, params) => {
    for (let attempt = 0; ; attempt += 1) {
      lastId += 1
      const body = JSON.stringify({ jsonrpc: '2.0', id: lastId, method, params })
      try {
        return await attemptOnce(target, signer, { body, id: lastId, timeoutMs })
      } catch (error) {
        const again = error instanceof BaseError && error.retryable && attempt < retries
        if (!again) throw error
        await sleep(retryDelayMs * 2 ** attempt)
      }
    }
  }
}

type Attempt = { readonly body: string; readonly id: number; readonly timeoutMs: number }

async function attemptOnce(
  { name, url }: RelayTarget,
  signer: MessageSigner,
  { body, id, timeoutMs }: Attempt,
): Promise<unknown> {
  const headers = {
    'Content-Type': 'application/json',
    [flashbotsHeaderName]: await signFlashbotsHeader(body, signer),
  }
  const signal = AbortSignal.timeout(timeoutMs)
  // A redirect would hand the bundle to a server that nobody configured.
  const request = { method: 'POST', headers, body, signal, redirect: 'error' } as const
  let status: number
  let text: string
  try {
    const response = await fetch(url, request)
    status = response.status
    text = await readBounded(response)
  } catch (error) {
    if (signal.aborted) throw new RelayTimeoutError({ relay: name, timeoutMs })
    throw new RelayDownError({ relay: name, reason: systemCode(error) })
  }
  if (status === 429) throw new RelayBusyError({ relay: name })
  if (status >= 500) throw new RelayDownError({ relay: name, reason: `HTTP ${status}` })
  return readAnswer(name, id, text)
}

async function readBounded(response: Response): Promise<string> {
  const decoder = new TextDecoder()
  let text = ''
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    // Cut answers do not parse, which is what they deserve.
    if (size > limits.relayAnswerBytes) break
    text += decoder.decode(chunk, { stream: true })
  }
  return text
}

function readAnswer(relay: string, id: number, text: string): unknown {
  const answer = parseObject(text)
  if (answer === undefined) throw new RelayMalformedError({ relay, what: 'is not a JSON object' })
  const error = answer['error']
  if (typeof error === 'object' && error !== null) {
    const { code, message } = error as { code?: unknown; message?: unknown }
    throw new RelayRejectedError({ relay, rpcCode: Number(code ?? 0), reason: redact(message) })
  }
  if (answer['id'] !== id) throw new RelayMalformedError({ relay, what: 'answers another request' })
  if (!('result' in answer)) throw new RelayMalformedError({ relay, what: 'has no result' })
  return answer['result']
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** Words only, and few: runs of hex (raw bytes, calldata, hashes, keys) and long digits go. */
function redact(message: unknown): string {
  const words = typeof message === 'string' ? message : 'no reason given'
  return words.replaceAll(/(0x)?[0-9a-fA-F]{17,}|\d{7,}/g, '…').slice(0, 120)
}

/** The system's own word, such as ECONNREFUSED; a fetch error's text may hold the URL. */
function systemCode(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined
  const code = (cause as { code?: unknown } | undefined)?.code
  return typeof code === 'string' ? code : 'connection failed'
}

function isSecure(url: string): boolean {
  if (!URL.canParse(url)) return false
  const { protocol, hostname } = new URL(url)
  const isLoopback = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname)
  return protocol === 'https:' || (protocol === 'http:' && isLoopback)
}

/** A relay over plain http shows the settlement to everyone on the way. */
export class InsecureRelayError extends BaseError {
  override readonly code = 'submit.insecure-relay'

  constructor(relay: string) {
    super('A relay must be reached over https, or on this machine.', {
      facts: { relay },
      hint: 'Give the relay an https URL.',
    })
  }
}
