/** Several nodes of one chain as one: the best is asked, the others stand by, and who fails or lies is put aside. */
import { HttpRequestError } from 'viem'
import { askQuorum, type Agreement, type Quorum } from './agree.ts'
import { checkUp, type Identity } from './checkUp.ts'
import { type Clock, pause } from './clock.ts'
import type { Judge, RpcArgs } from './endpoint.ts'
import type { NodeState } from './health.ts'
import { asksForHead, type Member } from './member.ts'
import { failureOf } from './nodeErrors.ts'
import { isRead, race } from './race.ts'

/** How nodes are asked. Times in milliseconds. */
export type NodesOptions = {
  readonly timeoutMs: number
  /** Further rounds through all nodes when none answered. */
  readonly retries: number
  readonly clock: Clock
  /** Least time between two comparisons of the nodes. */
  readonly checkMs: number
  /** Uniform in [0, 1): spreads the retries of many clients. */
  readonly random: () => number
}

/** A pool of nodes. */
export type Nodes = {
  /** Asks with retries and failover; rejects with viem's errors. */
  ask(args: RpcArgs, judge?: Judge): Promise<unknown>
  /** What enough nodes say. */
  agreed(args: RpcArgs, quorum: Quorum): Promise<Agreement>
  /** Compares all nodes now. Never rejects. */
  check(): Promise<void>
  states(): readonly NodeState[]
  watchHeads(wake: () => void): () => void
  close(): void
}

/** First pause before a retry; it doubles. */
const retryMs = 150
/** Longest wait for a node that says when it may be asked again; beyond it the request fails. */
const throttleWaitMs = 30_000
/** Steps of the score below which two nodes count as equal, and the caller's order decides. */
const scoreStepMs = 500

/**
 * Joins `members`; each is verified, or in quarantine as `unverified`.
 *
 * Nodes are compared while they are used: a question for the head starts a comparison when the last one is older
 * than `checkMs`. An unused pool costs nothing and needs no timer.
 */
export function createNodes(
  members: readonly Member[],
  identity: Identity,
  options: NodesOptions,
): Nodes {
  const { clock, retries, random, checkMs } = options
  let checking: Promise<void> | undefined
  let checkedMs = clock.nowMs()

  const check = (): Promise<void> => {
    if (members.length === 1) return Promise.resolve()
    checking ??= checkUp(members.filter(isDue(clock)), identity, options).finally(() => {
      checkedMs = clock.nowMs()
      checking = undefined
    })
    return checking
  }
  /** One round, and then those that follow when nobody answered. */
  const ask = async (args: RpcArgs, judge?: Judge): Promise<unknown> => {
    if (asksForHead(args) && clock.nowMs() - checkedMs >= checkMs) void check()
    const attempts = isRepeatable(args.method) ? retries + 1 : 1
    let failure: unknown = nobody(members)
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (attempt > 0) await pause(clock, retryMs * 2 ** (attempt - 1) * (0.5 + random()))
      if (!(await waitForTurn(members, args.method, clock))) throw failure
      // What changes something may have been done by a node that fell silent: no second one is asked.
      const most = isRepeatable(args.method) ? members.length : 1
      const candidates = usable(members, args.method).slice(0, most)
      if (candidates.length === 0) throw failure
      try {
        return await race(candidates, args, { ...options, judge })
      } catch (error) {
        if (failureOf(error, args.method, clock.nowMs()).kind === 'refused') throw error
        failure = error
      }
    }
    throw failure
  }
  return {
    ask,
    check,
    agreed(args, wanted) {
      const quorum = { ...wanted, agree: Math.min(wanted.agree, members.length) }
      return askQuorum(believed(members, args.method), args, quorum, options)
    },
    states: () => members.map(({ health }) => health.state()),
    watchHeads(wake) {
      const stops = members.flatMap(({ endpoint }) => endpoint.watchHeads?.(wake) ?? [])
      return () => stops.forEach((stop) => stop())
    },
    close: () => members.forEach(({ endpoint }) => endpoint.close()),
  }
}

/** Every node is in quarantine. */
function nobody(members: readonly Member[]): Error {
  const states = members.map(({ health }) => health.state())
  const whys = states.map(({ name, quarantine }) => `${name}: ${quarantine?.detail ?? 'busy'}`)
  return new HttpRequestError({ url: states[0]?.name ?? '', details: whys.join('; ') })
}

function isRepeatable(method: string): boolean {
  // The same signed bytes twice are one transaction.
  return isRead(method) || method === 'eth_sendRawTransaction'
}

function isDue(clock: Clock) {
  return ({ health }: Member) => (health.state().quarantine?.untilMs ?? 0) <= clock.nowMs()
}

/** Nodes that are not in quarantine, best first. */
function believed(members: readonly Member[], method: string): readonly Member[] {
  const rank = ({ health }: Member) =>
    (health.throttledMs(method) > 0 ? 1_000_000 : 0) +
    Math.floor(health.state().score / scoreStepMs)
  return members
    .filter(({ health }) => health.state().quarantine === undefined)
    .toSorted((a, b) => rank(a) - rank(b))
}

/** Whom to ask: those that are believed; of them those that are throttled only when all are. */
function usable(members: readonly Member[], method: string): readonly Member[] {
  const all = believed(members, method)
  const free = all.filter(({ health }) => health.throttledMs(method) === 0)
  return free.length > 0 ? free : all
}

/** Waits until one node may be asked again; false when that takes too long. */
async function waitForTurn(
  members: readonly Member[],
  method: string,
  clock: Clock,
): Promise<boolean> {
  const waits = usable(members, method).map(({ health }) => health.throttledMs(method))
  const waitMs = Math.min(...waits)
  if (waits.length === 0 || waitMs === 0) return true
  if (waitMs > throttleWaitMs) return false
  await pause(clock, waitMs)
  return true
}
