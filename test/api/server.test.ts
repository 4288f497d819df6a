/** Every operation of the API over a running line: quote, sign with a wallet, hand in, filled. */
import assert from 'node:assert/strict'
import type { InjectOptions } from 'fastify'
import { after, before, describe, it } from 'mocha'
import { apiRoutes } from '../../solver/api/index.ts'
import type { Hex } from '../../solver/core/hex.ts'
import { parseBundle, replayBundle } from '../../solver/route/bundle.ts'
import {
  amount,
  type Price,
  type Problem,
  startApi,
  type TestApi,
  usdc,
  weth,
} from '../helpers/api.ts'
import { until } from '../helpers/line.ts'
import { requireWellFormedXml } from '../helpers/xml.ts'

const pair = `sellToken=${weth}&buyToken=${usdc}`
let api: TestApi

before(async function () {
  this.timeout(60_000)
  api = await startApi()
})
after(() => api.close())

describe('api.getPrice', () => {
  it('prices a sale with its proof, amounts as decimal text', async () => {
    const price = await api.get<Price>(`/v1/price?${pair}&sellAmount=${amount}`)
    const { liquidityAvailable, kind, sellAmount, buyAmount, minBuyAmount, optimality } = price
    assert.deepEqual([liquidityAvailable, kind, sellAmount], [true, 'sell', amount])
    assert.equal(BigInt(minBuyAmount), (BigInt(buyAmount) * 9_995n) / 10_000n)
    assert.ok(BigInt(optimality.bound) > 0n && optimality.gapBps >= 0)
  })

  it('prices a purchase, and takes the slippage that is asked for', async () => {
    const query = `${pair}&buyAmount=1000000000&slippageBps=100&chainId=1`
    const { kind, buyAmount, minBuyAmount } = await api.get<Price>(`/v1/price?${query}`)
    assert.equal(kind, 'buy')
    assert.ok(BigInt(buyAmount) >= 10n ** 9n)
    assert.equal(BigInt(minBuyAmount), (BigInt(buyAmount) * 99n) / 100n)
  })

  it('compares with the best single pool: what is paid out, or for a purchase what is taken', async () => {
    const sale = await api.get<Price>(`/v1/price?${pair}&sellAmount=${10n ** 21n}`)
    const more = Number(sale.buyAmount) / Number(sale.bestSingleVenue.amountOut) - 1
    assert.ok(more > 0 && Math.abs(sale.savingsBps / 1e4 - more) < 1e-9)
    const purchase = await api.get<Price>(`/v1/price?${pair}&buyAmount=${sale.buyAmount}`)
    const less = Number(purchase.bestSingleVenue.amountIn) / Number(purchase.sellAmount) - 1
    assert.ok(less > 0 && Math.abs(purchase.savingsBps / 1e4 - less) < 1e-9)
  })

  it('answers no liquidity as a value, not as an error', async () => {
    const wanted = 10n ** 30n
    const price = await api.get<Price>(`/v1/price?${pair}&buyAmount=${wanted}`)
    assert.deepEqual([price.liquidityAvailable, price.reasons], [false, ['no-depth']])
  })
})

describe('api.postQuote', () => {
  it('gives an order that protects the taker by the limit that the price shows', async () => {
    const { order, intent, minBuyAmount, sellAmount } = await api.firmQuote(0, {
      validForSeconds: 60,
    })
    const taker = api.line.owner(0).address.toLowerCase()
    const { owner, receiver, limitStart, limitEnd, flags } = order
    assert.deepEqual([owner, receiver, flags], [taker, taker, 0])
    assert.deepEqual(
      [limitStart, limitEnd, order['amount']],
      [minBuyAmount, minBuyAmount, sellAmount],
    )
    assert.equal(Number(order['validTo']) - Number(order['decayStart']), 60)
    assert.deepEqual(intent.message, order)
  })

  it('pays somebody else when that is asked for, and says so in the flags', async () => {
    const receiver = `0x${'9'.repeat(40)}`
    const { order } = await api.firmQuote(0, { receiver })
    assert.deepEqual([order['receiver'], order['flags']], [receiver, 1])
  })

  it('gives two quotes orders of different nonces', async () => {
    const [first, second] = [
      await api.firmQuote(0),
      await api.firmQuote(0, { sellAmount: String(10n ** 18n) }),
    ]
    assert.notEqual(first.order['nonce'], second.order['nonce'])
    assert.notEqual(first.quoteId, second.quoteId)
  })
})

