/** One local line with its API, for the tests of the SDK; and a server that lies about its quotes. */
import assert from 'node:assert/strict'
import { parseAbi } from 'viem'
import { createReport } from '../../solver/measure/report.ts'
import { serveApi } from '../../solver/api/server.ts'
import type { Address } from '../../solver/core/hex.ts'
import type { IntentActions, IntentState, Quote } from '../../sdk/index.ts'
import { startLine, type TestLine } from '../helpers/line.ts'
import { createFakeWallet, type FakeWallet, type FakeWalletOptions } from './fakeWallet.ts'

/** A running line and the URL of its API. */
export type World = {
  readonly line: TestLine
  readonly url: string
  /** A wallet of owner `index`. */
  wallet(index: number, over?: Partial<FakeWalletOptions>): FakeWallet
  balanceOf(token: Address, holder: Address): Promise<bigint>
  allowance(token: Address, holder: Address, spender: Address): Promise<bigint>
  close(): Promise<void>
}

/** A JSON object of the API. */
export type Json = Record<string, unknown>

const erc20 = parseAbi([
  'function balanceOf(address owner) view returns (uint256)',
  'function allowance(address owner, address spender) view returns (uint256)',
])

/** Starts a local chain with a block a second, an engine and its API. */
export async function startWorld(): Promise<World> {
  const line = await startLine(1)
  line.run()
  const { engine, client } = line
  const report = () => createReport(line.settled, engine.view().tokens)
  const api = await serveApi({ engine, quotes: new Map(), report }, 4_600)
  const { accounts } = line.net.chain
  return {
    line,
    url: api.url,
    wallet: (index, over = {}) =>
      createFakeWallet({
        url: line.net.served.url,
        privateKey: accounts.owner(index).privateKey,
        ...over,
      }),
    balanceOf: (address, holder) =>
      client.viem.readContract({ address, abi: erc20, functionName: 'balanceOf', args: [holder] }),
    allowance(address, holder, spender) {
      const args = [holder, spender] as const
      return client.viem.readContract({ address, abi: erc20, functionName: 'allowance', args })
    },
    async close() {
      await api.close()
      await line.close()
    },
  }
}

/** All states of an intent, to its end. */
export async function statesOf(
  client: Pick<IntentActions, 'watchIntent'>,
  intent: IntentState,
): Promise<IntentState[]> {
  const states: IntentState[] = []
  for await (const state of client.watchIntent(intent, { pollMs: 50, timeoutMs: 30_000 }))
    states.push(state)
  return states
}

/** The quote, which must have a route. */
export function requireQuote(quote: { readonly liquidityAvailable: boolean }): Quote {
  assert.ok(quote.liquidityAvailable)
  // The assertion above decides which of the two it is.
  return quote as Quote
}

/** The network to a server whose quotes are `lie`d about on the way; all other answers are honest. */
export function lyingFetch(lie: (quote: Json) => Json): typeof globalThis.fetch {
  return async (input, init) => {
    const reply = await fetch(input, init)
    const isQuote = typeof input === 'string' && input.endsWith('/v1/quote')
    if (!reply.ok || !isQuote) return reply
    return Response.json(lie((await reply.json()) as Json))
  }
}

/** `json` with the value at a dotted path replaced; the path is made where it is missing. */
export function withValue(json: Json, path: string, value: unknown): Json {
  const [name = '', ...rest] = path.split('.')
  if (rest.length === 0) return { ...json, [name]: value }
  const inner = json[name]
  const changed = withValue((inner ?? {}) as Json, rest.join('.'), value)
  return { ...json, [name]: Array.isArray(inner) ? Object.values(changed) : changed }
}

/** The value at a dotted path. */
export function valueAt(json: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((at, name) => (at as Json | undefined)?.[name], json)
}
