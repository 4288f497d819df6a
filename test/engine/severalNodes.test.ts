/** A line on several nodes of which one lies: what money depends on is what the others say. Controls ask the liar alone. */
import assert from 'node:assert/strict'
import { after, afterEach, before, describe, it } from 'mocha'
import { mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import { connect } from '../../solver/chain/client.ts'
import { createAgreed } from '../../solver/engine/agreed.ts'
import { connectLine, type Line } from '../../solver/engine/connect.ts'
import type { SignedOrder } from '../../solver/intents/order.ts'
import { startLine, type TestLine, until } from '../helpers/line.ts'
import { type Lie, type LyingNode, startLyingNode } from '../helpers/lyingNode.ts'

const weth = mainnetTokens.WETH.address
const ether = 10n ** 18n
/** Owner 1 has nothing; a liar says that everybody has this. As a bitmap of nonces it is a high bit alone. */
const riches = `0x${(2n ** 200n).toString(16).padStart(64, '0')}`

let line: TestLine
let nodes: readonly LyingNode[]
const open: Line[] = []
let nonce = 0n

before(async function () {
  this.timeout(60_000)
  line = await startLine(0.25)
  await line.fund(0, weth, 100n * ether)
  nodes = await Promise.all([0, 1, 2].map(() => startLyingNode(line.net.served.url)))
})

afterEach(async () => {
  for (const node of nodes) node.lie(() => 'pass')
  for (const each of open.splice(0)) await each.close()
})

after(async () => {
  for (const node of nodes) await node.close()
  await line.close()
})

/** A line on the first `count` nodes, of which the first is asked before the others. */
async function lineOn(count: number): Promise<Line> {
  const rpcUrls = nodes.slice(0, count).map(({ url }) => url)
  const fresh = await connectLine({ ...line.options, rpcUrls, pollMs: 20 })
  open.push(fresh)
  return fresh
}

function sign(owner: number): Promise<SignedOrder> {
  nonce += 1n
  return line.sign(owner, { nonce, amount: ether })
}

/** The first node answers `method` so; the others are honest. */
function firstLies(method: string, lie: Lie): void {
  nodes[0]?.lie((asked) => (asked === method ? lie : 'pass'))
}

/** Runs `fresh` until `isDone`, or for `seconds`; true when it was done. */
async function runUntil(fresh: Line, isDone: () => boolean, seconds: number): Promise<boolean> {
  const stop = new AbortController()
  const running = fresh.engine.run(stop.signal)
  try {
    await until(isDone, seconds, 'a settlement')
    return true
  } catch {
    return false
  } finally {
    stop.abort()
    await running
  }
}

describe('engine.accept with a node that lies', () => {
  it('refuses an owner without funds whom one of three nodes calls rich, and names the node', async () => {
    const { engine, telemetry } = await lineOn(3)
    firstLies('eth_call', () => riches)
    await assert.rejects(engine.accept(await sign(1)), { code: 'engine.balance-too-low' })
    const metrics = await telemetry.render()
    assert.match(metrics, /isoprice_node_quarantined_total\{node="node-1"\} 1/)
    assert.doesNotMatch(metrics, /node="node-2"|node="node-3"/)
    assert.deepEqual(telemetry.state().nodes, { known: 3, believed: 2 })
  })

  it('takes no word at all of two nodes that contradict each other', async () => {
    const { engine, telemetry } = await lineOn(2)
    firstLies('eth_call', () => riches)
    await assert.rejects(engine.accept(await sign(1)), { code: 'chain.disagreement' })
    assert.equal(telemetry.state().mode, 'normal')
  })

  it('believes the liar where it is the only node', async () => {
    const { engine } = await lineOn(1)
    firstLies('eth_call', () => riches)
    assert.equal((await engine.accept(await sign(1))).status, 'open')
  })
})

describe('engine.run with a node that lies', () => {
  it('settles with the account nonce that two of three nodes name', async () => {
    const fresh = await lineOn(3)
    firstLies('eth_getTransactionCount', () => '0x63')
    const order = await sign(0)
    await fresh.engine.accept(order)
    const isFilled = () => fresh.engine.book.get(order.digest)?.status === 'filled'
    assert.equal(await runUntil(fresh, isFilled, 30), true)
    assert.match(await fresh.telemetry.render(), /node_quarantined_total\{node="node-1"\} [1-9]/)
  })

  it('does not settle where the liar is the only node', async () => {
    const fresh = await lineOn(1)
    firstLies('eth_getTransactionCount', () => '0x63')
    const order = await sign(0)
    await fresh.engine.accept(order)
    const isFilled = () => fresh.engine.book.get(order.digest)?.status === 'filled'
    assert.equal(await runUntil(fresh, isFilled, 3), false)
  })

  it('settles when one of three nodes invents receipts', async () => {
    const fresh = await lineOn(3)
    firstLies('eth_getTransactionReceipt', (honest) =>
      honest === null ? null : { ...(honest as object), status: '0x0', logs: [] },
    )
    const order = await sign(0)
    await fresh.engine.accept(order)
    const isFilled = () => fresh.engine.book.get(order.digest)?.fill?.transaction !== undefined
    assert.equal(await runUntil(fresh, isFilled, 30), true)
  })
})

describe('engine.createAgreed', () => {
  const latest = { method: 'eth_getBlockByNumber', params: ['latest', false] }

  it('is the client itself with one node', async () => {
    const client = await connect({ urls: [line.net.served.url] })
    assert.equal(createAgreed(client), client)
    client.close()
  })

  it('does not go ahead with a node that is ahead alone', async () => {
    const client = await connect({ urls: nodes.map(({ url }) => url) })
    firstLies('eth_blockNumber', (honest) => `0x${(BigInt(honest as string) + 2n).toString(16)}`)
    const before = BigInt(await head())
    const block = (await createAgreed(client).request(latest)) as { number: string }
    assert.ok(BigInt(block.number) >= before - 1n && BigInt(block.number) <= BigInt(await head()))
    client.close()
  })

  it('refuses a head that no other node has', async () => {
    const client = await connect({ urls: nodes.map(({ url }) => url) })
    firstLies('eth_blockNumber', () => '0xffffff')
    const asked = createAgreed(client).request(latest)
    await assert.rejects(asked, { code: 'chain.bad-answer' })
    client.close()
  })

  it('compares of blocks and receipts only what every kind of node has', async () => {
    const client = await connect({ urls: nodes.map(({ url }) => url) })
    for (const [index, node] of nodes.entries())
      node.lie((method) =>
        method === 'eth_getBlockByNumber' || method === 'eth_getTransactionReceipt'
          ? (honest) => honest && { ...honest, [`only${index}`]: '0x1' }
          : 'pass',
      )
    const agreed = createAgreed(client)
    const block = (await agreed.request(latest)) as Record<string, unknown>
    assert.ok(typeof block['hash'] === 'string' && !('only0' in block))
    assert.equal((await agreed.viem.getBlock()).number > 0n, true)
    const named = { method: latest.method, params: [block['number'], false] }
    await assert.rejects(client.requestAgreed(named), { code: 'chain.disagreement' })
    client.close()
  })

  async function head(): Promise<string> {
    const answer = await line.client.request({ method: 'eth_blockNumber' })
    assert.ok(typeof answer === 'string')
    return answer
  }
})
