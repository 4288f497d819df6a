/** A JSON-RPC server on the loopback interface: the shell around tapes and recorders. */
import { createServer, type IncomingMessage } from 'node:http'
import { BaseError } from '../core/errors.ts'

/** Answers one request, or throws; a {@link BaseError}'s message reaches the client. */
export type RpcHandler = (method: string, params: readonly unknown[]) => unknown

/** A server that runs until `close`. */
export type RpcServer = { readonly url: string; close(): Promise<void> }

/** Largest request body in bytes: forks send small batches. */
const bodyMax = 2 ** 20

/**
 * Serves `handler` on 127.0.0.1. Batches are answered in order, one by one.
 *
 * @param port - 0, the default, takes a free one.
 * @throws {PortTakenError} `chain.port-taken`.
 */
export async function serveRpc(handler: RpcHandler, port = 0): Promise<RpcServer> {
  const server = createServer((request, response) => {
    void readBody(request).then(async (body) => {
      const text = await answer(handler, body)
      response.writeHead(200, { 'content-type': 'application/json' }).end(text)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(new PortTakenError({ port, cause })))
    server.listen(port, '127.0.0.1', resolve)
  })
  const bound = server.address()
  return {
    url: `http://127.0.0.1:${typeof bound === 'object' ? bound?.port : port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > bodyMax) return ''
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function answer(handler: RpcHandler, body: string): Promise<string> {
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    return JSON.stringify(failure(null, -32_700, 'the request is not JSON, or longer than 1 MiB'))
  }
  if (!Array.isArray(parsed)) return JSON.stringify(await answerOne(handler, parsed))
  const answers: unknown[] = []
  for (const each of parsed) answers.push(await answerOne(handler, each))
  return JSON.stringify(answers)
}

async function answerOne(handler: RpcHandler, request: unknown): Promise<unknown> {
  const { id = null, method, params } = (request ?? {}) as Record<string, unknown>
  if (typeof method !== 'string') return failure(id, -32_600, 'the request has no method')
  try {
    const result = await handler(method, Array.isArray(params) ? params : [])
    return { jsonrpc: '2.0', id, result: result ?? null }
  } catch (error) {
    return failure(id, codeOf(error), error instanceof Error ? error.message : String(error))
  }
}

function failure(id: unknown, code: number, message: string) {
  return { jsonrpc: '2.0', id, error: { code, message } }
}

/** Retrying does not help, so the code is none that clients retry (-32603 is). */
function codeOf(error: unknown): number {
  if (error instanceof BaseError && error.code === 'chain.tape-method') return -32_601
  return error instanceof BaseError && error.retryable ? -32_005 : -32_000
}

/** The port is in use or not allowed. */
export class PortTakenError extends BaseError {
  override readonly code = 'chain.port-taken'

  constructor({ port, cause }: { port: number; cause: unknown }) {
    super(`Port ${port} of 127.0.0.1 cannot be used.`, {
      cause,
      facts: { port },
      hint: 'Give another port, or 0 for any free one.',
    })
  }
}
