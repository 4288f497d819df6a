/** A bad line: a WebSocket proxy that loses, doubles, delays and reorders messages, falls silent, and breaks. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import type { Rng } from '../../solver/core/rng.ts'

/** What becomes of one message; a later one may overtake a delayed one. */
export type Treatment = 'pass' | 'drop' | 'duplicate' | { readonly delayMs: number }

/** A message on its way. */
export type Frame = {
  /** `up` goes to the node. */
  readonly direction: 'up' | 'down'
  readonly text: string
  /** True for what a subscription sends. */
  readonly isNotification: boolean
}

/** A proxy on 127.0.0.1. */
export type WsProxy = {
  readonly url: string
  /** Decides about every message from now on; at first all pass. */
  treat(choose: (frame: Frame) => Treatment): void
  /** Swallows everything in both directions while lines stay open, as a dead peer does. */
  silence(isSilent: boolean): void
  /** Breaks all lines. With `refuse`, new ones break too until `cut(false)`. */
  cut(refuse?: boolean): void
  /** Messages so far by what became of them, and lines that were opened. */
  counts(): Readonly<Record<'passed' | 'dropped' | 'duplicated' | 'delayed' | 'lines', number>>
  /** Lines that are open now. */
  open(): number
  close(): Promise<void>
}

/** How often a message is treated how; the rest passes. */
export type Odds = {
  readonly drop?: number
  readonly duplicate?: number
  readonly delay?: number
  /** Delays are uniform up to this. */
  readonly delayMsMax?: number
  /** Requests and answers too, and not only notifications. */
  readonly everything?: boolean
}

/** Treats messages by `odds`, in a sequence that the seed of `rng` fixes. */
export function byOdds(rng: Rng, odds: Odds): (frame: Frame) => Treatment {
  const { drop = 0, duplicate = 0, delay = 0, delayMsMax = 0, everything = false } = odds
  return ({ isNotification }) => {
    if (!isNotification && !everything) return 'pass'
    const draw = rng.next()
    if (draw < drop) return 'drop'
    if (draw < drop + duplicate) return 'duplicate'
    if (draw < drop + duplicate + delay) return { delayMs: rng.int(1, Math.max(1, delayMsMax)) }
    return 'pass'
  }
}

/** Starts an honest proxy in front of the WebSocket server at `upstream`. */
export async function startWsProxy(upstream: string): Promise<WsProxy> {
  let choose: (frame: Frame) => Treatment = () => 'pass'
  let isSilent = false
  let isRefusing = false
  const counts = { passed: 0, dropped: 0, duplicated: 0, delayed: 0, lines: 0 }
  const sockets = new Set<WebSocket>()
  const timers = new Set<NodeJS.Timeout>()
  const keep = (socket: WebSocket) => {
    sockets.add(socket)
    // A peer that goes away is what this proxy is for.
    socket.on('error', () => socket.terminate()).on('close', () => sockets.delete(socket))
    return socket
  }
  const give = (to: WebSocket, text: string) => {
    if (to.readyState === WebSocket.OPEN) to.send(text)
  }
  const carry = (direction: Frame['direction'], text: string, to: WebSocket) => {
    if (isSilent) return void (counts.dropped += 1)
    const isNotification = direction === 'down' && text.includes('"eth_subscription"')
    const treatment = choose({ direction, text, isNotification })
    if (treatment === 'drop') return void (counts.dropped += 1)
    if (treatment === 'pass' || treatment === 'duplicate') give(to, text)
    if (treatment === 'pass') return void (counts.passed += 1)
    counts[treatment === 'duplicate' ? 'duplicated' : 'delayed'] += 1
    if (treatment === 'duplicate') return give(to, text)
    const timer = setTimeout(() => {
      timers.delete(timer)
      give(to, text)
    }, treatment.delayMs)
    timers.add(timer)
  }
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
  server.on('connection', (near) => {
    keep(near)
    if (isRefusing) return near.terminate()
    counts.lines += 1
    const far = keep(new WebSocket(upstream))
    const waiting: string[] = []
    near.on('message', (data) => {
      const text = Buffer.isBuffer(data) ? data.toString() : ''
      if (far.readyState === WebSocket.CONNECTING) waiting.push(text)
      else carry('up', text, far)
    })
    far.on('open', () => waiting.splice(0).forEach((text) => carry('up', text, far)))
    far.on('message', (data) => carry('down', Buffer.isBuffer(data) ? data.toString() : '', near))
    near.on('close', () => far.terminate())
    far.on('close', () => near.terminate())
  })
  await once(server, 'listening')
  const breakAll = () => sockets.forEach((socket) => socket.terminate())
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    treat(next) {
      choose = next
    },
    silence(next) {
      isSilent = next
    },
    cut(refuse = false) {
      isRefusing = refuse
      breakAll()
    },
    counts: () => ({ ...counts }),
    open: () => server.clients.size,
    async close() {
      timers.forEach(clearTimeout)
      breakAll()
      server.close()
      await once(server, 'close')
    },
  }
}
