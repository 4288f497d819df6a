/** What can go wrong with a node, and how it is told from what its answer says. */
import {
  HttpRequestError,
  RpcRequestError,
  SocketClosedError,
  TimeoutError,
  WaitForTransactionReceiptTimeoutError,
  WebSocketRequestError,
} from 'viem'
import { BaseError } from '../core/errors.ts'
import { withoutKey, withoutKeys } from '../core/keyless.ts'

export { withoutKey } from '../core/keyless.ts'

/** What a failed request says about the node that it was sent to. */
export type Failure =
  /** No answer, or one of a broken server: another node may do better. */
  | { readonly kind: 'down' }
  /** Asked too often. Until then ask others: all methods, or only this one. */
  | { readonly kind: 'throttled'; readonly scope: 'node' | 'method'; readonly waitMs: number }
  /** An answer. `final` when every node of the chain would say the same. */
  | { readonly kind: 'refused'; readonly isFinal: boolean }

/** Pause after a refusal that names no time. */
const throttleMs = 1_000
/** The longest pause that a node may ask for: beyond it the node is tried again. */
const throttleMaxMs = 60_000
/** JSON-RPC codes by which providers say "too fast": HTTP's own, and QuickNode's. */
const tooFastCodes = new Set([429, -32_007])
/** Geth's "limit exceeded", which providers use for rates, and of logs for results. */
const limitCode = -32_005
/** Invalid requests and parameters, and reverts: facts of the request and the chain, not of the node. */
const finalCodes = new Set([3, -32_600, -32_602])

/** Sorts a failed request of `method`. */
export function failureOf(error: unknown, method: string, nowMs: number): Failure {
  const status = find(error, hasStatus)?.status
  if (status === 429)
    return { kind: 'throttled', scope: 'node', waitMs: retryAfterMs(error, nowMs) }
  const code = find(error, isRpcRequestError)?.code
  if (code !== undefined && tooFastCodes.has(code))
    return { kind: 'throttled', scope: 'node', waitMs: throttleMs }
  if (code === limitCode && method !== 'eth_getLogs')
    return { kind: 'throttled', scope: 'method', waitMs: throttleMs }
  if (isUnreachable(error)) return { kind: 'down' }
  const isRevert = find(error, isError)?.message.includes('execution reverted') === true
  return { kind: 'refused', isFinal: isRevert || (code !== undefined && finalCodes.has(code)) }
}

/** True when no node answered, rather than answered no; 5xx and 429 count as silence. */
export function isUnreachable(error: unknown): boolean {
  if ((find(error, hasStatus)?.status ?? 0) >= 429) return true
  return find(error, isTransportError) !== undefined
}

function isTransportError(error: unknown): error is Error {
  return (
    error instanceof HttpRequestError ||
    error instanceof TimeoutError ||
    error instanceof SocketClosedError ||
    error instanceof WebSocketRequestError ||
    error instanceof WaitForTransactionReceiptTimeoutError
  )
}

function isRpcRequestError(error: unknown): error is RpcRequestError {
  return error instanceof RpcRequestError
}

function isError(error: unknown): error is Error {
  return error instanceof Error
}

type WithStatus = Error & { readonly status: number; readonly headers?: Headers }

function hasStatus(error: unknown): error is WithStatus {
  return error instanceof Error && 'status' in error && typeof error.status === 'number'
}

function find<found>(error: unknown, is: (each: unknown) => each is found): found | undefined {
  for (let each = error; each instanceof Error; each = each.cause) if (is(each)) return each
  return undefined
}

/** Seconds, or a date (RFC 9110, 10.2.3); at most a minute, or a wrong header would put a node aside for good. */
function retryAfterMs(error: unknown, nowMs: number): number {
  const text = find(error, hasStatus)?.headers?.get('Retry-After') ?? ''
  if (/^\d+$/.test(text)) return Math.min(Number(text) * 1_000, throttleMaxMs)
  const at = Date.parse(text)
  return Number.isNaN(at) ? throttleMs : Math.min(Math.max(0, at - nowMs), throttleMaxMs)
}

/** No node answered. */
export class ChainUnreachableError extends BaseError {
  override readonly code = 'chain.unreachable'

  constructor({ urls, cause }: { urls: readonly string[]; cause?: unknown }) {
    super('No Ethereum node answered.', {
      cause,
      facts: { urls: urls.map(withoutKey).join(' ') },
      hint: 'Check the URL and the network, or start `isoprice localnet`.',
      retryable: true,
    })
  }
}

/** The node serves another chain. */
export class WrongChainError extends BaseError {
  override readonly code = 'chain.wrong-chain'

  constructor({
    url,
    wanted,
    got,
  }: {
    url: string
    /** A chain id, or the hash of block 0. */
    wanted: number | string
    got: number | string
  }) {
    super(`The node serves chain ${got}, not chain ${wanted}.`, {
      facts: { url: withoutKey(url), wanted, got },
      hint: 'Give the URL of a node of the right chain.',
    })
  }
}

/** The node answered with an error. `facts.node` holds its own words. */
export class NodeRefusedError extends BaseError {
  override readonly code = 'chain.refused'

  constructor({ method, cause }: { method: string; cause: unknown }) {
    super(`The node refused ${method}.`, {
      cause,
      facts: { method, node: nodeWords(cause) },
      hint: 'Read what the node says; a pruned node has no state of old blocks.',
    })
  }
}

/** Nodes that should know the same do not say the same. */
export class DisagreementError extends BaseError {
  override readonly code = 'chain.disagreement'

  constructor(facts: { method: string; nodes: string; wanted: number; most: number }) {
    super(`The nodes contradict each other on ${facts.method}.`, {
      facts,
      hint: 'Nothing that moves money may rest on this answer; look at the nodes and add one more.',
      retryable: true,
    })
  }
}

/** Only what the node said: the message of a client's error repeats the URL with its key. */
function nodeWords(cause: unknown): string {
  if (typeof cause === 'string') return withoutKeys(cause)
  const details: unknown = cause instanceof Error && 'details' in cause ? cause.details : undefined
  if (typeof details === 'string') return withoutKeys(details)
  // An error of ours, or of a chain in this process, holds no URL of its own.
  return cause instanceof Error && !('metaMessages' in cause)
    ? withoutKeys(cause.message)
    : '(no words)'
}
