/**
 * A local relay: checks who sends, takes bundles and private transactions, simulates on request.
 *
 * Source: https://docs.flashbots.net/flashbots-auction/advanced/rpc-endpoint
 */
import type { Address, Hex } from '../../core/hex.ts'
import { limits } from '../../core/limits.ts'
import { bundleHash } from '../../submit/bundle.ts'
import { BadHeaderError, verifyFlashbotsHeader } from '../../submit/flashbotsHeader.ts'
import type { BundlePool, HeldBundle } from './bundlePool.ts'
import type { RelayFault } from './faults.ts'
import type { HttpAnswer, HttpRequest } from './http.ts'
import { answerRpc } from './jsonRpc.ts'
import type { Mutex } from './mutex.ts'
import type { NodeOps } from './node.ts'
import { hashSet, readParams, type RelayDialect, relaySchemas } from './relayParams.ts'
import { RpcError, rpcCodes, toWireError } from './rpcError.ts'
import { simulateBundle } from './simulateBundle.ts'
import { type ReadTransaction, readTransaction } from './transaction.ts'

/** What a relay works with. */
export type RelayOptions = {
  readonly ops: NodeOps
  readonly exclusive: Mutex
  readonly bundles: BundlePool
  readonly chainId: number
  readonly dialect: RelayDialect
  readonly fault: () => RelayFault
  /** Where the fault `leak` publishes. */
  readonly publish: (raw: Hex) => Promise<unknown>
  /** Unix seconds of the next block, when it is known. */
  readonly nextTimestamp: () => Promise<bigint>
}

type Method = (
  options: RelayOptions,
  signer: Address,
  params: readonly unknown[],
) => Promise<unknown>

const methods: Record<string, Method> = {
  eth_sendBundle: sendBundle,
  eth_callBundle: callBundle,
  eth_cancelBundle: cancelBundle,
  eth_sendPrivateTransaction: sendPrivateTransaction,
  eth_sendPrivateRawTransaction: (options, signer, [tx]) =>
    sendPrivateTransaction(options, signer, [{ tx }]),
  eth_cancelPrivateTransaction: cancelPrivateTransaction,
  flashbots_getBundleStatsV2: bundleStats,
}

/**
 * Answers one HTTP request. `undefined` means that the relay stays silent (the fault `hang`).
 *
 * Every request is signed, and the header is checked over the raw bytes before they are read.
 *
 * @throws {RpcError} inside only: each becomes the answer's `error`. -32600 a batch or no request,
 *   -32601 an unknown method, -32602 wrong parameters, -32000 what the chain's state forbids.
 */
export async function answerRelay(
  options: RelayOptions,
  { body, headers }: HttpRequest,
): Promise<HttpAnswer | undefined> {
  const fault = options.fault()
  const text = new TextDecoder().decode(body)
  if (fault === 'hang') return undefined
  if (fault === '429') return { status: 429, body: 'slow down' }
  if (fault === '5xx') return { status: 503, body: 'out of order' }
  if (fault === 'malformed') return { status: 200, body: '<html>' }
  let signer: Address
  try {
    signer = await verifyFlashbotsHeader(body, one(headers['x-flashbots-signature']))
  } catch (error) {
    if (!(error instanceof BadHeaderError)) throw error
    const refusal = new RpcError(rpcCodes.invalidRequest, String(error.facts['reason']))
    const answer = { jsonrpc: '2.0', id: null, error: toWireError(refusal) }
    return { status: 403, body: JSON.stringify(answer) }
  }
  const handle = async ({ method, params }: { method: string; params: readonly unknown[] }) => {
    if (fault === 'echo') throw new RpcError(rpcCodes.server, `cannot take ${text}`)
    const run = Object.hasOwn(methods, method) ? methods[method] : undefined
    if (run === undefined) throw new RpcError(rpcCodes.methodNotFound, 'method not found')
    return run(options, signer, params)
  }
  return { status: 200, body: await answerRpc(text, handle, { allowBatch: false }) }
}

async function sendBundle(
  options: RelayOptions,
  signer: Address,
  params: readonly unknown[],
): Promise<unknown> {
  const { bundles, dialect, fault, publish } = options
  const sent = readParams(relaySchemas.sendBundle, params)
  const uuid = sent.replacementUuid ?? (dialect === 'buildernet' ? sent.uuid : undefined)
  if (sent.txs.length === 0) {
    if (uuid === undefined) throw new RpcError(rpcCodes.invalidParams, 'invalid params: txs')
    bundles.cancel(uuid, signer, sent.replacementNonce)
    return { bundleHash: bundleHash([]) }
  }
  const target = await targetBlock(options, sent.blockNumber)
  const transactions = await readTransactions(options, sent.txs)
  const hash = bundleHash(transactions.map(({ raw }) => raw))
  const acknowledged = { bundleHash: fault() === 'wrong-hash' ? bundleHash(['0x00']) : hash }
  if (fault() === 'drop') return acknowledged
  if (fault() === 'leak') await Promise.allSettled(transactions.map(({ raw }) => publish(raw)))
  const bundle: HeldBundle = {
    hash,
    signer,
    transactions: fault() === 'unbundle' ? transactions.slice(0, 1) : transactions,
    firstBlock: target,
    lastBlock: target,
    minTimestamp: sent.minTimestamp,
    maxTimestamp: sent.maxTimestamp,
    reverting: hashSet(sent.revertingTxHashes),
    dropping: hashSet(sent.droppingTxHashes),
    uuid,
    isPrivateTransaction: false,
  }
  bundles.add(bundle, sent.replacementNonce)
  return acknowledged
}

