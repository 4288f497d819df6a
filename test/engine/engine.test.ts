/** The running line on a local chain: what it settles, what it leaves open and why, and how it recovers. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import type { Hex } from '../../solver/core/hex.ts'
import type { BookOrder } from '../../solver/intents/orderBook.ts'
import type { SignedOrder } from '../../solver/intents/order.ts'
import type { SettledIntent } from '../../solver/measure/report.ts'
import { startLine, type TestLine, until } from '../helpers/line.ts'
import { type Proxy, startProxy } from '../helpers/proxy.ts'
import { createWatcher, type Watcher } from '../helpers/watcher.ts'

const weth = mainnetTokens.WETH.address
const usdc = mainnetTokens.USDC.address
const ether = 10n ** 18n

let relay: Proxy
let line: TestLine
let watcher: Watcher
/** The engine's head when each settlement was reported. */
const headAt: (bigint | undefined)[] = []
const settled: SettledIntent[] = []
let nonce = 0n

before(async function () {
  this.timeout(60_000)
  relay = await startProxy()
  line = await startLine(0.25, {
    relayUrls: [relay.url],
    onSettled(intent) {
      headAt.push(line.engine.view().block?.number)
      settled.push(intent)
    },
  })
  relay.forward(line.net.served.relayUrl)
  await line.fund(0, weth, 1_000n * ether)
  watcher = await createWatcher(line.net.served)
  line.run()
})

after(async () => {
  await watcher.close()
  await line.close()
  await relay.close()
})

/** An order of owner 0 with a nonce of its own. */
function sign(over: Parameters<TestLine['sign']>[1] = {}): Promise<SignedOrder> {
  nonce += 1n
  return line.sign(0, { nonce, ...over })
}

function entryOf({ digest }: { readonly digest: Hex }): BookOrder {
  const entry = line.engine.book.get(digest)
  if (entry === undefined) throw new RangeError('the order is not in the book')
  return entry
}

async function settlementOf(signed: SignedOrder): Promise<SettledIntent> {
  const find = () => settled.find(({ hash }) => hash === signed.digest)
  await until(() => find() !== undefined, 30, 'a settlement')
  const found = find()
  if (found === undefined) throw new RangeError('it went away again')
  return found
}

