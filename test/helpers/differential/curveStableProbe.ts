/**
 * Asks a real StableSwap contract what it does with a swap: real bytecode, coins of Curve's own ERC-20, exchanges
 * tried by `eth_call` so that nothing remains of them.
 */
import type { Abi } from 'viem'
import { decodeFunctionResult, encodeFunctionData, numberToHex, parseAbi } from 'viem/utils'
import { mainnet } from '../../../solver/chain/chains/mainnet.ts'
import type { Address, Hex } from '../../../solver/core/hex.ts'
import { multicall3Artifact, packageArtifact } from '../../../solver/localnet/artifacts.ts'
import { deployAt } from '../../../solver/localnet/deploy.ts'
import { type HiddenNode, requestHex, send, setUpGas } from '../../../solver/localnet/node.ts'
import { wordAt } from '../../../solver/pools/logWords.ts'

/** A coin of a pool: its address and decimals. */
export type Coin = { readonly address: Address; readonly decimals: number }

/** What the contract did: base units paid, and its balances after. */
export type Exchanged = { readonly paid: bigint; readonly balances: readonly bigint[] }

/** Tries exchanges of one pool at the head. */
export type StableProbe = {
  /** `undefined` where the contract reverts. */
  exchange(indexIn: number, indexOut: number, amountIn: bigint): Promise<Exchanged | undefined>
}

const folder = '@setprotocol/set-protocol-v2/external/abi/curve'
/** Curve's sUSD pool, as published for four coins of 18, 6, 6 and 18 decimals. */
export const stableswapArtifact = () => packageArtifact(`${folder}/Stableswap.json`)

const abi: Abi = parseAbi([
  'struct Call3 { address target; bool allowFailure; bytes callData; }',
  'struct Result { bool success; bytes returnData; }',
  'function aggregate3(Call3[] calls) payable returns (Result[])',
  'function approve(address, uint256) returns (bool)',
  'function transfer(address, uint256) returns (bool)',
  'function balanceOf(address) view returns (uint256)',
  'function exchange(int128, int128, uint256, uint256)',
])
/** `balances(int128)` and `balances(uint256)`. */
const balancesSelectors = { int: '0x065a80d8', uint: '0x4903b0d1' } as const

/** More than any swap here names, and less than overflows. */
const plenty = 2n ** 140n

/** What is known of the contract. */
export type ProbeOptions = {
  /** How it numbers its balances: the oldest by int128. */
  readonly index: keyof typeof balancesSelectors
  /** What the pool holds of each coin, where its books would notice a gift; absent: plenty. */
  readonly held?: readonly bigint[]
}

/**
 * Puts real tokens at the coins' addresses, gives the pool and the caller of all swaps plenty of each, and lets
 * the pool take them. The node must mine by itself; `from` is unlocked.
 */
export async function createStableProbe(
  node: HiddenNode,
  from: Address,
  pool: Address,
  coins: readonly Coin[],
  { index, held = [] }: ProbeOptions,
): Promise<StableProbe> {
  const caller = mainnet.multicall3
  await deployAt(node, from, caller, multicall3Artifact())
  const erc20 = packageArtifact(`${folder}/CurvePoolERC20.json`)
  const sendTo = (to: Address, name: string, args: readonly unknown[]) =>
    send(node, name, { from, to, data: encodeFunctionData({ abi, functionName: name, args }) })
  const supply = (decimals: number) => (8n * plenty) / 10n ** BigInt(decimals)
  for (const [at, { address, decimals }] of coins.entries()) {
    await deployAt(node, from, address, erc20, ['Coin', 'COIN', BigInt(decimals), supply(decimals)])
    await sendTo(address, 'transfer', [pool, held[at] ?? plenty])
    await sendTo(address, 'transfer', [caller, plenty])
  }
  const callOf = (target: Address, name: string, args: readonly unknown[]) => ({
    target,
    allowFailure: true,
    callData: encodeFunctionData({ abi, functionName: name, args }),
  })
  await sendTo(caller, 'aggregate3', [
    coins.map(({ address }) => callOf(address, 'approve', [pool, plenty])),
  ])
  const balances = coins.map((_, at) => ({
    target: pool,
    allowFailure: true,
    callData: `${balancesSelectors[index]}${at.toString(16).padStart(64, '0')}`,
  }))
  return {
    async exchange(indexIn, indexOut, amountIn) {
      const token = coins[indexOut]?.address ?? caller
      const calls = [
        callOf(token, 'balanceOf', [caller]),
        callOf(pool, 'exchange', [BigInt(indexIn), BigInt(indexOut), amountIn, 0n]),
        callOf(token, 'balanceOf', [caller]),
        ...balances,
      ]
      const data = encodeFunctionData({ abi, functionName: 'aggregate3', args: [calls] })
      const answer = await requestHex(node, 'eth_call', [
        { from, to: caller, data, gas: setUpGas },
        'latest',
      ])
      const results = decodeFunctionResult({ abi, functionName: 'aggregate3', data: answer })
      // The shape that the ABI above declares.
      const [before, done, after, ...rest] = results as { success: boolean; returnData: Hex }[]
      if (before === undefined || after === undefined || done?.success !== true) return undefined
      return {
        paid: wordAt(after.returnData, 0) - wordAt(before.returnData, 0),
        balances: rest.map(({ returnData }) => wordAt(returnData, 0)),
      }
    },
  }
}

/** Writes one storage slot of a contract. */
export async function store(
  node: HiddenNode,
  address: Address,
  slot: bigint,
  value: bigint,
): Promise<void> {
  const word = numberToHex(value, { size: 32 })
  await node.request({
    method: 'hardhat_setStorageAt',
    params: [address, numberToHex(slot), word],
  })
}
