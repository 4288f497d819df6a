/** Balancer V2 stable pools against their real bytecode: every published version, with and without rates. */
import type { Address } from '../../../solver/core/hex.ts'
import { balancerStable, type BalancerStableState } from '../../../solver/pools/balancerStable.ts'
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

type Version =
  | 'stable'
  | 'meta'
  | 'phantom'
  | 'stable2'
  | 'composable0'
  | 'composable1'
  | 'composable2'
  | 'composable3'

/** Decimals, balance in base units, and the token's rate in millionths; 0 for no rate provider. */
type Tokens = readonly (readonly [decimals: number, balance: bigint, rate: number])[]

/** Which contract, its amplification, its fee in 10^-18, and its tokens. */
type Plan = readonly [version: Version, amp: bigint, fee: bigint, tokens: Tokens]

const e = (exponent: number, digits = 1n) => digits * 10n ** BigInt(exponent)

const plans: readonly Plan[] = [
  [
    'stable',
    200n,
    e(12),
    [
      [6, e(13), 0],
      [18, e(25), 0],
      [6, e(12, 7n), 0],
    ],
  ],
  [
    'stable',
    5000n,
    e(14),
    [
      [18, e(24), 0],
      [18, e(22, 3n), 0],
    ],
  ],
  [
    'stable',
    1n,
    e(17),
    [
      [8, e(10), 0],
      [2, e(5), 0],
      [18, e(20), 0],
      [18, e(21), 0],
      [6, e(6), 0],
    ],
  ],
  [
    'meta',
    50n,
    e(14, 4n),
    [
      [18, e(21, 83n), 1_226_470],
      [18, e(21, 101n), 0],
    ],
  ],
  [
    'meta',
    777n,
    e(15),
    [
      [18, 123_456_789_012_345_678n, 1_050_000],
      [6, 1_234_567n, 987_654],
    ],
  ],
  [
    'phantom',
    1472n,
    e(13),
    [
      [18, e(24), 1_020_304],
      [6, e(12), 1_000_001],
      [6, e(11, 9n), 0],
    ],
  ],
  [
    'phantom',
    60n,
    e(12),
    [
      [18, e(30), 0],
      [18, e(28), 2_000_000],
    ],
  ],
  [
    'stable2',
    300n,
    e(14),
    [
      [18, e(24), 0],
      [6, e(12), 0],
      [18, e(23), 0],
    ],
  ],
  [
    'composable0',
    500n,
    e(14),
    [
      [18, e(23), 1_100_000],
      [18, e(23, 2n), 0],
      [6, e(11), 0],
    ],
  ],
  [
    'composable1',
    20n,
    e(16),
    [
      [18, 8_446_984_709_025_248_947n, 1_069_022],
      [18, e(19), 0],
    ],
  ],
  [
    'composable2',
    2000n,
    e(12),
    [
      [18, e(24), 333_333],
      [6, e(12), 0],
      [8, e(14), 1_999_999],
    ],
  ],
  [
    'composable3',
    5000n,
    e(14),
    [
      [18, e(22, 47n), 1_139_209],
      [18, e(22, 22n), 0],
    ],
  ],
  [
    'composable3',
    1n,
    e(15, 5n),
    [
      [18, e(24), 0],
      [6, e(9), 0],
      [18, e(22), 0],
      [18, e(25), 0],
    ],
  ],
]

/**
 * Makes `count` seeded swaps of thirteen real pools. Rates have changed since the pools were made; every other
 * cached rate has expired.
 *
 * @param alter - Changes the states that the module works on: a control that must lead to differences.
 */
export async function compare(
  count: number,
  seed: number,
  alter?: (state: BalancerStableState) => BalancerStableState,
): Promise<Differential> {
  const chain = await createVaultChain()
  try {
    const states = await putPools(chain)
    return await compareWithVault(chain, balancerStable, states, { count, seed, alter })
  } finally {
    await chain.close()
  }
}

/** Puts the thirteen pools on `chain`, and reads them as the market would. */
export async function putPools(chain: VaultChain): Promise<readonly BalancerStableState[]> {
  const states: BalancerStableState[] = []
  for (const [at, plan] of plans.entries()) states.push(await putPool(chain, plan, at % 2 === 0))
  return states
}

