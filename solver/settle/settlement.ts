/** What leaves this room: calldata, and what the simulation of exactly that calldata gave. */
import type { Address, Hex } from '../core/hex.ts'

/** An award encoded, simulated and ready to be signed as one transaction. Amounts are base units. */
export type Settlement = {
  readonly to: Address
  readonly data: Hex
  readonly gasLimit: bigint
  /** What the simulation of exactly this calldata gave, order by order. */
  readonly expected: readonly ExpectedFill[]
}

/** What one order will get, by simulation. */
export type ExpectedFill = { readonly digest: Hex; readonly sold: bigint; readonly bought: bigint }
