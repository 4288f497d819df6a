/** A chain of one's own with Balancer V2's real vault, and pools of its real code made on it. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Abi, maxUint256, multicall3Abi } from 'viem'
import {
  decodeFunctionResult,
  encodeAbiParameters,
  encodeDeployData,
  encodeFunctionData,
  numberToHex,
} from 'viem/utils'
import { mainnet } from '../../../solver/chain/chains/mainnet.ts'
import { type Address, type Hex, toAddress, zeroAddress } from '../../../solver/core/hex.ts'
import { createAccounts, startBalance } from '../../../solver/localnet/accounts.ts'
import {
  buildContracts,
  multicall3Artifact,
  packageArtifact,
} from '../../../solver/localnet/artifacts.ts'
import { deployAt } from '../../../solver/localnet/deploy.ts'
import { type Artifact, type HiddenNode, requestHex, send } from '../../../solver/localnet/node.ts'
import { startNode } from '../../../solver/localnet/runtime.ts'
import { mintableArtifact } from '../../../solver/localnet/tokens.ts'
import { balancerV2Vault } from '../../../solver/pools/deployments.ts'
import { addressOf, wordAt } from '../../../solver/pools/logWords.ts'

const require = createRequire(import.meta.url)
const tasks = '@balancer-labs/v2-deployments/dist/tasks'

/** An artefact of a deployment task: either one file, or interface and creation code apart. */
export function taskArtifact(task: string, contract: string, isSplit = false): Artifact {
  if (!isSplit) return packageArtifact(`${tasks}/${task}/artifact/${contract}.json`)
  const read = (folder: string): unknown =>
    JSON.parse(readFileSync(require.resolve(`${tasks}/${task}/${folder}/${contract}.json`), 'utf8'))
  const { creationCode } = read('bytecode') as { creationCode: Hex } // the package's own form
  // MetaStablePool leaves its oracle's queries to a linked library, which no swap enters.
  const linked = creationCode.replace(/__\$[0-9a-f]{34}\$__/g, '0'.repeat(40))
  return { abi: read('abi') as Abi, bytecode: `0x${linked.replace('0x', '')}` }
}

/** Gas of one chain of swaps. */
const callGas = 1_000_000_000

/** How long new pools can be paused for, and stay so, in seconds. */
export const pauseWindow = [7_776_000n, 2_592_000n] as const

/** Where the contracts besides the vault are put. */
const places = {
  authorizer: '0xa000000000000000000000000000000000000001',
  feesProvider: '0xa000000000000000000000000000000000000002',
} as const satisfies Record<string, Address>

/** A call and whether the batch goes on when it reverts. */
export type Step = { readonly target: Address; readonly callData: Hex }
export type Outcome = { readonly success: boolean; readonly returnData: Hex }

/** The chain; Multicall3 holds all tokens and trades, so that one `eth_call` runs a whole chain of swaps. */
export type VaultChain = {
  readonly node: HiddenNode
  readonly vaultAbi: Abi
  readonly feesProvider: Address
  readonly trader: Address
  /** Tokens with these decimals, ascending by address, rich for the trader and open to the vault. */
  tokens(decimals: readonly number[]): Promise<readonly Address[]>
  /** A contract whose `getRate()` says `rate`: a new one, or the one at `place` from now on. */
  rateProvider(rate: bigint, place?: Address): Promise<Address>
  /** Puts a pool on the chain. */
  deploy(artifact: Artifact, args: readonly unknown[]): Promise<Address>
  /** Deploys a factory and has it create a pool. */
  create(
    factory: Artifact & { readonly factoryArgs: readonly unknown[] },
    args: readonly unknown[],
  ): Promise<Address>
  /** Brings the first balances; `amounts` are those of the vault's tokens in its order. */
  fill(pool: Address, amounts: (token: Address) => bigint): Promise<void>
  /** Runs `steps` one after the other in one `eth_call` that leaves no trace. */
  run(steps: readonly Step[]): Promise<readonly Outcome[]>
  close(): Promise<void>
}

