/**
 * A node over WebSocket. The line is opened when it is needed, closed when it idles, and opened again when it
 * breaks; a line on which a request went unanswered and nothing else came either is taken for dead.
 */
import { RpcRequestError, SocketClosedError, TimeoutError, WebSocketRequestError } from 'viem'
import { WebSocket } from 'ws'
import { type Clock, pause } from './clock.ts'
import type { Endpoint, RpcArgs } from './endpoint.ts'

/** A line without requests and watchers is closed after this time, so that a program can end. */
const idleMs = 2_000
/** Pauses before a watched line is opened again: they double up to the longest. */
const reconnectMs = { first: 100, longest: 5_000 }
/** Longest message taken, in bytes: above the logs of the fullest block. */
const messageMax = 100_000_000

type Waiter = { resolve(result: unknown): void; reject(error: Error): void; args: RpcArgs }
type Line = {
  readonly socket: WebSocket
  readonly waiters: Map<number, Waiter>
  /** Messages so far. */
  heard: number
}

/** Opens the WebSocket side of an {@link Endpoint}; nothing is sent yet. */
export function openSocket(
  url: string,
  { timeoutMs, clock }: { readonly timeoutMs: number; readonly clock: Clock },
): Pick<Required<Endpoint>, 'request' | 'watchHeads' | 'close'> {
  let line: Promise<Line> | undefined
  let lastId = 0
  let cancelIdle = () => {}
  const watchers = new Set<() => void>()
  const ring = () => watchers.forEach((wake) => wake())

  const closeWhenIdle = (current: Line) => {
    cancelIdle()
    cancelIdle = clock.after(idleMs, () => {
      if (current.waiters.size === 0 && watchers.size === 0) current.socket.close()
    })
  }
  const opened = (): Promise<Line> => {
    if (line !== undefined) return line
    const opening = openLine(url, timeoutMs, ring)
    const forget = () => {
      if (line === opening) line = undefined
    }
    line = opening
    opening.then(({ socket }) => socket.once('close', forget), forget)
    return opening
  }
  const request = async (args: RpcArgs): Promise<unknown> => {
    const current = await opened()
    const id = ++lastId
    try {
      return await send(current, id, args, { url, timeoutMs, clock })
    } finally {
      current.waiters.delete(id)
      closeWhenIdle(current)
    }
  }
  const keepSubscribed = createKeeper({ opened, request, watchers, ring, clock })
  return {
    request,
    watchHeads(wake) {
      // One function may be given twice; each watch is its own.
      const watcher = () => wake()
      watchers.add(watcher)
      keepSubscribed()
      return () => {
        watchers.delete(watcher)
        line?.then(closeWhenIdle, () => undefined)
      }
    },
    close() {
      watchers.clear()
      cancelIdle()
      line?.then(({ socket }) => socket.terminate()).catch(() => undefined)
    },
  }
}

/** Keeps a subscription alive while anybody watches. A gap ends with a ring: something may have been missed. */
function createKeeper(side: {
  opened(): Promise<Line>
  request(args: RpcArgs): Promise<unknown>
  readonly watchers: ReadonlySet<() => void>
  ring(): void
  readonly clock: Clock
}): () => void {
  let isKeeping = false
  const keep = async () => {
    let waitMs = reconnectMs.first
    while (side.watchers.size > 0) {
      try {
        const { socket } = await side.opened()
        const closed = new Promise((resolve) => socket.once('close', resolve))
        await side.request({ method: 'eth_subscribe', params: ['newHeads'] })
        waitMs = reconnectMs.first
        side.ring()
        await closed
      } catch {
        // A node that is not there, or offers no subscription: polling goes on without it.
      }
      // Many clients of one node must not come back in step.
      await pause(side.clock, waitMs * (0.5 + Math.random()))
      waitMs = Math.min(2 * waitMs, reconnectMs.longest)
    }
    isKeeping = false
  }
  return () => {
    if (!isKeeping) void keep()
    isKeeping = true
  }
}

function send(
  line: Line,
  id: number,
  args: RpcArgs,
  { url, timeoutMs, clock }: { url: string; timeoutMs: number; clock: Clock },
): Promise<unknown> {
  const { method, params = [] } = args
  const heard = line.heard
  return new Promise<unknown>((resolve, reject) => {
    const cancel = clock.after(timeoutMs, () => {
      reject(new TimeoutError({ body: { method }, url }))
      if (line.heard === heard) line.socket.terminate()
    })
    line.waiters.set(id, {
      args,
      resolve: (result) => (cancel(), resolve(result)),
      reject: (error) => (cancel(), reject(error)),
    })
    if (line.socket.readyState === WebSocket.OPEN)
      line.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    else line.waiters.get(id)?.reject(new SocketClosedError({ url }))
  })
}

function openLine(url: string, timeoutMs: number, ring: () => void): Promise<Line> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { handshakeTimeout: timeoutMs, maxPayload: messageMax })
    const line: Line = { socket, waiters: new Map(), heard: 0 }
    socket.once('open', () => resolve(line))
    socket.on('error', (cause) => reject(new WebSocketRequestError({ url, cause })))
    socket.on('close', () => {
      reject(new SocketClosedError({ url }))
      for (const waiter of line.waiters.values()) waiter.reject(new SocketClosedError({ url }))
    })
    socket.on('message', (data) => {
      line.heard += 1
      hear(line, Buffer.isBuffer(data) ? data.toString() : '', url, ring)
    })
  })
}

/** An answer goes to who waits for it; a notification only rings: what it says is not believed. */
function hear({ waiters }: Line, text: string, url: string, ring: () => void): void {
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    return
  }
  const { id, method, result, error } = (message ?? {}) as Record<string, unknown>
  if (method === 'eth_subscription') ring()
  const waiter = typeof id === 'number' ? waiters.get(id) : undefined
  if (error === undefined || error === null) return waiter?.resolve(result)
  const { code, message: words, data } = error as Record<string, unknown>
  const wire = { code: Number(code), message: String(words), data }
  return waiter?.reject(new RpcRequestError({ body: { ...waiter.args }, error: wire, url }))
}
