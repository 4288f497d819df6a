/** States of Solidly pairs, volatile and stable: dust, huge, imbalanced, empty, all decimals, unknown decimals. */
import * as fc from 'fast-check'
import { stableK } from '../../../solver/pools/math/solidly.ts'
import type { SolidlyState } from '../../../solver/pools/solidly.ts'
import { poolA, tokenA, tokenB } from '../pools.ts'
import { anyMagnitude } from './magnitudes.ts'

/** `MINIMUM_K`: stable pairs begin above it. */
const leastK = 10n ** 10n

const anyFee = fc.oneof(
  fc.constantFrom(0, 100, 500, 3_000, 30_000),
  fc.nat({ max: 300 }).map((bps) => bps * 100),
)
const anyDecimals = fc.oneof(fc.constantFrom(6, 8, 18), fc.integer({ min: 0, max: 24 }))
const anyVariant = fc.constantFrom<NonNullable<SolidlyState['variant']>[]>('v1', 'v2')

const volatile = fc
  .tuple(
    fc.oneof(
      { weight: 20, arbitrary: anyMagnitude(112) },
      { weight: 1, arbitrary: fc.constantFrom(0n, 1n) },
    ),
    anyMagnitude(112),
    anyFee,
    anyVariant,
  )
  .map(([reserve0, reserve1, feePips, variant]) =>
    aSolidly([reserve0, reserve1], { feePips, variant }),
  )

/** Whole tokens from a few thousandths to 10^11, either side up to a million times the other. */
const stable = fc
  .tuple(
    anyMagnitude(96, 53),
    fc.tuple(fc.integer({ min: -20, max: 20 }), fc.bigInt({ min: 0n, max: 2n ** 20n })),
    anyDecimals,
    anyDecimals,
    anyFee,
    anyVariant,
    fc.nat({ max: 19 }),
  )
  .map(([x, [bits, extra], decimals0, decimals1, feePips, variant, rare]) => {
    const y =
      ((bits < 0 ? x >> BigInt(-bits) : x << BigInt(bits)) * (2n ** 20n + extra)) / 2n ** 20n
    const reserves = [unscaled(x, decimals0), unscaled(y, decimals1)] as const
    const decimals = rare === 0 ? undefined : ([decimals0, decimals1] as const)
    return aSolidly(reserves, { stable: true, feePips, decimals, variant })
  })
  .filter(({ reserves: [reserve0, reserve1], decimals = [18, 18] }) => {
    const x = (reserve0 * 10n ** 18n) / 10n ** BigInt(decimals[0])
    const y = (reserve1 * 10n ** 18n) / 10n ** BigInt(decimals[1])
    return stableK(x, y) >= leastK
  })

function unscaled(amount: bigint, decimals: number): bigint {
  return (amount * 10n ** BigInt(decimals)) / 10n ** 18n
}

/** A volatile pair of V2 with a fee of 0.3 %, changed as `over` says. */
export function aSolidly(
  reserves: readonly [bigint, bigint],
  over: Partial<SolidlyState> = {},
): SolidlyState {
  const { decimals, variant = 'v2', ...rest } = over
  return {
    kind: 'solidly',
    id: poolA,
    tokens: [tokenA, tokenB],
    stable: false,
    reserves,
    feePips: 3_000,
    ...(decimals === undefined ? {} : { decimals }),
    variant,
    ...rest,
  }
}

/** Any pair that a contract can be in. */
export const states: fc.Arbitrary<SolidlyState> = fc.oneof(volatile, stable)
