/** Connections to nodes that answer, lie, refuse or are not there. */
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { afterEach, describe, it } from 'mocha'
import { connect } from '../../solver/chain/client.ts'
import { type RpcHandler, type RpcServer, serveRpc } from '../../solver/chain/rpcServer.ts'

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
