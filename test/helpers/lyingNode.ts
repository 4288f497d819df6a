/** A node that can be made to lie: an HTTP proxy that looks at each JSON-RPC request before it passes it on. */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * What the node does with a request: `drop` cuts the connection, `null` answers null, `error` refuses, `hang` never
 * answers, `half-close` ends the line within its answer, `502` and `429` are what a door in front of it says, `pass` is
 * honest, and a function changes the honest result.
 */
export type Lie =
  | 'drop'
  | 'null'
  | 'error'
  | 'hang'
  | 'half-close'
  | '502'
  | '429'
  | 'pass'
  | ((result: unknown) => unknown)

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
    if (lie === 'hang') return undefined
    if (lie === 'half-close') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
      response.write('{"jsonrpc":"2.0",', () => request.socket.destroySoon())
      return undefined
    }
    if (lie === '502') return void response.writeHead(502).end('<html>bad gateway</html>')
    if (lie === '429') return void response.writeHead(429, { 'Retry-After': '1' }).end()
    const error = { code: -32_000, message: 'header not found' }
    if (lie === 'null')
      return void response.end(JSON.stringify({ jsonrpc: '2.0', id, result: null }))
    if (lie === 'error') return void response.end(JSON.stringify({ jsonrpc: '2.0', id, error }))
    const reply = await fetch(upstream, { method: 'POST', body })
    const text = await reply.text()
    if (lie === 'pass') return void response.end(text)
    const honest = JSON.parse(text) as { result?: unknown }
    return void response.end(JSON.stringify({ ...honest, result: lie(honest.result) }))
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
