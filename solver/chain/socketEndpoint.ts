/**
 * A node over WebSocket. The line is opened when it is needed, closed when it idles, and opened again when it
 * breaks; a line on which a request went unanswered and nothing else came either is taken for dead.
 */
import {
  ResponseBodyTooLargeError,
  SocketClosedError,
  TimeoutError,
  WebSocketRequestError,
} from 'viem'
import { WebSocket } from 'ws'
import { type Clock, pause } from './clock.ts'
import type { Endpoint, RpcArgs } from './endpoint.ts'
import { withoutKey } from './nodeErrors.ts'
import { isObject } from './quantity.ts'
import { answerMax, readResult } from './rpcAnswer.ts'
import { createScrubber, type Scrub } from './scrub.ts'

/** A line without requests and watchers is closed after this time, so that a program can end. */
const idleMs = 2_000
/** Pauses before a watched line is opened again: they double up to the longest. */
const reconnectMs = { first: 100, longest: 5_000 }
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
  // Errors are for people, and the key of the URL is not.
  const name = withoutKey(url)
  const scrub = createScrubber(url)
  const ring = () => watchers.forEach((wake) => wake())

  const closeWhenIdle = (current: Line) => {
    cancelIdle()
    cancelIdle = clock.after(idleMs, () => {
      if (current.waiters.size === 0 && watchers.size === 0) current.socket.close()
    })
  }
  const opened = (): Promise<Line> => {
    if (line !== undefined) return line
    const opening = openLine(url, { timeoutMs, ring, scrub })
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
      return await send(current, id, args, { url: name, timeoutMs, clock })
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

function openLine(
  url: string,
  { timeoutMs, ring, scrub }: { timeoutMs: number; ring: () => void; scrub: Scrub },
): Promise<Line> {
  const name = withoutKey(url)
  return new Promise((resolve, reject) => {
    const socket = open(url, timeoutMs, scrub)
    const line: Line = { socket, waiters: new Map(), heard: 0 }
    const fail = (errorFor: (waiter: Waiter) => Error) => {
      for (const waiter of line.waiters.values()) waiter.reject(errorFor(waiter))
    }
    socket.once('open', () => resolve(line))
    socket.on('error', (cause) => {
      reject(new WebSocketRequestError({ url: name, cause: scrub(cause) }))
      if (!isTooLong(cause)) return
      // Whoever asked for logs may ask for fewer; the others ask again.
      const tooLong = new ResponseBodyTooLargeError({ maxSize: answerMax, size: answerMax })
      fail(({ args }) =>
        args.method === 'eth_getLogs' ? tooLong : new SocketClosedError({ url: name }),
      )
    })
    socket.on('close', () => {
      reject(new SocketClosedError({ url: name }))
      fail(() => new SocketClosedError({ url: name }))
    })
    socket.on('message', (data) => {
      line.heard += 1
      hear(line, Buffer.isBuffer(data) ? data.toString() : '', { name, ring, scrub })
    })
  })
}

/** Throws as an endpoint does: a URL that is none stands whole in the words of the library. */
function open(url: string, timeoutMs: number, scrub: Scrub): WebSocket {
  try {
    return new WebSocket(url, { handshakeTimeout: timeoutMs, maxPayload: answerMax })
  } catch (error) {
    const cause = error instanceof Error ? scrub(error) : undefined
    throw new WebSocketRequestError({
      url: withoutKey(url),
      ...(cause === undefined ? {} : { cause }),
    })
  }
}

function isTooLong(error: Error): boolean {
  return 'code' in error && error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH'
}

/** An answer goes to who waits for it; a notification only rings: what it says is not believed. Throws nothing. */
function hear(
  { waiters }: Line,
  text: string,
  { name, ring, scrub }: { name: string; ring: () => void; scrub: Scrub },
): void {
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    return
  }
  if (!isObject(message)) return
  if (message['method'] === 'eth_subscription') ring()
  const { id } = message
  const waiter = typeof id === 'number' ? waiters.get(id) : undefined
  if (waiter === undefined) return
  try {
    waiter.resolve(readResult(message, waiter.args, name))
  } catch (error) {
    waiter.reject(error instanceof Error ? scrub(error) : new SocketClosedError({ url: name }))
  }
}
