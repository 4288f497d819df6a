/** A door that can be shut: a TCP proxy on a fixed port, so that a server behind it can die and come back. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A proxy on 127.0.0.1. */
export type Proxy = {
  readonly url: string
  /** Where connections go from now on. */
  forward(url: string): void
  /** Ends every connection and refuses new ones, as a dead process does. */
  kill(): Promise<void>
  /** Listens again on the same port. */
  revive(): Promise<void>
  close(): Promise<void>
}

/** Starts a proxy that refuses everything until {@link Proxy.forward} names a target. */
export async function startProxy(): Promise<Proxy> {
  let target: URL | undefined
  const sockets = new Set<Socket>()
  const keep = (socket: Socket) => {
    sockets.add(socket)
    // A peer that goes away is what this proxy is for.
    socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
    return socket
  }
  const server = createServer((socket) => {
    keep(socket)
    if (target === undefined) return void socket.destroy()
    const upstream = keep(connect(Number(target.port), target.hostname))
    socket.pipe(upstream).pipe(socket)
    return undefined
  })
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const kill = async () => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  await listen(0)
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    forward(url) {
      target = new URL(url)
    },
    kill,
    revive: () => listen(port),
    close: async () => (server.listening ? kill() : undefined),
  }
}
