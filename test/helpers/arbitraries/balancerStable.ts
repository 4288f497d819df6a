/** States of Balancer V2 stable pools: two to five tokens, every version, with and without rates. */
import * as fc from 'fast-check'
import type { BalancerStableState } from '../../../solver/pools/balancerStable.ts'
import { aVaultPool, anyBalances } from './balancerVault.ts'
import { anyMagnitude } from './magnitudes.ts'

const wad = 10n ** 18n

/** Of a token of 0 to 18 decimals, one in three with a rate from a half to two. */
const anyFactor = fc
  .tuple(
    fc.constantFrom(0n, 0n, 2n, 10n, 12n, 12n, 18n),
    fc.oneof(
      { weight: 2, arbitrary: fc.constant(wad) },
      { weight: 1, arbitrary: fc.bigInt({ min: wad / 2n, max: 2n * wad }) },
    ),
  )
  .map(([digits, rate]) => 10n ** digits * rate)

/** Balances that are worth about as much as one another, as a stable pool's are, and others. */
function anyWorth(factors: readonly bigint[]): fc.Arbitrary<readonly bigint[]> {
  const near = fc
    .tuple(
      anyMagnitude(90, 50),
      fc.array(fc.integer({ min: 1, max: 2_000 }), {
        minLength: factors.length,
        maxLength: factors.length,
      }),
    )
    .map(([worth, shares]) =>
      factors.map((factor, at) => 1n + (worth * BigInt(shares[at] ?? 1) * wad) / (1_000n * factor)),
    )
  return fc.oneof(
    { weight: 8, arbitrary: near },
    { weight: 1, arbitrary: anyBalances(factors.length) },
  )
}

/** Any stable pool that the contracts can be in. */
export const states: fc.Arbitrary<BalancerStableState> = fc
  .integer({ min: 2, max: 5 })
  .chain((count) => fc.array(anyFactor, { minLength: count, maxLength: count }))
  .chain((scalingFactors) =>
    fc.tuple(
      fc.constant(scalingFactors),
      aVaultPool(scalingFactors.length),
      anyWorth(scalingFactors),
      fc.integer({ min: 1_000, max: 5_000_000 }),
      fc.constantFrom('v1' as const, 'v2' as const, undefined),
    ),
  )
  .map(([scalingFactors, pool, balances, amp, version]) => ({
    kind: 'balancerStable',
    ...pool,
    balances,
    amp: BigInt(amp),
    scalingFactors,
    ...(version === undefined ? {} : { version, drifting: true }),
  }))
