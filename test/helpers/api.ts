/** The API over a running line, with the steps of a page and its wallet. */
import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { type TypedDataDefinition, getAddress } from 'viem'
import { apiRoutes } from '../../solver/api/index.ts'
import { createServer } from '../../solver/api/server.ts'
import { mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import type { Hex } from '../../solver/core/hex.ts'
import { hashOrder } from '../../solver/intents/eip712.ts'
import { parseOrder } from '../../solver/intents/orderJson.ts'
import { createReport } from '../../solver/measure/report.ts'
import type { z } from 'zod'
import { startLine, type TestLine } from './line.ts'

export const weth = getAddress(mainnetTokens.WETH.address)
export const usdc = getAddress(mainnetTokens.USDC.address)
/** What {@link TestApi.firmQuote} sells: 30 WETH. */
export const amount = String(30n * 10n ** 18n)

/** What a price request answers, as far as tests look. */
export type Price = Record<'sellAmount' | 'buyAmount' | 'minBuyAmount', string> & {
  readonly liquidityAvailable: boolean
  readonly kind: string
  readonly reasons?: readonly string[]
  readonly savingsBps: number
  readonly bestSingleVenue: Record<'amountIn' | 'amountOut', string>
  readonly optimality: { readonly bound: string; readonly gapBps: number }
}
/** A firm quote. */
export type Firm = Price & {
  readonly quoteId: Hex
  readonly bundleUrl: string
  readonly order: Record<string, string | number>
  readonly intent: TypedDataDefinition
}
/** An error. */
export type Problem = Record<'type' | 'title' | 'code' | 'hint' | 'requestId', string> & {
  readonly status: number
  readonly facts: object
  readonly errors?: readonly { readonly path: string; readonly message: string }[]
}

/** A served line: owner 0 has WETH and approved the settlement, owner 1 Permit2. */
export type TestApi = {
  readonly line: TestLine
  readonly server: FastifyInstance
  /** Operations that answered with success so far, as `METHOD /path/{name}`. */
  readonly answered: ReadonlySet<string>
  /** Answers that are not of the form that the documentation gives them: nothing missing, nothing more. */
  readonly undescribed: readonly string[]
  /** The body of a GET that must succeed. */
  get<body = unknown>(url: string): Promise<body>
  /** A firm quote for owner `owner`. */
  firmQuote(owner: number, over?: object): Promise<Firm>
  /** Signs the typed data as given and hands the order in with it. */
  handIn(owner: number, firm: Firm, funding: string): Promise<LightMyRequestResponse>
  digestOf(order: Firm['order']): Hex
  close(): Promise<void>
}

/** True when `value` has every field of the form and no other: what a form does not name it drops. */
export function isOfForm(form: z.ZodType, value: unknown): boolean {
  const { success, data } = form.safeParse(value)
  return success && isDeepStrictEqual(data, value)
}

/** Starts a local chain, a line on it and the API over that. */
export async function startApi(): Promise<TestApi> {
  const line = await startLine(0.25)
  await line.fund(0, mainnetTokens.WETH.address, 100n * 10n ** 18n)
  await line.fund(1, mainnetTokens.WETH.address, 100n * 10n ** 18n, 'permit2')
  const { engine } = line
  const { settlement } = line.net
  const report = () => createReport(line.settled, engine.view().tokens)
  const { telemetry } = line
  const server = createServer({ engine, quotes: new Map(), report, telemetry })
  const answered = new Set<string>()
  const undescribed: string[] = []
  const pathOf = (url: string | undefined) => url?.replace(/:(\w+)/g, '{$1}')
  server.addHook('onSend', async ({ method, routeOptions: { url } }, { statusCode }, payload) => {
    const route = apiRoutes.find((each) => each.path === pathOf(url) && each.method === method)
    if (statusCode < 300 && typeof payload === 'string' && route?.answer !== undefined)
      if (!isOfForm(route.answer, JSON.parse(payload)))
        undescribed.push(`${route.operationId}: ${payload}`)
    return payload
  })
  server.addHook('onResponse', async (request, reply) => {
    const path = pathOf(request.routeOptions.url)
    if (reply.statusCode < 300) answered.add(`${request.method} ${path}`)
  })
  line.run()
  const post = (url: string, payload: object) => server.inject({ method: 'POST', url, payload })
  const digestOf = (order: Firm['order']) =>
    hashOrder(parseOrder(order), { chainId: 1, settlement })
  return {
    line,
    server,
    answered,
    undescribed,
    digestOf,
    async get<body>(url: string) {
      const reply = await server.inject({ url })
      assert.equal(reply.statusCode, 200, reply.body)
      return reply.json<body>()
    },
    async firmQuote(owner, over = {}) {
      const taker = line.owner(owner).address
      const request = { sellToken: weth, buyToken: usdc, sellAmount: amount, taker, ...over }
      const reply = await post('/v1/quote', request)
      assert.equal(reply.statusCode, 200, reply.body)
      return reply.json<Firm>()
    },
    async handIn(owner, { order, intent, quoteId }, funding) {
      const signature = await line.owner(owner).signTypedData(intent)
      const signed = { order, digest: digestOf(order), chainId: 1, settlement, funding, signature }
      return post('/v1/intents', { ...signed, quoteId })
    },
    async close() {
      await server.close()
      await line.close()
    },
  }
}
