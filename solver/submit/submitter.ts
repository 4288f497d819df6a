/**
 * Brings one settlement into a block over private channels, or says why it did not get there.
 *
 * One transaction per settlement, one account nonce, one bundle per relay per block. A raised tip
 * signs again with the *same* nonce, so whatever a relay keeps, the chain takes at most one of them.
 * Acknowledgements are hints; the outcome is read from the chain. Nothing here knows a public mempool.
 */
import type { LocalAccount } from 'viem'
import { BaseError } from '../core/errors.ts'
import { type Hex, toAddress } from '../core/hex.ts'
import { limits } from '../core/limits.ts'
import type { Settlement } from '../settle/settlement.ts'
import { createBundleChannel, createBundleClient } from './bundle.ts'
import type { Channel, Outcome } from './channel.ts'
import type { MessageSigner } from './flashbotsHeader.ts'
import { createInclusion, nextHead } from './inclusion.ts'
import { createMemoryOutbox, type Outbox } from './outbox.ts'
import { type ChainReader, type ChainView, createChainView, type Head } from './reader.ts'
import { mayHaveArrived } from './relayErrors.ts'
import type { RelayPatience, RelayTarget } from './relayRpc.ts'
import { createSigning, type SigningLimits } from './signing.ts'

/** What happened on the way, for progress and logs: never a raw transaction, calldata or hash. */
export type SubmitEvent =
  | { readonly kind: 'sent'; readonly relay: string; readonly targetBlock: bigint }
  | {
      readonly kind: 'refused'
      readonly relay: string
      readonly targetBlock: bigint
      readonly code: string
    }
  | { readonly kind: 'simulation-failed'; readonly targetBlock: bigint }
  | { readonly kind: 'missed'; readonly targetBlock: bigint }

/** How one submission ended, and all that happened on the way. */
export type SubmitReport = {
  readonly outcome: Outcome
  /** The account nonce that every transaction of this settlement carried. */
  readonly nonce: bigint
  readonly events: readonly SubmitEvent[]
}

/** What a submitter works with. */
export type SubmitterOptions = {
  readonly client: ChainReader
  /** At least one; a relay is never replaced by a public node. */
  readonly relays: readonly RelayTarget[]
  /** Signs settlements; holds ETH for gas. */
  readonly signer: LocalAccount
  /** Signs relay requests; must be another key. */
  readonly relaySigner: MessageSigner
  readonly limits: SigningLimits & {
    /** Blocks to try; default `limits.deadlineBlocks`. */
    readonly deadlineBlocks?: number | undefined
    /** Between two looks at the head, in milliseconds; default 500. */
    readonly pollMs?: number | undefined
    /** Longest time without a new head, in milliseconds; default 60,000. */
    readonly stallMs?: number | undefined
  }
  readonly patience?: RelayPatience | undefined
  readonly outbox?: Outbox | undefined
  readonly onEvent?: ((event: SubmitEvent) => void) | undefined
}

/** True when `settlement` still does what it promised on the state of `head`. */
export type Resimulate = (settlement: Settlement, head: Head) => Promise<boolean>

/** Submits settlements of one account, one after the other. */
export type Submitter = {
  /**
   * Tries `settlement` for the blocks up to the deadline.
   *
   * @param resimulate - Asked on every head before the bundle for the next block goes out. A head on
   *   which it says no is passed over; the second no ends the attempt as `missed`.
   * @returns `included`, `reverted` (mined with status 0) or `missed`. Rejects with the relays' own
   *   error when none took the bundle (`submit.no-relay` when they differ), with `submit.fee-cap`,
   *   `submit.underfunded`, `submit.wrong-chain`, `submit.nonce-taken`, `submit.head-stalled` or
   *   `submit.node-down`.
   */
  submit(settlement: Settlement, resimulate?: Resimulate): Promise<SubmitReport>
}

/**
 * Makes the submitter of one account.
 *
 * @throws {SameKeyError} `submit.same-key`, when the relay key is the key that holds funds.
 * @throws {NoRelayError} `submit.no-relay`, without any relay.
 */
export function createSubmitter(options: SubmitterOptions): Submitter {
  const { signer, relaySigner, relays, patience } = options
  if (toAddress(signer.address) === toAddress(relaySigner.address)) throw new SameKeyError()
  if (relays.length === 0) throw new NoRelayError({})
  const channels = relays.map((relay) =>
    createBundleChannel(createBundleClient(relay, relaySigner, patience)),
  )
  const chain = createChainView(options.client)
  const outbox = options.outbox ?? createMemoryOutbox()
  let lane: Promise<unknown> = Promise.resolve()
  return {
    submit(settlement, resimulate) {
      // One lane per key: two settlements at once would take the same nonce.
      const result = lane.then(() =>
        run({ ...options, chain, outbox, channels }, settlement, resimulate),
      )
      lane = result.catch(() => undefined)
      return result
    },
  }
}

