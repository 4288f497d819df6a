/** The door to Ethereum nodes: time limits, retries and fallback in one place, and errors with codes. */
import {
  createPublicClient,
  fallback,
  http,
  HttpRequestError,
  type PublicClient,
  TimeoutError,
  WaitForTransactionReceiptTimeoutError,
} from 'viem'
import { BaseError } from '../core/errors.ts'
import { readQuantity } from './quantity.ts'

/**
 * The one thing that readers of a chain need (EIP-1193). A {@link ChainClient} is one, and so is the provider
 * of a network in this process.
 */
export type ChainNode = {
  request(args: { method: string; params?: readonly unknown[] }): Promise<unknown>
}

/** A checked connection to one chain. */
export type ChainClient = ChainNode & {
  readonly chainId: number
  /** viem's client over the same transport, for what is easier with an ABI. Throws viem's own errors. */
  readonly viem: PublicClient
}

/** Where to connect, and how patiently. */
export type ConnectOptions = {
  /** Tried in this order; the next one answers when one fails. At least one. */
  readonly urls: readonly string[]
  /** The chain that every answer must come from; absent takes whatever the node says. */
  readonly chainId?: number | undefined
  /** Of one attempt, in milliseconds; 10,000 when absent. */
  readonly timeoutMs?: number | undefined
  /** Further attempts per URL, with growing pauses; 2 when absent. */
  readonly retries?: number | undefined
}

/**
 * Connects to a chain over HTTP. Every URL is asked first which chain it serves, so that a wrong one fails now
 * and not in the middle of a trade; one that does not answer now is left out, since nobody knows its chain.
 *
 * @throws {ChainUnreachableError} `chain.unreachable`, retryable, when no URL answers.
 * @throws {WrongChainError} `chain.wrong-chain`, when a URL serves another chain than asked for, or than the first.
 */
export async function connect(options: ConnectOptions): Promise<ChainClient> {
  const { urls, timeoutMs = 10_000, retries = 2 } = options
  const openAll = (retryCount: number) =>
    urls.map((url) => ({ url, transport: http(url, { timeout: timeoutMs, retryCount }) }))
  // With a second URL at hand a dead one is not worth waiting for twice.
  const answers = await Promise.all(openAll(urls.length > 1 ? 0 : retries).map(askChainId))
  const answered = answers.filter((answer) => 'chainId' in answer)
  const chainId = options.chainId ?? answered[0]?.chainId
  if (chainId === undefined || answered.length === 0)
    throw new ChainUnreachableError({ urls, cause: answers[0] })
  for (const { url, chainId: got } of answered)
    if (got !== chainId) throw new WrongChainError({ url, wanted: chainId, got })
  const served = answered.map(({ url }) => url)
  const transports = openAll(retries).filter(({ url }) => served.includes(url))
  const viem = createPublicClient({
    transport: fallback(
      transports.map(({ transport }) => transport),
      { retryCount: 0 },
    ),
  })
  return { chainId, viem, request: (args) => request(viem, served, args) }
}

/**
 * What a node answered to one request, as `unknown`: every reader checks the shape that it needs.
 *
 * @throws {ChainUnreachableError} `chain.unreachable`, retryable, when no URL answered in time.
 * @throws {NodeRefusedError} `chain.refused`, when the node answered with an error.
 */
async function request(
  viem: PublicClient,
  urls: readonly string[],
  args: { method: string; params?: readonly unknown[] },
): Promise<unknown> {
  try {
    // viem types each method of the protocol; readers here check what they get, so any method may pass.
    return await viem.request(args as Parameters<PublicClient['request']>[0])
  } catch (cause) {
    if (isUnreachable(cause)) throw new ChainUnreachableError({ urls, cause })
    throw new NodeRefusedError({ method: args.method, cause })
  }
}

async function askChainId({
  url,
  transport,
}: {
  url: string
  transport: ReturnType<typeof http>
}): Promise<{ url: string; chainId: number } | { url: string; failure: unknown }> {
  try {
    const answer: unknown = await transport({}).request({ method: 'eth_chainId' })
    return { url, chainId: Number(readQuantity(answer, 'chain id')) }
  } catch (failure) {
    return { url, failure }
  }
}

function isUnreachable(cause: unknown): boolean {
  // A refusal inside an HTTP error status (429, 5xx) is the same to us: that node does not serve now.
  for (let each: unknown = cause; each instanceof Error; each = each.cause)
    if (
      each instanceof HttpRequestError ||
      each instanceof TimeoutError ||
      each instanceof WaitForTransactionReceiptTimeoutError
    )
      return true
  return false
}

/** No node answered. */
export class ChainUnreachableError extends BaseError {
  override readonly code = 'chain.unreachable'

  constructor({ urls, cause }: { urls: readonly string[]; cause: unknown }) {
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

  constructor({ url, wanted, got }: { url: string; wanted: number; got: number }) {
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

/** Only origin and an ellipsis: provider URLs carry keys in their path or query. */
function withoutKey(url: string): string {
  if (!URL.canParse(url)) return '(not a URL)'
  const { protocol, host, pathname, search } = new URL(url)
  return `${protocol}//${host}${pathname.length > 1 || search !== '' ? '/…' : ''}`
}

function nodeWords(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const details: unknown = 'details' in cause ? cause.details : undefined
  return typeof details === 'string' ? details : cause.message
}
