/** Real WebSockets over bad lines: what is asked is answered, and what happens on the chain is seen. */
import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, it } from 'mocha'
import { type NodesClient, connect } from '../../solver/chain/client.ts'
import type { ChainEvent } from '../../solver/chain/head.ts'
import { type Clock, systemClock } from '../../solver/chain/clock.ts'
import { followHead } from '../../solver/chain/head.ts'
import { readBlockRef } from '../../solver/chain/quantity.ts'
import { createRng } from '../../solver/core/rng.ts'
import type { ServedNode } from '../../solver/localnet/serve/serve.ts'
import { startServed, until } from '../helpers/served.ts'
import { byOdds, startWsProxy, type WsProxy } from '../helpers/wsProxy.ts'

let served: ServedNode
let closeServed: () => Promise<void>
let proxy: WsProxy
let client: NodesClient

before(async function () {
  this.timeout(60_000)
  const started = await startServed()
  served = started.served
  closeServed = started.close
})
beforeEach(async () => {
  proxy = await startWsProxy(served.wsUrl)
  client = await connect({ urls: [proxy.url], timeoutMs: 150, retries: 4 })
})
afterEach(async () => {
  client.close()
  await proxy.close()
})
after(() => closeServed())

const head = async () =>
  readBlockRef(await client.request({ method: 'eth_getBlockByNumber', params: ['latest', false] }))

describe('client.connect over WebSocket', () => {
  it('answers requests, many at a time, each with its own answer', async () => {
    const numbers = Array.from({ length: 20 }, (_, index) => `0x${index.toString(16)}`)
    const answers = await Promise.all([
      client.request({ method: 'eth_chainId' }),
      ...numbers.map((params) =>
        client.request({ method: 'eth_getStorageAt', params: [`0x${'0'.repeat(40)}`, params] }),
      ),
      head(),
    ])
    assert.equal(Number(answers[0]), client.chainId)
    assert.equal(proxy.counts().lines, 1)
  })

  it("gives the node's refusal in its own words", async () => {
    await assert.rejects(client.request({ method: 'eth_nonsense' }), { code: 'chain.refused' })
  })

  it('fails when there is nobody, and when nobody speaks', async () => {
    await assert.rejects(connect({ urls: ['ws://127.0.0.1:1'], timeoutMs: 100, retries: 0 }), {
      code: 'chain.unreachable',
    })
    proxy.silence(true)
    await assert.rejects(connect({ urls: [proxy.url], timeoutMs: 100, retries: 0 }), {
      code: 'chain.unreachable',
    })
  })

  it('answers over a new line when the old one broke', async () => {
    await head()
    proxy.cut()
    await head()
    assert.equal(proxy.counts().lines, 2)
  })

  it('gives up a line that is open and dead, and takes a new one', async () => {
    await head()
    proxy.silence(true)
    setTimeout(() => proxy.silence(false), 200)
    await head()
    assert.ok(proxy.counts().lines > 1)
  })

  it('gets every answer through a line that loses one message in ten', async () => {
    proxy.treat(byOdds(createRng(5), { drop: 0.1, everything: true }))
    for (let count = 0; count < 30; count++) await head()
    assert.ok(proxy.counts().dropped > 1)
  })

  it('closes a line that nobody uses, so that a program can end', async () => {
    const hasty: Clock = {
      nowMs: Date.now,
      after: (ms, run) => systemClock.after(ms / 20, run),
    }
    const idle = await connect({ urls: [proxy.url], clock: hasty })
    const opened = proxy.counts().lines
    await until(() => proxy.open() === opened - 1)
    await idle.request({ method: 'eth_chainId' })
    assert.equal(proxy.counts().lines, opened + 1)
    idle.close()
  })

  it('gives each answer to its own question when answers come in any order, and twice', async () => {
    const odds = { delay: 0.5, delayMsMax: 30, duplicate: 0.3, everything: true }
    proxy.treat(byOdds(createRng(6), odds))
    const ask = (method: string) => client.request({ method })
    for (let round = 0; round < 10; round++) {
      const [chainId, version] = await Promise.all([ask('eth_chainId'), ask('net_version')])
      assert.equal(Number(chainId), Number(version))
      assert.match(String(chainId), /^0x/)
      assert.doesNotMatch(String(version), /^0x/)
    }
  })
})

describe('head.followHead over WebSocket', () => {
  /** Follows while `work` runs, and until the follower has the head. */
  async function watch(pollMs: number, work: () => Promise<void>): Promise<string[]> {
    const over = new AbortController()
    const hashes: string[] = []
    const from = await head()
    const following = (async () => {
      const take = (event: ChainEvent) => {
        if (event.kind === 'block') hashes.push(event.block.hash)
      }
      for await (const event of followHead(client, { from, pollMs, signal: over.signal }))
        take(event)
    })()
    await work()
    const last = (await served.seal()).hash
    await until(() => hashes.includes(last))
    over.abort()
    await following
    return hashes
  }

  async function sealMany(count: number, betweenMs: number): Promise<string[]> {
    const sealed: string[] = []
    for (let index = 0; index < count; index++) {
      sealed.push((await served.seal()).hash)
      await new Promise((resolve) => setTimeout(resolve, betweenMs))
    }
    return sealed
  }

  it('sees a new head by its message, without waiting for the next look', async () => {
    // By looks alone the first block would come after an hour.
    let sealed: string[] = []
    const seen = await watch(3_600_000, async () => {
      await until(() => served.audit().received.some((text) => text.includes('newHeads')))
      sealed = await sealMany(3, 5)
    })
    assert.deepEqual(seen.slice(0, 3), sealed)
  })

  for (const [what, odds] of [
    ['one message in ten is lost', { drop: 0.1, everything: true }],
    ['messages come twice and late', { duplicate: 0.4, delay: 0.4, delayMsMax: 40 }],
  ] as const)
    it(`misses no block when ${what}`, async () => {
      proxy.treat(byOdds(createRng(8), odds))
      let sealed: string[] = []
      const seen = await watch(30, async () => {
        sealed = await sealMany(30, 8)
      })
      assert.deepEqual(seen.slice(0, 30), sealed)
    })

  it('misses no block while the line breaks again and again', async () => {
    let sealed: string[] = []
    const seen = await watch(30, async () => {
      for (let round = 0; round < 5; round++) {
        sealed.push(...(await sealMany(3, 3)))
        proxy.cut()
      }
    })
    assert.deepEqual(seen.slice(0, sealed.length), sealed)
    assert.ok(proxy.counts().lines > 1)
  })

  it('subscribes again after a break, so that messages wake it again', async () => {
    let woken = 0
    const stop = client.watchHeads(() => (woken += 1))
    await until(() => woken > 0)
    proxy.cut()
    await until(() => woken > 1)
    const before = woken
    await served.seal()
    await until(() => woken > before)
    stop()
  })
})
