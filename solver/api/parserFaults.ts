/** Faults found before there is a request to answer: Node's parser, its timeouts, methods without a handler. */
import type { FastifyInstance } from 'fastify'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { toJson } from '../core/units.ts'
import { NotFoundError, problemOf } from './errors.ts'

/** A request's own name, made by us: a caller's own would let it write into our log. */
export function newRequestId(): string {
  return `req_${crypto.randomUUID()}`
}

/** What Node says of a request that it cannot read, as status and words; all others are 400. */
const faults: Readonly<Record<string, readonly [status: number, words: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not come in time.'],
  HPE_HEADER_OVERFLOW: [431, 'The header is too large.'],
}

/** Answers what the parser refused, and ends the connection: where the next request starts is unknown. */
export function answerParserFault(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const [statusCode, words] = faults[error.code ?? ''] ?? [400, 'This is no HTTP/1.1 request.']
  answerRaw(socket, Object.assign(new RangeError(words), { statusCode }))
}

/** What Fastify leaves to Node, which answers nothing or an empty body. */
export function answerWhatNodeWould(server: FastifyInstance): void {
  const { server: node } = server
  node.on('connect', (_request, socket) => answerRaw(socket, new NotFoundError('operation')))
  // A server may pass an expectation that it does not know (RFC 9110, 10.1.1): the body is read all the same.
  node.on('checkExpectation', (request, response) => void node.emit('request', request, response))
}

function answerRaw(socket: Duplex, error: unknown): void {
  const requestId = newRequestId()
  const { status, body } = problemOf(error, requestId)
  const text = toJson(body)
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    `x-request-id: ${requestId}`,
    'connection: close',
  ]
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${text}`)
  socket.destroy()
}
