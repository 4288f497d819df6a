/** Found by breaking: an order that stopped the line, one that starved the others, and nodes that hiccup. */
import assert from 'node:assert/strict'
import { createWalletClient, encodeFunctionData, http, parseAbi } from 'viem'
import { mainnet as viemMainnet } from 'viem/chains'
import { after, afterEach, before, describe, it } from 'mocha'
import { mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import { type Address, zeroAddress } from '../../solver/core/hex.ts'
import { limits } from '../../solver/core/limits.ts'
import { connectLine } from '../../solver/engine/connect.ts'
import type { Engine } from '../../solver/engine/engine.ts'
import type { SignedOrder } from '../../solver/intents/order.ts'
import { createOrderBook } from '../../solver/intents/orderBook.ts'
import { startLine, type TestLine, until } from '../helpers/line.ts'
import { type Lie, type LyingNode, startLyingNode } from '../helpers/lyingNode.ts'
import { aSigned } from '../helpers/auctions.ts'

const weth = mainnetTokens.WETH.address
const ether = 10n ** 18n

let line: TestLine
let node: LyingNode
let engine: Engine
let running: Promise<void>
const stop = new AbortController()
let nonce = 100n

before(async function () {
  this.timeout(60_000)
  line = await startLine(0.25)
  await line.fund(0, weth, 100n * ether)
  await line.fund(1, weth, 100n * ether)
  node = await startLyingNode(line.net.served.url)
  engine = (await connectLine({ ...line.options, rpcUrls: [node.url], pollMs: 20 })).engine
  running = engine.run(stop.signal)
})

afterEach(() => node.lie(() => 'pass'))

after(async () => {
  stop.abort()
  await running
  await node.close()
  await line.close()
})

function sign(owner: number, over: Parameters<TestLine['sign']>[1] = {}): Promise<SignedOrder> {
  nonce += 1n
  return line.sign(owner, { nonce, ...over })
}

const statusOf = ({ digest }: SignedOrder) => engine.book.get(digest)?.status
const isFilled = (signed: SignedOrder) => () => statusOf(signed) === 'filled'

describe('engine.accept', () => {
  const nowhere: Address = '0x00000000000000000000000000000000deadbeef'

  it('refuses an order of a token that no pool has: it would fail at every block', async () => {
    const order = await sign(0, { buyToken: nowhere })
    await assert.rejects(engine.accept(order), { code: 'route.unknown-token' })
  })

  it('refuses an order of the native currency itself', async () => {
    const order = await sign(0, { buyToken: zeroAddress })
    await assert.rejects(engine.accept(order), { code: 'engine.native-order' })
  })
})

describe('engine.run', () => {
  it('fills the others while the best of them fails again and again', async () => {
    const greedy = await sign(0, { amount: 50n * ether })
    await approveNothing()
    // As if the allowance had been taken back after the order was accepted, before any turn.
    engine.book.add(greedy)
    const modest = await sign(1)
    await engine.accept(modest)
    await until(isFilled(modest), 20, 'the modest order')
    assert.notEqual(statusOf(greedy), 'filled')
    assert.match(engine.book.get(greedy.digest)?.why ?? '', /allowance|waiting/)
  })

  const hiccups: readonly [string, number, (method: string) => Lie][] = [
    ['drops connections', 12, () => 'drop'],
    ['has no logs of a block', 2, (method) => (method === 'eth_getLogs' ? 'null' : 'pass')],
    [
      'says that a block is not there',
      6,
      (method) => (method === 'eth_getBlockByNumber' ? 'error' : 'pass'),
    ],
    [
      'shows a receipt only later',
      6,
      (method) => (method === 'eth_getTransactionReceipt' ? 'null' : 'pass'),
    ],
  ]
  for (const [what, times, choose] of hiccups)
    it(`goes on after a node that ${what}`, async () => {
      const signed = await sign(1)
      await engine.accept(signed)
      const before = node.told()
      node.lie((method) => (node.told() - before < times ? choose(method) : 'pass'))
      await until(isFilled(signed), 30, 'a fill after the hiccup')
      assert.ok(node.told() > before, 'the node did lie')
      assert.equal(engine.failure(), undefined)
    })
})

describe('orderBook.add', () => {
  it('takes only so many open orders of one owner', () => {
    const book = createOrderBook()
    const named = (index: number) => {
      const digest = `0x${index.toString(16).padStart(64, '0')}` as SignedOrder['digest']
      return { ...aSigned(), digest }
    }
    for (let index = 0; index < limits.openPerOwner; index += 1) book.add(named(index))
    assert.throws(() => book.add(named(limits.openPerOwner)), { code: 'intents.too-many-open' })
    book.update(named(0).digest, { status: 'cancelled' })
    assert.equal(book.add(named(limits.openPerOwner)).status, 'open')
  })
})

/** Owner 0 takes his approval back, publicly, after his order was accepted. */
async function approveNothing(): Promise<void> {
  const { served } = line.net
  const account = line.owner(0)
  const wallet = createWalletClient({ account, chain: viemMainnet, transport: http(served.url) })
  const abi = parseAbi(['function approve(address spender, uint256 amount)'])
  const data = encodeFunctionData({ abi, functionName: 'approve', args: [line.net.settlement, 0n] })
  const hash = await wallet.sendTransaction({ to: weth, data, gas: 100_000n })
  await line.client.viem.waitForTransactionReceipt({ hash, pollingInterval: 50 })
}
