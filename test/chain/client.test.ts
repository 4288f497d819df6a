/** Connections to nodes that answer, lie, refuse or are not there. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'mocha'
import { connect } from '../../solver/chain/client.ts'
import { type RpcHandler, type RpcServer, serveRpc } from '../../solver/chain/rpcServer.ts'
import { type LyingNode, startLyingNode } from '../helpers/lyingNode.ts'

const nowhere = 'http://127.0.0.1:1'
const quick = { timeoutMs: 300, retries: 0 }
const open: { close(): Promise<void> }[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

/** A node of chain `chainId` that answers everything else with `handler`. */
async function aNode(chainId: number, handler: RpcHandler = () => '0x'): Promise<RpcServer> {
  const server = await serveRpc((method, params) =>
    method === 'eth_chainId' ? `0x${chainId.toString(16)}` : handler(method, params),
  )
  open.push(server)
  return server
}

describe('client.connect', () => {
  it('says which chain the node serves', async () => {
    const { url } = await aNode(1)
    assert.equal((await connect({ urls: [url], ...quick })).chainId, 1)
  })

  it('refuses a node of another chain than asked for', async () => {
    const { url } = await aNode(5)
    await assert.rejects(connect({ urls: [url], chainId: 1, ...quick }), {
      code: 'chain.wrong-chain',
    })
  })

  it('refuses two nodes of different chains', async () => {
    const urls = [(await aNode(1)).url, (await aNode(5)).url]
    await assert.rejects(connect({ urls, ...quick }), { code: 'chain.wrong-chain' })
  })

  it('refuses when no node answers, and may be tried again', async () => {
    await assert.rejects(connect({ urls: [nowhere, 'http://127.0.0.1:2'], ...quick }), {
      code: 'chain.unreachable',
      retryable: true,
    })
  })

  it('shows no keys of node URLs', async () => {
    const urls = ['http://127.0.0.1:1/v2/secret?apikey=secret', 'secret']
    await assert.rejects(
      connect({ urls, ...quick }),
      (error: Error) => !/secret/.test(error.message),
    )
  })

  it('gives up on a node that never answers', async () => {
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    open.push({
      close: () => {
        silent.closeAllConnections()
        return new Promise((resolve) => silent.close(() => resolve()))
      },
    })
    const address = silent.address()
    assert.ok(typeof address === 'object' && address !== null)
    const urls = [`http://127.0.0.1:${address.port}`]
    await assert.rejects(connect({ urls, timeoutMs: 50, retries: 0 }), {
      code: 'chain.unreachable',
    })
  })
})

