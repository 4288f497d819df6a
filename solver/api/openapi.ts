/** The API described for machines: OpenAPI 3.1 from the registry of routes and their zod schemas. */
import { z } from 'zod'
import { type ApiRoute, defineRoute } from './route.ts'

/** A JSON object of the document. */
export type Json = { readonly [key: string]: unknown }

const problem = 'application/problem+json'
const methods = { GET: 'get', POST: 'post' } as const

/**
 * The document of `routes`. Pure: the same routes give the same document.
 *
 * @see https://spec.openapis.org/oas/v3.1.1
 */
export function openApiDocument(routes: readonly ApiRoute[]): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const route of routes)
    paths[route.path] = { ...paths[route.path], [methods[route.method]]: operationOf(route) }
  return {
    openapi: '3.1.1',
    info: {
      title: 'isoprice',
      version: '1',
      description:
        'Prices, firm quotes and intents. Amounts are decimal strings in base units; addresses come in either case; unknown fields are refused.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The server that this document came from' }],
    paths,
    components: { schemas: { Problem: problemSchema } },
  }
}

/** `GET /openapi.json`, for a registry of the other routes. */
export function createOpenApiRoute(routes: readonly ApiRoute[]): ApiRoute {
  const self: ApiRoute = defineRoute({
    operationId: 'getOpenApi',
    method: 'GET',
    path: '/openapi.json',
    summary: 'This document',
    input: z.strictObject({}),
    answer: z.looseObject({ openapi: z.string() }),
    handle: () => openApiDocument([...routes, self]),
  })
  return self
}

function operationOf(route: ApiRoute): Json {
  const { operationId, summary, method, path, contentType = 'application/json' } = route
  const schema = schemaOf(route.document ?? route.input)
  const inPath = new Set([...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
  const parameters = Object.entries(schema.properties)
    .filter(([name]) => method === 'GET' || inPath.has(name))
    .map(([name, property]) => {
      const isPath = inPath.has(name)
      const required = isPath || schema.required.includes(name)
      return { name, in: isPath ? 'path' : 'query', required, schema: property }
    })
  return {
    operationId,
    summary,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(method === 'POST'
      ? {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: schema.whole } },
          },
        }
      : {}),
    responses: {
      [String(route.status ?? 200)]: {
        description: summary,
        content: {
          [contentType.split(';')[0] ?? contentType]:
            route.answer === undefined ? {} : { schema: schemaOf(route.answer).whole },
        },
      },
      default: {
        description: 'Why not, with a stable code and a hint',
        content: { [problem]: { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

/** What is on the wire, before our codecs: decimal text where the code has a bigint. */
function schemaOf(input: z.ZodType) {
  const { $schema: _, ...whole } = z.toJSONSchema(input, { io: 'input' })
  return { whole, properties: whole.properties ?? {}, required: whole.required ?? [] }
}

const text = (description: string) => ({ type: 'string', description })
const problemSchema: Json = {
  type: 'object',
  description: 'RFC 9457 problem details',
  required: ['type', 'title', 'status', 'code', 'facts', 'requestId'],
  properties: {
    type: text('Relative reference to the description of the code'),
    title: text('For a person; may change in any release'),
    status: { type: 'integer' },
    code: text('Stable machine name, `<room>.<fact>`'),
    detail: text('More of the title, where there is more'),
    facts: { type: 'object', additionalProperties: { type: 'string' } },
    hint: text('What to do next'),
    retryable: { type: 'boolean', description: 'The same call may succeed later unchanged' },
    errors: {
      type: 'array',
      items: { type: 'object', properties: { path: text('Field'), message: text('Fault') } },
    },
    requestId: text('As in the header x-request-id'),
  },
}
