/** Real transactions on the bench's chain: liquidity and swaps that settle, their logs, and pools as they are read. */
import type { Log } from '../../../solver/chain/block.ts'
import type { Address, Hex } from '../../../solver/core/hex.ts'
import { encodeFunctionData } from 'viem/utils'
import { requestHex, setUpGas } from '../../../solver/localnet/node.ts'
import type { PoolRef, SnapshotReader } from '../../../solver/pools/pool.ts'
import type { BenchChain } from './chain.ts'

/** What a transaction left. */
export type Sent = { readonly logs: readonly Log[]; readonly gasUsed: bigint }

/** Calls a function of the bench in a block of its own; rejects when it reverts. */
export async function sendBench(
  { node, from, bench, artifacts }: BenchChain,
  name: string,
  args: readonly unknown[],
): Promise<Sent> {
  const data = encodeFunctionData({ abi: artifacts.Bench.abi, functionName: name, args })
  return sendData({ node, from }, bench, data)
}

/** The same for any contract and ready call data. */
export async function sendData(
  { node, from }: Pick<BenchChain, 'node' | 'from'>,
  to: Address,
  data: Hex,
): Promise<Sent> {
  const hash = await requestHex(node, 'eth_sendTransaction', [{ from, to, data, gas: setUpGas }])
  const receipt = await node.request({ method: 'eth_getTransactionReceipt', params: [hash] })
  const { logs, gasUsed } = receipt as { logs: readonly Log[]; gasUsed: Hex } // as JSON-RPC says
  return { logs, gasUsed: BigInt(gasUsed) }
}

/** The state of `ref` at the head, by the module's reader. */
export async function readFrom<state>(
  { node }: Pick<BenchChain, 'node'>,
  reader: SnapshotReader<state>,
): Promise<state | undefined> {
  let round = reader.next()
  while (round.done !== true) {
    const answers: (Hex | undefined)[] = []
    for (const { target, data } of round.value)
      answers.push(
        await requestHex(node, 'eth_call', [{ to: target, data }, 'latest']).catch(() => undefined),
      )
    round = reader.next(answers)
  }
  return round.value
}

/** How the market would name the bench's pool. */
export function refOfPool(kind: string, address: Address, tokens: readonly Address[]): PoolRef {
  return { kind, id: address as PoolRef['id'], tokens } // lower-case, as the node writes it
}
