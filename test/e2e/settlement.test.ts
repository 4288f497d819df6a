/** The main promise to a user: what was quoted arrives, to the wei, and nobody saw it coming. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { parseAbi } from 'viem'
import { mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import { type Address, toAddress, zeroAddress } from '../../solver/core/hex.ts'
import type { FirmQuote } from '../../solver/engine/options.ts'
import type { Funding } from '../../solver/intents/order.ts'
import { netTransferred, readFills } from '../../solver/measure/fill.ts'
import type { SettledIntent } from '../../solver/measure/report.ts'
import { createReport } from '../../solver/measure/report.ts'
import { replayBundle } from '../../solver/route/bundle.ts'
import { verifyCertificate } from '../../solver/route/verify.ts'
import { startLine, type TestLine, until } from '../helpers/line.ts'
import { createWatcher, type Watcher } from '../helpers/watcher.ts'

type Symbol = keyof typeof mainnetTokens
type Case = {
  readonly sell: Symbol
  readonly buy: Symbol
  readonly whole: bigint
  readonly funding: Funding
}

const cases: readonly Case[] = [
  { sell: 'WETH', buy: 'USDC', whole: 800n, funding: 'allowance' },
  { sell: 'USDC', buy: 'WBTC', whole: 900_000n, funding: 'permit2' },
  { sell: 'DAI', buy: 'UNI', whole: 120_000n, funding: 'permit2' },
  { sell: 'LINK', buy: 'USDT', whole: 20_000n, funding: 'allowance' },
  { sell: 'USDT', buy: 'PEPE', whole: 150_000n, funding: 'allowance' },
]
const balanceOf = parseAbi(['function balanceOf(address owner) view returns (uint256)'])

let line: TestLine
let watcher: Watcher
/** One for each case, in order: the quote that was shown, the settlement, and who received it. */
const done: { firm: FirmQuote; intent: SettledIntent; receiver: Address }[] = []

before(async function () {
  this.timeout(120_000)
  line = await startLine(0.25)
  watcher = await createWatcher(line.net.served)
  for (const [index, { sell, whole, funding }] of cases.entries()) {
    const { address, decimals } = mainnetTokens[sell]
    await line.fund(index, address, whole * 10n ** BigInt(decimals), funding)
  }
  line.run()
  for (const [index, each] of cases.entries()) done.push(await settle(each, index))
})

after(async () => {
  await watcher.close()
  await line.close()
})

/** Quotes, signs and settles one case; the last one is paid to somebody else than its owner. */
async function settle({ sell, buy, whole, funding }: Case, index: number) {
  const { address: tokenIn, decimals } = mainnetTokens[sell]
  const tokenOut = mainnetTokens[buy].address
  const amountIn = whole * 10n ** BigInt(decimals)
  const firm = line.engine.quote({ tokenIn, tokenOut, amountIn })
  if (firm === undefined) throw new RangeError(`no route from ${sell} to ${buy}`)
  const isGift = index === cases.length - 1
  const receiver = toAddress(isGift ? `0x${'9'.repeat(40)}` : line.owner(index).address)
  const limit = firm.quote.amountOut
  const order = {
    sellToken: tokenIn,
    buyToken: tokenOut,
    amount: amountIn,
    limitStart: limit,
    limitEnd: limit,
    receiver,
    flags: isGift ? 1 : 0,
  }
  const signed = await line.sign(index, order, funding)
  await line.engine.accept(signed, firm)
  await until(() => line.settled.length > index, 30, `settlement ${index + 1}`)
  const intent = line.settled[index]
  if (intent?.hash !== signed.digest) throw new RangeError('another order was settled')
  return { firm, intent, receiver }
}

function balanceAt(token: Address, holder: Address, blockNumber: bigint): Promise<bigint> {
  const args = [holder] as const
  const call = {
    address: token,
    abi: balanceOf,
    functionName: 'balanceOf',
    args,
    blockNumber,
  } as const
  return line.client.viem.readContract(call)
}

async function gained(token: Address, holder: Address, block: bigint): Promise<bigint> {
  return (await balanceAt(token, holder, block)) - (await balanceAt(token, holder, block - 1n))
}

describe('e2e.settlement', () => {
  for (const [index, { sell, buy, whole, funding }] of cases.entries())
    it(`gives the quoted amount of ${buy} for ${whole} ${sell} by ${funding}, on the receiver's balance`, async () => {
      const each = done[index]
      assert.ok(each)
      const { firm, intent, receiver } = each
      const { quoted, received, sold, block } = intent
      assert.equal(quoted, firm.quote.amountOut)
      assert.equal(received, quoted)
      assert.equal(await gained(intent.buyToken, receiver, block), quoted)
      assert.equal(sold, firm.quote.amountIn)
      assert.equal(await gained(intent.sellToken, intent.owner, block), -sold)
    })

  it('splits over venues, goes through several tokens, and crosses V4 in native ETH', () => {
    const routes = done.map(({ intent }) => intent.quote.route.legs)
    const kinds = new Set(routes.flat().map(({ kind }) => kind))
    assert.deepEqual([...kinds].sort(), ['uniswapV2', 'uniswapV3', 'uniswapV4'])
    assert.ok(routes.some((legs) => new Set(legs.map(({ tokenIn }) => tokenIn)).size > 1))
    const native = ({ tokenIn, tokenOut }: (typeof routes)[number][number]) =>
      tokenIn === zeroAddress || tokenOut === zeroAddress
    assert.ok(routes.some((legs) => legs.some(native)))
  })

  it('is on the chain as the report says: the receipt has the fill, the transfers and the gas', async () => {
    for (const { intent, receiver } of done) {
      const { transaction: hash, hash: digest, owner, sold, received: bought } = intent
      const { logs, gasUsed, blockNumber } = await line.client.viem.getTransactionReceipt({ hash })
      assert.deepEqual(readFills(logs, line.net.settlement), [{ digest, owner, sold, bought }])
      assert.equal(netTransferred(logs, intent.buyToken, receiver), bought)
      assert.equal(netTransferred(logs, intent.sellToken, owner), -sold)
      assert.deepEqual([gasUsed, blockNumber], [intent.gasUsed, intent.block])
    }
  })

  it('never pays less than the best single pool would have', () => {
    for (const { intent } of done)
      assert.ok(intent.received >= (intent.quote.bestSinglePool?.amountOut ?? 0n))
    assert.ok(createReport(line.settled, line.engine.view().tokens).savingsBps > 0)
  })

  it('leaves a bundle that replays to its digest and a certificate that holds', () => {
    for (const { intent, firm } of done) {
      assert.equal(intent.bundle.digest, firm.bundle.digest)
      assert.equal(replayBundle(intent.bundle).digest, intent.bundle.digest)
      const proof = verifyCertificate(intent.bundle)
      assert.ok(proof.valid && proof.gapBps <= intent.quote.gapBps)
    }
  })

  it('keeps nothing in the settlement contract', async () => {
    for (const { address } of Object.values(mainnetTokens)) {
      const head = line.engine.view().block?.number ?? 0n
      assert.equal(await balanceAt(address, line.net.settlement, head), 0n)
    }
    const held = await line.client.viem.getBalance({ address: line.net.settlement })
    assert.equal(held, 0n)
  })
})

describe('e2e.privacy', () => {
  it('shows a public watcher every approval and no settlement', async () => {
    await watcher.poll()
    const hashes = done.map(({ intent }) => intent.transaction)
    assert.equal(watcher.sightings(hashes), 0)
    assert.equal(watcher.total(), cases.length)
  })
})
