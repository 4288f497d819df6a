/** The follower against a node whose history the test writes. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import type { BlockRef, Log } from '../../solver/chain/block.ts'
import { type ChainEvent, followHead, nextBaseFeeOf } from '../../solver/chain/head.ts'
import { createFakeNode, type FakeNode, hashOf } from '../helpers/fakeNode.ts'

const aLog = (data: Log['data']): Log => ({ address: `0x${'aa'.repeat(20)}`, topics: [], data })

function first(node: FakeNode): BlockRef {
  const [block] = node.canonical()
  assert.ok(block)
  const { number, hash, parentHash, timestamp } = block
  return { number, hash, parentHash, timestamp }
}

/** The next `count` events, and then no more. */
async function take(events: AsyncGenerator<ChainEvent>, count: number): Promise<ChainEvent[]> {
  const taken: ChainEvent[] = []
  while (taken.length < count) {
    const { value, done } = await events.next()
    if (done === true) break
    taken.push(value)
  }
  return taken
}

/** What a listener believes after `events`. */
function replay(chain: BlockRef[], events: readonly ChainEvent[]): void {
  for (const event of events) {
    if (event.kind === 'reorg') {
      chain.length -= event.depth
      assert.equal(chain.at(-1)?.hash, event.ancestor.hash)
    }
    if (event.kind !== 'block') continue
    assert.equal(event.block.parentHash, chain.at(-1)?.hash)
    chain.push(event.block)
  }
}

