/** Nodes compared with each other, in virtual time: who lags or lies is put aside, and nobody else. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { connectEndpoints } from '../../solver/chain/client.ts'
import type { RpcArgs } from '../../solver/chain/endpoint.ts'
import { createFakeNode, hashOf } from '../helpers/fakeNode.ts'
import { createNodePool, type NodePool } from '../helpers/nodePool.ts'

const latest: RpcArgs = { method: 'eth_getBlockByNumber', params: ['latest', false] }
const numberOf = (block: unknown) => Number((block as { number: string }).number)

describe('client.nodes', () => {
  /** Uses the client as a follower does, for `seconds`. */
  async function use({ clock, head, time }: NodePool, seconds: number): Promise<unknown[]> {
    const heads: unknown[] = []
    for (let second = 0; second < seconds; second++) {
      heads.push((await time(head())).value)
      await clock.pass(1_000)
    }
    return heads
  }

  it('quarantines a node two blocks behind, names it, and gives no head from it any more', async () => {
    for (let lag = 2; lag <= 10; lag++) {
      const pool = await createNodePool()
      for (let count = 0; count < 12; count++) pool.chain.mine()
      pool.nodes[0].mood({ lag })
      await use(pool, 4)
      const { quarantine, status } = pool.state('a')
      assert.equal(status, 'quarantined')
      assert.equal(quarantine?.cause, 'lagging')
      assert.match(quarantine.detail, new RegExp(`^${lag} blocks behind`))
      assert.ok(quarantine.sinceMs <= pool.clock.nowMs())
      for (const block of await use(pool, 5)) assert.equal(numberOf(block), 113)
    }
  })

  it('leaves a node one block behind in its place', async () => {
    const pool = await createNodePool()
    pool.chain.mine()
    pool.nodes[0].mood({ lag: 1 })
    await use(pool, 6)
    assert.equal(pool.state('a').status, 'good')
  })

  it('never serves a head more than two blocks old while a node falls behind for good', async () => {
    const pool = await createNodePool()
    for (let count = 0; count < 3; count++) pool.chain.mine()
    let lag = 0
    for (let slot = 0; slot < 10; slot++) {
      pool.chain.mine()
      lag += 1
      pool.nodes[0].mood({ lag })
      for (const [second, block] of (await use(pool, 12)).entries()) {
        const age = Number(pool.chain.canonical().at(-1)?.number) - numberOf(block)
        assert.ok(age <= 2, `${age} blocks old, ${second} s into slot ${slot}`)
      }
    }
    assert.equal(pool.state('a').quarantine?.cause, 'lagging')
  })

  it('lets a node back in that caught up, and looks less often at one that lags on and on', async () => {
    const pool = await createNodePool()
    const [first] = pool.nodes
    for (let count = 0; count < 5; count++) pool.chain.mine()
    first.mood({ lag: 4 })
    await use(pool, 120)
    const looks = first.asked.filter(({ method }) => method === 'eth_chainId').length
    assert.ok(looks < 12, `${looks} looks in two minutes`)
    first.mood({})
    await use(pool, 70)
    assert.equal(pool.state('a').status, 'good')
  })

  it('forgives a head that was gone a moment later, each time that it is well in between', async () => {
    const pool = await createNodePool()
    let isOdd = true
    pool.nodes[0].mood({
      lie: ({ method }, answer) => (isOdd && method === 'eth_getBlockByHash' ? null : answer),
    })
    for (let round = 0; round < 6; round++) {
      isOdd = round % 2 === 0
      await pool.clock.run(pool.client.checkNodes())
      assert.equal(pool.state('a').status, 'good')
    }
  })

  it('asks a lagging node again when all others are gone', async () => {
    const pool = await createNodePool()
    for (let count = 0; count < 5; count++) pool.chain.mine()
    pool.nodes[0].mood({ lag: 3 })
    await use(pool, 4)
    for (const node of pool.nodes.slice(1)) node.mood({ fault: 'refuse' })
    const heads = await use(pool, 5)
    assert.equal(numberOf(heads.at(-1)), 103)
  })

  const lies: readonly [string, string, (args: RpcArgs, answer: unknown) => unknown][] = [
    [
      'changes its chain id',
      'wrong-chain',
      (args, answer) => (args.method === 'eth_chainId' ? '0x5' : answer),
    ],
    [
      'makes up the number of its head',
      'broken-chain',
      (args, answer) =>
        args.params?.[0] === 'latest' ? { ...(answer as object), number: '0xffff' } : answer,
    ],
    [
      'makes up the hash of its head',
      'broken-chain',
      (args, answer) =>
        args.params?.[0] === 'latest' ? { ...(answer as object), hash: hashOf(666) } : answer,
    ],
    [
      'makes up the parent of its head',
      'broken-chain',
      (args, answer) =>
        args.params?.[0] === 'latest' ? { ...(answer as object), parentHash: hashOf(333) } : answer,
    ],
    [
      'moves its head up by one, and says so whenever it is asked for it',
      'broken-chain',
      (_, answer) =>
        (answer as { number?: string } | null)?.number === '0x68'
          ? { ...(answer as object), number: '0x69' }
          : answer,
    ],
    [
      'gives other blocks than those asked for',
      'broken-chain',
      (args, answer) =>
        args.method === 'eth_getBlockByHash' ? { ...(answer as object), number: '0x1' } : answer,
    ],
  ]
  for (const [what, cause, lie] of lies)
    it(`quarantines a node that ${what}, and keeps the honest ones`, async () => {
      const pool = await createNodePool()
      for (let count = 0; count < 3; count++) pool.chain.mine()
      pool.nodes[0].mood({ lie })
      await use(pool, 8)
      assert.equal(pool.state('a').quarantine?.cause, cause)
      assert.deepEqual([pool.state('b').status, pool.state('c').status], ['good', 'good'])
      for (const block of await use(pool, 3)) assert.equal(numberOf(block), 104)
    })

  for (const ahead of [0, 1, 50])
    it(`quarantines a node that shows a chain of its own, ${ahead} blocks ahead, and no other`, async () => {
      const pool = await createNodePool()
      for (let count = 0; count < 4; count++) pool.chain.mine()
      const other = createFakeNode(1_000)
      for (let count = 0; count < 5 + ahead; count++) other.mine()
      const own = /^eth_(blockNumber|getBlock|getLogs)/
      pool.nodes[0].mood({
        lie: (args, answer) =>
          own.test(args.method)
            ? other.request({ method: args.method, params: args.params ?? [] })
            : answer,
      })
      await use(pool, 10)
      assert.equal(pool.state('a').quarantine?.cause, 'broken-chain')
      assert.deepEqual([pool.state('b').status, pool.state('c').status], ['good', 'good'])
      for (const block of await use(pool, 3)) assert.equal(numberOf(block), 105)
    })

  it('does not take the better of two nodes for lagging when the other is alone far ahead', async () => {
    const pool = await createNodePool({ count: 2 })
    for (let count = 0; count < 4; count++) pool.chain.mine()
    const other = createFakeNode(1_000)
    for (let count = 0; count < 50; count++) other.mine()
    pool.nodes[1].mood({
      lie: (args, answer) =>
        args.method.startsWith('eth_getBlock')
          ? other.request({ method: args.method, params: args.params ?? [] })
          : answer,
    })
    await use(pool, 10)
    assert.equal(pool.state('a').status, 'good')
    assert.equal(pool.state('b').quarantine?.cause, 'broken-chain')
  })

  it('believes a node that is alone ahead when it holds the head of the others', async () => {
    const pool = await createNodePool()
    for (let count = 0; count < 9; count++) pool.chain.mine()
    pool.nodes[0].mood({ lag: 5 })
    pool.nodes[1].mood({ lag: 5 })
    await use(pool, 4)
    const causes = pool.client.nodes().map(({ quarantine }) => quarantine?.cause)
    assert.deepEqual(causes, ['lagging', 'lagging', undefined])
  })

  it('shows requests, failures, latency and head of each node', async () => {
    const pool = await createNodePool()
    pool.nodes[2].mood({ fault: 'refuse' })
    await use(pool, 10)
    const [a, , c] = pool.client.nodes()
    assert.equal(a?.headNumber, 101n)
    assert.equal(a.latencyMs, 20)
    assert.equal(a.failures, 0)
    assert.ok((c?.failures ?? 0) > 0 && (c?.score ?? 0) > a.score)
    assert.equal(c?.status, 'failing')
  })

  it('takes in a node that was not there at the start once it says its chain', async () => {
    const pool = await createNodePool()
    pool.nodes[0].mood({ fault: 'refuse' })
    const { clock } = pool
    const client = await clock.run(connectEndpoints(pool.nodes, { clock, random: () => 0.5 }))
    const late = { ...pool, client, head: () => client.request(latest) }
    assert.equal(client.nodes()[0]?.quarantine?.cause, 'unverified')
    const before = pool.nodes[0].asked.length
    await use(late, 3)
    pool.nodes[0].mood({})
    await use(late, 60)
    assert.equal(client.nodes()[0]?.status, 'good')
    assert.ok(pool.nodes[0].asked.length > before)
  })
})
