/** What was signed, kept before it is sent: only these bytes ever go out. */
import type { Address, Hex } from '../core/hex.ts'

/** One signed transaction. All entries of one account and nonce exclude each other on chain. */
export type OutboxEntry = {
  readonly account: Address
  readonly nonce: bigint
  /** The signed bytes: secret until mined. */
  readonly transaction: Hex
  readonly transactionHash: Hex
}

/** Where signed bytes are kept. An implementation resolves `put` only once the entry will survive. */
export type Outbox = {
  put(entry: OutboxEntry): Promise<void>
  /** Everything signed for this account and nonce, oldest first. */
  signedFor(account: Address, nonce: bigint): Promise<readonly OutboxEntry[]>
  /** Drops the entries whose nonce the chain has consumed: nonces below `nonce`. */
  forget(account: Address, nonce: bigint): Promise<void>
}

/** An outbox that lasts as long as the process. */
export function createMemoryOutbox(): Outbox {
  let entries: readonly OutboxEntry[] = []
  return {
    put(entry) {
      entries = [...entries, entry]
      return Promise.resolve()
    },
    signedFor(account, nonce) {
      const found = entries.filter((entry) => entry.account === account && entry.nonce === nonce)
      return Promise.resolve(found)
    },
    forget(account, nonce) {
      entries = entries.filter((entry) => entry.account !== account || entry.nonce >= nonce)
      return Promise.resolve()
    },
  }
}
