/** What the SDK refuses before it asks anybody: amounts that are no bigints, spenders that are no settlement. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { createClient, http } from 'viem'
import { mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import { permit2Address } from '../../solver/intents/eip712.ts'
import { type Approval, createIntentClient, type QuoteRequest } from '../../sdk/index.ts'
import { createSettlements } from '../../sdk/settlements.ts'
import { createWallet } from '../../sdk/wallet.ts'
import { codeOfError, domain, ownerAddress } from '../helpers/orders.ts'

const { WETH, USDC } = mainnetTokens
const { settlement } = domain
const sell = { sellToken: WETH.address, buyToken: USDC.address, sellAmount: 1n } as const

/** A wallet on chain 1 that sends nothing but errors of `code`, and a server that does not answer. */
function offline(over: { settlement?: typeof settlement } = { settlement }, code = 4001) {
  const asked: string[] = []
  const fetch = () => {
    asked.push('fetch')
    return Promise.reject(new TypeError('asked'))
  }
  const provider = {
    request({ method }: { method: string }): Promise<unknown> {
      asked.push(method)
      if (method === 'eth_chainId') return Promise.resolve('0x1')
      if (method === 'eth_requestAccounts') return Promise.resolve([])
      return Promise.reject(Object.assign(new Error('refused'), { code }))
    },
  }
  const client = createIntentClient(provider, { url: 'http://host', fetch, ...over })
  return { client, asked }
}

const approval: Approval = {
  kind: 'approve',
  chainId: 1,
  owner: ownerAddress,
  token: WETH.address,
  spender: settlement,
  amount: 1n,
}

describe('sdk.approve', () => {
  for (const [name, spender] of [
    ['the Sandbox or any other contract', `0x${'5a'.repeat(20)}`],
    ['the token itself', WETH.address],
    ['nobody', '0x0000000000000000000000000000000000000000'],
  ] as const)
    it(`refuses ${name} as spender before the wallet is asked`, async () => {
      const { client, asked } = offline()
      const code = await codeOfError(() => client.approve({ ...approval, spender }))
      assert.deepEqual([code, asked], ['sdk.spender-refused', []])
    })

  it('refuses any settlement while none is given or pinned, and never Permit2', async () => {
    const { client } = offline({})
    assert.equal(await codeOfError(() => client.approve(approval)), 'sdk.spender-refused')
    const permit2 = { ...approval, spender: permit2Address }
    assert.equal(await codeOfError(() => client.approve(permit2)), 'sdk.user-rejected')
  })

  it('asks the wallet for the settlement that was given: the control', async () => {
    const { client, asked } = offline()
    assert.equal(await codeOfError(() => client.approve(approval)), 'sdk.user-rejected')
    assert.ok(asked.includes('eth_sendTransaction'))
  })

  it('asks a failing wallet once, so that nothing is sent twice', async () => {
    // An internal error: one that viem would ask again about.
    const { client, asked } = offline({ settlement }, -32_603)
    assert.equal(await codeOfError(() => client.approve(approval)), 'sdk.wallet-failed')
    assert.equal(asked.filter((method) => method === 'eth_sendTransaction').length, 1)
  })

  it('refuses amounts out of range, malformed addresses and another chain', async () => {
    const { client } = offline()
    for (const [code, over] of [
      ['sdk.bad-request', { amount: 1 as unknown as bigint }],
      ['sdk.bad-request', { amount: -1n }],
      ['sdk.bad-request', { amount: 2n ** 256n }],
      ['sdk.bad-request', { token: '0x12' }],
      ['sdk.bad-request', { spender: undefined as unknown as typeof settlement }],
      ['sdk.mismatch', { chainId: 10 }],
    ] as const)
      assert.equal(await codeOfError(() => client.approve({ ...approval, ...over })), code)
  })
})

describe('sdk.createSettlements', () => {
  it('keeps one of two first quotes that come at once, and refuses the other', async () => {
    const wallet = createWallet(createClient({ transport: http('http://host') }))
    const settlements = createSettlements(
      { ...wallet, hasCode: () => Promise.resolve(true) },
      undefined,
    )
    const other = `0x${'5a'.repeat(20)}` as const
    const codes = await Promise.all(
      [settlement, other].map((each) =>
        codeOfError(() => settlements.pin({ chainId: 1, settlement: each })),
      ),
    )
    assert.deepEqual(codes, [undefined, 'sdk.mismatch'])
    assert.deepEqual([settlements.known(1), settlements.known(10)], [settlement, undefined])
  })
})

describe('sdk.getQuote', () => {
  const bad: Readonly<Record<string, unknown>>[] = [
    { sellAmount: 1 },
    { sellAmount: '1' },
    { sellAmount: 0n },
    { sellAmount: -1n },
    { sellAmount: 2n ** 128n },
    { sellAmount: undefined },
    { buyAmount: 1n },
    { sellToken: '0x12' },
    { buyToken: undefined },
    { receiver: 'me' },
    { taker: '' },
    { slippageBps: 1.5 },
    { slippageBps: 10_001 },
    { slippageBps: 5n },
    { validForSeconds: 0 },
    { validForSeconds: 86_401 },
    { funding: 'gift' },
    { minBuyAmount: 1 },
    { maxSellAmount: 0n },
    { gasPriceWei: 1 },
    { chainId: '1' },
  ]
  for (const over of bad) {
    const [[field, value] = ['', '']] = Object.entries(over)
    it(`refuses ${typeof value} ${String(value)} as ${field} before the server is asked`, async () => {
      const { client, asked } = offline()
      // What a caller without a type checker could give.
      const request = { taker: ownerAddress, ...sell, ...over } as unknown as QuoteRequest
      assert.equal(await codeOfError(() => client.getQuote(request)), 'sdk.bad-request')
      assert.ok(!asked.includes('fetch'))
    })
  }

  it('asks the server when nothing is wrong: the control', async () => {
    const { client, asked } = offline()
    const code = await codeOfError(() => client.getQuote({ ...sell, taker: ownerAddress }))
    assert.deepEqual([code, asked.includes('fetch')], ['sdk.unreachable', true])
  })

  it('says so when the wallet has no account', async () => {
    assert.equal(await codeOfError(() => offline().client.getQuote(sell)), 'sdk.no-account')
  })
})
