/** WebSocket on the public port: the same methods, and `eth_subscribe`. */
import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Hex } from '../../core/hex.ts'
import { limits } from '../../core/limits.ts'
import type { Audit } from './audit.ts'
import { toWire } from './gateway.ts'
import { answerRpc, type RpcHandler, type RpcRequest } from './jsonRpc.ts'
import { RpcError, rpcCodes } from './rpcError.ts'
import type { ReadTransaction } from './transaction.ts'

/** The live side of the public port. */
export type Subscriptions = {
  /** Tells subscribers of a public transaction. */
  pending(transaction: ReadTransaction): void
  /** Tells subscribers of a sealed block; resolves when its logs are sent. */
  sealed(hash: Hex): Promise<void>
  close(): void
}

type Subscription =
  | { readonly kind: 'newHeads' }
  | { readonly kind: 'newPendingTransactions'; readonly full: boolean }
  | { readonly kind: 'logs'; readonly criteria: Readonly<Record<string, unknown>> }
type Client = {
  readonly socket: WebSocket
  readonly subscriptions: Map<Hex, Subscription>
}

/**
 * Accepts WebSocket connections on `server`; everything but subscribing goes to `handle`.
 *
 * @throws {RpcError} inside only: -32602 for a subscription of an unknown kind.
 */
export function createSubscriptions(
  server: Server,
  handle: RpcHandler,
  audit: Audit,
): Subscriptions {
  const sockets = new WebSocketServer({ server, maxPayload: limits.requestBytes })
  const clients = new Set<Client>()
  const send = ({ socket }: Client, text: string) => {
    audit.sent(text)
    socket.send(text)
  }
  const notify = (client: Client, subscription: Hex, result: unknown) => {
    const params = { subscription, result }
    send(client, JSON.stringify({ jsonrpc: '2.0', method: 'eth_subscription', params }))
  }
  const read = (method: string, ...params: readonly unknown[]) =>
    handle({ id: null, method, params })

  sockets.on('connection', (socket) => {
    const client: Client = { socket, subscriptions: new Map() }
    clients.add(client)
    socket.on('close', () => clients.delete(client))
    socket.on('error', () => socket.terminate())
    socket.on('message', (data) => {
      const text = Buffer.isBuffer(data) ? data.toString() : ''
      audit.received(text)
      const each = async (request: RpcRequest) => own(client, request) ?? handle(request)
      void answerRpc(text, each, { allowBatch: true }).then((answer) => send(client, answer))
    })
  })
  return {
    pending(transaction) {
      for (const client of clients)
        for (const [id, each] of client.subscriptions)
          if (each.kind === 'newPendingTransactions')
            notify(client, id, each.full ? toWire(transaction) : transaction.hash)
    },
    async sealed(blockHash) {
      const block = (await read('eth_getBlockByHash', blockHash, false)) as Record<string, unknown>
      const { transactions: _, ...header } = block
      for (const client of clients)
        for (const [id, each] of client.subscriptions) {
          if (each.kind === 'newHeads') notify(client, id, header)
          if (each.kind !== 'logs') continue
          const logs = await read('eth_getLogs', { ...each.criteria, blockHash })
          for (const log of Array.isArray(logs) ? logs : []) notify(client, id, log)
        }
    },
    close() {
      for (const { socket } of clients) socket.terminate()
      sockets.close()
    },
  }
}

/** `eth_subscribe` and `eth_unsubscribe`; `undefined` for any other method. */
function own({ subscriptions }: Client, { method, params }: RpcRequest): unknown {
  if (method === 'eth_unsubscribe') return subscriptions.delete(String(params[0]) as Hex)
  if (method !== 'eth_subscribe') return undefined
  if (subscriptions.size >= limits.filters)
    throw new RpcError(rpcCodes.server, 'too many subscriptions')
  const id: Hex = `0x${randomBytes(16).toString('hex')}`
  subscriptions.set(id, readSubscription(params))
  return id
}

function readSubscription([kind, option]: readonly unknown[]): Subscription {
  if (kind === 'newHeads') return { kind }
  if (kind === 'newPendingTransactions') return { kind, full: option === true }
  if (kind === 'logs') return { kind, criteria: { ...(option as object | undefined) } }
  throw new RpcError(rpcCodes.invalidParams, 'no such subscription')
}