describe('api.postIntent', () => {
  for (const [owner, funding] of ['allowance', 'permit2'].entries())
    it(`fills what a wallet signed for ${funding}, at the amount that was quoted`, async () => {
      const firm = await api.firmQuote(owner, { funding })
      const reply = await api.handIn(owner, firm, funding)
      assert.equal(reply.statusCode, 201, reply.body)
      const { intentHash } = reply.json<{ intentHash: Hex }>()
      assert.equal(intentHash, api.digestOf(firm.order))
      const isFilled = () => api.line.engine.book.get(intentHash)?.status === 'filled'
      await until(isFilled, 30, 'the fill')
      type Status = { status: string; fill: Record<'sold' | 'bought' | 'block', string> }
      const { status, fill } = await api.get<Status>(`/v1/intents/${intentHash}`)
      assert.deepEqual([status, fill.sold, fill.bought], ['filled', amount, firm.buyAmount])
    })

  it('answers the same order again with what became of it', async () => {
    const firm = await api.firmQuote(0)
    const first = await api.handIn(0, firm, 'allowance')
    const again = await api.handIn(0, firm, 'allowance')
    assert.deepEqual([first.statusCode, again.statusCode], [201, 201])
    const hash = first.json<{ intentHash: Hex }>().intentHash
    assert.equal(again.json<{ intentHash: Hex }>().intentHash, hash)
    await until(() => api.line.engine.book.get(hash)?.status === 'filled', 30, 'the fill')
  })

  it('refuses a quote that it never gave', async () => {
    const firm = await api.firmQuote(0)
    const reply = await api.handIn(0, { ...firm, quoteId: `0x${'ab'.repeat(32)}` }, 'allowance')
    assert.deepEqual([reply.statusCode, reply.json<Problem>().code], [404, 'api.not-found'])
  })
})

describe('api.getIntent', () => {
  it('shows nothing of an order before its fill', async () => {
    const firm = await api.firmQuote(0)
    // Nobody pays this, so it stays open.
    const order = { ...firm.order, limitStart: String(10n ** 14n), limitEnd: String(10n ** 14n) }
    const intent = { ...firm.intent, message: { ...firm.intent.message, ...order } }
    const reply = await api.handIn(0, { ...firm, order, intent }, 'allowance')
    const { intentHash } = reply.json<{ intentHash: Hex }>()
    await until(() => api.line.engine.book.get(intentHash)?.why !== undefined, 30, 'why')
    const { body } = await api.server.inject({ url: `/v1/intents/${intentHash}` })
    assert.deepEqual(JSON.parse(body), { intentHash, status: 'open', why: 'limit-above-market' })
    for (const secret of [amount, String(10n ** 14n), api.line.owner(0).address, weth, usdc])
      for (const text of [body, reply.body])
        assert.equal(text.toLowerCase().includes(secret.toLowerCase()), false, secret)
  })
})

describe('api.getQuote', () => {
  it('gives the bundle that replays to the id of the quote', async () => {
    const { bundleUrl, quoteId } = await api.firmQuote(0)
    const { body } = await api.server.inject({ url: bundleUrl })
    assert.equal(replayBundle(parseBundle(body)).digest, quoteId)
  })

  it('draws the route as an SVG of its own', async () => {
    const { quoteId } = await api.firmQuote(0)
    const reply = await api.server.inject({ url: `/v1/quotes/${quoteId}/route.svg` })
    assert.equal(reply.headers['content-type'], 'image/svg+xml')
    assert.equal(requireWellFormedXml(reply.body)[0]?.name, 'svg')
  })
})

