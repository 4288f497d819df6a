/** Several nodes as one, in virtual time: nodes that fail, and nodes that ask for patience. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { RpcRequestError } from 'viem'
import type { ChainNode } from '../../solver/chain/client.ts'
import { within } from '../../solver/chain/clock.ts'
import type { RpcArgs } from '../../solver/chain/endpoint.ts'
import { createRng } from '../../solver/core/rng.ts'
import type { Fault } from '../helpers/fakeEndpoints.ts'
import { createNodePool, type NodePool } from '../helpers/nodePool.ts'

const failures: readonly Fault[] = ['refuse', 'hang', '502', 'half-close']
const failoverMs = 2_000
const latest: RpcArgs = { method: 'eth_getBlockByNumber', params: ['latest', false] }

/** The control: asks one node after the other, each until its time limit. */
function naiveFallback({ nodes, clock }: NodePool): ChainNode {
  return {
    async request(args) {
      for (const node of nodes)
        try {
          return await within(clock, 10_000, node.request(args), () => new RangeError('late'))
        } catch {
          continue
        }
      throw new RangeError('nobody')
    },
  }
}

const numberOf = (block: unknown) => Number((block as { number: string }).number)

describe('client.request, when nodes fail', () => {
  for (const fault of failures)
    it(`answers within two seconds when one of three nodes begins to ${fault}, and when two do`, async () => {
      const rng = createRng(7)
      for (let round = 0; round < 100; round++) {
        const pool = await createNodePool()
        const [first, second] = pool.nodes
        await pool.time(pool.head())
        await pool.clock.pass(rng.int(0, 5_000))
        first.mood({ fault })
        if (round % 2 === 1) second.mood({ fault })
        const { ms, value } = await pool.time(
          round % 4 < 2 ? pool.head() : pool.client.request({ method: 'eth_chainId' }),
        )
        assert.equal(round % 4 < 2 ? numberOf(value) : value, round % 4 < 2 ? 101 : '0x1')
        assert.ok(ms <= failoverMs, `${ms} ms in round ${round}`)
      }
    })

  it('answers a heavy question within two seconds when two of three nodes hang', async () => {
    const { nodes, chain, client, time } = await createNodePool()
    nodes[0].mood({ fault: 'hang' })
    nodes[1].mood({ fault: 'hang' })
    const args = { method: 'eth_getLogs', params: [{ blockHash: chain.canonical()[0]?.hash }] }
    const { ms, value } = await time(client.request(args))
    assert.deepEqual(value, [])
    assert.ok(ms <= failoverMs, `${ms} ms`)
  })

  it('takes longer by the naive way: a node that hangs costs its whole time limit (control)', async () => {
    const pool = await createNodePool()
    pool.nodes[0].mood({ fault: 'hang' })
    const { ms } = await pool.time(naiveFallback(pool).request(latest))
    assert.ok(ms > failoverMs, `${ms} ms`)
  })

  it('asks a node that hangs last from then on, and first again when it is well', async () => {
    const { clock, nodes, head, time, state } = await createNodePool()
    nodes[0].mood({ fault: 'hang' })
    await time(head())
    const { ms } = await time(head())
    assert.ok(ms < 100, `${ms} ms`)
    await clock.pass(11_000)
    assert.equal(state('a').status, 'failing')
    nodes[0].mood({})
    for (let minute = 0; minute < 4; minute++) {
      await time(head())
      await clock.pass(60_000)
    }
    assert.equal(state('a').status, 'good')
    const before = nodes[0].asked.length
    await time(head())
    assert.ok(nodes[0].asked.length > before)
  })

  it('tries again by itself when no node answers for a moment', async () => {
    const { clock, nodes, head, time } = await createNodePool()
    for (const node of nodes) node.mood({ fault: 'refuse' })
    clock.after(200, () => nodes[2].mood({}))
    assert.equal(numberOf((await time(head())).value), 101)
  })

  it('says that nobody answers when nobody does', async () => {
    const { nodes, head, time } = await createNodePool()
    for (const node of nodes) node.mood({ fault: '502' })
    const { error } = await time(head())
    assert.equal((error as { code?: string }).code, 'chain.unreachable')
  })

  it('never gives a second node what the first may have done already', async () => {
    for (const fault of ['hang', '502'] as const) {
      const { nodes, client, time } = await createNodePool()
      nodes[0].mood({ fault })
      const { error } = await time(client.request({ method: 'eth_sendTransaction' }))
      assert.equal((error as { code?: string }).code, 'chain.unreachable')
      const sends = nodes.map(
        ({ asked }) => asked.filter(({ method }) => method === 'eth_sendTransaction').length,
      )
      assert.deepEqual(sends, [1, 0, 0], fault)
    }
  })

  it('asks no second node what every node would refuse alike', async () => {
    const { nodes, client, time } = await createNodePool()
    const error3 = { code: 3, message: 'execution reverted' }
    nodes[0].mood({
      lie: () => {
        throw new RpcRequestError({ body: {}, error: error3, url: 'a' })
      },
    })
    const { error } = await time(client.request({ method: 'eth_call' }))
    assert.equal((error as { code?: string }).code, 'chain.refused')
    assert.equal(nodes[1].asked.filter(({ method }) => method === 'eth_call').length, 0)
  })
})

