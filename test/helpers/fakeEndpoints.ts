/**
 * Nodes of one chain, in this process and in virtual time, that fail, lag and lie as a test tells them.
 *
 * All of them show the same {@link FakeNode}: what one of them says otherwise is the test's doing.
 */
import { HttpRequestError, RpcRequestError } from 'viem'
import type { Clock } from '../../solver/chain/clock.ts'
import type { Endpoint, RpcArgs } from '../../solver/chain/endpoint.ts'
import { NodeRefusedError } from '../../solver/chain/client.ts'
import { toQuantity } from '../../solver/chain/quantity.ts'
import type { FakeNode } from './fakeNode.ts'

/** How a node fails. `half-close` begins an answer and ends the line; `hang` never answers. */
export type Fault = 'refuse' | 'hang' | '502' | 'half-close' | '429' | 'too-fast'

/** What is wrong with a node now; nothing is an honest node that answers in 20 ms. */
export type Mood = {
  readonly fault?: Fault | undefined
  /** Shows the chain as it was this many blocks ago. */
  readonly lag?: number
  readonly latencyMs?: number
  /** Of a 429. */
  readonly retryAfter?: string
  /** Changes an answer on its way. */
  readonly lie?: (args: RpcArgs, answer: unknown) => unknown
}

/** What the sender of notifications does with one: how many times it arrives, and how much later. */
export type Delivery = { readonly times: number; readonly laterMs: number }

/** A node that a test leads astray. */
export type FakeEndpoint = Endpoint & {
  mood(mood: Mood): void
  /** Methods asked so far. */
  readonly asked: readonly RpcArgs[]
  /** Says that there is a new head; `deliver` decides what becomes of the message. */
  notify(deliver?: Delivery): void
  isWatched(): boolean
}

const defaultLatencyMs = 20

/** A node named `name` that shows `chain`. */
export function createFakeEndpoint(name: string, chain: FakeNode, clock: Clock): FakeEndpoint {
  let mood: Mood = {}
  const asked: RpcArgs[] = []
  const watchers = new Set<() => void>()
  const later = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve))
  const honest = async (args: RpcArgs): Promise<unknown> => {
    const { method, params = [] } = args
    const { lag = 0 } = mood
    const shown = chain.canonical().at(-1 - lag)
    if (params[0] === 'latest' && shown !== undefined)
      return chain.request({ method, params: [toQuantity(shown.number), ...params.slice(1)] })
    if (method === 'eth_blockNumber' && shown !== undefined) return toQuantity(shown.number)
    const answer = await chain.request({ method, params })
    const isAhead = Number((answer as { number?: string } | null)?.number) > Number(shown?.number)
    return isAhead ? null : answer
  }
  return {
    name,
    asked,
    mood(next) {
      mood = next
    },
    async request(args) {
      asked.push(args)
      const { fault, latencyMs = defaultLatencyMs, lie, retryAfter } = mood
      if (fault === 'refuse') throw failure(name)
      if (fault === 'hang') return new Promise(() => undefined)
      await later(latencyMs)
      if (fault === 'too-fast') throw tooFast(name, args)
      if (fault === '429') throw failure(name, 429, retryAfter)
      if (fault !== undefined) throw failure(name, fault === '502' ? 502 : undefined)
      const answer = await honest(args).catch((error: unknown) => {
        throw error instanceof NodeRefusedError ? refusal(name, args, error) : error
      })
      return lie === undefined ? answer : lie(args, answer)
    },
    watchHeads(wake) {
      const watcher = () => wake()
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    notify({ times, laterMs } = { times: 1, laterMs: 0 }) {
      for (let count = 0; count < times; count++)
        clock.after(laterMs, () => watchers.forEach((wake) => wake()))
    },
    isWatched: () => watchers.size > 0,
    close: () => watchers.clear(),
  }
}

function failure(url: string, status?: number, retryAfter?: string): Error {
  const headers = retryAfter === undefined ? undefined : new Headers({ 'Retry-After': retryAfter })
  return new HttpRequestError({
    url,
    ...(status === undefined ? {} : { status }),
    ...(headers === undefined ? {} : { headers }),
  })
}

function tooFast(url: string, { method }: RpcArgs): Error {
  const error = { code: -32_005, message: 'request rate limited' }
  return new RpcRequestError({ body: { method }, error, url })
}

function refusal(url: string, { method }: RpcArgs, cause: NodeRefusedError): Error {
  const error = { code: -32_000, message: String(cause.facts['node']) }
  return new RpcRequestError({ body: { method }, error, url })
}