/** Waits until the chain has grown by `count`, at most 30 s. */
async function blocksPass(count: bigint): Promise<void> {
  const last = (await line.client.viem.getBlockNumber({ cacheTime: 0 })) + count
  for (
    let tries = 0;
    (await line.client.viem.getBlockNumber({ cacheTime: 0 })) < last;
    tries += 1
  ) {
    if (tries > 600) throw new RangeError('the chain stands still')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

describe('engine.run', () => {
  it('fills an open order and closes it with what the chain says', async () => {
    const signed = await sign()
    await line.engine.accept(signed)
    const intent = await settlementOf(signed)
    const { status, why, fill } = entryOf(signed)
    assert.deepEqual({ status, why }, { status: 'filled', why: undefined })
    assert.equal(fill?.bought, intent.received)
    assert.equal(fill.sold, signed.order.amount)
    assert.equal(fill.block, intent.block)
  })

  it('reports a fill only when its own market has seen the block of the fill', async () => {
    const signed = await sign()
    await line.engine.accept(signed)
    const intent = await settlementOf(signed)
    assert.ok((headAt[settled.indexOf(intent)] ?? 0n) >= intent.block)
    const next = line.engine.quote({ tokenIn: weth, tokenOut: usdc, amountIn: ether })
    assert.ok((next?.quote.block?.number ?? 0n) >= intent.block)
  })

  it('executes a firm quote as it was quoted', async () => {
    const firm = line.engine.quote({ tokenIn: weth, tokenOut: usdc, amountIn: 20n * ether })
    assert.ok(firm)
    const signed = await sign({ amount: 20n * ether })
    await line.engine.accept(signed, firm)
    const intent = await settlementOf(signed)
    assert.equal(intent.quote, firm.quote)
    assert.equal(intent.received, firm.quote.amountOut)
    assert.equal(intent.bundle.digest, firm.bundle.digest)
  })

  it('plans again when somebody moved the pools of a firm quote', async () => {
    const amount = 50n * ether
    const firm = line.engine.quote({ tokenIn: weth, tokenOut: usdc, amountIn: amount })
    const first = await sign({ amount })
    await line.engine.accept(first)
    await settlementOf(first)
    const late = await sign({ amount })
    await line.engine.accept(late, firm)
    const intent = await settlementOf(late)
    assert.ok(firm && intent.received < firm.quote.amountOut)
    assert.equal(intent.received, intent.quoted)
  })

  it('settles two open orders of one owner in different blocks', async () => {
    const pair = [await sign({ amount: 3n * ether }), await sign({ amount: 4n * ether })]
    await Promise.all(pair.map((signed) => line.engine.accept(signed)))
    const [first, second] = await Promise.all(pair.map(settlementOf))
    assert.ok(first && second)
    assert.notEqual(first.block, second.block)
    for (const intent of [first, second]) assert.equal(intent.received, intent.quoted)
  })

  it('leaves an order open whose limit is above the market, and says so', async () => {
    const limit = 10n ** 12n
    const signed = await sign({ limitStart: limit, limitEnd: limit })
    await line.engine.accept(signed)
    await until(() => entryOf(signed).why !== undefined, 30, 'why')
    const { status, why } = entryOf(signed)
    assert.deepEqual({ status, why }, { status: 'open', why: 'limit-above-market' })
    // It does not stand in the way of others.
    const other = await sign()
    await line.engine.accept(other)
    await settlementOf(other)
    assert.equal(entryOf(signed).status, 'open')
  })

  it('fills an order once its falling limit meets the market', async () => {
    const decayStart = Number((await line.client.viem.getBlock()).timestamp)
    const limits = { limitStart: 10n ** 12n, limitEnd: 1n, decayStart, decayEnd: decayStart + 3 }
    const signed = await sign(limits)
    await line.engine.accept(signed)
    await until(() => entryOf(signed).why === 'limit-above-market', 30, 'why')
    assert.equal((await settlementOf(signed)).sold, ether)
  })

  it('ends an order that nobody could fill in time', async () => {
    const validTo = Number((await line.client.viem.getBlock()).timestamp) + 2
    const signed = await sign({ limitStart: 10n ** 12n, limitEnd: 10n ** 12n, validTo })
    await line.engine.accept(signed)
    await until(() => entryOf(signed).status === 'expired', 30, 'the end of the order')
  })
})

describe('engine.run with a relay that dies', () => {
  it('leaves the order open with why, sends nothing publicly, and settles it when the relay is back', async () => {
    const { viem } = line.client
    const { address } = line.options.solver
    const nonceBefore = await viem.getTransactionCount({ address })
    await relay.kill()
    const signed = await sign()
    await line.engine.accept(signed)
    await until(() => entryOf(signed).why?.startsWith('submit.') === true, 30, 'why')
    assert.equal(await viem.getTransactionCount({ address }), nonceBefore)
    await watcher.poll()
    assert.deepEqual(line.net.served.pending(), { bundles: 0, public: 0, queued: 0 })
    assert.equal(watcher.total(), 0)

    await relay.revive()
    const intent = await settlementOf(signed)
    assert.equal(intent.received, intent.quoted)
    assert.equal(await viem.getTransactionCount({ address }), nonceBefore + 1)
  })

  it('settles once, and once only, when the relay forgets what it acknowledged', async () => {
    const { address } = line.options.solver
    const nonceBefore = await line.client.viem.getTransactionCount({ address })
    line.net.served.setFault('drop')
    const signed = await sign()
    await line.engine.accept(signed)
    await until(() => entryOf(signed).status === 'submitted', 30, 'the submission')
    await blocksPass(2n)
    assert.equal(entryOf(signed).status, 'submitted')
    await relay.kill()
    line.net.served.setFault('none')
    await relay.revive()
    await settlementOf(signed)
    assert.equal(settled.filter(({ hash }) => hash === signed.digest).length, 1)
    assert.equal(await line.client.viem.getTransactionCount({ address }), nonceBefore + 1)
  })
})

describe('engine.accept', () => {
  it('answers the order that it has when the same one comes again, also when it is filled', async () => {
    const signed = await sign()
    assert.equal((await line.engine.accept(signed)).status, 'open')
    await settlementOf(signed)
    assert.equal((await line.engine.accept(signed)).status, 'filled')
  })

  it('refuses another order with the nonce of a filled one', async () => {
    const used = settled[0]
    assert.ok(used)
    const twin = await line.sign(0, { nonce: 1n, amount: 5n })
    await assert.rejects(line.engine.accept(twin), { code: 'intents.nonce-used' })
  })
})
