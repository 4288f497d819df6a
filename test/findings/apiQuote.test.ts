/** Firm quotes whose order nobody could use are refused with a code, and tiny ones carry a limit. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { zeroAddress } from '../../solver/core/hex.ts'
import { requireWellFormed } from '../../solver/intents/check.ts'
import { parseOrder } from '../../solver/intents/orderJson.ts'
import { type Problem, startApi, type TestApi, usdc, weth } from '../helpers/api.ts'

describe('api.postQuote at its edges', () => {
  let api: TestApi
  before(async function () {
    this.timeout(60_000)
    api = await startApi()
  })
  after(() => api.close())

  const ask = (over: object) =>
    api.server.inject({
      method: 'POST',
      url: '/v1/quote',
      payload: {
        sellToken: weth,
        buyToken: usdc,
        sellAmount: String(10n ** 18n),
        taker: api.line.owner(0).address,
        ...over,
      },
    })

  it('asks for at least one base unit, however little is bought', async () => {
    // One base unit of USDC bought, less 5/10,000 of it, is none after rounding down.
    const tiny = await api.firmQuote(0, { sellAmount: undefined, buyAmount: '1' })
    assert.equal(tiny.liquidityAvailable, true)
    const most = await api.firmQuote(0, {
      sellAmount: undefined,
      buyAmount: '2',
      slippageBps: 9_999,
    })
    for (const { order, minBuyAmount } of [tiny, most]) {
      assert.deepEqual([order['limitStart'], order['limitEnd'], minBuyAmount], ['1', '1', '1'])
      requireWellFormed(parseOrder(order), api.line.engine)
    }
  })

  it('takes no slippage that gives everything away', async () => {
    const quoted = await ask({ slippageBps: 10_000 })
    const price = await api.server.inject({
      url: `/v1/price?sellToken=${weth}&buyToken=${usdc}&sellAmount=1&slippageBps=10000`,
    })
    for (const reply of [quoted, price]) {
      assert.equal(reply.statusCode, 400)
      assert.deepEqual(
        reply.json<Problem>().errors?.map(({ path }) => path),
        ['slippageBps'],
      )
    }
  })

  for (const field of ['taker', 'receiver'])
    for (const who of ['zero', 'settlement'])
      it(`refuses ${who} as ${field}`, async () => {
        const address = who === 'zero' ? zeroAddress : api.line.engine.settlement
        const reply = await ask({ [field]: address })
        const { code, hint } = reply.json<Problem>()
        assert.deepEqual([reply.statusCode, code], [400, 'intents.bad-party'])
        assert.ok(hint.length > 10)
      })
})
