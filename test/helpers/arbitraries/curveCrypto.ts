/** States of CryptoSwap pools: every variant, balanced and not, dust and huge, one side empty. */
import * as fc from 'fast-check'
import {
  type CryptoVariant,
  type CurveCryptoState,
  coinsOf,
  scaledOf,
  solveD,
  xcpOf,
} from '../../../solver/pools/curveCryptoState.ts'
import { toPoolId } from '../../../solver/pools/pool.ts'

const one = 10n ** 18n
const coins = [
  '0x00000000000000000000000000000000000000a0',
  '0x00000000000000000000000000000000000000b0',
  '0x00000000000000000000000000000000000000c0',
] as const
/** Where a unit is a larger part of a pool, whether it is taken depends on it alone, and no order holds. */
const leastUnits = 10_000n
/** A share of 1,000, for factors. */
const permille = (low: number, high: number) => fc.integer({ min: low, max: high }).map(BigInt)

/** Above which Twocrypto-NG narrows its bounds, and what v2 pools have. */
const gammas: Readonly<Record<CryptoVariant, readonly bigint[]>> = {
  two: [10n ** 10n, 145n * 10n ** 12n, 2n * 10n ** 16n],
  tri: [10n ** 10n, 11_809_167_828_997n, 5n * 10n ** 16n],
  twoNg: [10n ** 10n, 145n * 10n ** 12n, 2n * 10n ** 16n, 199n * 10n ** 15n],
  triNg: [10n ** 10n, 11_809_167_828_997n, 5n * 10n ** 16n],
}

type Draw = {
  readonly variant: CryptoVariant
  readonly a: bigint
  readonly gamma: number
  readonly worth: bigint
  readonly shares: readonly bigint[]
  readonly decimals: readonly number[]
  readonly prices: readonly bigint[]
  readonly fees: readonly [bigint, bigint, bigint]
  readonly oracle: bigint
  readonly empty: number
  /** Whether the state leaves out what moves its price scale. */
  readonly isStill: boolean
}

const draws: fc.Arbitrary<Draw> = fc.record({
  variant: fc.constantFrom('two', 'tri', 'twoNg', 'triNg'),
  a: fc.constantFrom(1n, 10n, 135n, 1_000n),
  gamma: fc.nat({ max: 3 }),
  worth: fc
    .tuple(fc.integer({ min: 0, max: 14 }), fc.integer({ min: 100, max: 999 }))
    .map(([top, digits]) => BigInt(digits) * 10n ** BigInt(14 + top)),
  shares: fc.array(permille(30, 3_000), { minLength: 3, maxLength: 3 }),
  decimals: fc.array(fc.constantFrom(6, 8, 18), { minLength: 3, maxLength: 3 }),
  prices: fc.array(
    fc
      .tuple(fc.integer({ min: -6, max: 6 }), permille(100, 999))
      .map(([top, digits]) => digits * 10n ** BigInt(15 + top)),
    { minLength: 2, maxLength: 2 },
  ),
  fees: fc.constantFrom(
    [3_000_000n, 30_000_000n, 500_000_000_000_000n],
    [26_000_000n, 45_000_000n, 230_000_000_000_000n],
    // The least that the contracts allow: without a fee the NG pools refuse every swap, as one without profit.
    [500_000n, 500_000n, 1n],
    [30_000_000n, 30_000_000n, 10n ** 15n],
    [5_000_000n, 900_000_000n, 10n ** 18n],
  ),
  oracle: permille(950, 1_050),
  empty: fc.integer({ min: -30, max: 2 }),
  isStill: fc.boolean(),
})

/** Any state that the contracts can be in, and some that they refuse. */
export const states: fc.Arbitrary<CurveCryptoState> = draws.map(stateOf)

function stateOf(draw: Draw): CurveCryptoState {
  const { variant, fees, shares, decimals, worth, empty } = draw
  const n = coinsOf(variant)
  const [midFee, outFee, feeGamma] = fees
  const options = gammas[variant]
  const priceScale = draw.prices.slice(0, n - 1)
  const precisions = decimals.slice(0, n).map((digits) => 10n ** BigInt(18 - digits))
  const balances = precisions.map((precision, at) => {
    const price = at === 0 ? one : (priceScale[at - 1] ?? one)
    if (at === empty) return 0n
    const balance = (worth * (shares[at] ?? 1_000n) * one) / (1_000n * price * precision)
    return balance < leastUnits ? leastUnits : balance
  })
  const plain: CurveCryptoState = {
    kind: 'curveCrypto',
    id: toPoolId('0x00000000000000000000000000000000000000c4'),
    tokens: coins.slice(0, n),
    variant,
    A: draw.a * 10_000n * (n === 2 ? 4n : 27n),
    gamma: options[draw.gamma % options.length] ?? one,
    D: worth * BigInt(n),
    balances,
    precisions,
    priceScale,
    midFee,
    outFee,
    feeGamma,
  }
  const solved = solveD(plain, scaledOf(plain, balances))
  // Balances that no D belongs to are of a pool that is not there.
  const D = solved ?? 0n
  const xcp = solved === undefined ? undefined : xcpOf(plain, D, priceScale)
  if (xcp === undefined || xcp === 0n || draw.isStill) return { ...plain, D }
  // Shares worth 1.05 each, half of the profit kept: pools that are about to move their prices.
  const totalSupply = (xcp * 100n) / 105n + 1n
  const virtualPrice = (one * xcp) / totalSupply
  return {
    ...plain,
    D,
    rebalance: {
      priceOracle: priceScale.map((price) => (price * draw.oracle) / 1_000n),
      xcpProfit: 2n * virtualPrice - one,
      virtualPrice,
      totalSupply,
      allowedExtraProfit: 10n ** 9n,
      adjustmentStep: 10n ** 14n,
    },
  }
}
