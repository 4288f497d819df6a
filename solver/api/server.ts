/** The HTTP door: routes of the registry on Fastify, bound to 127.0.0.1, errors by one table. */
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { BaseError } from '../core/errors.ts'
import { toJson } from '../core/units.ts'
import { apiRoutes } from './index.ts'
import { bodyBytes, InvalidRequestError, NotFoundError, problemOf } from './errors.ts'
import { answerParserFault, answerWhatNodeWould, newRequestId } from './parserFaults.ts'
import type { ApiContext, ApiRoute } from './route.ts'

/** A running server. */
export type ApiServer = { readonly url: string; close(): Promise<void> }

/** Ports tried upward from the wanted one. */
const portTries = 100

/**
 * Serves the API on 127.0.0.1, on `port` or the next free one.
 *
 * @throws {PortsTakenError} `api.ports-taken`, when none of 100 ports is free.
 */
export async function serveApi(context: ApiContext, port: number): Promise<ApiServer> {
  for (let candidate = port; candidate < port + portTries; candidate += 1) {
    const server = createServer(context)
    try {
      const url = await server.listen({ host: '127.0.0.1', port: candidate })
      return { url, close: () => server.close() }
    } catch (error) {
      await server.close()
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    }
  }
  throw new PortsTakenError(port)
}

/** The server, not yet listening: tests inject requests into it. */
export function createServer(context: ApiContext): FastifyInstance {
  const server = fastify({
    bodyLimit: bodyBytes,
    requestTimeout: 5_000,
    keepAliveTimeout: 2_000,
    http: {
      headersTimeout: 3_000,
      maxHeaderSize: 8_192,
      // Node looks for late requests only this often; its own 30 s would stretch every timeout to that.
      connectionsCheckingInterval: 1_000,
      // Without a host Node answers 400 and nothing else; `requireHost` says why.
      requireHostHeader: false,
    },
    genReqId: newRequestId,
    clientErrorHandler: answerParserFault,
    // What the router refuses runs no hook and no error handler.
    frameworkErrors: (error, request, reply) => {
      const fault = { path: '(path)', message: error.message }
      return answerProblem(reply, new InvalidRequestError([fault]), request.id)
    },
  })
  answerWhatNodeWould(server)
  server.addHook('onRequest', async (request, reply) => {
    void reply.header('x-request-id', request.id)
    requireHost(request)
  })
  server.setNotFoundHandler((request, reply) =>
    answerProblem(reply, new NotFoundError('operation'), request.id),
  )
  server.setErrorHandler((error, request, reply) => answerProblem(reply, error, request.id))
  for (const route of apiRoutes) register(server, route, context)
  return server
}

/** @throws {InvalidRequestError} `api.invalid-request`, for HTTP/1.1 without a host (RFC 9112, 3.2). */
function requireHost({ headers, raw }: FastifyRequest): void {
  if (headers.host === undefined && raw.httpVersion === '1.1')
    throw new InvalidRequestError([{ path: 'host', message: 'HTTP/1.1 needs this header' }])
}

function answerProblem(reply: FastifyReply, error: unknown, requestId: string): FastifyReply {
  const { status, body } = problemOf(error, requestId)
  void reply.code(status).type('application/problem+json').header('x-request-id', requestId)
  return reply.send(toJson(body))
}

function register(server: FastifyInstance, route: ApiRoute, context: ApiContext): void {
  server.route({
    method: route.method,
    // OpenAPI's {name} is Fastify's :name.
    url: route.path.replace(/\{(\w+)\}/g, ':$1'),
    handler: async (request, reply) => {
      const given = {
        ...asObject(request.query),
        ...asObject(request.params),
        ...asObject(request.body),
      }
      const parsed = route.input.safeParse(given)
      if (!parsed.success)
        throw new InvalidRequestError(
          parsed.error.issues.map(({ path, message }) => ({
            path: path.join('.') || '(request)',
            message,
          })),
        )
      const answer = await route.handle(parsed.data, context)
      void reply.code(route.status ?? 200)
      return route.contentType === undefined
        ? reply.type('application/json').send(toJson(answer))
        : reply.type(route.contentType).send(answer)
    },
  })
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {}
}

/** Every port of the range is in use. */
export class PortsTakenError extends BaseError {
  override readonly code = 'api.ports-taken'

  constructor(port: number) {
    super('No port is free for the API.', {
      facts: { from: port, to: port + portTries - 1 },
      hint: 'Give another port with --port.',
    })
  }
}