describe('head.followHead', () => {
  it('gives every block once, in order, with its logs', async () => {
    const node = createFakeNode()
    const from = first(node)
    for (let index = 0; index < 5; index++) node.mine([aLog(`0x0${index}`), aLog('0xff')])
    const events = await take(followHead(node, { from, pollMs: 1 }), 5)
    assert.deepEqual(
      events.map((event) => event.kind === 'block' && event.logs.map(({ data }) => data)),
      ['0x00', '0x01', '0x02', '0x03', '0x04'].map((data) => [data, '0xff']),
    )
  })

  it('leads a listener to the true chain through any blocks, reorgs and lagging answers', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('mine' as const), count: fc.integer({ min: 1, max: 4 }) }),
      fc.record({
        kind: fc.constant('reorg' as const),
        depth: fc.integer({ min: 1, max: 7 }),
        count: fc.integer({ min: 1, max: 9 }),
      }),
      fc.record({ kind: fc.constant('lag' as const), count: fc.integer({ min: 1, max: 2 }) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const node = createFakeNode()
        const believed = [first(node)]
        const over = new AbortController()
        const events = followHead(node, { from: first(node), pollMs: 0, signal: over.signal })
        for (const each of steps) {
          if (each.kind === 'reorg') node.drop(Math.min(each.depth, node.canonical().length - 1))
          if (each.kind === 'lag') node.lag(1, each.count)
          for (let index = 0; index < each.count; index++) node.mine()
          while (believed.at(-1)?.hash !== node.canonical().at(-1)?.hash)
            replay(believed, await take(events, 1))
        }
        over.abort()
        assert.deepEqual(
          believed.map(({ hash }) => hash),
          node.canonical().map(({ hash }) => hash),
        )
      }),
      { numRuns: 200 },
    )
  })

  it('says how deep a reorg goes and what is left', async () => {
    const node = createFakeNode()
    const from = first(node)
    for (let index = 0; index < 4; index++) node.mine()
    const events = followHead(node, { from, pollMs: 1 })
    await take(events, 4)
    const ancestor = node.canonical()[1]
    node.drop(3)
    for (let index = 0; index < 4; index++) node.mine()
    const [reorg] = await take(events, 5)
    assert.ok(reorg?.kind === 'reorg')
    assert.equal(reorg.depth, 3)
    assert.equal(reorg.ancestor.hash, ancestor?.hash)
  })

  it('takes no notice of a node that falls behind twice, and follows one that stays behind', async () => {
    const node = createFakeNode()
    const from = first(node)
    node.mine()
    const events = followHead(node, { from, pollMs: 1 })
    await take(events, 1)
    node.lag(1, 2)
    node.mine()
    const [next] = await take(events, 1)
    assert.equal(next?.kind, 'block')
    node.drop(1)
    const [reorg] = await take(events, 1)
    assert.ok(reorg?.kind === 'reorg' && reorg.depth === 1)
  })

  it('waits for a node that is not yet where the caller is, and refuses one that stays there', async () => {
    const node = createFakeNode()
    const from = { ...node.mine(), logs: undefined }
    node.lag(2, 2)
    const events = followHead(node, { from, pollMs: 1 })
    node.mine()
    const [next] = await take(events, 1)
    assert.equal(next?.kind, 'block')
    node.lag(2, 3)
    await assert.rejects(take(followHead(node, { from, pollMs: 1 }), 1), {
      code: 'chain.reorg-too-deep',
    })
  })

  it('looks again when a block is dropped before its logs are read', async () => {
    const node = createFakeNode()
    const from = first(node)
    node.mine()
    const lost = node.mine([aLog('0x01')])
    node.dropBeforeLogs()
    const events = followHead(node, { from, pollMs: 1 })
    const seen = await take(events, 1)
    node.mine([aLog('0x02')])
    seen.push(...(await take(events, 1)))
    assert.ok(seen.every((event) => event.kind === 'block' && event.block.hash !== lost.hash))
  })

  it('catches up over more blocks than it holds, and finalizes 64 behind the head', async () => {
    const node = createFakeNode()
    const from = first(node)
    for (let index = 0; index < 300; index++) node.mine()
    const events = await take(followHead(node, { from, pollMs: 1 }), 300 + 237)
    const blocks = events.filter(({ kind }) => kind === 'block')
    const finals = events.filter(({ kind }) => kind === 'finalize')
    assert.equal(blocks.length, 300)
    assert.equal(finals.length, 237)
    const [last] = finals.slice(-1)
    assert.ok(last?.kind === 'finalize' && last.block.number === 100n + 236n)
  })

  it('finalizes what the node calls final, and nothing newer', async () => {
    const node = createFakeNode()
    const from = first(node)
    for (let index = 0; index < 100; index++) node.mine()
    node.finalize(110n)
    const over = new AbortController()
    const events = followHead(node, { from, pollMs: 1, signal: over.signal })
    const finalsOf = (some: readonly ChainEvent[]) =>
      some.flatMap((event) => (event.kind === 'finalize' ? [event.block.number] : []))
    const upTo = (low: bigint, high: bigint) =>
      Array.from({ length: Number(high - low) + 1 }, (_, index) => low + BigInt(index))
    assert.deepEqual(finalsOf(await take(events, 111)), upTo(100n, 110n))
    node.mine()
    const [next] = await take(events, 1)
    assert.equal(next?.kind, 'block')
    node.finalize(120n)
    node.mine()
    assert.deepEqual(finalsOf(await take(events, 11)), upTo(111n, 120n))
    over.abort()
  })

  it('finalizes nothing within 64 blocks of the head, whatever the node calls final', async () => {
    const node = createFakeNode()
    const from = first(node)
    for (let index = 0; index < 80; index++) node.mine()
    node.finalize(180n)
    const events = followHead(node, { from, pollMs: 1 })
    const finals = (await take(events, 97)).filter(({ kind }) => kind === 'finalize')
    const [last] = finals.slice(-1)
    assert.ok(last?.kind === 'finalize' && last.block.number === 116n)
    node.mine()
    const [block, final] = await take(events, 2)
    assert.ok(block?.kind === 'block' && final?.kind === 'finalize' && final.block.number === 117n)
  })

  it('finalizes nothing when the final block is another one than ours', async () => {
    const node = createFakeNode()
    const from = first(node)
    for (let index = 0; index < 80; index++) node.mine()
    node.finalize(110n, hashOf(999))
    const events = followHead(node, { from, pollMs: 1 })
    await take(events, 80)
    node.mine()
    const [next] = await take(events, 1)
    assert.equal(next?.kind, 'block')
  })

  it('refuses a reorg below everything that it remembers', async () => {
    const node = createFakeNode()
    const from = first(node)
    node.drop(1)
    for (let index = 0; index < 3; index++) node.mine()
    await assert.rejects(take(followHead(node, { from, pollMs: 1 }), 1), {
      code: 'chain.reorg-too-deep',
    })
  })

  it('ends when it is told to', async () => {
    const node = createFakeNode()
    const over = new AbortController()
    const events = followHead(node, { from: first(node), pollMs: 60_000, signal: over.signal })
    const next = events.next()
    over.abort()
    assert.equal((await next).done, true)
  })

  it('throws what is wrong with an answer that is no block', async () => {
    const node = { request: () => Promise.resolve({ number: 'seven' }) }
    const from = { number: 1n, hash: hashOf(1), parentHash: hashOf(0), timestamp: 0n }
    await assert.rejects(take(followHead(node, { from }), 1), { code: 'chain.bad-answer' })
  })
})

describe('head.nextBaseFeeOf', () => {
  const header = (baseFeePerGas: number, gasUsed: number, gasLimit = 30_000_000) => ({
    baseFeePerGas: `0x${baseFeePerGas.toString(16)}`,
    gasUsed: `0x${gasUsed.toString(16)}`,
    gasLimit: `0x${gasLimit.toString(16)}`,
  })

  it('rises by an eighth after a full block, falls by an eighth after an empty one', () => {
    assert.equal(nextBaseFeeOf(header(8_000_000_000, 30_000_000)), 9_000_000_000n)
    assert.equal(nextBaseFeeOf(header(8_000_000_000, 0)), 7_000_000_000n)
    assert.equal(nextBaseFeeOf(header(8_000_000_000, 15_000_000)), 8_000_000_000n)
  })

  it('rises by at least one wei', () => {
    assert.equal(nextBaseFeeOf(header(7, 15_000_001)), 8n)
  })

  it('does not exist before London', () => {
    assert.equal(nextBaseFeeOf({ gasUsed: '0x0', gasLimit: '0x1' }), undefined)
  })
})
