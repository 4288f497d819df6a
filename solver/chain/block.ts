/** What the chain tells the other rooms: blocks, logs and calls. */
import type { Address, Hex } from '../core/hex.ts'

/** A block named well enough to notice when it is no longer canonical. */
export type BlockRef = {
  readonly number: bigint
  readonly hash: Hex
  readonly parentHash: Hex
  /** Unix seconds. */
  readonly timestamp: bigint
}

/** One event as a receipt holds it. */
export type Log = {
  readonly address: Address
  readonly topics: readonly Hex[]
  readonly data: Hex
}

/** One contract call, ready for an executor. `value` is in wei. */
export type Call = {
  readonly target: Address
  readonly value: bigint
  readonly data: Hex
  /**
   * Runtime code that stands in place of the target's own while the call is read, so that it sees the target's
   * storage. A node that knows no state overrides answers such a call with nothing.
   */
  readonly lens?: Hex | undefined
}