describe('api reports and lists', () => {
  it('reports what was settled, as JSON and as a page', async () => {
    const report = await api.get<{ intents: { received: string; quoted: string }[] }>('/v1/report')
    assert.ok(report.intents.length >= 2)
    for (const { received, quoted } of report.intents) assert.equal(received, quoted)
    const page = await api.server.inject({ url: '/' })
    assert.match(String(page.headers['content-type']), /^text\/html/)
    assert.ok(page.body.includes('yes, to the wei'))
  })

  it('lists tokens with checksummed addresses, and pool kinds', async () => {
    const { tokens } = await api.get<{ tokens: { address: string; symbol: string }[] }>(
      '/v1/tokens',
    )
    assert.equal(tokens.find(({ symbol }) => symbol === 'WETH')?.address, weth)
    const { venues } = await api.get<{ venues: { kind: string; pools: number }[] }>('/v1/venues')
    assert.ok(venues.reduce((sum, { pools }) => sum + pools, 0) >= 24)
  })

  it('says that it turns, and that its market is fresh', async () => {
    assert.deepEqual(await api.get('/healthz'), { ok: true })
    const ready = await api.get<{ ok: boolean; block: string }>('/readyz')
    assert.ok(ready.ok && BigInt(ready.block) > 0n)
  })

  it('shows its metrics as text for Prometheus', async () => {
    const { statusCode, headers, body } = await api.server.inject({ url: '/metrics' })
    assert.deepEqual(
      [statusCode, headers['content-type']],
      [200, 'text/plain; version=0.0.4; charset=utf-8'],
    )
    assert.match(body, /^# TYPE isoprice_market_pools gauge\nisoprice_market_pools \d+$/m)
  })

  it('explains every error code that a problem names', async () => {
    const reply = await api.server.inject({ url: `/v1/price?${pair}` })
    const { type, code } = reply.json<Problem>()
    const entry = await api.get<{ code: string; meaning: string; hint: string }>(type)
    assert.equal(entry.code, code)
    assert.ok(entry.meaning.length > 10 && entry.hint.length > 10)
    assert.equal((await api.server.inject({ url: '/errors/no.such-code' })).statusCode, 404)
  })

  it('describes itself', async () => {
    const { openapi } = await api.get<{ openapi: string }>('/openapi.json')
    assert.match(openapi, /^3\.1\./)
  })
})

describe('api problems', () => {
  const requests: readonly (readonly [string, InjectOptions, number, string])[] = [
    ['an unknown path', { url: '/v2' }, 404, 'api.not-found'],
    ['a missing field', { url: '/v1/price' }, 400, 'api.invalid-request'],
    [
      'no JSON',
      {
        method: 'POST',
        url: '/v1/quote',
        payload: '{',
        headers: { 'content-type': 'application/json' },
      },
      400,
      'api.invalid-request',
    ],
    [
      'another content type',
      { method: 'POST', url: '/v1/quote', payload: '{' },
      415,
      'api.invalid-request',
    ],
    [
      'another chain',
      { url: `/v1/price?${pair}&sellAmount=1&chainId=5` },
      400,
      'api.unsupported-chain',
    ],
    ['an unknown intent', { url: `/v1/intents/0x${'00'.repeat(32)}` }, 404, 'api.not-found'],
    ['an unknown quote', { url: `/v1/quotes/0x${'00'.repeat(32)}/bundle` }, 404, 'api.not-found'],
  ]
  for (const [what, request, status, code] of requests)
    it(`answers ${what} as application/problem+json with ${code}`, async () => {
      const reply = await api.server.inject(request)
      const problem = reply.json<Problem>()
      assert.match(String(reply.headers['content-type']), /^application\/problem\+json/)
      assert.deepEqual([reply.statusCode, problem.status, problem.code], [status, status, code])
      assert.equal(problem.type, `/errors/${code}`)
      assert.equal(problem.requestId, reply.headers['x-request-id'])
      assert.ok(problem.title.length > 5 && problem.hint.length > 10)
      assert.equal(typeof problem.facts, 'object')
    })

  it('names every field that is wrong', async () => {
    const reply = await api.server.inject({ url: '/v1/price?sellToken=0x1&extra=2&sellAmount=-1' })
    const paths = reply.json<Problem>().errors?.map(({ path }) => path)
    assert.deepEqual(paths?.sort(), ['(request)', 'buyToken', 'sellAmount', 'sellToken'])
  })

  it('gives each answer an id of its own, and takes none from outside', async () => {
    const headers = { 'x-request-id': 'mine' }
    const ids = await Promise.all(
      [1, 2].map(
        async () => (await api.server.inject({ url: '/healthz', headers })).headers['x-request-id'],
      ),
    )
    for (const id of ids) assert.match(String(id), /^req_[0-9a-f-]{36}$/)
    assert.notEqual(ids[0], ids[1])
  })
})

describe('api.index', () => {
  it('has no operation that the tests above did not see succeed', () => {
    const all = apiRoutes.map(({ method, path }) => `${method} ${path}`)
    assert.deepEqual(
      all.filter((operation) => !api.answered.has(operation)),
      [],
    )
  })

  it('answers in the form that its description gives, field by field', () => {
    assert.deepEqual(api.undescribed, [])
  })
})
