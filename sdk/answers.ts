/** What the server answers, read from JSON into values: amounts become bigints, and a missing field is an error. */
import { getAddress } from 'viem/utils'
import type { Address, Hex } from '../solver/core/hex.ts'
import type { OrderStatus } from '../solver/intents/orderBook.ts'
import type { Answer } from './http.ts'
import { createReader, type Reader } from './reader.ts'

/** One pool crossed in one direction. Amounts are base units. */
export type PriceLeg = {
  readonly pool: string
  readonly kind: string
  readonly tokenIn: Address
  readonly tokenOut: Address
  readonly amountIn: bigint
  readonly amountOut: bigint
}

/** No route joins the two tokens for this amount. */
export type NoLiquidity = {
  readonly liquidityAvailable: false
  readonly kind: 'sell' | 'buy'
  readonly reasons: readonly string[]
}

/** A priced swap. Amounts are base units of their token; addresses are checksummed. */
export type Price = {
  readonly liquidityAvailable: true
  readonly kind: 'sell' | 'buy'
  readonly block: { readonly number: bigint; readonly hash: Hex } | undefined
  readonly sellToken: Address
  readonly buyToken: Address
  readonly sellAmount: bigint
  readonly buyAmount: bigint
  /** `floor(buyAmount * (10000 - slippageBps) / 10000)`: what an order of this quote pays at least. */
  readonly minBuyAmount: bigint
  readonly slippageBps: number
  readonly priceImpactBps: number
  /** Gas units, and what is left of `buyAmount` after gas (exact-out: what it costs with gas). */
  readonly costs: { readonly gasUnits: bigint; readonly netAmount: bigint }
  readonly bestSingleVenue:
    { readonly pool: string; readonly amountIn: bigint; readonly amountOut: bigint } | undefined
  /** What the split gives over the best single pool, in 1/100 %. */
  readonly savingsBps: number | undefined
  /** No plan nets more than `bound` (exact-out: costs less); check it with `isoprice/certificate`. */
  readonly optimality: { readonly scope: string; readonly bound: bigint; readonly gapBps: number }
  readonly route: { readonly legs: readonly PriceLeg[] }
}

/** The part of a firm quote that {@link Price} does not have. `intent` is as the server sent it. */
export type FirmPart = {
  readonly quoteId: Hex
  readonly bundleUrl: string
  readonly intent: unknown
}

/** Where an intent stands. `filled`, `expired` and `cancelled` are final. */
export type IntentState = {
  readonly intentHash: Hex
  readonly status: OrderStatus
  /** What it waits for; absent once it has ended. */
  readonly why: string | undefined
  /** As the server saw it on chain; `transaction` lets anybody check. */
  readonly fill:
    | {
        readonly sold: bigint
        readonly bought: bigint
        readonly transaction: Hex
        readonly block: bigint
      }
    | undefined
}

const statuses: readonly OrderStatus[] = ['open', 'submitted', 'filled', 'expired', 'cancelled']

/** A price. @throws {BadAnswerError} `sdk.bad-answer`. */
export function readPrice(answer: Answer): Price | NoLiquidity {
  const read = createReader(answer.body, answer.requestId)
  const kind = read.oneOf('kind', ['sell', 'buy'])
  if (!read.boolean('liquidityAvailable'))
    return { liquidityAvailable: false, kind, reasons: read.texts('reasons') }
  return { liquidityAvailable: true, kind, ...readAmounts(read), ...readPlan(read) }
}

/** What only a firm quote has. @throws {BadAnswerError} `sdk.bad-answer`. */
export function readFirmPart(answer: Answer): FirmPart {
  const read = createReader(answer.body, answer.requestId)
  return {
    quoteId: read.hash('quoteId'),
    bundleUrl: read.text('bundleUrl'),
    intent: answer.body['intent'],
  }
}

/** The state of an intent. @throws {BadAnswerError} `sdk.bad-answer`. */
export function readIntentState(answer: Answer): IntentState {
  const read = createReader(answer.body, answer.requestId)
  const fill = read.optional('fill')
  return {
    intentHash: read.hash('intentHash'),
    status: read.oneOf('status', statuses),
    why: read.isAbsent('why') ? undefined : read.text('why'),
    fill: fill && {
      sold: fill.amount('sold'),
      bought: fill.amount('bought'),
      transaction: fill.hash('transaction'),
      block: fill.amount('block'),
    },
  }
}

function readAmounts(read: Reader) {
  return {
    sellToken: getAddress(read.address('sellToken')),
    buyToken: getAddress(read.address('buyToken')),
    sellAmount: read.amount('sellAmount'),
    buyAmount: read.amount('buyAmount'),
    minBuyAmount: read.amount('minBuyAmount'),
    slippageBps: read.number('slippageBps'),
  }
}

function readPlan(read: Reader) {
  const block = read.optional('block')
  const costs = read.object('costs')
  const single = read.optional('bestSingleVenue')
  const optimality = read.object('optimality')
  return {
    block:
      block === undefined || block.isAbsent('number')
        ? undefined
        : { number: block.amount('number'), hash: block.hash('hash') },
    priceImpactBps: read.number('priceImpactBps'),
    costs: { gasUnits: costs.amount('gasUnits'), netAmount: costs.signed('netAmount') },
    bestSingleVenue: single && {
      pool: single.text('pool'),
      amountIn: single.amount('amountIn'),
      amountOut: single.amount('amountOut'),
    },
    savingsBps: read.isAbsent('savingsBps') ? undefined : read.number('savingsBps'),
    optimality: {
      scope: optimality.text('scope'),
      bound: optimality.signed('bound'),
      gapBps: optimality.number('gapBps'),
    },
    route: { legs: read.object('route').objects('legs').map(readLeg) },
  }
}

function readLeg(leg: Reader): PriceLeg {
  return {
    pool: leg.text('pool'),
    kind: leg.text('kind'),
    tokenIn: getAddress(leg.address('tokenIn')),
    tokenOut: getAddress(leg.address('tokenOut')),
    amountIn: leg.amount('amountIn'),
    amountOut: leg.amount('amountOut'),
  }
}
