/** The follower in virtual time over nodes and messages that fail: nothing is missed, and a naive one misses. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import type { BlockRef, Log } from '../../solver/chain/block.ts'
import { ChainUnreachableError } from '../../solver/chain/client.ts'
import { pause } from '../../solver/chain/clock.ts'
import { followHead } from '../../solver/chain/head.ts'
import { createRng, type Rng } from '../../solver/core/rng.ts'
import type { Delivery } from '../helpers/fakeEndpoints.ts'
import { hashOf } from '../helpers/fakeNode.ts'
import { aLogOf, createNodePool, type NodePool } from '../helpers/nodePool.ts'

const logger = `0x${'aa'.repeat(20)}` as const

const slotMs = 12_000
const topic = hashOf(0x5a)

/** Block hashes, each with the data of its logs. */
type Chain = { readonly hash: string; readonly logs: readonly string[] }[]

/** Follows until `signal` aborts, as the engine does: after a failure again from the last block. */
async function follow(pool: NodePool, pollMs: number, signal: AbortSignal): Promise<Chain> {
  const { client, clock, from } = pool
  const blocks: BlockRef[] = [from]
  const logs = new Map<string, readonly Log[]>()
  while (!signal.aborted) {
    const [last = from, ...before] = blocks.toReversed()
    try {
      const options = { from: last, before: before.toReversed(), pollMs, signal, clock }
      for await (const event of followHead(client, options)) {
        if (event.kind === 'reorg') blocks.length -= event.depth
        if (event.kind !== 'block') continue
        assert.equal(event.block.parentHash, blocks.at(-1)?.hash)
        blocks.push(event.block)
        logs.set(event.block.hash, event.logs)
      }
    } catch (error) {
      if (!(error instanceof ChainUnreachableError)) throw error
      await pause(clock, 1_000, signal)
    }
  }
  const datas = (hash: string) => (logs.get(hash) ?? []).map(({ data }) => data)
  return blocks.slice(1).map(({ hash }) => ({ hash, logs: datas(hash) }))
}

/** The control: believes every message to be the next block. */
function believe({ nodes, chain }: NodePool): Chain {
  const seen: Chain = []
  nodes[0].watchHeads?.(() => {
    const head = chain.canonical().at(-1)
    if (head) seen.push({ hash: head.hash, logs: head.logs.map(({ data }) => data) })
  })
  return seen
}

function truthOf({ chain, from }: NodePool): Chain {
  const after = chain.canonical().filter(({ number }) => number > from.number)
  return after.map(({ hash, logs }) => ({ hash, logs: logs.map(({ data }) => data) }))
}

/** Mines `slots` blocks with logs, and sometimes reorganises; tells of each as `deliver` says. */
async function runSlots(
  pool: NodePool,
  slots: number,
  rng: Rng,
  deliver: (slot: number) => Delivery,
  onSlot: (slot: number) => void = () => undefined,
): Promise<void> {
  const { clock, chain, nodes } = pool
  for (let slot = 0; slot < slots; slot++) {
    onSlot(slot)
    const depth = rng.next() < 0.15 ? rng.int(1, Math.min(7, chain.canonical().length - 2)) : 0
    if (chain.canonical().length > depth + 2) chain.drop(depth)
    for (let count = 0; count <= depth; count++) {
      const data = `0x${slot.toString(16).padStart(4, '0')}${count.toString(16).padStart(4, '0')}`
      chain.mine(rng.next() < 0.7 ? [aLogOf(logger, topic, data as Log['data'])] : [])
      nodes[0].notify(deliver(slot))
    }
    await clock.pass(slotMs)
  }
  for (const node of nodes) node.mood({})
  await clock.pass(60_000)
}

type Trouble = {
  readonly name: string
  readonly deliver: (rng: Rng, slot: number) => Delivery
  readonly onSlot?: (pool: NodePool, slot: number) => void
}

const once: Delivery = { times: 1, laterMs: 0 }
const troubles: readonly Trouble[] = [
  {
    name: 'one message in ten is lost',
    deliver: (rng) => (rng.next() < 0.1 ? { times: 0, laterMs: 0 } : once),
  },
  { name: 'every message comes twice', deliver: () => ({ times: 2, laterMs: 5 }) },
  {
    name: 'messages overtake each other by up to a minute',
    deliver: (rng) => ({ times: 1, laterMs: rng.int(0, 60_000) }),
  },
  {
    name: 'the line is dead for 60 seconds',
    deliver: (_, slot) => (slot >= 10 && slot < 15 ? { times: 0, laterMs: 0 } : once),
    onSlot: ({ nodes }, slot) =>
      nodes.forEach((node) => node.mood(slot >= 10 && slot < 15 ? { fault: 'hang' } : {})),
  },
  {
    name: 'nodes come and go, lag and hang',
    deliver: () => once,
    onSlot: ({ nodes }, slot) => {
      const moods = [{ fault: 'refuse' }, { lag: 2 }, {}, { fault: 'hang' }, { lag: 1 }] as const
      // At first there are no blocks to fall back to.
      if (slot < 3) return
      for (const [index, node] of nodes.entries())
        node.mood(moods[(slot * (index + 1) + index) % 5] ?? {})
    },
  },
]

