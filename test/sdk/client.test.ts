/** The SDK against a whole local line: from a request to settled funds. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { createWalletClient, http } from 'viem'
import { mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import { toAddress } from '../../solver/core/hex.ts'
import { permit2Address } from '../../solver/intents/eip712.ts'
import { parseBundle, verifyCertificate } from '../../sdk/certificate.ts'
import { createIntentClient, intentActions } from '../../sdk/index.ts'
import { codeOfError } from '../helpers/orders.ts'
import { runSnippet } from './snippet.ts'
import { type Json, requireQuote, startWorld, statesOf, type World } from './world.ts'

const { WETH, USDC, USDT, DAI } = mainnetTokens
const ether = 10n ** 18n
const sell = { sellToken: WETH.address, buyToken: USDC.address, sellAmount: ether } as const

let world: World

function rawClient(index: number, over = {}, wallet = world.wallet(index)) {
  const { url, line } = world
  return createIntentClient(wallet, { url, settlement: line.options.settlement, ...over })
}

before(async function () {
  this.timeout(60_000)
  world = await startWorld()
  const { line } = world
  for (const index of [0, 1, 2, 3, 4, 5])
    await line.net.fund(toAddress(line.owner(index).address), WETH.address, 10n * ether)
})

after(async () => world.close())

describe('sdk.intentActions', () => {
  it('goes from a request to settled funds with a viem account, approving exactly what it sells', async () => {
    const { line, url } = world
    const account = line.owner(0)
    const owner = toAddress(account.address)
    const client = createWalletClient({ account, transport: http(line.net.served.url) }).extend(
      intentActions({ url, settlement: line.options.settlement }),
    )
    const had = await world.balanceOf(USDC.address, owner)
    const quote = await client.getQuote(sell)
    assert.ok(quote.liquidityAvailable)
    assert.deepEqual(
      quote.approvals.map(({ amount, spender }) => [amount, toAddress(spender)]),
      [[ether, line.options.settlement]],
    )
    for (const approval of quote.approvals) await client.approve(approval)
    assert.equal(await world.allowance(WETH.address, owner, line.options.settlement), ether)
    const intent = await client.signIntent(quote)
    const states = await statesOf(client, await client.submitIntent(intent))
    const end = states.at(-1)
    assert.equal(end?.status, 'filled')
    assert.ok(states.slice(0, -1).every(({ why }) => why !== undefined))
    const gained = (await world.balanceOf(USDC.address, owner)) - had
    assert.equal(gained, quote.buyAmount)
    assert.deepEqual([end.fill?.sold, end.fill?.bought], [ether, gained])
    assert.equal(await world.allowance(WETH.address, owner, line.options.settlement), 0n)
  })

  it('runs the nine lines of docs/sdk.md as they stand, over a wallet without a viem account', async () => {
    const { line } = world
    const before = line.settled.length
    const said = await runSnippet('docs/sdk.md', {
      window: { ethereum: world.wallet(1) },
      sellToken: WETH.address,
      buyToken: USDC.address,
      url: world.url,
      settlement: line.options.settlement,
    })
    assert.match(said.at(-1) ?? '', /^filled/)
    assert.equal(line.settled.length, before + 1)
    assert.equal(line.settled.at(-1)?.owner, toAddress(line.owner(1).address))
  })

  it('buys an exact amount for another receiver', async () => {
    const client = rawClient(5)
    const receiver = toAddress(world.line.owner(9).address)
    const request = { sellToken: WETH.address, buyToken: USDC.address, buyAmount: 500_000_000n }
    const quote = requireQuote(await client.getQuote({ ...request, receiver, slippageBps: 0 }))
    assert.ok(quote.buyAmount >= 500_000_000n && quote.sellAmount < ether)
    for (const approval of quote.approvals) await client.approve(approval)
    const states = await statesOf(client, await client.submitIntent(await client.signIntent(quote)))
    assert.equal(states.at(-1)?.status, 'filled')
    assert.equal(await world.balanceOf(USDC.address, receiver), quote.buyAmount)
  })

  it('gives a price as bigints, and no route as an answer', async () => {
    const client = rawClient(0)
    const price = await client.getPrice(sell)
    assert.ok(price.liquidityAvailable)
    assert.equal(price.sellAmount, ether)
    assert.ok(price.route.legs.every(({ amountIn }) => typeof amountIn === 'bigint'))
    assert.ok(price.optimality.bound >= price.costs.netAmount)
    const dust = await client.getPrice({ ...sell, sellAmount: 1n })
    assert.equal(dust.liquidityAvailable, false)
    assert.deepEqual(dust.liquidityAvailable ? [] : dust.reasons, ['no-depth'])
  })

  it("gives a quote whose bundle's certificate holds on the caller's own machine", async () => {
    const quote = requireQuote(await rawClient(0).getQuote(sell))
    const bundle = parseBundle(await (await fetch(`${world.url}${quote.bundleUrl}`)).text())
    const check = verifyCertificate(bundle)
    assert.equal(bundle.digest, quote.quoteId)
    assert.deepEqual(check.valid && check.bound <= quote.optimality.bound, true)
  })
})

describe('sdk.createIntentClient', () => {
  it('goes from a request to settled funds with a raw EIP-1193 provider and Permit2', async () => {
    const wallet = world.wallet(2)
    const client = rawClient(2, {}, wallet)
    const owner = toAddress(world.line.owner(2).address)
    const quote = requireQuote(await client.getQuote({ ...sell, funding: 'permit2' }))
    assert.deepEqual(
      quote.approvals.map(({ spender }) => toAddress(spender)),
      [permit2Address],
    )
    for (const approval of quote.approvals) await client.approve(approval)
    const intent = await client.signIntent(quote)
    const states = await statesOf(client, await client.submitIntent(intent))
    assert.equal(states.at(-1)?.status, 'filled')
    assert.equal(await world.balanceOf(USDC.address, owner), quote.buyAmount)
    assert.equal(wallet.asked.filter((method) => method === 'eth_signTypedData_v4').length, 1)
    assert.equal(wallet.asked.filter((method) => method === 'eth_sendTransaction').length, 1)
  })

  it('takes the parity 0 or 1 of hardware wallets', async () => {
    const client = rawClient(0, {}, world.wallet(0, { hasBareParity: true }))
    const intent = await client.signIntent(requireQuote(await client.getQuote(sell)))
    assert.match(intent.signature, /1[bc]$/)
  })

  it('resets an allowance first only where the token asks for it', async () => {
    const steps = async (index: number, token: typeof USDT | typeof DAI, whole: bigint[]) => {
      const unit = 10n ** BigInt(token.decimals)
      const owner = toAddress(world.line.owner(index).address)
      await world.line.net.fund(owner, token.address, 1_000n * unit)
      const client = rawClient(index)
      const swap = { sellToken: token.address, buyToken: WETH.address, sellAmount: 100n * unit }
      const [exact] = requireQuote(await client.getQuote(swap)).approvals
      assert.ok(exact)
      await client.approve({ ...exact, amount: unit })
      const { approvals } = requireQuote(await client.getQuote(swap))
      assert.deepEqual(
        approvals.map(({ amount }) => amount / unit),
        whole,
      )
      const direct = await codeOfError(() => client.approve(exact))
      assert.equal(direct, whole.length > 1 ? 'sdk.approval-reverted' : undefined)
      for (const approval of approvals) await client.approve(approval)
      assert.deepEqual(requireQuote(await client.getQuote(swap)).approvals, [])
    }
    await Promise.all([steps(3, USDT, [0n, 100n]), steps(8, DAI, [100n])])
  })

  it('asks the contract of an owner that has no key, and takes its no for a no', async () => {
    const { node } = world.line.net.served
    // Answers every call with the magic value of ERC-1271, or with zero.
    const says = (word: string) => `0x63${word}60e01b5f5260205ff3`
    for (const [taker, word, expected] of [
      [`0x${'c1'.repeat(20)}`, '1626ba7e', undefined],
      [`0x${'c2'.repeat(20)}`, '00000000', 'sdk.wrong-signature'],
    ] as const) {
      await node.request({ method: 'hardhat_setCode', params: [taker, says(word)] })
      const client = rawClient(0)
      const quote = requireQuote(await client.getQuote({ ...sell, taker }))
      assert.equal(await codeOfError(() => client.signIntent(quote)), expected)
    }
  })

  it('refuses a signature of another key before anything is sent', async () => {
    const signsWith = world.line.net.chain.accounts.owner(8).privateKey
    const client = rawClient(0, {}, world.wallet(0, { signsWith }))
    const quote = requireQuote(await client.getQuote(sell))
    assert.equal(await codeOfError(() => client.signIntent(quote)), 'sdk.wrong-signature')
  })

  it('says so when the person says no, and asks once', async () => {
    const rejects = ['eth_signTypedData_v4', 'eth_sendTransaction']
    const wallet = world.wallet(7, { rejects })
    const client = rawClient(7, {}, wallet)
    const quote = requireQuote(await client.getQuote(sell))
    const [approval] = quote.approvals
    assert.ok(approval)
    assert.equal(await codeOfError(() => client.signIntent(quote)), 'sdk.user-rejected')
    assert.equal(await codeOfError(() => client.approve(approval)), 'sdk.user-rejected')
    assert.equal(wallet.asked.filter((method) => rejects.includes(method)).length, 2)
    const shy = rawClient(7, {}, world.wallet(7, { rejects: ['eth_requestAccounts'] }))
    assert.equal(await codeOfError(() => shy.getQuote(sell)), 'sdk.user-rejected')
  })
})

describe('sdk errors from the server', () => {
  it("keep the server's code, facts and hint, with the request's id", async () => {
    const unknown = { ...sell, buyToken: `0x${'12'.repeat(20)}` } as const
    await assert.rejects(rawClient(0).getPrice(unknown), (error: Json) => {
      assert.equal(error['code'], 'route.unknown-token')
      assert.match(String(error['requestId']), /^req_/)
      assert.ok(String(error['hint']).length > 10)
      assert.ok(Object.keys(error['facts'] as Json).length > 0)
      return true
    })
  })

  it('say what an order lacks: here its allowance', async () => {
    const client = rawClient(6)
    await world.line.net.fund(toAddress(world.line.owner(6).address), WETH.address, ether)
    const intent = await client.signIntent(requireQuote(await client.getQuote(sell)))
    assert.equal(await codeOfError(() => client.submitIntent(intent)), 'engine.allowance-too-low')
    const unknown = await codeOfError(() => client.getIntent(intent.digest))
    assert.equal(unknown, 'api.not-found')
  })
})

describe('sdk.watchIntent on a line whose relay drops everything', () => {
  it('says what the intent waits for, and ends when it has expired', async () => {
    const { served } = world.line.net
    served.setFault('drop')
    try {
      const client = rawClient(0)
      const quote = requireQuote(await client.getQuote({ ...sell, validForSeconds: 2 }))
      for (const approval of quote.approvals) await client.approve(approval)
      const again = requireQuote(await client.getQuote({ ...sell, validForSeconds: 2 }))
      const intent = await client.signIntent(again)
      const states = await statesOf(client, await client.submitIntent(intent))
      assert.equal(states.at(-1)?.status, 'expired')
      assert.ok(states.slice(0, -1).every(({ why }) => why !== undefined))
      assert.equal(await codeOfError(() => client.signIntent(again)), 'sdk.quote-expired')
    } finally {
      served.setFault('none')
    }
  })
})
