/** `eth_callBundle`: a bundle tried at the top of a coming block, with what each transaction pays. */
import type { Hex } from '../../core/hex.ts'
import { limits } from '../../core/limits.ts'
import { divDown } from '../../core/rounding.ts'
import { bundleHash } from '../../submit/bundle.ts'
import {
  type BlockPlan,
  type MinedBlock,
  type MinedTransaction,
  type NodeOps,
  toHex,
  UnminableError,
} from './node.ts'
import { RpcError, rpcCodes } from './rpcError.ts'
import type { ReadTransaction } from './transaction.ts'

/** What to try: `stateBlock` must name the head, which is the only state that the local chain has. */
export type BundleTrial = {
  readonly transactions: readonly ReadTransaction[]
  readonly blockNumber: bigint
  /** Hex, or `latest`. */
  readonly stateBlock: string
  /** Unix seconds. */
  readonly timestamp: bigint
}

/**
 * Tries the bundle and undoes it. The caller holds the node's mutex. Wei amounts are decimal strings,
 * gas numbers, as relays answer.
 *
 * @throws {RpcError} -32602 for a block or time that cannot be next; -32000 when a transaction cannot
 *   be mined at all (nonce, balance, fee): a revert is a result, this is not.
 */
export async function simulateBundle(ops: NodeOps, asked: BundleTrial): Promise<unknown> {
  const { transactions, blockNumber, stateBlock, timestamp } = asked
  const head = await ops.head()
  if (stateBlock !== 'latest' && BigInt(stateBlock) !== head.number)
    throw new RpcError(rpcCodes.invalidParams, 'invalid params: stateBlockNumber is not the head')
  const skip = blockNumber - head.number - 1n
  if (skip < 0n || skip >= BigInt(limits.targetBlocksAhead))
    throw new RpcError(rpcCodes.invalidParams, 'invalid params: blockNumber')
  if (timestamp <= head.timestamp + skip)
    throw new RpcError(rpcCodes.invalidParams, 'invalid params: timestamp')
  const plan = (count: number): BlockPlan => ({
    transactions: transactions.slice(0, count).map(({ raw }) => raw),
    timestamp,
    skip: Number(skip),
  })
  const trial = ops.attempt(plan(transactions.length), async (mined) => {
    requireAllMined(mined, transactions)
    const outputs: Output[] = []
    for (const { hash } of mined.transactions) outputs.push(await outputOf(ops, hash))
    return { block: mined, outputs }
  })
  const { block, outputs } = await trial.catch(refuseUnminable)
  const deltas = await deltasOf(ops, plan, block)
  const results = block.transactions.map((mined, position) =>
    resultOf(mined, block, deltas[position] ?? 0n, outputs[position]),
  )
  const totalGasUsed = block.transactions.reduce((sum, { gasUsed }) => sum + gasUsed, 0n)
  const tips = block.transactions.reduce((sum, mined) => sum + tipOf(mined, block), 0n)
  return {
    bundleGasPrice: divDown(block.coinbaseDelta, totalGasUsed).toString(),
    bundleHash: bundleHash(transactions.map(({ raw }) => raw)),
    coinbaseDiff: block.coinbaseDelta.toString(),
    ethSentToCoinbase: (block.coinbaseDelta - tips).toString(),
    gasFees: tips.toString(),
    results,
    stateBlockNumber: Number(head.number),
    totalGasUsed: Number(totalGasUsed),
  }
}

function refuseUnminable(error: unknown): never {
  if (error instanceof UnminableError) throw new RpcError(rpcCodes.server, `err: ${error.reason}`)
  throw error
}

type Output = { readonly output?: Hex; readonly error?: string; readonly revertReason?: string }

async function outputOf(ops: NodeOps, hash: Hex): Promise<Output> {
  return ops.call<Output>('debug_traceTransaction', hash, {
    tracer: 'callTracer',
    tracerConfig: { onlyTopCall: true },
  })
}

function requireAllMined(block: MinedBlock, transactions: readonly ReadTransaction[]): void {
  const [refusal] = block.refused.values()
  if (refusal !== undefined) throw new RpcError(rpcCodes.server, `err: ${refusal}`)
  const missing = transactions.find(
    ({ hash }, position) => block.transactions[position]?.hash !== hash,
  )
  if (missing !== undefined)
    throw new RpcError(rpcCodes.server, `err: not minable: ${missing.hash}`)
}

/** What each transaction brings the beneficiary. Only direct payments need the prefixes tried one by one. */
async function deltasOf(
  ops: NodeOps,
  plan: (count: number) => BlockPlan,
  block: MinedBlock,
): Promise<readonly bigint[]> {
  const tips = block.transactions.map((mined) => tipOf(mined, block))
  const isTipsOnly = tips.reduce((left, tip) => left - tip, block.coinbaseDelta) === 0n
  if (isTipsOnly || tips.length === 1) return isTipsOnly ? tips : [block.coinbaseDelta]
  const totals = [0n]
  for (let count = 1; count < tips.length; count += 1)
    totals.push(
      await ops.attempt(plan(count), ({ coinbaseDelta }) => Promise.resolve(coinbaseDelta)),
    )
  totals.push(block.coinbaseDelta)
  return tips.map((_, position) => (totals[position + 1] ?? 0n) - (totals[position] ?? 0n))
}

function tipOf({ effectiveGasPrice, gasUsed }: MinedTransaction, { head }: MinedBlock): bigint {
  return (effectiveGasPrice - head.baseFeePerGas) * gasUsed
}

function resultOf(mined: MinedTransaction, block: MinedBlock, delta: bigint, output: Output = {}) {
  const tip = tipOf(mined, block)
  const outcome = mined.succeeded
    ? { value: output.output ?? '0x' }
    : { error: output.error ?? 'execution reverted', revert: output.output ?? '0x' }
  return {
    txHash: mined.hash,
    gasUsed: Number(mined.gasUsed),
    gasPrice: divDown(delta, mined.gasUsed).toString(),
    gasFees: tip.toString(),
    coinbaseDiff: delta.toString(),
    ethSentToCoinbase: (delta - tip).toString(),
    fromAddress: mined.from,
    toAddress: mined.to ?? toHex(0n),
    ...outcome,
  }
}
