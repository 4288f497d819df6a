/** A chain with Balancer V3's real vault on it, tokens of several decimals, and registered pools without liquidity. */
import type { Abi } from 'viem'
import {
  decodeErrorResult,
  decodeFunctionResult,
  encodeDeployData,
  encodeFunctionData,
} from 'viem/utils'
import { type Address, zeroAddress } from '../../../solver/core/hex.ts'
import { deployAt } from '../../../solver/localnet/deploy.ts'
import {
  type Artifact,
  type HiddenNode,
  requestHex,
  sendCall,
  setUpGas,
} from '../../../solver/localnet/node.ts'
import { startNode } from '../../../solver/localnet/runtime.ts'
import { balancerV3Vault } from '../../../solver/pools/balancerV3Deployments.ts'
import type { BalancerV3TokenKind } from '../../../solver/pools/balancerV3State.ts'
import { minTradeAmount } from '../../../solver/pools/balancerV3Vault.ts'
import { type BalancerV3Artifacts, balancerV3Artifacts } from './artifacts.ts'

/** A registered pool, as it was asked for. Lists are in the order of `tokens`. */
export type BenchPool = {
  readonly address: Address
  readonly tokens: readonly Address[]
  readonly decimals: readonly number[]
  readonly tokenKinds: readonly BalancerV3TokenKind[]
  /** Weighted pools: in 10^-18. */
  readonly weights?: readonly bigint[]
  /** Weighted pools: what their factory would give them. */
  readonly minBalances?: readonly bigint[]
  /** Stable pools: without the factor 1000. */
  readonly amp?: bigint
}

/** What to deploy: `tokens` are indices into {@link tokenDecimals}, ascending. */
export type PoolPlan = {
  readonly tokens: readonly number[]
  readonly tokenKinds: readonly BalancerV3TokenKind[]
  readonly weights?: readonly bigint[]
  readonly amp?: bigint
}

/** The chain and its means; it mines by itself. */
export type BenchChain = {
  readonly node: HiddenNode
  readonly from: Address
  readonly bench: Address
  readonly artifacts: BalancerV3Artifacts
  readonly pools: readonly BenchPool[]
  readonly close: () => Promise<void>
}

/** Decimals of the tokens, in the order of their addresses. */
export const tokenDecimals: readonly number[] = [18, 6, 8, 18, 2, 18, 12, 0]

const bench: Address = '0xbe00000000000000000000000000000000000001'
const extension: Address = '0xbe00000000000000000000000000000000000002'
const admin: Address = '0xbe00000000000000000000000000000000000003'
const firstToken = 0x70n << 152n
const day = 86_400
/** `_MINIMUM_WRAP_AMOUNT` of mainnet's vault. */
const minWrapAmount = 10_000n
/** The fee that pools are registered with; each probe sets its own. */
const firstFee = 3n * 10n ** 15n

/** Starts a chain with the vault at its mainnet address and one pool for each plan. */
export async function createBenchChain(plans: readonly PoolPlan[]): Promise<BenchChain> {
  const artifacts = balancerV3Artifacts()
  const { node, close } = await startNode({ allowUnlimitedContractSize: true })
  const [from = zeroAddress] = (await node.request({ method: 'eth_accounts' })) as Address[] // as JSON-RPC says
  const at = (address: Address, name: keyof BalancerV3Artifacts, args: readonly unknown[]) =>
    deployAt(node, from, address, artifacts[name], args)
  await at(bench, 'Bench', [balancerV3Vault])
  await at(admin, 'VaultAdmin', [
    balancerV3Vault,
    1_000 * day,
    30 * day,
    minTradeAmount,
    minWrapAmount,
  ])
  await at(extension, 'VaultExtension', [balancerV3Vault, admin])
  await at(balancerV3Vault, 'Vault', [extension, bench, bench])
  for (const [index, decimals] of tokenDecimals.entries())
    await at(tokenAt(index), 'BenchToken', [decimals])
  const pools: BenchPool[] = []
  for (const plan of plans) pools.push(await deployPool({ node, from, artifacts }, plan))
  return { node, from, bench, artifacts, pools, close }
}

function tokenAt(index: number): Address {
  return `0x${(firstToken + BigInt(index)).toString(16).padStart(40, '0')}`
}

type Means = Pick<BenchChain, 'node' | 'from' | 'artifacts'>

