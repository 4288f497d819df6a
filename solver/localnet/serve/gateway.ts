/**
 * The public side of the local chain: what everybody may read, and the public mempool.
 *
 * Reads see the last sealed block; pending transactions are those of the public pool and no others.
 */
import type { Hex } from '../../core/hex.ts'
import { createFilters, type Filters, type LogCriteria } from './filters.ts'
import type { RpcHandler } from './jsonRpc.ts'
import type { Mutex } from './mutex.ts'
import { type NodeOps, toHex } from './node.ts'
import type { PublicPool } from './publicPool.ts'
import { RpcError, rpcCodes } from './rpcError.ts'
import { type ReadTransaction, readTransaction } from './transaction.ts'

/** Questions that the hidden node may answer for anybody. */
const reads = new Set([
  'debug_traceCall',
  'debug_traceTransaction',
  'eth_blockNumber',
  'eth_call',
  'eth_chainId',
  'eth_coinbase',
  'eth_estimateGas',
  'eth_feeHistory',
  'eth_gasPrice',
  'eth_getBalance',
  'eth_getBlockByHash',
  'eth_getBlockByNumber',
  'eth_getBlockTransactionCountByHash',
  'eth_getBlockTransactionCountByNumber',
  'eth_getCode',
  'eth_getLogs',
  'eth_getProof',
  'eth_getStorageAt',
  'eth_getTransactionByBlockHashAndIndex',
  'eth_getTransactionByBlockNumberAndIndex',
  'eth_getTransactionReceipt',
  'eth_maxPriorityFeePerGas',
  'eth_syncing',
  'net_listening',
  'net_peerCount',
  'net_version',
  'web3_clientVersion',
  'web3_sha3',
])
const control = /^(hardhat|evm|anvil|debug)_/

type Method = (...params: readonly unknown[]) => unknown

/** The public side. */
export type Gateway = {
  readonly handle: RpcHandler
  readonly filters: Filters
}

/** What the gateway works with. */
export type GatewayOptions = {
  readonly ops: NodeOps
  readonly exclusive: Mutex
  readonly pool: PublicPool
  readonly chainId: number
  /** Lets callers use the node's test methods; off on anything that stands for a real chain. */
  readonly allowControl: boolean
  /** What `evm_mine` does when control is allowed. */
  readonly seal: () => Promise<unknown>
}

/**
 * Makes the public side.
 *
 * @throws {RpcError} from `handle`: -32601 for a method that it does not offer, geth's -32000 for a
 *   transaction that the pool refuses, -32602 for one that is none.
 */
export function createGateway(options: GatewayOptions): Gateway {
  const { ops, exclusive, pool, chainId, allowControl, seal } = options
  const read = (method: string, ...params: readonly unknown[]) =>
    exclusive(() => ops.call<unknown>(method, ...params))
  const filters = createFilters((criteria) => readLogs(read, criteria))
  const headNumber = async () => BigInt(String(await read('eth_blockNumber')))

  const own: Record<string, Method> = {
    eth_accounts: () => [],
    eth_sendRawTransaction: (raw) => sendRaw(options, raw),
    eth_getTransactionCount: (address, block) =>
      exclusive(async () => {
        const sealed = await ops.call<Hex>('eth_getTransactionCount', address, block ?? 'latest')
        if (block !== 'pending') return sealed
        return toHex(pool.nextNonce(String(address).toLowerCase() as Hex, BigInt(sealed)))
      }),
    eth_getTransactionByHash: async (hash) => {
      const pending = pool.get(String(hash).toLowerCase() as Hex)
      return pending ? toWire(pending) : read('eth_getTransactionByHash', hash)
    },
    ...poolMethods(pool),
    eth_newPendingTransactionFilter: () => filters.create('pending'),
    eth_newBlockFilter: () => filters.create('block'),
    eth_newFilter: async (criteria) =>
      filters.createLogs((criteria ?? {}) as LogCriteria, await headNumber()),
    eth_uninstallFilter: (id) => filters.remove(id),
    eth_getFilterChanges: async (id) => filters.changes(id, await headNumber()),
    eth_getFilterLogs: (id) => filters.logs(id),
  }
  return {
    filters,
    async handle({ method, params }) {
      const handler = Object.hasOwn(own, method) ? own[method] : undefined
      if (handler !== undefined) return handler(...params)
      if (reads.has(method)) return read(method, ...params)
      if (allowControl && method === 'evm_mine') return seal().then(() => '0x0')
      if (allowControl && control.test(method)) return read(method, ...params)
      throw new RpcError(
        rpcCodes.methodNotFound,
        `the method ${method.slice(0, 64)} does not exist/is not available`,
      )
    },
  }

  async function sendRaw({ ops, pool }: GatewayOptions, raw: unknown): Promise<Hex> {
    const transaction = await readTransaction(raw, chainId)
    await exclusive(async () => {
      const nonce = await ops.call<Hex>('eth_getTransactionCount', transaction.from, 'latest')
      const balance = await ops.call<Hex>('eth_getBalance', transaction.from, 'latest')
      pool.add(transaction, { nonce: BigInt(nonce), balance: BigInt(balance) })
    })
    return transaction.hash
  }
}

/** What the public pool answers by itself. */
function poolMethods(pool: PublicPool): Record<string, Method> {
  return {
    eth_getRawTransactionByHash: (hash) => pool.get(String(hash).toLowerCase() as Hex)?.raw ?? null,
    eth_pendingTransactions: () => pool.content().pending.map(toWire),
    txpool_content: () => {
      const { pending, queued } = pool.content()
      return { pending: byAccount(pending), queued: byAccount(queued) }
    },
    txpool_status: () => {
      const { pending, queued } = pool.content()
      return { pending: toHex(BigInt(pending.length)), queued: toHex(BigInt(queued.length)) }
    },
  }
}

async function readLogs(
  read: (method: string, ...params: readonly unknown[]) => Promise<unknown>,
  criteria: LogCriteria,
): Promise<readonly unknown[]> {
  const logs = await read('eth_getLogs', criteria)
  return Array.isArray(logs) ? logs : []
}

/** A pending transaction as `eth_getTransactionByHash` shows it: no block yet. */
export function toWire(transaction: ReadTransaction): Readonly<Record<string, unknown>> {
  const { hash, from, to, nonce, gasLimit, value, data, type } = transaction
  return {
    hash,
    from,
    to: to ?? null,
    nonce: toHex(nonce),
    gas: toHex(gasLimit),
    gasPrice: toHex(transaction.maxFeePerGas),
    maxFeePerGas: toHex(transaction.maxFeePerGas),
    maxPriorityFeePerGas: toHex(transaction.maxPriorityFeePerGas),
    value: toHex(value),
    input: data,
    type: toHex(BigInt(type)),
    blockHash: null,
    blockNumber: null,
    transactionIndex: null,
  }
}

function byAccount(transactions: readonly ReadTransaction[]) {
  const accounts: Record<string, Record<string, unknown>> = {}
  for (const transaction of transactions) {
    const account = (accounts[transaction.from] ??= {})
    account[transaction.nonce.toString()] = toWire(transaction)
  }
  return accounts
}
