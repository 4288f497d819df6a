/** One node of several: asked once at a time, with its record kept. */
import { TimeoutError } from 'viem'
import { type Clock, within } from './clock.ts'
import type { Endpoint, RpcArgs } from './endpoint.ts'
import { createHealth, type Health, type QuarantineCause } from './health.ts'
import { failureOf } from './nodeErrors.ts'
import { BadAnswerError, isObject, readQuantity } from './quantity.ts'

/** A node and its record. */
export type Member = {
  readonly endpoint: Endpoint
  readonly health: Health
  /** False for the only node: there is no other to go to, so its faults are errors and nothing else. */
  readonly mayBeLeft: boolean
}

/** What asking needs besides the node. */
export type AskOptions = {
  /** Of one attempt, in milliseconds. */
  readonly timeoutMs: number
  readonly clock: Clock
}

/** Small questions, by which nodes are compared. */
const smallMethods = /^(eth_blockNumber|eth_chainId|eth_getBlockBy(Number|Hash))$/

/** Makes the members of a pool. */
export function createMembers(endpoints: readonly Endpoint[], clock: Clock): readonly Member[] {
  const mayBeLeft = endpoints.length > 1
  return endpoints.map((endpoint) => ({
    endpoint,
    health: createHealth(endpoint.name, clock),
    mayBeLeft,
  }))
}

/** Asks one node once and notes how it went. Rejects with viem's errors, and `TimeoutError` when it is silent. */
export async function askMember(
  { endpoint, health }: Member,
  args: RpcArgs,
  { timeoutMs, clock }: AskOptions,
): Promise<unknown> {
  const sentMs = clock.nowMs()
  health.asked()
  try {
    const late = () => new TimeoutError({ body: { method: args.method }, url: endpoint.name })
    const answer = await within(clock, timeoutMs, endpoint.request(args), late)
    health.answered(smallMethods.test(args.method) ? clock.nowMs() - sentMs : undefined)
    const head = headNumberOf(args, answer)
    if (head !== undefined) health.sawHead(head)
    return answer
  } catch (error) {
    const failure = failureOf(error, args.method, clock.nowMs())
    if (failure.kind === 'throttled')
      health.throttle(failure.scope === 'node' ? '*' : args.method, failure.waitMs)
    // What is no answer of JSON-RPC is as good as none.
    if (failure.kind === 'down' || error instanceof BadAnswerError) health.failed()
    else health.answered()
    throw error
  }
}

/** Puts a node aside, unless it is the only one. */
export function quarantine(member: Member, cause: QuarantineCause, detail: string): void {
  if (member.mayBeLeft) member.health.quarantine(cause, detail)
}

/** True when the answer to `args` tells where the head is. */
export function asksForHead({ method, params = [] }: RpcArgs): boolean {
  return (
    method === 'eth_blockNumber' || (method === 'eth_getBlockByNumber' && params[0] === 'latest')
  )
}

function headNumberOf(args: RpcArgs, answer: unknown): bigint | undefined {
  if (!asksForHead(args)) return undefined
  const number = isObject(answer) ? answer['number'] : answer
  return typeof number === 'string' && /^0x[0-9a-f]+$/i.test(number)
    ? readQuantity(number, 'block.number')
    : undefined
}
