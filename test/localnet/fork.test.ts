import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'mocha'
import { mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import {
  createLocalChain,
  forkOf,
  type LocalChain,
  type OwnChain,
} from '../../solver/localnet/chain.ts'
import { balanceOf } from '../../solver/localnet/fund.ts'
import type { HiddenNode } from '../../solver/localnet/node.ts'
import { readPool, sendInBlock } from '../helpers/localnet.ts'

/** A JSON-RPC server on a free port of 127.0.0.1 in front of `node`. */
async function serve(node: HiddenNode) {
  const server = createServer((request, response) => {
    void text(request)
      .then(async (body) => {
        const { id, method, params } = JSON.parse(body) as {
          id: number
          method: string
          params?: unknown[]
        }
        const result = await node.request({ method, params: params ?? [] })
        response.end(JSON.stringify({ jsonrpc: '2.0', id, result }))
      })
      .catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // listens on TCP
  return { url: `http://127.0.0.1:${port}`, server }
}

describe('chain.forkOf', () => {
  let [upstream, fork]: [LocalChain?, OwnChain?] = []
  let server: Awaited<ReturnType<typeof serve>> | undefined
  before(async () => {
    upstream = await createLocalChain()
    server = await serve(upstream.provider)
    const head = await upstream.provider.request({ method: 'eth_blockNumber' })
    fork = await forkOf(server.url, BigInt(String(head)))
  })
  after(async () => {
    await fork?.close()
    server?.server.close()
    await upstream?.close()
  })

  it('has the upstream’s pools, to the wei', async () => {
    assert.ok(upstream !== undefined && fork !== undefined)
    const pairs = upstream.pools.filter(({ kind }) => kind === 'uniswapV2')
    for (const pair of pairs.slice(0, 3))
      assert.deepEqual(await readPool(fork.provider, pair), await readPool(upstream.provider, pair))
  })

  it('goes its own way from there, and mines only when told to', async () => {
    assert.ok(upstream !== undefined && fork !== undefined)
    const owner = fork.accounts.owner(0).address
    const { address } = mainnetTokens.WETH
    assert.ok(await sendInBlock(fork.provider, owner, { to: address, value: '0x5' }))
    assert.equal(await balanceOf(fork.provider, address, owner), 5n)
    assert.equal(await balanceOf(upstream.provider, address, owner), 0n)
  })

  it('funds by the same word', async () => {
    assert.ok(fork !== undefined)
    const owner = fork.accounts.owner(1).address
    await fork.fund(owner, mainnetTokens.USDC.address, 77n)
    assert.equal(await balanceOf(fork.provider, mainnetTokens.USDC.address, owner), 77n)
  })
})
