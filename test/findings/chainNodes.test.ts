/** One node of three may send anything: it ends no process, no stream, and puts no honest node aside. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { sameAnswer } from '../../solver/chain/answers.ts'
import type { Log } from '../../solver/chain/block.ts'
import { judgeLogs } from '../../solver/chain/bloom.ts'
import { followHead } from '../../solver/chain/head.ts'
import { readLogs } from '../../solver/chain/quantity.ts'
import { type Address, type Hex, toAddress } from '../../solver/core/hex.ts'
import { fillTopic, netTransferred, readFills } from '../../solver/measure/fill.ts'
import { hashOf } from '../helpers/fakeNode.ts'
import { aLogOf, createNodePool, type NodePool } from '../helpers/nodePool.ts'

const logger: Address = `0x${'aa'.repeat(20)}`
const topic = hashOf(0x5a)
/** In the bloom as the second topic of a log: no log begins with it. */
const shadow = hashOf(0x5c)
const blockHash = hashOf(7)
const aLog = {
  address: logger as string,
  topics: [topic] as readonly string[],
  data: '0x01',
  blockHash,
  blockNumber: '0x1',
  logIndex: '0x0',
}

const malformed: readonly [string, object][] = [
  ['a short address', { address: '0xaa' }],
  ['an address of mixed-up letters', { address: `0x${'zz'.repeat(20)}` }],
  ['an empty topic', { topics: ['0x'] }],
  ['a topic of 31 bytes', { topics: [`0x${'11'.repeat(31)}`] }],
  ['five topics', { topics: [topic, topic, topic, topic, topic] }],
  ['half a byte of data', { data: '0x012' }],
  ['no data', { data: null }],
]

describe('quantity.readLogs', () => {
  for (const [what, change] of malformed)
    it(`refuses a log with ${what}`, () => {
      assert.throws(() => readLogs([{ ...aLog, ...change }]), { code: 'chain.bad-answer' })
    })

  it('takes an address in either case, lower-case', () => {
    const [log] = readLogs([{ ...aLog, address: `0x${'AA'.repeat(20)}` }])
    assert.equal(log?.address, logger)
  })
})

describe('bloom.judgeLogs, of logs that no contract can make', () => {
  for (const [what, change] of malformed)
    it(`faults a log with ${what}, without a bloom too`, () => {
      assert.equal(
        judgeLogs({ hash: blockHash }, undefined)([{ ...aLog, ...change }]).kind,
        'wrong',
      )
    })
})

describe('fill.readFills', () => {
  it('passes over a log of the settlement that is cut short, and one of another event', () => {
    const settlement = toAddress(logger)
    const topics = [fillTopic, topic, topic]
    const cut: Log[] = [
      { address: settlement, topics, data: '0x' },
      { address: settlement, topics: [fillTopic], data: '0x' },
      { address: settlement, topics: [], data: '0x' },
      { address: settlement, topics: [topic], data: '0x' },
    ]
    assert.deepEqual(readFills(cut, settlement), [])
  })

  it('counts no transfer whose value is cut short', () => {
    const transfer: Hex = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
    const word: Hex = `0x${logger.slice(2).padStart(64, '0')}`
    const log: Log = { address: logger, topics: [transfer, word, word], data: '0x' }
    assert.equal(netTransferred([log], logger, logger), 0n)
  })
})

/** A value nested deeper than any stack. */
function deep(levels = 20_000): unknown {
  let value: unknown = 'end'
  for (let level = 0; level < levels; level++) value = { value }
  return value
}

describe('answers.sameAnswer', () => {
  it('finds what is nested without end different from everything', () => {
    assert.equal(sameAnswer(deep(), deep()), false)
    assert.equal(sameAnswer(deep(100), deep(100)), true)
  })
})

type Answer = readonly Record<string, unknown>[]

