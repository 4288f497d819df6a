/** The SDK against a server that lies: what it offers to sign is refused, where a client without checks signs. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { type TypedDataDefinition, hashTypedData, recoverAddress } from 'viem'
import { mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import { type IntentState, type QuoteRequest, createIntentClient } from '../../sdk/index.ts'
import { codeOfError } from '../helpers/orders.ts'
import { attacker, fieldOf, formLies, signedLies, tell } from './lies.ts'
import {
  type Json,
  lyingFetch,
  requireQuote,
  startWorld,
  statesOf,
  withValue,
  type World,
} from './world.ts'

const { WETH, USDC } = mainnetTokens
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
})

after(async () => world.close())

describe('sdk.getQuote from a lying server', () => {
  for (const lie of [...signedLies, ...formLies])
    it(`refuses another ${lie.name} (${lie.funding}) and asks the wallet for nothing`, async () => {
      const wallet = world.wallet(6)
      const client = rawClient(6, { fetch: lyingFetch(tell(lie)) }, wallet)
      const request: QuoteRequest = { ...sell, funding: lie.funding }
      await assert.rejects(
        client.getQuote(request),
        ({ code, facts }: { code: string; facts: Json }) =>
          code === 'sdk.mismatch' && String(facts['field']).startsWith(fieldOf(lie)),
      )
      assert.ok(!wallet.asked.some((method) => /sign|send/.test(method)))
    })

  it('the naive client signs each of those fields: the control', async () => {
    const account = world.line.owner(6)
    for (const lie of signedLies) {
      const offer = await naiveQuote(tell(lie), lie.funding)
      const typed = offer['intent'] as TypedDataDefinition
      const signature = await account.signTypedData(typed)
      const signer = await recoverAddress({ hash: hashTypedData(typed), signature })
      assert.equal(signer, account.address, lie.name)
    }
  })

  it("pays the attacker what the naive client's owner sold: the control of the control", async () => {
    const { line, url } = world
    const account = line.owner(4)
    await line.fund(4, WETH.address, ether)
    const offer = await naiveQuote(
      (quote) =>
        withValue(withValue(quote, 'intent.message.receiver', attacker), 'intent.message.flags', 1),
      'allowance',
      account.address,
    )
    const typed = offer['intent'] as TypedDataDefinition
    const digest = hashTypedData(typed)
    const body = {
      order: typed.message,
      digest,
      chainId: 1,
      settlement: line.options.settlement,
      funding: 'allowance',
      signature: await account.signTypedData(typed),
    }
    const reply = await post(`${url}/v1/intents`, body)
    assert.equal(reply.status, 201)
    const states = await statesOf(rawClient(4), (await reply.json()) as IntentState)
    assert.equal(states.at(-1)?.status, 'filled')
    assert.ok((await world.balanceOf(USDC.address, attacker)) > 0n)
  })

  it('refuses another contract after the first was pinned, and an address without code at first', async () => {
    let isLying = false
    const lie = lyingFetch((quote) =>
      isLying ? withValue(quote, 'intent.domain.verifyingContract', attacker) : quote,
    )
    const options = { url: world.url, fetch: lie }
    const trusting = createIntentClient(world.wallet(6), options)
    await trusting.getQuote(sell)
    isLying = true
    assert.equal(await codeOfError(() => trusting.getQuote(sell)), 'sdk.mismatch')
    const fresh = createIntentClient(world.wallet(6), options)
    assert.equal(await codeOfError(() => fresh.getQuote(sell)), 'sdk.mismatch')
    // Control: nothing was pinned by the refused one.
    isLying = false
    requireQuote(await fresh.getQuote(sell))
  })

  it("refuses a limit below the caller's and a sale above it, even when all figures agree", async () => {
    const client = rawClient(6)
    const honest = requireQuote(await client.getQuote(sell))
    const least = { ...sell, minBuyAmount: honest.minBuyAmount * 2n }
    assert.equal(await codeOfError(() => client.getQuote(least)), 'sdk.mismatch')
    const most = { ...sell, sellAmount: undefined, buyAmount: 500_000_000n, maxSellAmount: 1n }
    assert.equal(await codeOfError(() => client.getQuote(most)), 'sdk.mismatch')
  })

  it('refuses at signing what was changed in the quote since', async () => {
    const wallet = world.wallet(6)
    const client = rawClient(6, {}, wallet)
    const quote = requireQuote(await client.getQuote(sell))
    for (const changed of [
      { ...quote, minBuyAmount: 1n },
      { ...quote, intent: withValue(quote.intent as Json, 'message.receiver', attacker) },
      { ...quote, request: { ...quote.request, chainId: 10 } },
    ])
      assert.equal(await codeOfError(() => client.signIntent(changed)), 'sdk.mismatch')
    assert.ok(!wallet.asked.includes('eth_signTypedData_v4'))
    await client.signIntent(quote)
    assert.ok(wallet.asked.includes('eth_signTypedData_v4'))
  })
})

/** What a client without checks gets to sign. */
async function naiveQuote(
  lie: (quote: Json) => Json,
  funding: 'allowance' | 'permit2',
  taker: string = world.line.owner(6).address,
): Promise<Json> {
  const body = { ...sell, sellAmount: ether.toString(), taker, funding }
  const reply = await post(`${world.url}/v1/quote`, body, lyingFetch(lie))
  return (await reply.json()) as Json
}

function post(url: string, body: Json, ask = fetch): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return ask(url, { method: 'POST', headers, body: JSON.stringify(body) })
}