type Running = SubmitterOptions & {
  readonly chain: ChainView
  readonly outbox: Outbox
  readonly channels: readonly Channel[]
}

async function run(
  running: Running,
  settlement: Settlement,
  resimulate: Resimulate = () => Promise.resolve(true),
): Promise<SubmitReport> {
  const { chain, outbox, limits: ours } = running
  const { deadlineBlocks = limits.deadlineBlocks } = ours
  let head = await chain.head()
  const first = head.number + 1n
  const last = head.number + BigInt(deadlineBlocks)
  const signing = await createSigning({ ...running, settlement })
  const inclusion = createInclusion(chain, outbox, signing)
  const round = createRound(running)
  let rejected = 0
  while (head.number < last && rejected < limits.simulationFailures) {
    const targetBlock = head.number + 1n
    if (await resimulate(settlement, head)) {
      const missedBlocks = Number(targetBlock - first)
      const entry = await signing.sign(head, {
        missedBlocks,
        blocksLeft: Number(last - head.number),
      })
      await outbox.put(entry)
      inclusion.watch(entry.transactionHash)
      await round.send(entry.transaction, targetBlock)
    } else {
      rejected += 1
      round.note({ kind: 'simulation-failed', targetBlock })
    }
    // A refusal of a block that was sealed meanwhile is only a late start: the next one may do.
    if (round.hopeless() && (await chain.head()).number < targetBlock) break
    head = await nextHead(chain, head, ours)
    const outcome = await inclusion.outcome()
    if (outcome !== undefined) return finish(running, signing, outcome, round.events())
    round.note({ kind: 'missed', targetBlock })
  }
  round.requireTaken()
  const outcome = {
    status: 'missed',
    targetBlock: head.number < last ? head.number : last,
  } as const
  return { outcome, nonce: signing.nonce, events: round.events() }
}

/** Keeps what was signed lately: a block may be orphaned until it is final, an epoch or two later. */
async function finish(
  { outbox, signer }: Running,
  { nonce }: { readonly nonce: bigint },
  outcome: Outcome,
  events: readonly SubmitEvent[],
): Promise<SubmitReport> {
  await outbox.forget(toAddress(signer.address), nonce - limits.outboxNonces)
  return { outcome, nonce, events }
}

/** Sends to all relays at once and remembers who took what. */
function createRound({ channels, onEvent }: Running) {
  const events: SubmitEvent[] = []
  let errors: unknown[] = []
  let taken = false
  let maybe = false
  const note = (event: SubmitEvent) => {
    events.push(event)
    onEvent?.(event)
  }
  const sendTo = async (channel: Channel, transaction: Hex, targetBlock: bigint) => {
    try {
      await channel.send(transaction, targetBlock)
      taken = true
      note({ kind: 'sent', relay: channel.name, targetBlock })
    } catch (error) {
      if (!(error instanceof BaseError)) throw error
      const { code } = error as BaseError & { readonly code: string }
      errors.push(error)
      maybe ||= mayHaveArrived(error)
      note({ kind: 'refused', relay: channel.name, targetBlock, code })
    }
  }
  const requireTaken = () => {
    if (taken || errors.length === 0) return
    const codes = new Set(errors.map((error) => (error as { code?: unknown }).code))
    if (codes.size === 1) throw errors[0]
    throw new NoRelayError({ codes: [...codes].join(', ') })
  }
  return {
    note,
    requireTaken,
    events: () => events,
    send: async (transaction: Hex, targetBlock: bigint) => {
      errors = []
      await Promise.all(channels.map((channel) => sendTo(channel, transaction, targetBlock)))
    },
    /** No relay can hold anything of ours, and waiting for the deadline would not change that. */
    hopeless: () => errors.length === channels.length && !taken && !maybe,
  }
}

/** The relay key is the funds key: one leak would then lose both, and relays would see the account. */
export class SameKeyError extends BaseError {
  override readonly code = 'submit.same-key'

  constructor() {
    super('The relay key must not be the key that holds funds.', {
      hint: 'Make a fresh key for relay requests; it needs no funds.',
    })
  }
}

/** No relay took the bundle, each for its own reason, or none is configured. */
export class NoRelayError extends BaseError {
  override readonly code = 'submit.no-relay'

  constructor(facts: { codes?: string }) {
    super('No relay took the settlement.', {
      facts,
      hint: 'Configure at least one working relay; nothing was sent to a public mempool.',
      retryable: true,
    })
  }
}
