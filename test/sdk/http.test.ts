/** Servers that are away, odd or broken: each answer becomes one error with a stable code. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { createHttp } from '../../sdk/http.ts'
import { readIntentState, readPrice } from '../../sdk/answers.ts'
import { codeOfError } from '../helpers/orders.ts'

const url = 'http://127.0.0.1:1'

function answering(text: string, init: ResponseInit = {}) {
  return createHttp({ url, fetch: () => Promise.resolve(new Response(text, init)) })
}

const state = { intentHash: `0x${'1a'.repeat(32)}`, status: 'open', why: 'no-depth', fill: null }

describe('sdk.createHttp', () => {
  it('says that a server is unreachable, and that asking again may help', async () => {
    await assert.rejects(createHttp({ url }).get('/v1/price'), {
      code: 'sdk.unreachable',
      retryable: true,
      facts: { url },
    })
  })

  it('ends a question that is not answered in time', async () => {
    const never: typeof fetch = (_, init) =>
      new Promise((_resolve, reject) => {
        const { signal } = init ?? {}
        // A real connection would keep the process alive.
        const keep = setTimeout(() => reject(new RangeError('no time limit')), 5_000)
        signal?.addEventListener('abort', () => {
          clearTimeout(keep)
          reject(new DOMException('aborted', 'AbortError'))
        })
      })
    const http = createHttp({ url, timeoutMs: 20, fetch: never })
    assert.equal(await codeOfError(() => http.get('/v1/price')), 'sdk.unreachable')
  })

  it('keeps code, facts, hint, fields and id of a problem', async () => {
    const problem = {
      code: 'api.invalid-request',
      title: 'No',
      facts: { fields: 'x' },
      hint: 'Do y.',
      retryable: true,
      errors: [{ path: 'sellAmount', message: 'digits' }],
      requestId: 'req_1',
    }
    await assert.rejects(answering(JSON.stringify(problem), { status: 400 }).get('/'), {
      name: 'ProblemError',
      code: problem.code,
      status: 400,
      facts: problem.facts,
      hint: 'Do y.',
      retryable: true,
      errors: problem.errors,
      requestId: 'req_1',
    })
  })

  for (const [name, text, init] of [
    ['a page', '<html></html>', { status: 200 }],
    ['a page with an error', '<html></html>', { status: 502 }],
    ['a list', '[]', { status: 200 }],
    ['an error without a code', '{"message":"no"}', { status: 500 }],
  ] as const)
    it(`does not take ${name} for an answer`, async () => {
      assert.equal(await codeOfError(() => answering(text, init).get('/')), 'sdk.bad-answer')
    })

  it('keeps a path of the URL, and sends amounts as decimal text', async () => {
    const seen: string[] = []
    const fetch: typeof globalThis.fetch = (input, init) => {
      seen.push(input as string, (init?.body ?? '') as string)
      return Promise.resolve(Response.json({}))
    }
    const http = createHttp({ url: 'https://host/isoprice/', fetch })
    await http.get('/v1/price', { sellAmount: 10n ** 30n, buyAmount: undefined })
    await http.post('/v1/quote', { sellAmount: 2n ** 100n })
    assert.deepEqual(seen, [
      'https://host/isoprice/v1/price?sellAmount=1000000000000000000000000000000',
      '',
      'https://host/isoprice/v1/quote',
      '{"sellAmount":"1267650600228229401496703205376"}',
    ])
  })

  it('refuses a URL that is none', async () => {
    for (const bad of ['', 'host:4000', 'file:///etc', 'http://'])
      assert.equal(await codeOfError(() => createHttp({ url: bad })), 'sdk.bad-request', bad)
  })
})

describe('sdk.readIntentState', () => {
  it('reads a state', () => {
    const { status, why, fill } = readIntentState({ body: state, requestId: undefined })
    assert.deepEqual([status, why, fill], ['open', 'no-depth', undefined])
  })

  for (const [field, value] of [
    ['intentHash', '0x12'],
    ['status', 'lost'],
    ['why', 7],
    ['fill', { sold: 5, bought: '1', transaction: state.intentHash, block: '1' }],
    ['fill', { sold: '5', bought: '01', transaction: state.intentHash, block: '1' }],
    ['fill', []],
  ] as const)
    it(`refuses ${JSON.stringify(value)} as ${field}, with the id of the answer`, () => {
      const read = () => readIntentState({ body: { ...state, [field]: value }, requestId: 'req_9' })
      assert.throws(read, { code: 'sdk.bad-answer', requestId: 'req_9' })
    })
})

describe('sdk.readPrice', () => {
  it('refuses an answer without the field that is to be tested first', async () => {
    const read = () => readPrice({ body: { kind: 'sell' }, requestId: undefined })
    assert.equal(await codeOfError(read), 'sdk.bad-answer')
  })
})