async function callBundle(
  options: RelayOptions,
  _signer: Address,
  params: readonly unknown[],
): Promise<unknown> {
  const { ops, exclusive } = options
  const call = readParams(relaySchemas.callBundle, params)
  const transactions = await readTransactions(options, call.txs)
  const timestamp = call.timestamp ?? Number(await options.nextTimestamp())
  return exclusive(() =>
    simulateBundle(ops, {
      transactions,
      blockNumber: BigInt(call.blockNumber),
      stateBlock: call.stateBlockNumber,
      timestamp: BigInt(timestamp),
    }),
  )
}

async function cancelBundle(
  { bundles }: RelayOptions,
  signer: Address,
  params: readonly unknown[],
): Promise<unknown> {
  const { replacementUuid } = readParams(relaySchemas.cancelBundle, params)
  return { bundleHashes: bundles.cancel(replacementUuid, signer) }
}

async function sendPrivateTransaction(
  options: RelayOptions,
  signer: Address,
  params: readonly unknown[],
): Promise<Hex> {
  const sent = readParams(relaySchemas.privateTransaction, params)
  const head = await options.exclusive(() => options.ops.head())
  const furthest = head.number + BigInt(limits.targetBlocksAhead)
  const lastBlock = sent.maxBlockNumber === undefined ? furthest : BigInt(sent.maxBlockNumber)
  if (lastBlock <= head.number || lastBlock > furthest)
    throw new RpcError(rpcCodes.invalidParams, 'invalid params: maxBlockNumber')
  const transaction = await readTransaction(sent.tx, options.chainId)
  if (transaction.maxPriorityFeePerGas === 0n)
    throw new RpcError(rpcCodes.server, 'a private transaction needs a priority fee')
  options.bundles.add({
    hash: bundleHash([transaction.raw]),
    signer,
    transactions: [transaction],
    firstBlock: head.number + 1n,
    lastBlock,
    minTimestamp: undefined,
    maxTimestamp: undefined,
    reverting: new Set(),
    dropping: new Set(),
    uuid: undefined,
    isPrivateTransaction: true,
  })
  return transaction.hash
}

async function cancelPrivateTransaction(
  { bundles }: RelayOptions,
  signer: Address,
  params: readonly unknown[],
): Promise<boolean> {
  const { txHash } = readParams(relaySchemas.cancelPrivate, params)
  return bundles.cancelTransaction(txHash.toLowerCase() as Hex, signer)
}

async function bundleStats(
  { bundles }: RelayOptions,
  signer: Address,
  params: readonly unknown[],
): Promise<unknown> {
  const asked = readParams(relaySchemas.bundleStats, params)
  const hash = asked.bundleHash.toLowerCase() as Hex
  const fate = bundles.fate(hash, BigInt(asked.blockNumber), signer)
  if (fate === undefined) return { isSimulated: false }
  const time = (ms: number | undefined) => ms !== undefined && new Date(ms).toISOString()
  const simulatedAt = time(fate.simulatedAt)
  const sealedAt = time(fate.sealedAt)
  const builder = (timestamp: string) => ({ pubkey: '0x', timestamp })
  return {
    isHighPriority: false,
    isSimulated: simulatedAt !== false,
    ...(simulatedAt === false ? {} : { simulatedAt }),
    receivedAt: time(fate.receivedAt),
    consideredByBuildersAt: simulatedAt === false ? [] : [builder(simulatedAt)],
    sealedByBuildersAt: sealedAt === false ? [] : [builder(sealedAt)],
  }
}

async function targetBlock(
  { ops, exclusive, dialect }: RelayOptions,
  wanted: string | null | undefined,
): Promise<bigint> {
  const head = await exclusive(() => ops.head())
  const isOpen = wanted === undefined || wanted === null || wanted === '0x'
  if (isOpen && dialect === 'buildernet') return head.number + 1n
  if (isOpen) throw new RpcError(rpcCodes.invalidParams, 'invalid params: blockNumber')
  const target = BigInt(wanted)
  if (target <= head.number) throw new RpcError(rpcCodes.server, 'target block is in the past')
  if (target > head.number + BigInt(limits.targetBlocksAhead))
    throw new RpcError(rpcCodes.server, 'target block is too far ahead')
  return target
}

async function readTransactions(
  { chainId }: RelayOptions,
  txs: readonly string[],
): Promise<readonly ReadTransaction[]> {
  const bytes = txs.reduce((sum, tx) => sum + (tx.length - 2) / 2, 0)
  if (bytes > limits.bundleBytes) throw new RpcError(rpcCodes.invalidParams, 'bundle too large')
  return Promise.all(txs.map((tx) => readTransaction(tx, chainId)))
}

function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header.join(',') : header
}
