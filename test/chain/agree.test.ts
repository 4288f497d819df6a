/** Reads on which money depends, over nodes that lie. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import type { RpcArgs } from '../../solver/chain/endpoint.ts'
import { readObject } from '../../solver/chain/quantity.ts'
import type { Mood } from '../helpers/fakeEndpoints.ts'
import { createNodePool } from '../helpers/nodePool.ts'

const read: RpcArgs = { method: 'eth_call', params: [{ to: '0xaa' }, '0x65'] }
const saying = (answer: unknown): Mood => ({ lie: () => answer })
const codeOf = (error: unknown) => (error as { code?: string } | undefined)?.code

describe('client.requestAgreed', () => {
  it('gives what two of three say and quarantines the third, whichever it is', async () => {
    for (const liar of [0, 1, 2]) {
      const pool = await createNodePool()
      for (const node of pool.nodes) node.mood(saying('0x0a'))
      pool.nodes[liar]?.mood(saying('0x0b'))
      const { value } = await pool.time(pool.client.requestAgreed(read))
      await pool.clock.pass(100)
      assert.equal(value, '0x0a')
      const causes = pool.client.nodes().map(({ quarantine }) => quarantine?.cause)
      assert.deepEqual(
        causes,
        [0, 1, 2].map((index) => (index === liar ? 'contradiction' : undefined)),
      )
    }
  })

  it('is needed: an ordinary request believes the liar (control)', async () => {
    const { nodes, client, time } = await createNodePool()
    for (const node of nodes) node.mood(saying('0x0a'))
    nodes[0].mood(saying('0x0b'))
    assert.equal((await time(client.request(read))).value, '0x0b')
  })

  it('catches a liar in every read that a settlement rests on', async () => {
    const reserves = `0x${'1'.padStart(64, '0')}${'2'.padStart(64, '0')}`
    const receipt = { status: '0x1', blockHash: '0x01', logs: [{ data: '0x' }] }
    const truths: readonly [string, unknown, unknown][] = [
      ['eth_call', reserves, reserves.replace('1', '9')],
      ['eth_getTransactionReceipt', receipt, { ...receipt, status: '0x0' }],
      ['eth_getTransactionReceipt', receipt, { ...receipt, logs: [] }],
      ['eth_getTransactionCount', '0x7', '0x8'],
      ['eth_getStorageAt', '0x01', '0x00'],
      ['eth_getLogs', [receipt.logs[0]], []],
    ]
    for (const [method, truth, lie] of truths) {
      const { nodes, client, time, clock, state, from } = await createNodePool()
      const params = [{ blockHash: from.hash }]
      for (const node of nodes) node.mood(saying(truth))
      nodes[0].mood(saying(lie))
      assert.deepEqual((await time(client.requestAgreed({ method, params }))).value, truth)
      await clock.pass(100)
      assert.equal(state('a').quarantine?.cause, 'contradiction', method)
    }
  })

  it('compares and gives only what is selected of the answers, and accuses nobody for the rest', async () => {
    const { nodes, client, time, clock } = await createNodePool()
    for (const [index, node] of nodes.entries())
      node.mood(saying({ status: '0x1', own: `0x${index}` }))
    const select = (answer: unknown) => (answer as { status: string }).status
    const { value } = await time(client.requestAgreed(read, { of: 3, agree: 2, select }))
    await clock.pass(100)
    assert.equal(value, '0x1')
    assert.ok(client.nodes().every(({ quarantine }) => quarantine === undefined))
    const whole = await time(client.requestAgreed(read))
    assert.equal(codeOf(whole.error), 'chain.disagreement')
  })

  it('hears no voice in an answer that cannot be selected from', async () => {
    const { nodes, client, time } = await createNodePool()
    for (const node of nodes) node.mood(saying({ status: '0x1' }))
    nodes[0].mood(saying('nonsense'))
    const select = (answer: unknown) => readObject(answer, 'receipt')['status']
    const quorum = { of: 3, agree: 2, select }
    assert.equal((await time(client.requestAgreed(read, quorum))).value, '0x1')
    nodes[1].mood(saying('nonsense'))
    const { error } = await time(client.requestAgreed(read, quorum))
    assert.equal(codeOf(error), 'chain.unreachable')
  })

  it('takes the order of fields and the case of hex for what they are: nothing', async () => {
    const { nodes, client, time, clock } = await createNodePool()
    nodes[0].mood(saying({ status: '0x1', blockHash: '0xAB' }))
    nodes[1].mood(saying({ blockHash: '0xab', status: '0x1' }))
    nodes[2].mood(saying({ blockHash: '0xab', status: '0x1' }))
    assert.ok((await time(client.requestAgreed(read, { of: 3, agree: 3 }))).value)
    await clock.pass(100)
    assert.ok(client.nodes().every(({ quarantine }) => quarantine === undefined))
  })

  it('refuses when no two say the same', async () => {
    const { nodes, client, time } = await createNodePool()
    for (const [index, node] of nodes.entries()) node.mood(saying(`0x0${index}`))
    const { error } = await time(client.requestAgreed(read))
    assert.equal(codeOf(error), 'chain.disagreement')
    assert.equal((error as { retryable?: boolean }).retryable, true)
  })

  it('asks the third when the first two contradict each other', async () => {
    const { nodes, client, time } = await createNodePool()
    for (const node of nodes) node.mood(saying('0x0a'))
    nodes[1].mood(saying('0x0b'))
    const { value, ms } = await time(client.requestAgreed(read, { of: 2, agree: 2 }))
    assert.equal(value, '0x0a')
    assert.ok(ms < 100, `${ms} ms`)
  })

  it('calls nobody a liar on the word of one', async () => {
    const { nodes, client, time, clock } = await createNodePool()
    for (const [index, node] of nodes.entries()) node.mood(saying(`0x0${index}`))
    await time(client.requestAgreed(read, { of: 3, agree: 1 }))
    await clock.pass(100)
    assert.ok(client.nodes().every(({ quarantine }) => quarantine === undefined))
  })

  it('asks the third when one of two does not answer, within two seconds', async () => {
    for (const fault of ['hang', 'refuse', '502', '429'] as const) {
      const { nodes, client, time } = await createNodePool()
      for (const node of nodes) node.mood(saying('0x0a'))
      nodes[0].mood({ fault })
      const { value, ms } = await time(client.requestAgreed(read, { of: 2, agree: 2 }))
      assert.equal(value, '0x0a')
      assert.ok(ms <= 2_000, `${ms} ms with ${fault}`)
    }
  })

  it('does not wait for the slow when enough have spoken, and still finds them out', async () => {
    const { nodes, client, time, clock, state } = await createNodePool()
    for (const node of nodes) node.mood(saying('0x0a'))
    nodes[0].mood({ ...saying('0x0b'), latencyMs: 3_000 })
    const { ms } = await time(client.requestAgreed(read))
    assert.ok(ms < 100, `${ms} ms`)
    await clock.pass(4_000)
    assert.equal(state('a').quarantine?.cause, 'contradiction')
  })

  it('fails as unreachable when only one of three answers', async () => {
    const { nodes, client, time } = await createNodePool()
    for (const node of nodes.slice(1)) node.mood({ fault: 'refuse' })
    const { error } = await time(client.requestAgreed(read))
    assert.equal(codeOf(error), 'chain.unreachable')
  })

  it('takes the word of the only node that there is', async () => {
    const { nodes, client, time } = await createNodePool({ count: 1 })
    nodes[0].mood(saying('0x0a'))
    assert.equal((await time(client.requestAgreed(read))).value, '0x0a')
  })

  it('does not call a node a liar that knows nothing yet', async () => {
    const { nodes, client, time, clock } = await createNodePool()
    for (const node of nodes) node.mood(saying({ status: '0x1' }))
    nodes[0].mood(saying(null))
    assert.deepEqual((await time(client.requestAgreed(read))).value, { status: '0x1' })
    await clock.pass(100)
    assert.ok(client.nodes().every(({ quarantine }) => quarantine === undefined))
  })

  it('gives a refusal in which enough nodes agree', async () => {
    const { client, time } = await createNodePool()
    const args = { method: 'eth_getLogs', params: [{ blockHash: '0xdead' }] }
    assert.equal(codeOf((await time(client.requestAgreed(args))).error), 'chain.refused')
  })
})
