/** Swaps of Balancer V3 stable pools against the real vault and pool: npm @balancer-labs/v3-*. */
import {
  type BalancerV3StableState,
  balancerV3Stable,
} from '../../../solver/pools/balancerV3Stable.ts'
import { createBenchChain, type PoolPlan } from '../balancerV3/chain.ts'
import { compareKind, type Differential, drawFilling, vaultStateOf } from '../balancerV3/compare.ts'

/** `_MIN_SWAP_FEE_PERCENTAGE` of stable pools. */
const feeMin = 10n ** 12n

const plans: readonly PoolPlan[] = [
  { tokens: [0, 1], tokenKinds: ['plain', 'plain'], amp: 200n },
  { tokens: [0, 3], tokenKinds: ['yield', 'rate'], amp: 1n },
  { tokens: [1, 2], tokenKinds: ['yield', 'plain'], amp: 50_000n },
  { tokens: [0, 1, 5], tokenKinds: ['plain', 'plain', 'plain'], amp: 1_000n },
  { tokens: [0, 3, 4, 6], tokenKinds: ['yield', 'plain', 'rate', 'plain'], amp: 77n },
  {
    tokens: [0, 1, 2, 3, 5],
    tokenKinds: ['yield', 'yield', 'plain', 'rate', 'yield'],
    amp: 5_000n,
  },
]

const ampPrecision = 1_000n
const imbalanceMax = 10_000n

/**
 * Compares `count` seeded swaps with what the vault does, amounts and the balances after.
 *
 * @param alter - Changes the state that our maths works on: a control that must lead to differences.
 */
export async function compare(
  count: number,
  seed: number,
  alter?: (state: BalancerV3StableState) => BalancerV3StableState,
): Promise<Differential> {
  const chain = await createBenchChain(plans)
  try {
    return await compareKind(
      chain,
      {
        module: balancerV3Stable,
        stateOf: (pool, filling) => ({
          ...vaultStateOf('balancerV3Stable', pool, filling),
          amp: (pool.amp ?? 0n) * ampPrecision,
          ampUpdating: false,
          imbalanceMax,
        }),
        draw: (pool, rng) => {
          const isSkewed = rng.next() < 0.3
          return drawFilling(pool, rng, { feeMin, spread: isSkewed ? 9_000n : 10n })
        },
      },
      { count, seed, ...(alter === undefined ? {} : { alter }) },
    )
  } finally {
    await chain.close()
  }
}
