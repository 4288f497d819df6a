/** The start of a line on nodes that refuse or never answer: it fails with a code and without keys, or is given up. */
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, it } from 'mocha'
import { privateKeyToAccount } from 'viem/accounts'
import { BaseError } from '../../solver/core/errors.ts'
import { connectLine, type LineOptions } from '../../solver/engine/connect.ts'

const secret = 'SECRETKEY'
const keyOf = (digit: string) => `0x${digit.repeat(64)}` as const

let server: Server
let options: LineOptions
/** What the node says to everything but its chain id; nothing when absent. */
let answer: object | undefined
/** Called when the node is asked something else. */
let onAsked = () => undefined as void

before(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (more: Buffer) => (body += more.toString()))
    request.on('end', () => {
      const { id, method } = JSON.parse(body) as { id: number; method: string }
      const said = method === 'eth_chainId' ? { result: '0x1' } : answer
      if (method !== 'eth_chainId') onAsked()
      if (said !== undefined) response.end(JSON.stringify({ jsonrpc: '2.0', id, ...said }))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  options = {
    rpcUrls: [`http://127.0.0.1:${port}/v3/${secret}`],
    relayUrls: ['http://127.0.0.1:1'],
    settlement: `0x${'ab'.repeat(20)}`,
    solver: privateKeyToAccount(keyOf('1')),
    relaySigner: privateKeyToAccount(keyOf('2')),
    pools: [],
  }
})

after(() => {
  server.closeAllConnections()
  server.close()
})

/** The error that `failing` ends with, which shows no key to a person or a log. */
async function errorOf(failing: Promise<unknown>): Promise<string> {
  const error = await failing.then(
    () => assert.fail('it started'),
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof BaseError)
  assert.ok(!`${error.stack} ${JSON.stringify(error.facts)}`.includes(secret))
  return error.code
}

describe('connect.connectLine on a node that is of no use', () => {
  it('says that the node refuses, whatever form its error has, without the key of its URL', async () => {
    for (const error of ['daily limit reached', { code: -32_000, message: 'no' }]) {
      answer = { error }
      assert.match(await errorOf(connectLine(options)), /^chain\./)
    }
  })

  it('takes no nonsense for a balance', async () => {
    answer = { result: '0x6001' }
    const { code } = { code: await errorOf(connectLine({ ...options, relayUrls: [] })) }
    assert.equal(code, 'submit.no-relay')
    answer = { result: 'much' }
    assert.equal(await errorOf(connectLine(options)), 'chain.bad-answer')
  })

  it('says that nothing stands at the address of the settlement', async () => {
    answer = { result: '0x' }
    assert.equal(await errorOf(connectLine(options)), 'engine.no-settlement')
  })

  it('is given up at once when it is interrupted, though the node never answers', async () => {
    answer = undefined
    const interrupt = new AbortController()
    onAsked = () => interrupt.abort()
    const { signal } = interrupt
    assert.equal(await errorOf(connectLine({ ...options, signal })), 'engine.interrupted')
  })

  it('gives the store back when it is interrupted', async () => {
    const store = { url: 'memory:', isLocal: true }
    const signal = AbortSignal.abort()
    assert.equal(await errorOf(connectLine({ ...options, store, signal })), 'engine.interrupted')
  })
})
