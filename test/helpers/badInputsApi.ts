/** Bad input at the HTTP door. */
import { createServer } from '../../solver/api/server.ts'
import { createReport } from '../../solver/measure/report.ts'
import type { BadInput, BadWorld, Refusal } from './badInputs.ts'

type Ask = {
  readonly method?: 'GET' | 'POST'
  readonly url: string
  readonly payload?: string
  readonly type?: string
}

const weth = '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2'
const usdc = '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48'
const pair = `sellToken=${weth}&buyToken=${usdc}`

async function ask(
  { line }: BadWorld,
  { method = 'GET', url, payload, type }: Ask,
): Promise<Refusal> {
  const { engine } = line
  const server = createServer({
    engine,
    quotes: new Map(),
    report: () => createReport([], new Map()),
  })
  try {
    const headers = payload === undefined ? {} : { 'content-type': type ?? 'application/json' }
    const reply = await server.inject({
      method,
      url,
      headers,
      ...(payload === undefined ? {} : { payload }),
    })
    if (reply.statusCode < 400) return { code: undefined, hint: undefined }
    const { code, hint } = reply.json<{ code?: string; hint?: string }>()
    return { code, hint }
  } finally {
    await server.close()
  }
}

function api(name: string, code: string, request: Ask): BadInput {
  return { name: `api: ${name}`, code, run: (world) => ask(world, request) }
}

/** Cases of the API. */
export const apiCases: readonly BadInput[] = [
  api('unknown path', 'api.not-found', { url: '/v1/nothing' }),
  api('no amount', 'api.amount-ambiguous', { url: `/v1/price?${pair}` }),
  api('both amounts', 'api.amount-ambiguous', {
    url: `/v1/price?${pair}&sellAmount=1&buyAmount=1`,
  }),
  api('zero amount', 'api.invalid-request', { url: `/v1/price?${pair}&sellAmount=0` }),
  api('negative amount', 'api.invalid-request', { url: `/v1/price?${pair}&sellAmount=-5` }),
  api('leading zero', 'api.invalid-request', { url: `/v1/price?${pair}&sellAmount=01` }),
  api('amount above uint128', 'api.invalid-request', {
    url: `/v1/price?${pair}&sellAmount=${2n ** 128n}`,
  }),
  api('unknown field', 'api.invalid-request', { url: `/v1/price?${pair}&sellAmount=1&amuont=2` }),
  api('bad address', 'api.invalid-request', {
    url: `/v1/price?sellToken=0x12&buyToken=${usdc}&sellAmount=1`,
  }),
  api('unknown token', 'route.unknown-token', {
    url: `/v1/price?sellToken=${weth}&buyToken=0x${'12'.repeat(20)}&sellAmount=1`,
  }),
  api('same token', 'route.same-token', {
    url: `/v1/price?sellToken=${weth}&buyToken=${weth}&sellAmount=1`,
  }),
  api('other chain', 'api.unsupported-chain', { url: `/v1/price?${pair}&sellAmount=1&chainId=10` }),
  api('body that is no JSON', 'api.invalid-request', {
    method: 'POST',
    url: '/v1/quote',
    payload: '{',
  }),
  api('body of another type', 'api.invalid-request', {
    method: 'POST',
    url: '/v1/quote',
    payload: 'x',
    type: 'text/csv',
  }),
  api('body too large', 'api.invalid-request', {
    method: 'POST',
    url: '/v1/quote',
    payload: `"${'x'.repeat(20_000)}"`,
  }),
  api('quote without taker', 'api.invalid-request', {
    method: 'POST',
    url: '/v1/quote',
    payload: JSON.stringify({ sellToken: weth, buyToken: usdc, sellAmount: '1' }),
  }),
  api('unknown quote', 'api.not-found', { url: `/v1/quotes/0x${'00'.repeat(32)}/bundle` }),
  api('unknown intent', 'api.not-found', { url: `/v1/intents/0x${'00'.repeat(32)}` }),
  api('order with a field missing', 'intents.field-missing', {
    method: 'POST',
    url: '/v1/intents',
    payload: '{"order":{}}',
  }),
]
