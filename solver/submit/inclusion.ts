/** What the chain says about our transactions: the next head, inclusion, and who used our nonce. */
import { setTimeout as sleep } from 'node:timers/promises'
import { BaseError } from '../core/errors.ts'
import type { Address, Hex } from '../core/hex.ts'
import type { Outcome } from './channel.ts'
import type { Outbox } from './outbox.ts'
import type { ChainView, Head, Mined } from './reader.ts'

/** Watches the transactions of one settlement, of which the chain takes at most one. */
export type Inclusion = {
  watch(transactionHash: Hex): void
  /**
   * `included` or `reverted` once one is in a canonical block, `undefined` before. Rejects with
   * `submit.nonce-taken` when another transaction used the nonce.
   */
  outcome(): Promise<Outcome | undefined>
}

/** The account nonce that all transactions of one settlement carry. */
export type AccountNonce = { readonly account: Address; readonly nonce: bigint }

/**
 * Makes the watch over what `chain` sees.
 *
 * @throws {NonceTakenError} `submit.nonce-taken`, from `outcome`: terminal for this settlement.
 */
export function createInclusion(
  chain: ChainView,
  outbox: Outbox,
  { account, nonce }: AccountNonce,
): Inclusion {
  const watched = new Set<Hex>()
  const find = async (hashes: Iterable<Hex>) => {
    for (const hash of hashes) {
      const mined = await chain.mined(hash)
      if (mined !== undefined) return { hash, mined }
    }
    return undefined
  }
  return {
    watch: (hash) => void watched.add(hash),
    async outcome() {
      // No question about a hash leaves before the nonce is used: it would show the hash to the node.
      if ((await chain.nonce(account)) <= nonce) return undefined
      const ours = await find(watched)
      if (ours !== undefined) return outcomeOf(ours.hash, ours.mined)
      const signed = await outbox.signedFor(account, nonce)
      const earlier = await find(signed.map((entry) => entry.transactionHash))
      throw new NonceTakenError({ account, nonce, earlierSettlement: earlier?.hash })
    },
  }
}

function outcomeOf(transactionHash: Hex, mined: Mined): Outcome {
  const { succeeded, blockNumber, blockHash, gasUsed } = mined
  return succeeded
    ? { status: 'included', transactionHash, blockNumber, blockHash, gasUsed }
    : { status: 'reverted', blockNumber, reason: 'mined with status 0' }
}

/**
 * Waits for a head above `head`, and gives it.
 *
 * @param options - `pollMs` between two looks, default 500; `stallMs` at most, default 60,000.
 * @throws {HeadStalledError} `submit.head-stalled`, retryable.
 */
export async function nextHead(
  chain: ChainView,
  head: Head,
  {
    pollMs = 500,
    stallMs = 60_000,
  }: { readonly pollMs?: number | undefined; readonly stallMs?: number | undefined },
): Promise<Head> {
  for (let waitedMs = 0; waitedMs <= stallMs; waitedMs += pollMs) {
    const seen = await chain.head()
    if (seen.number > head.number) return seen
    await sleep(pollMs)
  }
  throw new HeadStalledError({ head: head.number, stallMs })
}

/** The chain does not move, or our node does not follow it. */
export class HeadStalledError extends BaseError {
  override readonly code = 'submit.head-stalled'

  constructor(facts: { head: bigint; stallMs: number }) {
    super('No new block arrived in time; the settlement may still be mined.', {
      facts,
      hint: 'Check the node with `isoprice doctor`, then ask for the outcome before planning again.',
      retryable: true,
    })
  }
}

/** Somebody else with this key used the nonce of a settlement that was under way. */
export class NonceTakenError extends BaseError {
  override readonly code = 'submit.nonce-taken'

  constructor(facts: AccountNonce & { readonly earlierSettlement: Hex | undefined }) {
    super('Another transaction of the account used the nonce of this settlement.', {
      facts,
      hint: 'Use the sending key nowhere else, read what the mined transaction did, and plan the settlement again.',
    })
  }
}
