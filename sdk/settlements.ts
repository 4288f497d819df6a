/** The one settlement contract of each chain that signatures and approvals may name: given, or pinned on first use. */
import type { Address } from '../solver/core/hex.ts'
import type { Domain } from '../solver/intents/eip712.ts'
import { permit2Address } from '../solver/intents/eip712.ts'
import { MismatchError } from './errors.ts'
import type { Wallet } from './wallet.ts'

/** What is known of settlement contracts. */
export type Settlements = {
  /** The contract of a chain, or `undefined` before the first quote. */
  known(chainId: number): Address | undefined
  /**
   * Keeps the contract of the first quote; a later one must be the same.
   *
   * @throws {MismatchError} `sdk.mismatch`, for another contract, for Permit2, and for an address without code.
   */
  pin(domain: Domain): Promise<void>
}

/** `given` holds for every chain: the contract has the same address on each. */
export function createSettlements(wallet: Wallet, given: Address | undefined): Settlements {
  const pinned = new Map<number, Address>()
  const known = (chainId: number) => given ?? pinned.get(chainId)
  const field = 'domain.verifyingContract'
  return {
    known,
    async pin({ chainId, settlement }) {
      if (known(chainId) === undefined) {
        if (settlement === permit2Address || !(await wallet.hasCode(settlement)))
          throw new MismatchError(field, 'a settlement contract', settlement)
        // Another first quote may have come between: the earlier one stays.
        if (known(chainId) === undefined) pinned.set(chainId, settlement)
      }
      const kept = known(chainId)
      if (kept !== settlement) throw new MismatchError(field, kept, settlement)
    },
  }
}
