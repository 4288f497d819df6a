/** A watcher on the public side: notes every pending transaction that anybody could see. */
import type { Hex } from '../../solver/core/hex.ts'

/** What the public side showed before inclusion. */
export type Watcher = {
  /** Looks once, by every way that a poller has. */
  poll(): Promise<void>
  /** How many of `needles` (transaction hashes, or calldata) were seen pending so far. */
  sightings(needles: readonly Hex[]): number
  /** Asks for a transaction by its hash; one that is shown without a block counts as seen. */
  ask(hash: Hex): Promise<void>
  /** Pending transactions seen so far, by hash. */
  total(): number
  close(): Promise<void>
}

/**
 * Watches with a WebSocket subscription to full pending transactions, a pending filter, the pool's
 * content, and the pending block; polls every `pollMs` until closed.
 */
export async function createWatcher(
  { url, wsUrl }: { readonly url: string; readonly wsUrl: string },
  pollMs = 25,
): Promise<Watcher> {
  const seen = new Set<string>()
  const hashes = new Set<string>()
  const call = async (method: string, ...params: unknown[]) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
    const response = await fetch(url, { method: 'POST', body })
    return ((await response.json()) as { result?: unknown }).result
  }
  const see = (value: unknown) => {
    if (typeof value === 'string' && value.length === 66) hashes.add(value.toLowerCase())
    if (typeof value === 'string' && value.length >= 66) seen.add(value.toLowerCase())
    if (typeof value !== 'object' || value === null) return
    const { hash, input } = value as { hash?: unknown; input?: unknown }
    see(hash)
    if (typeof input === 'string') seen.add(input.toLowerCase())
  }
  const socket = await subscribe(wsUrl, see)
  const filter = await call('eth_newPendingTransactionFilter')

  const poll = async () => {
    const changes = (await call('eth_getFilterChanges', filter)) as unknown[]
    changes.forEach(see)
    const pool = (await call('txpool_content')) as Record<string, Record<string, object>>
    const accounts = Object.values(pool).flatMap((part) => Object.values(part))
    for (const account of accounts) Object.values(account).forEach(see)
    const pending = (await call('eth_pendingTransactions')) as unknown[]
    pending.forEach(see)
    const block = (await call('eth_getBlockByNumber', 'pending', true)) as {
      transactions: unknown[]
    }
    block.transactions.forEach(see)
  }
  const loopState = { closed: false }
  const loop = (async () => {
    while (!loopState.closed) {
      await poll()
      await new Promise((resolve) => setTimeout(resolve, pollMs))
    }
  })()
  return {
    poll,
    sightings: (needles) => needles.filter((needle) => seen.has(needle.toLowerCase())).length,
    async ask(hash) {
      const found = (await call('eth_getTransactionByHash', hash)) as { blockHash?: unknown } | null
      if (found !== null && found.blockHash === null) see(found)
    },
    total: () => hashes.size,
    async close() {
      loopState.closed = true
      await loop
      socket.close()
    },
  }
}

async function subscribe(wsUrl: string, see: (value: unknown) => void): Promise<WebSocket> {
  const socket = new WebSocket(wsUrl)
  const subscribed = new Promise<void>((resolve, reject) => {
    socket.addEventListener('error', () => reject(new Error('the public WebSocket failed')))
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data)) as { id?: number; params?: { result: unknown } }
      if (message.id === 1) resolve()
      else see(message.params?.result)
    })
    socket.addEventListener('open', () => {
      const params = ['newPendingTransactions', true]
      socket.send(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params }))
    })
  })
  await subscribed
  return socket
}
