/** The door to Ethereum nodes: time limits, retries, failover and quorum in one place, and errors with codes. */
import { createPublicClient, custom, type PublicClient } from 'viem'
import { BaseError } from '../core/errors.ts'
import type { Hex } from '../core/hex.ts'
import type { Quorum } from './agree.ts'
import { type Identity, readGenesis } from './checkUp.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Endpoint, Judge, RpcArgs } from './endpoint.ts'
import type { NodeState } from './health.ts'
import { askMember, createMembers, type Member } from './member.ts'
import {
  ChainUnreachableError,
  isUnreachable,
  NodeRefusedError,
  WrongChainError,
} from './nodeErrors.ts'
import { createNodes, type Nodes, type NodesOptions } from './nodes.ts'
import { openEndpoint } from './openEndpoint.ts'
import { readQuantity } from './quantity.ts'

export { ChainUnreachableError, NodeRefusedError, WrongChainError } from './nodeErrors.ts'

/**
 * The one thing that readers of a chain need (EIP-1193). A {@link ChainClient} is one, and so is the provider
 * of a network in this process.
 */
export type ChainNode = {
  request(args: { method: string; params?: readonly unknown[] }): Promise<unknown>
  /** The same, where another node may be asked when `judge` doubts or faults an answer. */
  requestJudged?(args: RpcArgs, judge: Judge): Promise<unknown>
  /** Calls `wake` whenever there may be a new head; returns what ends it. A hint: nothing depends on it. */
  watchHeads?(wake: () => void): () => void
}

/** A checked connection to one chain. */
export type ChainClient = ChainNode & {
  readonly chainId: number
  /** viem's client over the same nodes, for what is easier with an ABI. Throws viem's own errors. */
  readonly viem: PublicClient
}

/** A connection that knows its nodes one by one: what `connect` gives. */
export type NodesClient = Required<ChainNode> &
  ChainClient & {
    /**
     * What several nodes say, for reads on which money depends; name the block, since heads differ. `quorum` is
     * 2 of 3 by default, and at most as many as there are URLs: with one URL its word is all there is. A node that
     * contradicts the others is put aside.
     *
     * @throws {DisagreementError} `chain.disagreement`, retryable, when no answer has enough votes.
     * @throws {ChainUnreachableError} `chain.unreachable`, retryable, when too few nodes answer.
     * @throws {NodeRefusedError} `chain.refused`, when enough nodes refuse.
     */
    requestAgreed(args: RpcArgs, quorum?: Quorum): Promise<unknown>
    /** The state of each node, in the order of the URLs, for metrics and people. Keys of URLs are not shown. */
    nodes(): readonly NodeState[]
    /** Compares the nodes now; it also happens by itself while the client is used. Never rejects. */
    checkNodes(): Promise<void>
    /** Closes WebSockets. Idle ones close by themselves. */
    close(): void
  }

/** How to connect, and how patiently; `connect` also takes the `urls`: http, https, ws or wss, the best first. */
export type ConnectOptions = {
  /** The chain that every answer must come from; absent takes whatever the node says. */
  readonly chainId?: number | undefined
  /** Hash of its block 0; absent takes what the first node that knows it says. */
  readonly genesis?: Hex | undefined
  /** Of one attempt, in milliseconds; 10,000 when absent. */
  readonly timeoutMs?: number | undefined
  /** Further attempts, with growing, jittered pauses, when no node answers; 2 when absent. */
  readonly retries?: number | undefined
  /** Most requests of one moment in one JSON-RPC batch; 1, none, when absent: not every node takes them. */
  readonly batchSize?: number | undefined
  /** Least milliseconds between two comparisons of several nodes; 2,000 when absent. */
  readonly checkMs?: number | undefined
  readonly clock?: Clock | undefined
  /** Uniform in [0, 1), spreads retries; `Math.random` when absent. */
  readonly random?: (() => number) | undefined
}

const timeoutMsDefault = 10_000

/** The quorum of settlement-critical reads. */
const defaultQuorum: Quorum = { of: 3, agree: 2 }

/**
 * Connects to a chain. Every URL is asked first which chain it serves, so that a wrong one fails now and not in
 * the middle of a trade; one that does not answer now is asked again from time to time and not used before.
 *
 * @throws {ChainUnreachableError} `chain.unreachable`, retryable, when no URL answers.
 * @throws {WrongChainError} `chain.wrong-chain`, when a URL serves another chain than asked for, or than the first.
 */
