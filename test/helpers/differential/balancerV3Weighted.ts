/** Swaps of Balancer V3 weighted pools against the real vault and pool: npm @balancer-labs/v3-*. */
import {
  type BalancerV3WeightedState,
  balancerV3Weighted,
} from '../../../solver/pools/balancerV3Weighted.ts'
import { createBenchChain, type PoolPlan } from '../balancerV3/chain.ts'
import { compareKind, type Differential, drawFilling, vaultStateOf } from '../balancerV3/compare.ts'

const percent = 10n ** 16n
/** `_MIN_SWAP_FEE_PERCENTAGE` of weighted pools. */
const feeMin = 10n ** 13n

const plans: readonly PoolPlan[] = [
  { tokens: [0, 1], tokenKinds: ['plain', 'plain'], weights: [50n * percent, 50n * percent] },
  { tokens: [0, 2], tokenKinds: ['yield', 'plain'], weights: [80n * percent, 20n * percent] },
  { tokens: [1, 3], tokenKinds: ['plain', 'rate'], weights: [20n * percent, 80n * percent] },
  { tokens: [0, 3], tokenKinds: ['rate', 'yield'], weights: [percent, 99n * percent] },
  {
    tokens: [1, 4, 7],
    tokenKinds: ['plain', 'rate', 'plain'],
    weights: [333_333_333_333_333_333n, 333_333_333_333_333_333n, 333_333_333_333_333_334n],
  },
  {
    tokens: [0, 1, 2, 3, 4, 5, 6, 7],
    tokenKinds: ['plain', 'plain', 'rate', 'yield', 'plain', 'yield', 'rate', 'plain'],
    weights: [10n, 20n, 5n, 33n, 7n, 12n, 3n, 10n].map((each) => each * percent),
  },
]

/**
 * Compares `count` seeded swaps with what the vault does, amounts and the balances after.
 *
 * @param alter - Changes the state that our maths works on: a control that must lead to differences.
 */
export async function compare(
  count: number,
  seed: number,
  alter?: (state: BalancerV3WeightedState) => BalancerV3WeightedState,
): Promise<Differential> {
  const chain = await createBenchChain(plans)
  try {
    return await compareKind(
      chain,
      {
        module: balancerV3Weighted,
        stateOf: (pool, filling) => ({
          ...vaultStateOf('balancerV3Weighted', pool, filling),
          weights: pool.weights ?? [],
          minBalances: pool.minBalances,
        }),
        draw: (pool, rng) => drawFilling(pool, rng, { feeMin, spread: 10n ** 6n }),
      },
      { count, seed, ...(alter === undefined ? {} : { alter }) },
    )
  } finally {
    await chain.close()
  }
}
