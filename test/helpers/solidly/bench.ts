/** A chain with real Aerodrome pairs of many sizes, decimals, fees and imbalances. */
import { parseAbi } from 'viem'
import type { Address } from '../../../solver/core/hex.ts'
import { toPoolId } from '../../../solver/pools/pool.ts'
import { solidly, type SolidlyState } from '../../../solver/pools/solidly.ts'
import { type BenchChain, createBenchChain, lowerCase } from '../benchChain.ts'
import { compileCached } from '../compile.ts'

const aerodrome = 'sphere-mezo-solidity-files/domains/aerodrome/contracts'
const benchSource = 'test/helpers/solidly/Bench.sol'

/** Whole tokens, decimals and fee of a pair; a fee of 420 stands for none at the factory. */
type Plan = {
  readonly stable: boolean
  readonly tokens: readonly [number, number]
  readonly decimals: readonly [number, number]
  readonly bps: number
}

const plans: readonly Plan[] = [
  { stable: true, tokens: [1e6, 1e6], decimals: [18, 18], bps: 5 },
  { stable: true, tokens: [1e6, 1.3e6], decimals: [6, 18], bps: 5 },
  { stable: true, tokens: [5e7, 2e7], decimals: [6, 6], bps: 1 },
  { stable: true, tokens: [50_505, 35_728], decimals: [18, 6], bps: 30 },
  { stable: true, tokens: [900, 3], decimals: [18, 18], bps: 300 },
  { stable: true, tokens: [1e9, 4e8], decimals: [8, 18], bps: 420 },
  { stable: true, tokens: [0.5, 0.04], decimals: [18, 8], bps: 10 },
  { stable: true, tokens: [40, 90_000], decimals: [2, 18], bps: 5 },
  { stable: true, tokens: [3e5, 1e5], decimals: [24, 18], bps: 5 },
  { stable: false, tokens: [1e6, 400], decimals: [6, 18], bps: 30 },
  { stable: false, tokens: [5, 7e8], decimals: [18, 18], bps: 420 },
  { stable: false, tokens: [0.9, 1_000], decimals: [8, 6], bps: 100 },
  { stable: false, tokens: [1e10, 1e9], decimals: [18, 0], bps: 300 },
]

const getPool = parseAbi(['function getPool(address,address,bool) view returns (address)'])

/** The chain, who asks on it, and the pairs as the module reads them. */
export type SolidlyBench = {
  readonly chain: BenchChain
  readonly artifacts: ReturnType<typeof solidlyArtifacts>
  readonly asker: Address
  readonly factory: Address
  readonly states: readonly SolidlyState[]
}

/** Starts the chain and makes the pairs. */
export async function createSolidlyBench(): Promise<SolidlyBench> {
  const artifacts = solidlyArtifacts()
  const chain = await createBenchChain()
  const factory = await chain.deploy(artifacts.PoolFactory, [await chain.deploy(artifacts.Pool)])
  const asker = await chain.deploy(artifacts.Bench)
  const bench = { chain, artifacts, asker, factory, states: [] as SolidlyState[] }
  for (const plan of plans) bench.states.push(await makePair(bench, plan))
  return bench
}

/** Aerodrome's contracts and ours beside them: seconds once, then out of the cache. */
function solidlyArtifacts() {
  return compileCached('solidly', {
    Pool: `${aerodrome}/Pool.sol`,
    PoolFactory: `${aerodrome}/factories/PoolFactory.sol`,
    Bench: benchSource,
    BenchToken: benchSource,
  })
}

async function makePair(
  { chain, artifacts, factory }: Omit<SolidlyBench, 'states'>,
  { stable, tokens: whole, decimals, bps }: Plan,
): Promise<SolidlyState> {
  const { Pool, PoolFactory, BenchToken } = artifacts
  const [one, two] = [
    await chain.deploy(BenchToken, [decimals[0]]),
    await chain.deploy(BenchToken, [decimals[1]]),
  ]
  await chain.send(factory, PoolFactory.abi, 'createPool', [one, two, stable])
  const args = [one, two, stable]
  const answer = await chain.ask({ to: factory, abi: getPool, name: 'getPool', args })
  const pair = lowerCase(answer as Address) // as the ABI above says
  await chain.send(factory, PoolFactory.abi, 'setCustomFee', [pair, BigInt(bps)])
  const give = (token: Address, amount: bigint) =>
    chain.send(token, BenchToken.abi, 'mint', [pair, amount])
  // A stable pair begins with two equal sides above its least k; the rest is sent and taken over by sync.
  const first = 0.02
  await give(one, amountOf(first, decimals[0]))
  await give(two, amountOf(first, decimals[1]))
  await chain.send(pair, Pool.abi, 'mint', [chain.from])
  await give(one, amountOf(whole[0], decimals[0]) - amountOf(first, decimals[0]))
  await give(two, amountOf(whole[1], decimals[1]) - amountOf(first, decimals[1]))
  await chain.send(pair, Pool.abi, 'sync')
  const tokens = [one, two].sort()
  const ref = { kind: 'solidly', id: toPoolId(pair), tokens, variant: 'v2' }
  const state = await chain.read(solidly.snapshot(ref))
  if (state === undefined) throw new TypeError(`no pair at ${pair}`)
  return state
}

/** Base units, at least 1. */
function amountOf(whole: number, decimals: number): bigint {
  return (BigInt(Math.round(whole * 1e6)) * 10n ** BigInt(decimals)) / 1_000_000n || 1n
}
