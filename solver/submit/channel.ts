/** The port of a submission channel: how one settlement reaches a builder without being shown to anyone. */
import type { Hex } from '../core/hex.ts'

/** One signed transaction on its way to one block. */
export type Submission = {
  readonly channel: string
  readonly transaction: Hex
  readonly transactionHash: Hex
  readonly bundleHash: Hex
  readonly targetBlock: bigint
}

/** What became of a submission: the chain's word, never the relay's. */
export type Outcome =
  | { readonly status: 'pending' }
  | {
      readonly status: 'included'
      readonly transactionHash: Hex
      readonly blockNumber: bigint
      readonly blockHash: Hex
      readonly gasUsed: bigint
    }
  | { readonly status: 'missed'; readonly targetBlock: bigint }
  | { readonly status: 'reverted'; readonly blockNumber: bigint; readonly reason: string }

/** A way into a block. `private` channels never show a transaction before it is mined. */
export type Channel = {
  readonly name: string
  readonly private: boolean
  /** Sends one raw signed transaction for exactly `targetBlock`. */
  send(transaction: Hex, targetBlock: bigint): Promise<Submission>
}
