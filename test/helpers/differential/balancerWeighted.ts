/** Balancer V2 weighted pools against their real bytecode: every published version, two to eight tokens. */
import type { Address } from '../../../solver/core/hex.ts'
import {
  balancerWeighted,
  type BalancerWeightedState,
} from '../../../solver/pools/balancerWeighted.ts'
import { balancerV2Vault } from '../../../solver/pools/deployments.ts'
import { toPoolId } from '../../../solver/pools/pool.ts'
import { readPool } from '../localnet.ts'
import { compareWithVault, type Differential } from './balancerV2.ts'
import {
  createVaultChain,
  nobody,
  pauseWindow,
  taskArtifact,
  type VaultChain,
} from './balancerV2Chain.ts'

/** Weight in percent, decimals, and balance in base units, of each token. */
type Tokens = readonly (readonly [weight: number, decimals: number, balance: bigint])[]

/** Which contract, its fee in 10^-18, and its tokens. */
type Plan = readonly [version: 'v0' | 'v0Pair' | 'v2' | 'v3', fee: bigint, tokens: Tokens]

const e = (exponent: number, digits = 1n) => digits * 10n ** BigInt(exponent)

const plans: readonly Plan[] = [
  [
    'v0',
    e(12),
    [
      [80, 18, e(24, 29n)],
      [20, 18, e(18, 605n)],
    ],
  ],
  [
    'v0',
    e(15, 3n),
    [
      [50, 6, 6_289_667_028n],
      [50, 18, 3_008_102_220_163_638_974n],
    ],
  ],
  [
    'v0',
    e(17),
    [
      [30, 8, e(10)],
      [3, 6, 123_456_789_012n],
      [47, 18, e(21)],
      [20, 2, e(9)],
    ],
  ],
  // Eight tokens of 4 to 18 decimals.
  [
    'v0',
    1_234_567_890_123_456n,
    [12, 13, 12, 13, 12, 13, 12, 13].map((weight, at) => [
      weight,
      4 + 2 * at,
      7n ** BigInt(12 + at),
    ]),
  ],
  [
    'v0Pair',
    e(14, 4n),
    [
      [2, 18, e(26)],
      [98, 6, 987_654_321n],
    ],
  ],
  [
    'v0Pair',
    e(12),
    [
      [50, 18, e(7)],
      [50, 18, e(9)],
    ],
  ],
  [
    'v2',
    e(14, 25n),
    [
      [50, 18, e(27)],
      [50, 18, e(22, 3n)],
    ],
  ],
  [
    'v2',
    e(12),
    [
      [80, 18, e(22)],
      [20, 6, e(12) + 1n],
    ],
  ],
  [
    'v2',
    e(16),
    [
      [20, 6, e(13)],
      [40, 8, e(12)],
      [40, 18, e(24)],
    ],
  ],
  // Near the 2^112 that the vault can keep.
  [
    'v3',
    e(12),
    [
      [50, 18, e(32, 45n)],
      [50, 0, e(9)],
    ],
  ],
  [
    'v3',
    e(14, 9n),
    [
      [20, 18, 777_777n * e(12)],
      [80, 8, 12_345_678n],
    ],
  ],
  [
    'v3',
    e(15),
    [
      [10, 18, e(20)],
      [20, 18, e(21)],
      [40, 6, e(9, 5n)],
      [30, 18, e(17, 3n)],
    ],
  ],
]

/**
 * Makes `count` seeded swaps of twelve real pools.
 *
 * @param alter - Changes the states that the module works on: a control that must lead to differences.
 */
export async function compare(
  count: number,
  seed: number,
  alter?: (state: BalancerWeightedState) => BalancerWeightedState,
): Promise<Differential> {
  const chain = await createVaultChain()
  try {
    const states = await putPools(chain)
    return await compareWithVault(chain, balancerWeighted, states, { count, seed, alter })
  } finally {
    await chain.close()
  }
}

/** Puts the twelve pools on `chain`, and reads them as the market would. */
export async function putPools(chain: VaultChain): Promise<readonly BalancerWeightedState[]> {
  const states: BalancerWeightedState[] = []
  for (const plan of plans) states.push(await putPool(chain, plan))
  return states
}

/** Deploys and fills the pool of a plan, and reads it as the market would. */
async function putPool(
  chain: VaultChain,
  [version, fee, plan]: Plan,
): Promise<BalancerWeightedState> {
  const tokens = await chain.tokens(plan.map(([, decimals]) => decimals))
  const weights = plan.map(([weight]) => e(16, BigInt(weight)))
  const pool = await deployPool(chain, version, { fee, tokens, weights })
  await chain.fill(pool, (token) => plan[tokens.indexOf(token)]?.[2] ?? 0n)
  const state = await readPool(chain.node, {
    kind: 'balancerWeighted',
    id: toPoolId(pool),
    tokens: [],
  })
  if (state.kind !== 'balancerWeighted') throw new TypeError(`read ${state.kind}`)
  return state
}

type Settings = {
  readonly fee: bigint
  readonly tokens: readonly Address[]
  readonly weights: readonly bigint[]
}

function deployPool(
  chain: VaultChain,
  version: Plan[0],
  { fee, tokens, weights }: Settings,
): Promise<Address> {
  const [pause, buffer] = pauseWindow
  if (version === 'v0') {
    const artifact = taskArtifact('20210418-weighted-pool', 'WeightedPool', true)
    const args = [balancerV2Vault, 'P', 'P', tokens, weights, fee, pause, buffer, nobody]
    return chain.deploy(artifact, args)
  }
  if (version === 'v0Pair') {
    const artifact = taskArtifact('20210418-weighted-pool', 'WeightedPool2Tokens', true)
    const params = {
      vault: balancerV2Vault,
      name: 'P',
      symbol: 'P',
      token0: tokens[0],
      token1: tokens[1],
      normalizedWeight0: weights[0],
      normalizedWeight1: weights[1],
      swapFeePercentage: fee,
      pauseWindowDuration: pause,
      bufferPeriodDuration: buffer,
      oracleEnabled: false,
      owner: nobody,
    }
    return chain.deploy(artifact, [params])
  }
  const none = tokens.map(() => nobody)
  const params = {
    name: 'P',
    symbol: 'P',
    tokens,
    normalizedWeights: weights,
    rateProviders: none,
    assetManagers: none,
    swapFeePercentage: fee,
  }
  const shared = [params, balancerV2Vault, chain.feesProvider, pause, buffer, nobody]
  return version === 'v2'
    ? chain.deploy(taskArtifact('20220908-weighted-pool-v2', 'WeightedPool', true), shared)
    : chain.deploy(taskArtifact('20230206-weighted-pool-v3', 'WeightedPool'), [...shared, '3'])
}