describe('client.request, when a node says that it is asked too often', () => {
  for (const [retryAfter, waitMs] of [
    ['7', 7_000],
    [new Date(1_700_000_000_000 + 9_000).toUTCString(), 9_000],
  ] as const)
    it(`leaves it alone as long as it asks for (${retryAfter}), and uses another meanwhile`, async () => {
      const { clock, nodes, client, time, state } = await createNodePool({ checkMs: 1e9 })
      nodes[0].mood({ fault: '429', retryAfter })
      const ask = () => time(client.request({ method: 'eth_blockNumber' }))
      const startMs = clock.nowMs()
      await ask()
      assert.equal(state('a').status, 'throttled')
      nodes[0].mood({})
      const before = nodes[0].asked.length
      while (clock.nowMs() < startMs + waitMs - 200) {
        assert.equal((await ask()).error, undefined)
        await clock.pass(100)
      }
      assert.equal(nodes[0].asked.length, before)
      await clock.pass(400)
      await ask()
      assert.equal(nodes[0].asked.length, before + 1)
    })

  it('does not ask it either when all others fail', async () => {
    const { nodes, client, time } = await createNodePool({ checkMs: 1e9 })
    const ask = () => time(client.request({ method: 'eth_blockNumber' }))
    nodes[0].mood({ fault: '429', retryAfter: '20' })
    await ask()
    const before = nodes[0].asked.length
    for (const node of nodes.slice(1)) node.mood({ fault: 'refuse' })
    assert.ok((await ask()).error)
    assert.equal(nodes[0].asked.length, before)
  })

  it('waits for the only node there is, and not a moment too short', async () => {
    const { nodes, head, time, clock } = await createNodePool({ count: 1 })
    nodes[0].mood({ fault: '429', retryAfter: '5' })
    clock.after(1_000, () => nodes[0].mood({}))
    const { ms, value } = await time(head())
    assert.equal(numberOf(value), 101)
    assert.ok(ms >= 5_000 && ms < 6_000, `${ms} ms`)
  })

  it('does not wait an hour', async () => {
    const { nodes, head, time } = await createNodePool({ count: 1 })
    nodes[0].mood({ fault: '429', retryAfter: '3600' })
    const { ms, error } = await time(head())
    assert.equal((error as { code?: string }).code, 'chain.unreachable')
    assert.ok(ms < 60_000, `${ms} ms`)
  })

  it('keeps asking it other questions when only one method is limited', async () => {
    const { nodes, client, time } = await createNodePool({ checkMs: 1e9 })
    nodes[0].mood({ fault: 'too-fast' })
    await time(client.request({ method: 'eth_call' }).catch(() => undefined))
    nodes[0].mood({})
    const before = nodes[0].asked.length
    await time(client.request({ method: 'eth_blockNumber' }))
    assert.equal(nodes[0].asked.length, before + 1)
  })
})
