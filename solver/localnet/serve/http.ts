/** A small HTTP server on this machine only: whole bodies in, whole bodies out, next free port. */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
} from 'node:http'
import { BaseError } from '../../core/errors.ts'
import { limits } from '../../core/limits.ts'

/** A request with its raw bytes, which signatures are made over. */
export type HttpRequest = { readonly body: Uint8Array; readonly headers: IncomingHttpHeaders }

/** An answer; `undefined` in its place leaves the caller waiting. */
export type HttpAnswer = { readonly status: number; readonly body: string }

/** A server that listens. */
export type HttpServer = {
  readonly port: number
  readonly server: Server
  close(): Promise<void>
}

const host = '127.0.0.1'

/**
 * Serves POST requests on 127.0.0.1.
 *
 * @param port - The first to try; the next free one is taken. 0 lets the system choose.
 * @throws {NoPortError} `localnet.no-port`, when none of the next `limits.portTries` is free.
 */
export async function listen(
  handle: (request: HttpRequest) => Promise<HttpAnswer | undefined>,
  port: number,
): Promise<HttpServer> {
  const server = createServer((request, response) => {
    const answer = async () => {
      if (request.method !== 'POST') return { status: 405, body: 'POST JSON-RPC here\n' }
      const body = await readBody(request)
      if (body === undefined) return { status: 413, body: 'request too large\n' }
      return handle({ body, headers: request.headers })
    }
    answer().then(
      (reply) => {
        if (reply === undefined) return
        response.writeHead(reply.status, { 'Content-Type': 'application/json' }).end(reply.body)
      },
      () => response.writeHead(500).end(),
    )
  })
  return {
    port: await bind(server, port),
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > limits.requestBytes) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

async function bind(server: Server, first: number): Promise<number> {
  const end = Math.min(first + limits.portTries, 65_536)
  for (let port = first; port < end; port += 1) {
    const bound = await new Promise<number | undefined>((resolve, reject) => {
      const onListening = () => {
        server.off('error', onError)
        const address = server.address()
        resolve(typeof address === 'object' && address !== null ? address.port : port)
      }
      const onError = (error: NodeJS.ErrnoException) => {
        server.off('listening', onListening)
        if (error.code === 'EADDRINUSE') resolve(undefined)
        else reject(error)
      }
      server.once('error', onError)
      server.once('listening', onListening)
      server.listen(port, host)
    })
    if (bound !== undefined) return bound
  }
  throw new NoPortError({ first, last: end - 1 })
}

/** Every port that may be used is taken. */
export class NoPortError extends BaseError {
  override readonly code = 'localnet.no-port'

  constructor(facts: { first: number; last: number }) {
    super('No free port on 127.0.0.1.', {
      facts,
      hint: 'Stop another server, or name another port.',
    })
  }
}
