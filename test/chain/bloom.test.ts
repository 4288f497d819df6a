/** Bloom filters against a real block's, and nodes that keep logs back or make them up. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { bytesToHex } from 'viem'
import type { Log } from '../../solver/chain/block.ts'
import { bloomOf, holds, judgeLogs } from '../../solver/chain/bloom.ts'
import type { RpcArgs } from '../../solver/chain/endpoint.ts'
import { followHead } from '../../solver/chain/head.ts'
import type { Hex } from '../../solver/core/hex.ts'
import type { FakeEndpoint } from '../helpers/fakeEndpoints.ts'
import { hashOf } from '../helpers/fakeNode.ts'
import { aLogOf, createNodePool, type NodePool } from '../helpers/nodePool.ts'

const word = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes): Hex => bytesToHex(bytes))
const item = fc.oneof(
  word,
  fc.uint8Array({ minLength: 20, maxLength: 20 }).map((bytes): Hex => bytesToHex(bytes)),
)

describe('bloom.bloomOf', () => {
  it('sets the bits that the yellow paper gives the empty address', () => {
    // keccak256 of 20 zero bytes begins 5380 c7b7 ae81: bits 0x380, 0x7b7 and 0x681.
    const bloom = bloomOf([`0x${'00'.repeat(20)}`])
    const bits = [...bloom].flatMap((byte, index) =>
      [0, 1, 2, 3, 4, 5, 6, 7]
        .filter((bit) => (byte & (1 << bit)) !== 0)
        .map((bit) => 8 * (255 - index) + bit),
    )
    assert.deepEqual(
      bits.toSorted((a, b) => a - b),
      [0x380, 0x681, 0x7b7],
    )
  })

  it('holds everything that was put in', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 20 }), (items) => {
        const bloom = bloomOf(items)
        assert.ok(items.every((each) => holds(bloom, each)))
      }),
    )
  })
})

const pairA = `0x${'aa'.repeat(20)}` as const
const pairB = `0x${'bb'.repeat(20)}` as const
const other = `0x${'dd'.repeat(20)}` as const
const swap = hashOf(0x5a)
const sync = hashOf(0x5c)
const blockHash = hashOf(7)
const bloom = bytesToHex(bloomOf([pairA, swap, pairB, sync]))
const wire = (log: Log, hash: Hex = blockHash) => ({ ...log, blockHash: hash })
const aSwap = wire(aLogOf(pairA, swap))
const aSync = wire(aLogOf(pairB, sync))

describe('bloom.judgeLogs', () => {
  const all = judgeLogs({ hash: blockHash, bloom }, undefined)
  const some = judgeLogs({ hash: blockHash, bloom }, [swap, sync])

  it('finds nothing wrong with all logs of the block', () => {
    assert.equal(all([aSwap, aSync]).kind, 'good')
    assert.equal(some([aSwap, aSync]).kind, 'good')
  })

  it('faults a log of another block, and one without a block', () => {
    assert.equal(some([wire(aSwap, hashOf(8)), aSync]).kind, 'wrong')
    assert.equal(some([aLogOf(pairA, swap)]).kind, 'wrong')
  })

  it('faults a log whose address or topic the bloom excludes', () => {
    assert.equal(some([wire(aLogOf(other, swap)), aSync]).kind, 'wrong')
    assert.equal(some([aSwap, wire(aLogOf(pairB, hashOf(1)))]).kind, 'wrong')
  })

  it('faults all logs with one missing', () => {
    assert.equal(all([aSync]).kind, 'wrong')
    assert.equal(all([]).kind, 'wrong')
  })

  it('doubts chosen logs when a topic that may be in the block has none', () => {
    assert.equal(some([aSync]).kind, 'doubtful')
    assert.equal(some([]).kind, 'doubtful')
  })

  it('does not doubt an empty answer when the bloom excludes every topic that was asked for', () => {
    assert.equal(judgeLogs({ hash: blockHash, bloom }, [hashOf(3)])([]).kind, 'good')
  })

  it('takes what it cannot check: a header without a bloom', () => {
    assert.equal(judgeLogs({ hash: blockHash }, [swap])([]).kind, 'good')
  })

  it('faults a bloom of another length', () => {
    assert.equal(judgeLogs({ hash: blockHash, bloom: '0x00' }, [swap])([]).kind, 'wrong')
  })
})

describe('head.followHead over nodes that lie about logs', () => {
  const isLogs = ({ method }: RpcArgs) => method === 'eth_getLogs'
  const change = (node: FakeEndpoint, lie: (logs: Log[]) => unknown) =>
    node.mood({ lie: (args, answer) => (isLogs(args) ? lie(answer as Log[]) : answer) })

  async function logsSeen(pool: NodePool, topics: readonly Hex[] | undefined) {
    const { chain, client, from, clock } = pool
    chain.mine([aLogOf(pairA, swap, '0x01'), aLogOf(pairB, sync, '0x02')])
    const events = followHead(client, { from, topics, clock })
    const { value } = await clock.run(events.next())
    await events.return()
    await clock.pass(100)
    assert.ok(value?.kind === 'block')
    return value.logs.map(({ data }) => data)
  }

  const lies: readonly [string, (logs: Log[]) => unknown][] = [
    ['keeps all back', () => []],
    ['keeps the swaps back', (logs) => logs.filter(({ topics }) => topics[0] !== swap)],
    ['gives those of another block', (logs) => logs.map((log) => wire(log, hashOf(99)))],
    ['makes one up', (logs) => [...logs, { ...logs[0], address: other }]],
    ['changes an address', (logs) => logs.map((log) => ({ ...log, address: other }))],
    ['gives nonsense', () => ({ logs: 'none' })],
    ['gives null', () => null],
  ]
  for (const [what, lie] of lies)
    for (const topics of [[swap, sync], undefined])
      it(`sees the true logs when the first node ${what} of ${topics ? 'two topics' : 'all'}, and quarantines it`, async () => {
        const pool = await createNodePool()
        change(pool.nodes[0], lie)
        assert.deepEqual(await logsSeen(pool, topics), ['0x01', '0x02'])
        assert.equal(pool.state('a').quarantine?.cause, 'false-logs')
        assert.deepEqual([pool.state('b').status, pool.state('c').status], ['good', 'good'])
      })

  it('is needed: a follower of the first node alone sees no logs (control)', async () => {
    const pool = await createNodePool({ count: 1 })
    change(pool.nodes[0], () => [])
    assert.deepEqual(await logsSeen(pool, [swap, sync]), [])
  })

  it('refuses a block that its only node gives with a log missing, when all logs are asked for', async () => {
    const pool = await createNodePool({ count: 1 })
    change(pool.nodes[0], (logs) => logs.slice(1))
    await assert.rejects(logsSeen(pool, undefined), { code: 'chain.bad-answer' })
  })

  it('quarantines nobody when the bloom raises a false alarm', async () => {
    const pool = await createNodePool()
    const { chain, client, from, clock } = pool
    // The topic stands second in the log, so the bloom has it, but no log begins with it.
    chain.mine([{ address: pairA, topics: [swap, sync], data: '0x' }])
    const events = followHead(client, { from, topics: [sync], clock })
    const { value } = await clock.run(events.next())
    assert.ok(value?.kind === 'block' && value.logs.length === 0)
    assert.ok(client.nodes().every(({ quarantine }) => quarantine === undefined))
    await events.return()
  })
})
