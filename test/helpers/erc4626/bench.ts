/** A chain with real OpenZeppelin vaults of several offsets, decimals, share prices and limits. */
import type { Address } from '../../../solver/core/hex.ts'
import { erc4626, type Erc4626State } from '../../../solver/pools/erc4626.ts'
import { toPoolId } from '../../../solver/pools/pool.ts'
import { type BenchChain, createBenchChain } from '../benchChain.ts'
import { compileCached } from '../compile.ts'

const source = 'test/helpers/erc4626/Bench.sol'

/** Asset decimals, offset (`undefined`: no virtual shares), what is deposited and earned, and the limit. */
type Plan = {
  readonly decimals: number
  readonly offset: number | undefined
  readonly deposited: bigint
  readonly earned: bigint
  readonly cap?: bigint
  readonly feeBps?: bigint
}

const e18 = 10n ** 18n
const plans: readonly Plan[] = [
  { decimals: 18, offset: 0, deposited: 5_000_000n * e18, earned: 313_131n * e18 + 7n },
  { decimals: 6, offset: 12, deposited: 80_000_000n * 10n ** 6n, earned: 1_234_567_891n },
  { decimals: 8, offset: 3, deposited: 12_345_678n, earned: 999n },
  { decimals: 18, offset: 0, deposited: 17n, earned: 1_000n },
  { decimals: 0, offset: 6, deposited: 100n, earned: 0n },
  { decimals: 6, offset: 0, deposited: 10n ** 12n, earned: 1n, cap: 2n * 10n ** 12n },
  { decimals: 18, offset: undefined, deposited: 900n * e18, earned: 77n * e18 + 1n },
  { decimals: 6, offset: undefined, deposited: 5_000_003n, earned: 4_999_999n },
]

/** The chain, who asks on it and owns every share, and the vaults as the module reads them. */
export type Erc4626Bench = {
  readonly chain: BenchChain
  readonly artifacts: ReturnType<typeof erc4626Artifacts>
  readonly asker: Address
  readonly states: readonly Erc4626State[]
  /** What the module reads of a vault that charges a fee on redeeming: nothing. */
  readonly withFee: Erc4626State | undefined
}

/** Starts the chain and makes the vaults. */
export async function createErc4626Bench(): Promise<Erc4626Bench> {
  const artifacts = erc4626Artifacts()
  const chain = await createBenchChain()
  const asker = await chain.deploy(artifacts.Bench)
  const bench = { chain, artifacts, asker }
  const states: Erc4626State[] = []
  for (const plan of plans) {
    const state = await makeVault(bench, plan)
    if (state === undefined) throw new TypeError('the module refuses a plain vault')
    states.push(state)
  }
  const [plan] = plans
  const withFee = plan && (await makeVault(bench, { ...plan, feeBps: 5n }))
  return { ...bench, states, withFee }
}

/** The vaults, the asset and who asks: a second once, then out of the cache. */
function erc4626Artifacts() {
  return compileCached('erc4626', {
    BenchAsset: source,
    BenchVault: source,
    PlainVault: source,
    Bench: source,
  })
}

async function makeVault(
  { chain, artifacts, asker }: Pick<Erc4626Bench, 'chain' | 'artifacts' | 'asker'>,
  { decimals, offset, deposited, earned, cap = 0n, feeBps = 0n }: Plan,
): Promise<Erc4626State | undefined> {
  const { BenchAsset, BenchVault, PlainVault, Bench } = artifacts
  const asset = await chain.deploy(BenchAsset, [decimals])
  const vault =
    offset === undefined
      ? await chain.deploy(PlainVault, [asset])
      : await chain.deploy(BenchVault, [asset, offset, cap, feeBps])
  await chain.send(asker, Bench.abi, 'deposit', [vault, deposited])
  await chain.send(asset, BenchAsset.abi, 'mint', [vault, earned])
  const tokens = [asset, vault]
  return chain.read(erc4626.snapshot({ kind: 'erc4626', id: toPoolId(vault), tokens }))
}