describe('client.request over HTTP', () => {
  let honest: RpcServer
  let liar: LyingNode
  beforeEach(async () => {
    honest = await aNode(1, () => '0x2')
    liar = await startLyingNode(honest.url)
    open.push(liar)
  })

  for (const fault of ['drop', 'hang', 'half-close', '502', '429'] as const)
    it(`asks the next node when one begins to ${fault}, and does not ask it first again`, async () => {
      const client = await connect({ urls: [liar.url, honest.url], timeoutMs: 5_000 })
      liar.lie(() => fault)
      const ask = () => client.request({ method: 'eth_blockNumber' })
      assert.equal(await ask(), '0x2')
      const told = liar.told()
      assert.ok(told > 0)
      assert.equal(await ask(), '0x2')
      assert.equal(liar.told(), told)
      const [first, second] = client.nodes()
      assert.notEqual(first?.status, 'good')
      assert.equal(second?.status, 'good')
    })

  it('gives the same to the viem client, and its own errors', async () => {
    const client = await connect({ urls: [liar.url, honest.url], timeoutMs: 5_000 })
    liar.lie(() => 'drop')
    assert.equal(await client.viem.getBlockNumber({ cacheTime: 0 }), 2n)
    await honest.close()
    await assert.rejects(
      client.viem.getBlockNumber({ cacheTime: 0 }),
      (error: Error & { code?: unknown }) => error.code !== 'chain.unreachable',
    )
  })

  it('refuses nodes of one chain id and two histories', async () => {
    const withGenesis = (hash: string) =>
      aNode(1, () => ({ number: '0x0', hash, parentHash: '0x00', timestamp: '0x0' }))
    const urls = [(await withGenesis('0xaa')).url, (await withGenesis('0xbb')).url]
    await assert.rejects(connect({ urls, ...quick }), { code: 'chain.wrong-chain' })
    const [first = ''] = urls
    await assert.rejects(connect({ urls: [first], genesis: '0xbb', ...quick }), {
      code: 'chain.wrong-chain',
    })
    assert.equal((await connect({ urls: [first], genesis: '0xaa', ...quick })).chainId, 1)
  })

  it('shows the state of each node without the key in its URL', async () => {
    const url = `${honest.url}/v2/secret?apikey=secret`
    const client = await connect({ urls: [url, `${nowhere}/secret`], ...quick })
    await client.checkNodes()
    const names = client.nodes().map(({ name }) => name)
    assert.deepEqual(names, [`${honest.url}/…`, `${nowhere}/…`])
    assert.doesNotMatch(JSON.stringify(client.nodes(), String), /secret/)
  })

  it('puts the requests of one moment in one batch, when it is told to', async () => {
    const bodies: string[] = []
    const counting = createServer((request, response) => {
      request.setEncoding('utf8').on('data', (body: string) => {
        bodies.push(body)
        const asked = JSON.parse(body) as { id: number }[]
        const answers = asked.map(({ id }) => ({ jsonrpc: '2.0', id, result: '0x1' }))
        response.setHeader('content-type', 'application/json').end(JSON.stringify(answers))
      })
    })
    await new Promise<void>((resolve) => counting.listen(0, '127.0.0.1', resolve))
    open.push({ close: () => new Promise((resolve) => counting.close(() => resolve())) })
    const { port } = counting.address() as AddressInfo
    const client = await connect({ urls: [`http://127.0.0.1:${port}`], batchSize: 20 })
    const before = bodies.length
    await Promise.all(
      Array.from({ length: 40 }, () => client.request({ method: 'eth_blockNumber' })),
    )
    assert.equal(bodies.length - before, 2)
    counting.closeAllConnections()
  })
})

describe('client.request', () => {
  it('never asks a node that did not say its chain', async () => {
    const late = await serveRpc(() => '0x1')
    const port = Number(new URL(late.url).port)
    await late.close()
    const node = await aNode(1, () => '0x2')
    const client = await connect({ urls: [late.url, node.url], ...quick })
    open.push(await serveRpc(() => '0x3', port))
    assert.equal(await client.request({ method: 'eth_blockNumber' }), '0x2')
  })

  it('asks the next node when one is not there', async () => {
    const { url } = await aNode(1, () => '0x2a')
    const client = await connect({ urls: [nowhere, url], ...quick })
    assert.equal(await client.request({ method: 'eth_blockNumber' }), '0x2a')
  })

  it('asks the next node when one dies', async () => {
    const dying = await aNode(1, () => '0x1')
    const { url } = await aNode(1, () => '0x2')
    const client = await connect({ urls: [dying.url, url], ...quick })
    assert.equal(await client.request({ method: 'eth_blockNumber' }), '0x1')
    await dying.close()
    assert.equal(await client.request({ method: 'eth_blockNumber' }), '0x2')
  })

  it('tells a refusal from silence, in the words of the node', async () => {
    const { url } = await aNode(1, () => {
      throw new TypeError('missing trie node')
    })
    const client = await connect({ urls: [url], ...quick })
    await assert.rejects(
      client.request({ method: 'eth_getBalance' }),
      (error: Error & { code?: string; facts?: { node?: unknown } }) =>
        error.code === 'chain.refused' && error.facts?.node === 'missing trie node',
    )
  })

  it('says that nobody answers once the last node is gone', async () => {
    const node = await aNode(1)
    const client = await connect({ urls: [node.url], ...quick })
    await node.close()
    await assert.rejects(client.request({ method: 'eth_blockNumber' }), {
      code: 'chain.unreachable',
    })
  })
})