/** Deploys and fills the pool of a plan, changes its tokens' rates, and reads it as the market would. */
async function putPool(
  chain: VaultChain,
  [version, amp, fee, plan]: Plan,
  expires: boolean,
): Promise<BalancerStableState> {
  const tokens = await chain.tokens(plan.map(([decimals]) => decimals))
  const providers: Address[] = []
  for (const [, , rate] of plan)
    providers.push(rate === 0 ? nobody : await chain.rateProvider(e(12, BigInt(rate))))
  const durations = plan.map(([, , rate]) => (rate === 0 || expires ? 0n : 100_000n))
  const pool = await deployPool(chain, version, { amp, fee, tokens, providers, durations })
  await chain.fill(pool, (token) => plan[tokens.indexOf(token)]?.[1] ?? 0n)
  for (const [at, provider] of providers.entries())
    if (provider !== nobody)
      await chain.rateProvider(e(12, BigInt(plan[at]?.[2] ?? 0)) + 123_456_789_123n, provider)
  await chain.node.request({ method: 'evm_mine' })
  const ref = { kind: 'balancerStable', id: toPoolId(pool), tokens: [] }
  const state = await readPool(chain.node, ref)
  if (state.kind !== 'balancerStable') throw new TypeError(`read ${state.kind}`)
  return state
}

type Settings = {
  readonly amp: bigint
  readonly fee: bigint
  readonly tokens: readonly Address[]
  readonly providers: readonly Address[]
  readonly durations: readonly bigint[]
}

/** The contracts that are deployed from one tuple of settings. */
const taskOf = {
  meta: taskArtifact('deprecated/20210727-meta-stable-pool', 'MetaStablePool', true),
  phantom: taskArtifact('deprecated/20211208-stable-phantom-pool', 'StablePhantomPool', true),
  composable0: taskArtifact('20220817-composable-stable-pool', 'ComposableStablePool', true),
  composable1: taskArtifact('20220906-composable-stable-pool', 'ComposableStablePool', true),
  composable3: taskArtifact('20230206-composable-stable-pool-v3', 'ComposableStablePool'),
}

function deployPool(chain: VaultChain, version: Version, settings: Settings): Promise<Address> {
  const { amp, fee, tokens, providers, durations } = settings
  const [pause, buffer] = pauseWindow
  if (version === 'stable') {
    const artifact = taskArtifact('deprecated/20210624-stable-pool', 'StablePool', true)
    const args = [balancerV2Vault, 'P', 'P', tokens, amp, fee, pause, buffer, nobody]
    return chain.deploy(artifact, args)
  }
  if (version === 'stable2') {
    const artifact = taskArtifact('20220609-stable-pool-v2', 'StablePoolFactory')
    const factory = { ...artifact, factoryArgs: [balancerV2Vault] }
    return chain.create(factory, ['P', 'P', tokens, amp, fee, nobody])
  }
  const exempt = tokens.map(() => false)
  if (version === 'composable2') {
    const task = 'deprecated/20221122-composable-stable-pool-v2'
    const artifact = taskArtifact(task, 'ComposableStablePoolFactory')
    const factory = { ...artifact, factoryArgs: [balancerV2Vault, chain.feesProvider, 'F', 'P'] }
    const args = ['P', 'P', tokens, amp, providers, durations, exempt, fee, nobody]
    return chain.create(factory, args)
  }
  const params = {
    vault: balancerV2Vault,
    protocolFeeProvider: chain.feesProvider,
    name: 'P',
    symbol: 'P',
    tokens,
    rateProviders: providers,
    priceRateCacheDuration: durations,
    tokenRateCacheDurations: durations,
    exemptFromYieldProtocolFeeFlags: exempt,
    amplificationParameter: amp,
    swapFeePercentage: fee,
    pauseWindowDuration: pause,
    bufferPeriodDuration: buffer,
    oracleEnabled: false,
    owner: nobody,
    version: 'P',
  }
  return chain.deploy(taskOf[version], [params])
}