/** The logs of the next block, in which the bloom holds `shadow` and no log begins with it. */
async function follow(pool: NodePool, lies: readonly ((logs: Answer) => unknown)[]) {
  const { chain, client, from, clock, nodes } = pool
  for (const [index, lie] of lies.entries())
    nodes[index]?.mood({
      lie: (args, answer) => (args.method === 'eth_getLogs' ? lie(answer as Answer) : answer),
    })
  chain.mine([{ ...aLogOf(logger, topic, '0x01'), topics: [topic, shadow] }])
  const events = followHead(client, { from, topics: [topic, shadow], clock })
  const { value } = await clock.run(events.next())
  await events.return()
  await clock.pass(20_000)
  assert.ok(value?.kind === 'block')
  return value.logs.map(({ data }) => data)
}

const honest = (logs: Answer) => logs
const forged = (logs: Answer) => [
  ...logs,
  { ...logs[0], topics: [shadow], data: '0xbad0', logIndex: '0x9' },
]
const quarantined = ({ client }: NodePool) =>
  client
    .nodes()
    .filter(({ quarantine }) => quarantine !== undefined)
    .map(({ name }) => name)

describe('race.race, when the bloom raises a false alarm', () => {
  it('believes two honest nodes rather than one that adds a log to it, and accuses no honest one', async () => {
    const pool = await createNodePool()
    assert.deepEqual(await follow(pool, [honest, honest, forged]), ['0x01'])
    assert.deepEqual(quarantined(pool), [])
  })

  it('puts the one aside that added the log, when it is asked before the second honest one', async () => {
    const pool = await createNodePool()
    assert.deepEqual(await follow(pool, [honest, forged, honest]), ['0x01'])
    assert.deepEqual(quarantined(pool), ['b'])
  })

  it('compares by what every kind of node says of a log', async () => {
    const pool = await createNodePool()
    const own = (logs: Answer) => logs.map((log) => ({ ...log, blockTimestamp: '0x1' }))
    assert.deepEqual(await follow(pool, [own, forged, honest]), ['0x01'])
    assert.deepEqual(quarantined(pool), ['b'])
  })

  it('accuses nobody of two that contradict each other when there is no third', async () => {
    const pool = await createNodePool({ count: 2 })
    await follow(pool, [honest, forged])
    assert.deepEqual(quarantined(pool), [])
  })

  it('does not wait for a third that is silent', async () => {
    const pool = await createNodePool()
    pool.nodes[2].mood({ fault: 'hang' })
    const startMs = pool.clock.nowMs()
    await follow(pool, [honest, forged])
    assert.deepEqual(quarantined(pool), [])
    assert.ok(pool.clock.nowMs() - startMs < 25_000)
  })

  it('gives the logs though one node nests a field without end', async () => {
    const bomb = (logs: Answer) => logs.map((log) => ({ ...log, own: deep() }))
    const dataBomb = (logs: Answer) => logs.map((log) => ({ ...log, transactionHash: deep() }))
    for (const lie of [bomb, dataBomb]) {
      const pool = await createNodePool()
      assert.deepEqual(await follow(pool, [lie, honest, honest]), ['0x01'])
    }
  })
})

describe('member.askMember, when a node asks for patience without end', () => {
  for (const retryAfter of ['999999999', new Date(4e12).toUTCString()])
    it(`tries it again after a minute (${retryAfter})`, async () => {
      const { clock, nodes, client, time, state } = await createNodePool({ checkMs: 1e9 })
      nodes[0].mood({ fault: '429', retryAfter })
      await time(client.request({ method: 'eth_blockNumber' }))
      assert.equal(state('a').status, 'throttled')
      nodes[0].mood({})
      await clock.pass(60_001)
      assert.notEqual(state('a').status, 'throttled')
    })
})

describe('head.followHead, when a node sends messages without end', () => {
  it('looks at most every 250 ms for messages that bring no news', async () => {
    const { clock, nodes, client, from, chain } = await createNodePool({ checkMs: 1e9 })
    const over = new AbortController()
    const following = (async () => {
      for await (const _ of followHead(client, { from, clock, signal: over.signal }));
    })()
    const before = nodes[0].asked.length
    for (let at = 0; at < 5_000; at += 5) {
      nodes[1].notify()
      await clock.pass(5)
    }
    const looks = nodes[0].asked.length - before
    assert.ok(looks >= 5 && looks <= 25, `${looks} looks`)
    assert.equal(chain.canonical().length, 2)
    over.abort()
    await clock.run(following)
  })
})
