/** States of ERC-4626 vaults: dust, huge, empty, any price of the share, capped and drained ones, all offsets. */
import * as fc from 'fast-check'
import { type Erc4626State } from '../../../solver/pools/erc4626.ts'
import { poolA, tokenA } from '../pools.ts'
import { anyMagnitude } from './magnitudes.ts'

const most = 2n ** 128n - 1n
const anyTotal = fc.oneof(
  { weight: 15, arbitrary: anyMagnitude(112) },
  { weight: 1, arbitrary: fc.constant(0n) },
)
const anyLimit = fc.oneof(
  { weight: 3, arbitrary: fc.constant(most) },
  { weight: 2, arbitrary: anyMagnitude(112) },
  { weight: 1, arbitrary: fc.constant(0n) },
)

/** Any vault, with and without virtual shares. */
export const states: fc.Arbitrary<Erc4626State> = fc
  .tuple(
    anyTotal,
    anyTotal,
    fc.oneof(fc.constant(undefined), fc.constant(0), fc.nat({ max: 18 })),
    anyLimit,
    anyLimit,
  )
  .map(([totalAssets, totalSupply, decimalsOffset, depositMax, redeemMax]) =>
    aVault({
      totalAssets,
      totalSupply,
      ...(decimalsOffset === undefined ? {} : { decimalsOffset }),
      depositMax,
      redeemMax: redeemMax < totalSupply ? redeemMax : totalSupply,
    }),
  )

/** An empty vault without virtual shares or limits, changed as `over` says. */
export function aVault(over: Partial<Erc4626State> = {}): Erc4626State {
  return {
    kind: 'erc4626',
    id: poolA,
    tokens: [tokenA, poolA],
    totalAssets: 0n,
    totalSupply: 0n,
    depositMax: most,
    redeemMax: over.totalSupply ?? 0n,
    ...over,
  }
}
