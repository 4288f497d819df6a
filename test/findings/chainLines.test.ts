/** What a node sends over a real line: nothing of it ends the process, and no key of its URL comes out again. */
import assert from 'node:assert/strict'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { afterEach, describe, it } from 'mocha'
import { WebSocketServer } from 'ws'
import { connect } from '../../solver/chain/client.ts'
import { ChainUnreachableError, NodeRefusedError } from '../../solver/chain/nodeErrors.ts'
import { openEndpoint } from '../../solver/chain/openEndpoint.ts'
import { failureOf } from '../../solver/chain/nodeErrors.ts'
import { systemClock } from '../../solver/chain/clock.ts'
import { createLog } from '../../solver/observe/log.ts'

const canary = 'canary0key0canary0key'
const open: (() => void)[] = []
afterEach(() => open.splice(0).forEach((close) => close()))

type Question = { id: number; method: string }

/** A node over HTTP that answers as `answer` does; gives its URL with a key in each place that has one. */
async function anHttpNode(answer: (response: ServerResponse, asked: Question) => void) {
  const server = createServer((request, response) => {
    let text = ''
    request.on('data', (part) => (text += String(part)))
    request.on('end', () => answer(response, JSON.parse(text) as Question))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(() => (server.closeAllConnections(), server.close()))
  const { port } = server.address() as AddressInfo
  return keyed('http', port)
}

const keyed = (protocol: string, port: number) =>
  `${protocol}://user:${canary}@127.0.0.1:${port}/v2/${canary}?key=${canary}`

const quick = { timeoutMs: 150, retries: 0 }

/** The error of asking `url`, whether it fails at once or later. */
async function failureAt(url: string): Promise<unknown> {
  try {
    const client = await connect({ urls: [url], chainId: 1, ...quick })
    open.push(client.close)
    await client.request({ method: 'eth_call', params: [] })
  } catch (error) {
    return error
  }
  throw new assert.AssertionError({ message: 'it answered' })
}

/** Everything that prints, logs or sends on the error. */
function shown(error: unknown): string {
  const lines: string[] = []
  createLog({ destination: { write: (line) => void lines.push(line) } }).error({ error }, 'failed')
  return [inspect(error, { depth: 20, showHidden: true }), String(error), ...lines].join('\n')
}

const whoServes = (response: ServerResponse, { id, method }: Question) =>
  method === 'eth_chainId' &&
  response.end(JSON.stringify({ jsonrpc: '2.0', id, result: '0x1' })) !== undefined

const bodies: readonly [
  string,
  (response: ServerResponse, asked: Question, url: string) => void,
][] = [
  ['hangs', () => undefined],
  ['hangs up', (response) => void response.destroy()],
  ['gives a text as error', (response) => void response.end('{"error":"text"}')],
  [
    'repeats its URL in an error',
    (response, { id }, url) =>
      void response.end(JSON.stringify({ id, error: { code: -32_000, message: `no ${url}` } })),
  ],
  [
    'repeats its key in an error',
    (response, { id }) =>
      void response.end(JSON.stringify({ id, error: { code: 1, message: `no ${canary}` } })),
  ],
  [
    'fails with its URL in the body',
    (response, _, url) => void response.writeHead(500).end(`broken: ${url}`),
  ],
  ['gives no JSON', (response, _, url) => void response.end(`<p>${url}`)],
  ['gives its URL as answer', (response, _, url) => void response.end(JSON.stringify([url]))],
]

describe('client.connect, of a URL with a key', () => {
  for (const [what, answer] of bodies)
    for (const isLater of [false, true])
      it(`shows no key of a node that ${what} ${isLater ? 'later' : 'at once'}`, async () => {
        const url = await anHttpNode((response, asked) => {
          if (isLater && whoServes(response, asked)) return
          answer(response, asked, url)
        })
        assert.doesNotMatch(shown(await failureAt(url)), /canary/)
      })

  it('shows no key of nodes that are not there, or whose URL is none', async () => {
    for (const url of [keyed('http', 1), keyed('ws', 1), `http://[${canary}`, `ws://[${canary}`])
      assert.doesNotMatch(shown(await failureAt(url)), /canary/, url)
  })

  it('cuts URLs out of every error of a client and every line of a log', () => {
    const cause = new TypeError(`fetch failed: ${keyed('https', 443)}`)
    assert.doesNotMatch(String(new NodeRefusedError({ method: 'eth_call', cause })), /canary/)
    const unreachable = new ChainUnreachableError({ urls: [keyed('wss', 443)] })
    assert.doesNotMatch(String(unreachable), /canary/)
    const lines: string[] = []
    const log = createLog({ destination: { write: (line) => void lines.push(line) } })
    log.warn({ cause, list: [keyed('ws', 1)] }, `lost ${keyed('http', 1)}`)
    assert.doesNotMatch(lines.join(), /canary/)
    assert.match(lines.join(), /https:\/\/127\.0\.0\.1/)
  })
})

const endpointOf = (url: string, batchSize = 1) =>
  openEndpoint(url, { timeoutMs: 500, batchSize, clock: systemClock })

describe('httpEndpoint.openHttp', () => {
  const wrong: readonly [string, (asked: Question) => unknown][] = [
    ['an empty list', () => []],
    ['a text', () => 'yes'],
    ['nothing', () => ({})],
    ['the answer to another request', ({ id }) => ({ id: id + 1, result: '0x1' })],
    ['an answer without a number', () => ({ result: '0x1' })],
    ['neither result nor error', ({ id }) => ({ id })],
  ]
  for (const [what, answer] of wrong)
    it(`refuses ${what}`, async () => {
      const url = await anHttpNode((response, asked) => {
        response.end(JSON.stringify(answer(asked)))
      })
      await assert.rejects(endpointOf(url).request({ method: 'eth_chainId' }), {
        code: 'chain.bad-answer',
      })
    })

  it('gives each request of a batch its own answer, in whatever order they come', async () => {
    const url = await anHttpNode((response, asked) => {
      const all = asked as unknown as Question[]
      const answers = all.map(({ id, method }) => ({ id, result: method })).toReversed()
      response.end(JSON.stringify(answers))
    })
    const endpoint = endpointOf(url, 10)
    const methods = ['eth_a', 'eth_b', 'eth_c']
    const given = await Promise.all(methods.map((method) => endpoint.request({ method })))
    assert.deepEqual(given, methods)
  })

  it('keeps to the time that a 429 with an empty body of JSON names', async () => {
    const url = await anHttpNode((response) => {
      const headers = { 'Content-Type': 'application/json', 'Retry-After': '7' }
      response.writeHead(429, headers).end()
    })
    const error: unknown = await endpointOf(url)
      .request({ method: 'eth_chainId' })
      .catch((cause: unknown) => cause)
    assert.deepEqual(failureOf(error, 'eth_chainId', 0), {
      kind: 'throttled',
      scope: 'node',
      waitMs: 7_000,
    })
  })
})

describe('socketEndpoint.openSocket', () => {
  const frames = [
    '{"id":null,"error":{"code":1,"message":{"toString":1,"valueOf":1}}}',
    '{"id":ID,"error":{"code":{"valueOf":1},"message":{"toString":1,"valueOf":1}}}',
    '{"id":ID,"error":7}',
    '{"id":ID}',
  ]
  it('outlives frames of any shape, and refuses those that are its answers', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
    open.push(() => server.close())
    await new Promise((resolve) => server.once('listening', resolve))
    let frame = ''
    server.on('connection', (socket) =>
      socket.on('message', (data) => {
        const { id } = JSON.parse(Buffer.isBuffer(data) ? data.toString() : '{}') as Question
        socket.send('[]')
        socket.send('null')
        socket.send(frame.replace('ID', String(id)))
        socket.send(JSON.stringify({ id, result: '0x1' }))
      }),
    )
    const endpoint = endpointOf(keyed('ws', (server.address() as AddressInfo).port))
    open.push(endpoint.close)
    for (frame of frames) {
      const asking = endpoint.request({ method: 'eth_chainId' })
      if (frame.includes('ID')) await assert.rejects(asking)
      else assert.equal(await asking, '0x1')
    }
  })
})
