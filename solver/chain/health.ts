/** What is known of one node: how it answers, how far it is, and whether it is believed. */
import type { Hex } from '../core/hex.ts'
import type { Clock } from './clock.ts'

/** Why a node is not asked any more. */
export type QuarantineCause =
  /** It has not said yet which chain it serves. */
  | 'unverified'
  /** Another chain id, or another block 0. */
  | 'wrong-chain'
  /** Two or more blocks behind the best of the others. */
  | 'lagging'
  /** It gave a block that does not follow from its parent, or is not the one that was asked for. */
  | 'broken-chain'
  /** It contradicted the majority of the others. */
  | 'contradiction'
  /** It kept back what others have, or added what no block holds. */
  | 'false-logs'

/** A node as metrics and `doctor` show it. Times are Unix milliseconds. */
export type NodeState = {
  /** The URL without its key. */
  readonly name: string
  readonly status: 'good' | 'slow' | 'failing' | 'throttled' | 'quarantined'
  /** The newest block that it named; absent before the first. */
  readonly headNumber?: bigint | undefined
  /** Of small questions, smoothed; absent before the first answer. */
  readonly latencyMs?: number | undefined
  readonly requests: number
  readonly failures: number
  /** What it costs to ask this node first, in milliseconds of waiting to be expected: lower is better. */
  readonly score: number
  readonly quarantine?:
    | {
        readonly cause: QuarantineCause
        readonly detail: string
        readonly sinceMs: number
        /** When it is looked at again. */
        readonly untilMs: number
      }
    | undefined
}

/** A head as a node named it. */
export type HeadSeen = { readonly number: bigint; readonly hash: Hex }

/** The record of one node. */
export type Health = {
  asked(): void
  /** An answer came; `latencyMs` only of questions that every node answers at once. */
  answered(latencyMs?: number): void
  failed(): void
  /** Another node was asked because this one takes long. */
  stalled(): void
  throttle(scope: string, waitMs: number): void
  /** Milliseconds until `method` may be asked again; 0 is now. */
  throttledMs(method: string): number
  sawHead(number: bigint): void
  quarantine(cause: QuarantineCause, detail: string): void
  /** It was looked at and is well. */
  release(): void
  /** Something was odd that may pass; gives how many times in a row. */
  doubt(): number
  state(): NodeState
}

/** Weight of the newest latency in the smoothed one. */
const latencyWeight = 0.2
/** What a failure adds to the score, and how fast that fades. */
const failureCostMs = 2_000
const failureHalfLifeMs = 15_000
/** What an open stall adds: more than any node that answers costs. */
const stallCostMs = 5_000
/** Pauses before a quarantined node is looked at again: they double, and start anew after a good while. */
const quarantineMs = { first: 2_000, longest: 60_000, forgetAfter: 600_000 }
const slowMs = 1_000

/** Starts a clean record. */
export function createHealth(name: string, clock: Clock): Health {
  const { nowMs } = clock
  let [requests, failures] = [0, 0]
  let latencyMs: number | undefined
  let headNumber: bigint | undefined
  let isStalled = false
  const penalty = createPenalty(nowMs)
  let quarantine: NodeState['quarantine']
  let strikes = 0
  let releasedMs = 0
  let doubts = 0
  const throttles = new Map<string, number>()

  const throttledMs = (method: string) =>
    Math.max(0, ...['*', method].map((scope) => (throttles.get(scope) ?? 0) - nowMs()))
  return {
    asked: () => void (requests += 1),
    answered(ms) {
      isStalled = false
      if (ms !== undefined) latencyMs = smooth(latencyMs ?? ms, ms)
    },
    failed() {
      isStalled = false
      failures += 1
      penalty.add(failureCostMs)
    },
    stalled: () => void (isStalled = true),
    throttle: (scope, waitMs) => void throttles.set(scope, nowMs() + waitMs),
    throttledMs,
    sawHead: (number) => void (headNumber = number),
    quarantine(cause, detail) {
      const sinceMs = quarantine?.cause === cause ? quarantine.sinceMs : nowMs()
      if (nowMs() - releasedMs > quarantineMs.forgetAfter && quarantine === undefined) strikes = 0
      const waitMs = Math.min(quarantineMs.first * 2 ** strikes, quarantineMs.longest)
      strikes += 1
      quarantine = { cause, detail, sinceMs, untilMs: nowMs() + waitMs }
    },
    release() {
      if (quarantine !== undefined) releasedMs = nowMs()
      quarantine = undefined
      doubts = 0
    },
    doubt: () => (doubts += 1),
    state() {
      const score = Math.round((latencyMs ?? 0) + penalty.ms() + (isStalled ? stallCostMs : 0))
      return {
        name,
        status: quarantine ? 'quarantined' : statusOf(score, penalty.ms(), throttledMs('*')),
        ...(headNumber === undefined ? {} : { headNumber }),
        ...(latencyMs === undefined ? {} : { latencyMs: Math.round(latencyMs) }),
        requests,
        failures,
        score,
        ...(quarantine === undefined ? {} : { quarantine }),
      }
    },
  }
}

function statusOf(score: number, penaltyMs: number, throttledMs: number): NodeState['status'] {
  if (throttledMs > 0) return 'throttled'
  if (score < slowMs) return 'good'
  return penaltyMs >= slowMs ? 'failing' : 'slow'
}

/** A sum that fades. */
function createPenalty(nowMs: () => number): { ms(): number; add(ms: number): void } {
  let last = { ms: 0, atMs: nowMs() }
  const ms = () => last.ms * 2 ** ((last.atMs - nowMs()) / failureHalfLifeMs)
  return { ms, add: (more) => void (last = { ms: ms() + more, atMs: nowMs() }) }
}

function smooth(before: number, ms: number): number {
  return before + latencyWeight * (ms - before)
}
