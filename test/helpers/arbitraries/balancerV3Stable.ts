/** States of Balancer V3 stable pools of all versions. */
import * as fc from 'fast-check'
import type { BalancerV3StableState } from '../../../solver/pools/balancerV3Stable.ts'
import { vaultStates } from './balancerV3Vault.ts'

const anyVaultPart = fc.oneof(
  vaultStates('balancerV3Stable', { tokensMax: 5, feeMin: 10n ** 12n, spreadDigits: 1 }),
  vaultStates('balancerV3Stable', { tokensMax: 5, feeMin: 10n ** 12n, spreadDigits: 4 }),
)

/** Any stable pool that the contract can be in, and some that are too far out of balance for it. */
export const states: fc.Arbitrary<BalancerV3StableState> = fc
  .tuple(
    anyVaultPart,
    fc.oneof(
      fc.constantFrom(1_000n, 200_000n, 50_000_000n),
      fc.bigInt({ min: 1_000n, max: 50_000_000n }),
    ),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([state, amp, ampUpdating, isLimited]) => ({
    ...state,
    amp,
    ampUpdating,
    ...(isLimited ? { imbalanceMax: 10_000n } : {}),
  }))