export async function connect(
  options: ConnectOptions & { readonly urls: readonly string[] },
): Promise<NodesClient> {
  const { urls, timeoutMs = timeoutMsDefault, batchSize = 1, clock = systemClock } = options
  const endpoints = urls.map((url) => openEndpoint(url, { timeoutMs, batchSize, clock }))
  return connectEndpoints(endpoints, options)
}

/**
 * The same with nodes that are reached in any other way.
 *
 * @throws {ChainUnreachableError} `chain.unreachable`, {@link WrongChainError} `chain.wrong-chain`.
 */
export async function connectEndpoints(
  endpoints: readonly Endpoint[],
  options: ConnectOptions,
): Promise<NodesClient> {
  const { timeoutMs = timeoutMsDefault, retries = 2, checkMs = 2_000 } = options
  const { clock = systemClock, random = Math.random } = options
  const asking: NodesOptions = { timeoutMs, clock, retries, checkMs, random }
  const members = createMembers(endpoints, clock)
  try {
    const identity = await identify(members, options, asking)
    return clientOf(createNodes(members, identity, asking), identity.chainId, namesOf(members))
  } catch (error) {
    for (const { close } of endpoints) close()
    throw error
  }
}

/** Asks every node for its chain. */
async function identify(
  members: readonly Member[],
  { chainId: wanted, genesis: wantedGenesis }: ConnectOptions,
  options: NodesOptions,
): Promise<Identity> {
  const isOne = members.length === 1
  const ids = await Promise.all(members.map((member) => chainIdOf(member, isOne, options)))
  const chainId = wanted ?? ids.find((id) => typeof id === 'number')
  const cause = ids.find((id) => id instanceof Error)
  if (chainId === undefined || ids.every((id) => id instanceof Error))
    throw new ChainUnreachableError({ urls: namesOf(members), cause })
  const verified = members.filter((member, index) => {
    const got = ids[index]
    if (typeof got === 'number') requireSame(member, chainId, got)
    else member.health.quarantine('unverified', 'it has not said which chain it serves')
    return typeof got === 'number'
  })
  if (isOne && wantedGenesis === undefined) return { chainId }
  const firsts = await Promise.all(verified.map((member) => readGenesis(member, options)))
  const genesis = wantedGenesis ?? firsts.find((first) => first !== undefined)
  for (const [index, member] of verified.entries())
    requireSame(member, genesis, firsts[index] ?? genesis)
  return { chainId, genesis }
}

/** @throws {WrongChainError} `chain.wrong-chain`. */
function requireSame<id extends number | Hex>(
  { endpoint }: Member,
  wanted: id | undefined,
  got: id | undefined,
): void {
  if (wanted !== undefined && got !== undefined && got !== wanted)
    throw new WrongChainError({ url: endpoint.name, wanted, got })
}

function namesOf(members: readonly Member[]): readonly string[] {
  return members.map(({ endpoint }) => endpoint.name)
}

/** The node's chain id, or why it did not tell. Only a node without company is asked again. */
async function chainIdOf(
  member: Member,
  isOne: boolean,
  options: NodesOptions,
): Promise<number | Error> {
  const args = { method: 'eth_chainId' }
  try {
    const answer = await (isOne
      ? createNodes([member], { chainId: 0 }, options).ask(args)
      : askMember(member, args, options))
    return Number(readQuantity(answer, 'chain id'))
  } catch (error) {
    return error instanceof Error ? error : new ChainUnreachableError({ urls: [], cause: error })
  }
}

function clientOf(nodes: Nodes, chainId: number, urls: readonly string[]): NodesClient {
  const wrap = (args: RpcArgs) => (cause: unknown) => {
    if (cause instanceof BaseError) throw cause
    if (isUnreachable(cause)) throw new ChainUnreachableError({ urls, cause })
    throw new NodeRefusedError({ method: args.method, cause })
  }
  return {
    chainId,
    // The pool retries by itself.
    viem: createPublicClient({
      transport: custom({ request: (args: RpcArgs) => nodes.ask(args) }, { retryCount: 0 }),
    }),
    request: (args) => nodes.ask(args).catch(wrap(args)),
    requestJudged: (args, judge) => nodes.ask(args, judge).catch(wrap(args)),
    async requestAgreed(args, quorum = defaultQuorum) {
      const agreement = await nodes.agreed(args, quorum)
      if (agreement.kind === 'answer') return agreement.answer
      const { kind, error: cause } = agreement
      if (kind === 'refused') throw new NodeRefusedError({ method: args.method, cause })
      throw new ChainUnreachableError({ urls, cause })
    },
    watchHeads: nodes.watchHeads,
    nodes: nodes.states,
    checkNodes: nodes.check,
    close: nodes.close,
  }
}