/** Starts the chain: vault, authorizer, fee provider, Multicall3. Takes about a second. */
export async function createVaultChain(): Promise<VaultChain> {
  await buildContracts(['localnet/MintableToken.sol'])
  const accounts = createAccounts()
  const { node, close } = await startNode({
    // Before Osaka a call may take more than 2^24 gas: a swap that does not converge takes millions.
    hardfork: 'prague',
    blockGasLimit: callGas,
    accounts: accounts.all.map(({ privateKey }) => ({ privateKey, balance: startBalance })),
  })
  const from = accounts.deployer.address
  const vault = taskArtifact('20210418-vault', 'Vault')
  const trader = mainnet.multicall3
  await deployAt(node, from, places.authorizer, taskArtifact('20210418-authorizer', 'Authorizer'), [
    from,
  ])
  const vaultArgs = [places.authorizer, mainnet.wrappedNative, ...pauseWindow]
  await deployAt(node, from, balancerV2Vault, vault, vaultArgs)
  const provider = taskArtifact(
    '20220725-protocol-fee-percentages-provider',
    'ProtocolFeePercentagesProvider',
  )
  const providerArgs = [balancerV2Vault, 5n * 10n ** 17n, 10n ** 17n]
  await deployAt(node, from, places.feesProvider, provider, providerArgs)
  await deployAt(node, from, trader, multicall3Artifact())
  let made = 0

  const act = (what: string, steps: readonly Step[]) =>
    send(node, what, { from, to: trader, data: batchOf(steps, false) })
  const deploy = async (artifact: Artifact, args: readonly unknown[]) => {
    await send(node, 'deployment', { from, data: encodeDeployData({ ...artifact, args }) })
    return toAddress((await lastReceipt(node)).contractAddress ?? '0x')
  }
  const ask = async (name: string, args: readonly unknown[]) => {
    const data = encodeFunctionData({ abi: vault.abi, functionName: name, args })
    const answer = await requestHex(node, 'eth_call', [{ to: balancerV2Vault, data }, 'latest'])
    return decodeFunctionResult({ abi: vault.abi, functionName: name, args, data: answer })
  }
  return {
    node,
    vaultAbi: vault.abi,
    feesProvider: places.feesProvider,
    trader,
    deploy,
    close,
    async create(factory, args) {
      const { abi, factoryArgs } = factory
      const to = await deploy(factory, factoryArgs)
      const data = encodeFunctionData({ abi, functionName: 'create', args })
      await send(node, 'create', { from, to, data })
      // PoolCreated(address indexed pool) is the factory's only log.
      const log = (await lastReceipt(node)).logs.find(({ address }) => toAddress(address) === to)
      return addressOf(wordAt(log?.topics[1] ?? '0x', 0))
    },
    async tokens(decimals) {
      const token = mintableArtifact()
      const addresses: Address[] = []
      for (const digits of decimals) {
        made += 1
        const at: Address = `0xb${made.toString(16).padStart(39, '0')}`
        await deployAt(node, from, at, token, [`Token ${made}`, `T${made}`, digits])
        const call = (name: string, args: readonly unknown[]) => ({
          target: at,
          callData: encodeFunctionData({ abi: token.abi, functionName: name, args }),
        })
        const approve = call('approve', [balancerV2Vault, maxUint256])
        await act('mint', [call('mint', [trader, 2n ** 140n]), approve])
        addresses.push(at)
      }
      return addresses
    },
    async rateProvider(rate, place) {
      made += 1
      const at: Address = place ?? `0xc${made.toString(16).padStart(39, '0')}`
      // PUSH32 rate, MSTORE at 0, RETURN 32 bytes
      const code = `0x7f${numberToHex(rate, { size: 32 }).slice(2)}60005260206000f3`
      await node.request({ method: 'hardhat_setCode', params: [at, code] })
      return at
    },
    async fill(pool, amounts) {
      const poolId = await requestHex(node, 'eth_call', [
        { to: pool, data: '0x38fff2d0' },
        'latest',
      ])
      const [assets] = (await ask('getPoolTokens', [poolId])) as [readonly Address[]]
      const maxAmountsIn = assets.map((asset) =>
        toAddress(asset) === pool ? maxUint256 : amounts(toAddress(asset)),
      )
      const init = [{ type: 'uint256' }, { type: 'uint256[]' }] as const
      // JoinKind.INIT; the pool's own share is minted, whatever is said.
      const brought = maxAmountsIn.map((most) => (most === maxUint256 ? 0n : most))
      const userData = encodeAbiParameters(init, [0n, brought])
      const request = { assets, maxAmountsIn, userData, fromInternalBalance: false }
      const args = [poolId, trader, trader, request]
      const callData = encodeFunctionData({ abi: vault.abi, functionName: 'joinPool', args })
      await act('join', [{ target: balancerV2Vault, callData }])
    },
    async run(steps) {
      const data = batchOf(steps, true)
      const call = { from, to: trader, data, gas: numberToHex(callGas) }
      const answer = await requestHex(node, 'eth_call', [call, 'latest'])
      const functionName = 'aggregate3'
      return decodeFunctionResult({ abi: multicall3Abi, functionName, data: answer })
    },
  }
}

type Receipt = {
  readonly contractAddress: Hex | null
  readonly logs: readonly { readonly address: Hex; readonly topics: readonly Hex[] }[]
}

/** Of the only transaction of the newest block. */
async function lastReceipt(node: HiddenNode): Promise<Receipt> {
  const block = await node.request({ method: 'eth_getBlockByNumber', params: ['latest', false] })
  const [hash] = (block as { transactions: readonly Hex[] }).transactions
  // Both shapes are those of the JSON-RPC specification.
  return (await node.request({ method: 'eth_getTransactionReceipt', params: [hash] })) as Receipt
}

function batchOf(steps: readonly Step[], allowFailure: boolean): Hex {
  const args = [steps.map((step) => ({ ...step, allowFailure }))] as const
  return encodeFunctionData({ abi: multicall3Abi, functionName: 'aggregate3', args })
}

/** A swap of the vault by the trader, as the vault's `swap` wants it. */
export function swapStep(
  { vaultAbi, trader }: VaultChain,
  swap: {
    readonly poolId: Hex
    readonly isGivenIn: boolean
    readonly assetIn: Address
    readonly assetOut: Address
    readonly amount: bigint
    readonly limit: bigint
  },
): Step {
  const { poolId, isGivenIn, assetIn, assetOut, amount, limit } = swap
  const kind = isGivenIn ? 0 : 1
  const funds = {
    sender: trader,
    fromInternalBalance: false,
    recipient: trader,
    toInternalBalance: false,
  }
  const single = { poolId, kind, assetIn, assetOut, amount, userData: '0x' }
  const args = [single, funds, limit, maxUint256]
  const callData = encodeFunctionData({ abi: vaultAbi, functionName: 'swap', args })
  return { target: balancerV2Vault, callData }
}

/** Asks the vault for the balances of a pool. */
export function balancesStep({ vaultAbi }: VaultChain, poolId: Hex): Step {
  const callData = encodeFunctionData({
    abi: vaultAbi,
    functionName: 'getPoolTokens',
    args: [poolId],
  })
  return { target: balancerV2Vault, callData }
}

/** No rate provider, asset manager or owner. */
export const nobody = zeroAddress

/** First word of an answer. */
export function firstWord({ returnData }: Outcome): bigint {
  return wordAt(returnData, 0)
}