async function deployPool(means: Means, plan: PoolPlan): Promise<BenchPool> {
  const tokens = plan.tokens.map(tokenAt)
  const decimals = plan.tokens.map((index) => tokenDecimals[index] ?? 18)
  const { node, from, artifacts } = means
  // As the factory computes them: a millionth of a millionth, or one base unit where that is more.
  const minBalances = decimals.map((each) => 10n ** BigInt(Math.max(6, 18 - each)))
  const address =
    plan.weights === undefined
      ? await create(means, artifacts.StablePool, [
          { name: 'S', symbol: 'S', amplificationParameter: plan.amp, version: stableVersion },
          balancerV3Vault,
        ])
      : await create(means, artifacts.WeightedPool, [
          {
            name: 'W',
            symbol: 'W',
            numTokens: BigInt(tokens.length),
            normalizedWeights: plan.weights,
            version: '',
            minTokenBalances: minBalances,
          },
          balancerV3Vault,
        ])
  const codes = plan.tokenKinds.map((kind) => BigInt(['plain', 'rate', 'yield'].indexOf(kind)))
  const { abi } = artifacts.Bench
  await sendCall(node, from, {
    to: bench,
    abi,
    name: 'register',
    args: [address, tokens, codes, firstFee],
  })
  const { tokenKinds, weights, amp } = plan
  const own = weights === undefined ? { amp: amp ?? 1n } : { weights, minBalances }
  return { address, tokens, decimals, tokenKinds, ...own }
}

/** The text that the third version's pools carry. */
const stableVersion = '{"name":"StablePool","version":3,"deployment":"20260116-v3-stable-pool-v3"}'

async function create(
  { node, from }: Means,
  { abi, bytecode }: Artifact,
  args: readonly unknown[],
): Promise<Address> {
  const data = encodeDeployData({ abi, bytecode, args })
  const params = [{ from, data, gas: setUpGas }]
  const hash = await requestHex(node, 'eth_sendTransaction', params)
  const receipt = await node.request({ method: 'eth_getTransactionReceipt', params: [hash] })
  const { contractAddress } = receipt as { contractAddress: Address } // as JSON-RPC says
  return contractAddress
}

/** One swap to try on the pool; see Bench.sol. */
export type SwapAsk = {
  readonly kind: 0 | 1
  readonly indexIn: bigint
  readonly indexOut: bigint
  readonly amount: bigint
  /** Tried first where it is not 0. */
  readonly limit: bigint
}

/** A pool's filling and what to try on it; see Bench.sol. */
export type Ask = {
  readonly pool: Address
  readonly balances: readonly bigint[]
  readonly ratesBefore: readonly bigint[]
  readonly ratesAfter: readonly bigint[]
  readonly swapFee: bigint
  readonly aggregateSwapFee: bigint
  readonly aggregateYieldFee: bigint
  readonly swaps: readonly SwapAsk[]
}

/** What the vault did. */
export type SwapAnswer = {
  readonly ok: boolean
  readonly okBeyondLimit: boolean
  readonly amountIn: bigint
  readonly amountOut: bigint
  readonly balances: readonly bigint[]
  readonly lastLive: readonly bigint[]
}

const resultAbi: Abi = [
  { type: 'error', name: 'Result', inputs: [{ name: 'result', type: 'bytes' }] },
]

/** The vault's answers to each ask, or `undefined` where it does not take such a filling. */
export async function probe(
  { node, bench, artifacts }: BenchChain,
  asks: readonly Ask[],
): Promise<(readonly SwapAnswer[] | undefined)[]> {
  const { abi } = artifacts.Bench
  const data = encodeFunctionData({ abi, functionName: 'probe', args: [asks] })
  // Only a call without an origin may ask the vault for a quote.
  const call = { from: zeroAddress, to: bench, data, gas: setUpGas }
  const answer = await requestHex(node, 'eth_call', [call, 'latest'])
  const told = decodeFunctionResult({ abi, functionName: 'probe', data: answer })
  return (told as `0x${string}`[]).map((why) => {
    if (why === '0x') return undefined
    const { args } = decodeErrorResult({ abi: resultAbi, data: why })
    const [result] = args as [`0x${string}`] // the ABI above
    return decodeFunctionResult({ abi, functionName: 'run', data: result }) as SwapAnswer[]
  })
}
