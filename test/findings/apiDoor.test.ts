/** What the HTTP door answers when no handler is reached, and once the engine has stopped. */
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { after, before, describe, it } from 'mocha'
import { createServer } from '../../solver/api/server.ts'
import { PortsTakenError } from '../../solver/api/server.ts'
import type { Engine } from '../../solver/engine/engine.ts'
import { createReport } from '../../solver/measure/report.ts'
import type { Problem } from '../helpers/api.ts'

/** No handler here gets as far as its engine. */
const noEngine = {} as Engine

function doorOf(failure?: () => unknown): FastifyInstance {
  const report = () => createReport([], new Map())
  return createServer({ engine: noEngine, quotes: new Map(), report, failure })
}

describe('api.createServer on requests that no handler sees', () => {
  let server: FastifyInstance
  let port = 0

  /** Sends bytes as they are and waits until the server ends the connection. */
  async function send(text: string): Promise<{ head: string; body: string }> {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => socket.write(text))
      let got = ''
      socket.setEncoding('utf8')
      socket.on('data', (part: string) => (got += part))
      socket.on('error', reject)
      socket.on('close', () => resolve(got))
    })
    const [head = '', body = ''] = answer.split('\r\n\r\n')
    return { head, body }
  }

  before(async () => {
    server = doorOf()
    port = Number(new URL(await server.listen({ host: '127.0.0.1', port: 0 })).port)
  })
  after(() => server.close())

  const end = 'host: x\r\nconnection: close\r\n\r\n'
  const cases: readonly (readonly [what: string, bytes: string, status: number, code: string])[] = [
    ['a broken escape', `GET /% HTTP/1.1\r\n${end}`, 400, 'api.invalid-request'],
    ['bytes that are no UTF-8', `GET /errors/%ff HTTP/1.1\r\n${end}`, 400, 'api.invalid-request'],
    [
      'a name of 150 letters',
      `GET /errors/${'a'.repeat(150)} HTTP/1.1\r\n${end}`,
      400,
      'api.invalid-request',
    ],
    ['a method of nobody', `BLAH / HTTP/1.1\r\n${end}`, 400, 'api.invalid-request'],
    ['a method of others', `PURGE / HTTP/1.1\r\n${end}`, 404, 'api.not-found'],
    ['a wrong method', `DELETE /v1/quote HTTP/1.1\r\n${end}`, 404, 'api.not-found'],
    ['a tunnel', `CONNECT example.org:443 HTTP/1.1\r\n${end}`, 404, 'api.not-found'],
    ['no host', 'GET /healthz HTTP/1.1\r\nconnection: close\r\n\r\n', 400, 'api.invalid-request'],
    [
      'headers of 9,000 bytes',
      `GET / HTTP/1.1\r\nx: ${'a'.repeat(9_000)}\r\n${end}`,
      431,
      'api.invalid-request',
    ],
    ['another protocol', `GET / HTTP/9.9\r\n${end}`, 400, 'api.invalid-request'],
    ['an unknown path', `GET /v1/nothing HTTP/1.1\r\n${end}`, 404, 'api.not-found'],
    [
      'an expectation, as if it were not there',
      `POST /v1/quote HTTP/1.1\r\nexpect: more\r\ncontent-type: application/json\r\ncontent-length: 2\r\n${end}{}`,
      400,
      'api.invalid-request',
    ],
    // The parser gives up at its own time only when it looks often enough: this ends, or mocha's limit does.
    ['half a header', 'GET / HTTP/1.1\r\nho', 408, 'api.invalid-request'],
  ]
  for (const [what, bytes, status, code] of cases)
    it(`answers ${what} as application/problem+json with ${status} ${code}`, async function () {
      this.timeout(12_000)
      const { head, body } = await send(bytes)
      assert.match(head, new RegExp(`^HTTP/1.1 ${status} `))
      assert.match(head, /^content-type: application\/problem\+json/im)
      const problem = JSON.parse(body) as Problem
      assert.deepEqual([problem.status, problem.code], [status, code])
      assert.match(problem.requestId, /^req_[0-9a-f-]{36}$/)
      assert.match(head, new RegExp(`^x-request-id: ${problem.requestId}$`, 'm'))
      assert.ok(problem.hint.length > 10)
      if (status === 404) assert.ok(problem.hint.includes('/openapi.json'))
    })
})

describe('api.createServer once the engine has stopped', () => {
  const asked = [
    { method: 'GET', url: '/healthz' },
    { method: 'GET', url: '/readyz' },
    { method: 'POST', url: '/v1/intents', payload: {} },
  ] as const

  for (const request of asked)
    it(`answers ${request.method} ${request.url} with 503 and the code of the cause`, async () => {
      const server = doorOf(() => new PortsTakenError(1))
      const reply = await server.inject(request)
      await server.close()
      const problem = reply.json<Problem & { retryable: boolean }>()
      assert.deepEqual([reply.statusCode, problem.code], [503, 'api.not-running'])
      assert.equal(problem.retryable, true)
      assert.deepEqual(problem.facts, { reason: 'api.ports-taken' })
      assert.match(problem.hint, /restart/)
    })

  it('is healthy while nothing has failed, and shows no words of a foreign error', async () => {
    let failure: unknown
    const server = doorOf(() => failure)
    assert.equal((await server.inject({ url: '/healthz' })).statusCode, 200)
    failure = new RangeError('a secret')
    const { statusCode, body } = await server.inject({ url: '/healthz' })
    await server.close()
    assert.equal(statusCode, 503)
    assert.equal(body.includes('secret'), false)
  })
})
