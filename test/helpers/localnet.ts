/** The local chain for tests: how its contracts are asked, and how a pool's state is read from it. */
import type { Abi } from 'viem'
import { decodeFunctionResult, encodeFunctionData, numberToHex } from 'viem/utils'
import { mainnet } from '../../solver/chain/chains/mainnet.ts'
import type { Call } from '../../solver/chain/block.ts'
import type { Address, Hex } from '../../solver/core/hex.ts'
import { type HiddenNode, requestHex } from '../../solver/localnet/node.ts'
import { isPoolKind, poolModules, type PoolState } from '../../solver/pools/index.ts'
import type { PoolRef, SnapshotReader } from '../../solver/pools/pool.ts'

/** Asks a contract at the head; the answer is decoded by `abi`. Rejects when the call reverts. */
export async function ask(
  node: HiddenNode,
  to: Address,
  abi: Abi,
  name: string,
  args: readonly unknown[] = [],
): Promise<unknown> {
  const data = encodeFunctionData({ abi, functionName: name, args })
  const answer = await requestHex(node, 'eth_call', [{ to, data, gas: callGas }, 'latest'])
  return decodeFunctionResult({ abi, functionName: name, args, data: answer })
}

/** Sends a transaction from an unlocked account into a block of its own; true when it succeeded. */
export async function sendInBlock(
  node: HiddenNode,
  from: Address,
  transaction: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const params = [{ from, gas: numberToHex(10_000_000), ...transaction }]
  const hash = await node.request({ method: 'eth_sendTransaction', params })
  await node.request({ method: 'evm_mine' })
  const receipt = await node.request({ method: 'eth_getTransactionReceipt', params: [hash] })
  return (receipt as { status?: string } | null)?.status === '0x1'
}

/** The whole state of a pool at the head, by its module's own reader. */
export async function readPool(node: HiddenNode, ref: PoolRef): Promise<PoolState> {
  if (!isPoolKind(ref.kind)) throw new TypeError(`no module for ${ref.kind}`)
  const reader: SnapshotReader<PoolState> = poolModules[ref.kind].snapshot(ref)
  let round = reader.next()
  while (round.done !== true) round = reader.next(await readAll(node, round.value))
  if (round.value === undefined) throw new TypeError(`no pool ${ref.id}`)
  return round.value
}

/** Gas of one read: Hardhat's EVM allows calls no more than Osaka allows transactions. */
const callGas = numberToHex(2 ** 24)
/** Of one request, so that it stays below that: a word of call data costs a cold read of storage or two. */
const callsPerRequest = 500
const hexDigitsPerRequest = 100_000

async function readAll(
  node: HiddenNode,
  calls: readonly Call[],
): Promise<readonly (Hex | undefined)[]> {
  const answers: (Hex | undefined)[] = []
  while (answers.length < calls.length) {
    const some = calls.slice(answers.length, answers.length + countThatFits(calls, answers.length))
    const args = [some.map(({ target, data }) => ({ target, allowFailure: true, callData: data }))]
    const results = await ask(node, mainnet.multicall3, multicall3Abi, 'aggregate3', args)
    // The shape that the ABI below declares.
    for (const { success, returnData } of results as { success: boolean; returnData: Hex }[])
      answers.push(success ? returnData : undefined)
  }
  return answers
}

/** How many calls from `start` go into one request: at least one. */
function countThatFits(calls: readonly Call[], start: number): number {
  let [count, digits] = [0, 0]
  while (count < callsPerRequest && digits < hexDigitsPerRequest) {
    const call = calls[start + count]
    if (call === undefined) return count
    digits += call.data.length
    count += 1
  }
  return count
}

const multicall3Abi: Abi = [
  {
    type: 'function',
    name: 'aggregate3',
    stateMutability: 'payable',
    inputs: [
      {
        name: 'calls',
        type: 'tuple[]',
        components: [
          { name: 'target', type: 'address' },
          { name: 'allowFailure', type: 'bool' },
          { name: 'callData', type: 'bytes' },
        ],
      },
    ],
    outputs: [
      {
        name: 'returnData',
        type: 'tuple[]',
        components: [
          { name: 'success', type: 'bool' },
          { name: 'returnData', type: 'bytes' },
        ],
      },
    ],
  },
]
