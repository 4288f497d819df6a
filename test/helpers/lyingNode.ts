/** A node that can be made to lie: an HTTP proxy that looks at each JSON-RPC request before it passes it on. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the node does with a request: `drop` cuts the connection, `null` answers null, `error` refuses, `pass` is honest. */
export type Lie = 'drop' | 'null' | 'error' | 'pass'

/** A lying node on 127.0.0.1. */
export type LyingNode = {
  readonly url: string
  /** How it treats each request from now on, by method. */
  lie(choose: (method: string) => Lie): void
  /** Requests that were not answered honestly. */
  told(): number
  close(): Promise<void>
}

/** Starts an honest proxy in front of `upstream`. */
export async function startLyingNode(upstream: string): Promise<LyingNode> {
  let choose: (method: string) => Lie = () => 'pass'
  let told = 0
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk)
    const body = Buffer.concat(chunks).toString()
    const { id, method } = JSON.parse(body) as { id: number; method: string }
    const lie = choose(method)
    if (lie !== 'pass') told += 1
    if (lie === 'drop') return void request.socket.destroy()
    const error = { code: -32_000, message: 'header not found' }
    if (lie === 'null')
      return void response.end(JSON.stringify({ jsonrpc: '2.0', id, result: null }))
    if (lie === 'error') return void response.end(JSON.stringify({ jsonrpc: '2.0', id, error }))
    const reply = await fetch(upstream, { method: 'POST', body })
    return void response.end(await reply.text())
  }
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lie(next) {
      choose = next
    },
    told: () => told,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
