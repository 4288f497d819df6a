/**
 * Every Balancer V2 swap of the recorded mainnet blocks, made again: the pool's state is read by our own reader from
 * a fork of the block's state, and the swap and its log are compared.
 */
import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { concatHex, keccak256, numberToHex } from 'viem/utils'
import { readCalls } from '../../../solver/chain/batch.ts'
import type { Log } from '../../../solver/chain/block.ts'
import type { ChainNode } from '../../../solver/chain/client.ts'
import {
  loadRecordedBlock,
  loadRecordedCodes,
  type RecordedCodes,
} from '../../../solver/chain/recordedBlock.ts'
import { serveTape } from '../../../solver/chain/tapeServer.ts'
import { vaultTopics } from '../../../solver/pools/balancerVault.ts'
import {
  balancerWeighted,
  type BalancerWeightedState,
} from '../../../solver/pools/balancerWeighted.ts'
import { balancerV2Vault } from '../../../solver/pools/deployments.ts'
import { addressOf, topicAt, wordAt } from '../../../solver/pools/logWords.ts'
import { toPoolId } from '../../../solver/pools/pool.ts'
import { forkAt } from '../fork.ts'
import { recordedBlocks } from '../recordedBlocks.ts'

/** One swap made again. */
export type RecordedVaultSwap = {
  readonly name: string
  /** Base units paid, by the log. */
  readonly expected: bigint
  readonly ours: bigint
  /** Whether the log leads from the state before to the same state after as the swap. */
  readonly applied: boolean
  readonly state: BalancerWeightedState
}

/**
 * The blocks that have one, all of weighted pools. In the last the pool's own settlement lowers the fee before the
 * swap and raises it again after: only a market that follows the pool's logs prices that swap.
 */
const blocks = [15_199_017, 15_274_915, 19_929_064]

/** Makes the three recorded swaps again. Needs the recorded data. */
export async function runRecorded(): Promise<readonly RecordedVaultSwap[]> {
  const codes = await loadRecordedCodes(recordedBlocks)
  const done: RecordedVaultSwap[] = []
  for (const block of blocks) {
    const logs = await logsOf(block)
    for (const [at, log] of logs.entries())
      if (log.address === balancerV2Vault && log.topics[0] === vaultTopics.swap)
        done.push(await runOne(block, { log, earlier: logs.slice(0, at) }, codes))
  }
  return done
}

async function logsOf(block: number): Promise<readonly Log[]> {
  const text = gunzipSync(await readFile(`${recordedBlocks}/blocks/${block}.json.gz`))
  const { receipts } = JSON.parse(text.toString('utf8')) as {
    readonly receipts: readonly { readonly logs: readonly Log[] }[]
  } // as the folder's README says
  return receipts.flatMap((receipt) => receipt.logs)
}

async function runOne(
  block: number,
  { log, earlier }: { readonly log: Log; readonly earlier: readonly Log[] },
  codes: RecordedCodes,
): Promise<RecordedVaultSwap> {
  const tape = await loadRecordedBlock(recordedBlocks, block, codes)
  const server = await serveTape(tape, { absent: 'zero' })
  const fork = await forkAt(server.url, server.blockNumber)
  try {
    // Calls at the pinned block run under the rules of its age; from the next block on, under today's.
    await fork.request({ method: 'evm_mine', params: [] })
    await registerPair(fork, log)
    const read = await readState(fork, log)
    const state = earlier.reduce((before, each) => applied(before, each), read)
    const [indexIn, indexOut] = [2, 3].map((at) =>
      state.tokens.indexOf(addressOf(topicAt(log, at))),
    )
    const pair = { indexIn: indexIn ?? -1, indexOut: indexOut ?? -1 }
    const result = balancerWeighted.swapExactIn(state, { ...pair, amountIn: wordAt(log.data, 0) })
    const after = applied(state, log)
    return {
      name: `${block} ${state.id} ${indexIn}->${indexOut}`,
      expected: wordAt(log.data, 1),
      ours: result.amountOut,
      applied: String(after.balances) === String(result.next.balances) && after !== state,
      state,
    }
  } finally {
    await fork.close()
    await server.close()
  }
}

function applied(state: BalancerWeightedState, log: Log): BalancerWeightedState {
  const next = balancerWeighted.apply(state, log)
  if (next === undefined) throw new TypeError(`${state.id} must be read again`)
  return next
}

/**
 * A swap of two tokens reads neither the vault's register nor its list of the pool's tokens, so a recorded block need
 * not have them: slot 5 maps a pool to whether it is registered, slot 9 to its two tokens. Both never change.
 */
async function registerPair(node: ChainNode, log: Log): Promise<void> {
  const slotOf = (mapping: number) =>
    BigInt(keccak256(concatHex([log.topics[1] ?? '0x', numberToHex(mapping, { size: 32 })])))
  const [tokenA = 0n, tokenB = 0n] = [topicAt(log, 2), topicAt(log, 3)].sort((a, b) =>
    a < b ? -1 : 1,
  )
  const values = [
    [slotOf(5), 1n],
    [slotOf(9), tokenA],
    [slotOf(9) + 1n, tokenB],
  ] as const
  for (const [slot, value] of values) {
    const words = [slot, value].map((each) => numberToHex(each, { size: 32 }))
    await node.request({ method: 'hardhat_setStorageAt', params: [balancerV2Vault, ...words] })
  }
}

async function readState(node: ChainNode, log: Log): Promise<BalancerWeightedState> {
  const id = toPoolId((log.topics[1] ?? '').slice(0, 42))
  const reader = balancerWeighted.snapshot({ kind: 'balancerWeighted', id, tokens: [] })
  let round = reader.next()
  while (round.done !== true) round = reader.next(await readCalls(node, round.value))
  if (round.value === undefined) throw new TypeError(`no pool ${id}`)
  return round.value
}
