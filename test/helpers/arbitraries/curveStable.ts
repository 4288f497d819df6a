/** StableSwap pools of every variant and generation: dust, huge, far off the peg, with an empty side. */
import * as fc from 'fast-check'
import type { Address } from '../../../solver/core/hex.ts'
import type { CurveStableState } from '../../../solver/pools/curveStable.ts'
import { toPoolId } from '../../../solver/pools/pool.ts'
import { anyMagnitude } from './magnitudes.ts'

const id = toPoolId(`0x${'c5'.repeat(20)}`)
const tokens: readonly Address[] = [1, 2, 3, 4].map((each): Address => `0x${`0${each}`.repeat(20)}`)
const wad = 10n ** 18n

/** One coin: its decimals, what one is worth, and its share of the pool's value in millionths. */
const anyCoin = fc.record({
  decimals: fc.constantFrom(18n, 18n, 18n, 6n, 6n, 8n, 2n, 0n),
  worth: fc.oneof(
    { weight: 3, arbitrary: fc.constant(wad) },
    { weight: 1, arbitrary: fc.bigInt({ min: wad / 2n, max: 3n * wad }) },
  ),
  share: fc.oneof(
    { weight: 8, arbitrary: fc.bigInt({ min: 10_000n, max: 1_000_000n }) },
    { weight: 2, arbitrary: fc.bigInt({ min: 1n, max: 10_000n }) },
    { weight: 1, arbitrary: fc.constant(0n) },
  ),
})

type Family = Pick<
  CurveStableState,
  'variant' | 'rounding' | 'aPrecision' | 'offpegFeeMultiplier' | 'basePool'
>

const anyMultiplier = fc.bigInt({ min: 10n ** 10n, max: 20n * 10n ** 10n })

const anyFamily: fc.Arbitrary<Family> = fc.oneof(
  fc.constantFrom<Family>(
    { variant: 'plain', aPrecision: 1n },
    { variant: 'plain', aPrecision: 100n, rounding: 'classic' },
    { variant: 'plain', aPrecision: 1n, rounding: 'first' },
    { variant: 'lending', aPrecision: 1n },
    { variant: 'lending', aPrecision: 100n, rounding: 'classic' },
    { variant: 'meta', aPrecision: 100n, basePool: toPoolId(`0x${'ba'.repeat(20)}`) },
    { variant: 'plain', aPrecision: 100n, rounding: 'ema' },
    { aPrecision: 100n },
  ),
  anyMultiplier.map((offpegFeeMultiplier): Family => ({
    variant: 'ng',
    aPrecision: 100n,
    offpegFeeMultiplier,
  })),
  anyMultiplier.map((offpegFeeMultiplier): Family => ({
    variant: 'lending',
    aPrecision: 100n,
    offpegFeeMultiplier,
  })),
)

/** Any StableSwap pool. */
export const states: fc.Arbitrary<CurveStableState> = fc
  .record({
    family: anyFamily,
    coins: fc.array(anyCoin, { minLength: 2, maxLength: 4 }),
    // Common units: from less than one coin's unit to far beyond any pool.
    value: fc.oneof(
      { weight: 4, arbitrary: fc.bigInt({ min: 10n ** 21n, max: 10n ** 28n }) },
      { weight: 1, arbitrary: anyMagnitude(112) },
    ),
    A: fc.oneof(fc.bigInt({ min: 2n, max: 5_000n }), fc.constantFrom(1n, 100_000n)),
    fee: fc.oneof(
      fc.constantFrom(0n, 1_000_000n, 4_000_000n),
      fc.bigInt({ min: 0n, max: 100_000_000n }),
    ),
    adminFee: fc.constantFrom(undefined, 0n, 5n * 10n ** 9n, 10n ** 10n),
    flags: fc.constantFrom({}, { ramping: true }, { rebasing: true }),
  })
  .map(({ family, coins, value, A, fee, adminFee, flags }): CurveStableState => {
    // The two oldest generations lose a unit of a coin in each swap, and trade with an empty side by a D that means
    // nothing. They have no laws where a unit is much and no fee covers it (all charge 1 bp or more); there the
    // bytecode judges.
    const { variant, rounding } = family
    const isOld = rounding === 'first' || (variant === 'lending' && rounding === undefined)
    const [least, whole] = isOld ? [1_000n, value + 10n ** 21n] : [0n, value]
    const rates = coins.map(
      ({ decimals, worth }) => 10n ** (18n - (isOld && decimals < 6n ? 6n : decimals)) * worth,
    )
    return {
      kind: 'curveStable',
      id,
      tokens: tokens.slice(0, coins.length),
      A: A * family.aPrecision,
      fee: isOld && fee < 1_000_000n ? 1_000_000n : fee,
      balances: coins.map(({ share }, at) => {
        const part = share > least ? share : least
        const balance = (((whole * part) / 1_000_000n) * wad) / (rates[at] ?? wad)
        return balance > least ? balance : least
      }),
      rates,
      ...family,
      ...flags,
      ...(adminFee === undefined ? {} : { adminFee }),
    }
  })