describe('head.followHead over messages and nodes that fail', () => {
  for (const { name, deliver, onSlot } of troubles)
    it(`misses no block and no log when ${name}`, async () => {
      for (let seed = 1; seed <= 6; seed++) {
        const pool = await createNodePool()
        const rng = createRng(seed)
        const over = new AbortController()
        const following = follow(pool, 4_000, over.signal)
        const tell = (slot: number) => deliver(rng, slot)
        await runSlots(pool, 40, rng, tell, (slot) => onSlot?.(pool, slot))
        over.abort()
        assert.deepEqual(await pool.clock.run(following), truthOf(pool), `seed ${seed}`)
      }
    })

  it('is needed: who believes messages misses blocks (control)', async () => {
    for (const { name, deliver } of troubles.slice(0, 4)) {
      const pool = await createNodePool()
      const rng = createRng(3)
      const seen = believe(pool)
      await runSlots(pool, 40, rng, (slot) => deliver(rng, slot))
      assert.notDeepEqual(seen, truthOf(pool), name)
    }
  })

  it('looks at once when a message comes, and not only when its pause is over', async () => {
    const pool = await createNodePool()
    const { clock, chain, client, from, nodes } = pool
    const events = followHead(client, { from, pollMs: 3_600_000, clock })
    const next = events.next()
    await clock.pass(1_000)
    chain.mine()
    nodes[0].notify()
    const startMs = clock.nowMs()
    const { value } = await clock.run(next)
    assert.equal(value?.kind, 'block')
    assert.ok(clock.nowMs() - startMs < 1_000)
    await events.return()
    assert.ok(nodes.every((node) => !node.isWatched()))
  })

  it('is not driven to ask without end by a node that sends messages without end', async () => {
    const pool = await createNodePool()
    const { clock, client, from, nodes } = pool
    const over = new AbortController()
    const events = followHead(client, { from, pollMs: 4_000, clock, signal: over.signal })
    const next = events.next()
    for (let count = 0; count < 2_000; count++) nodes[0].notify({ times: 1, laterMs: count })
    const before = nodes[0].asked.length
    await clock.pass(2_000)
    const asked = nodes[0].asked.length - before
    assert.ok(asked < 2_000 / 20, `${asked} requests in 2 s`)
    over.abort()
    await clock.run(next)
  })

  it('catches up on 100 blocks in three seconds over nodes that take 50 ms to answer', async () => {
    const pool = await createNodePool()
    const { clock, chain, client, from, nodes, time } = pool
    for (const node of nodes) node.mood({ latencyMs: 50 })
    for (let index = 0; index < 100; index++) chain.mine([aLogOf(logger, topic)])
    const events = followHead(client, { from, clock })
    const { ms, error } = await time(
      (async () => {
        for (let count = 0; count < 100; count++) await events.next()
      })(),
    )
    assert.equal(error, undefined)
    assert.ok(ms <= 3_000, `${ms} ms`)
    await events.return()
  })

  it('takes a lagging node for a reorg only after looks that lie apart, whatever messages come', async () => {
    const pool = await createNodePool({ count: 1 })
    const { clock, chain, client, from, nodes } = pool
    const over = new AbortController()
    const kinds: string[] = []
    const following = (async () => {
      for await (const event of followHead(client, {
        from,
        pollMs: 4_000,
        clock,
        signal: over.signal,
      }))
        kinds.push(event.kind)
    })()
    chain.mine()
    await clock.pass(5_000)
    nodes[0].mood({ lag: 1 })
    for (let count = 0; count < 50; count++) nodes[0].notify({ times: 1, laterMs: 10 * count })
    await clock.pass(3_000)
    nodes[0].mood({})
    await clock.pass(10_000)
    over.abort()
    await clock.run(following)
    assert.deepEqual(kinds, ['block'])
  })

  it('goes back over blocks that it was told of when a reorg came while nobody followed', async () => {
    const pool = await createNodePool()
    const { clock, chain, client, from } = pool
    const gone = chain.mine()
    chain.drop(1)
    chain.mine()
    chain.mine()
    const last = { ...gone, logs: undefined }
    const events = followHead(client, { from: last, before: [from], clock })
    const { value } = await clock.run(events.next())
    assert.ok(value?.kind === 'reorg' && value.depth === 1 && value.ancestor.hash === from.hash)
  })
})
