/** What operations answer, as JSON on the wire: for the documentation, and for clients made from it. */
import { z } from 'zod'
import { signedOrder } from './schemas.ts'

const decimal = z.string().regex(/^(0|[1-9][0-9]*)$/, 'a whole number in decimal digits')
const signed = z.string().regex(/^(0|-?[1-9][0-9]*)$/, 'a whole number in decimal digits')
const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/, '0x and 40 hex digits')
const hash = z.string().regex(/^0x[0-9a-f]{64}$/, '0x and 64 hex digits')
const count = z.int().min(0)

const leg = z.object({
  pool: z.string(),
  kind: z.string(),
  indexIn: count,
  indexOut: count,
  tokenIn: address,
  tokenOut: address,
  amountIn: decimal,
  amountOut: decimal,
})
const single = z.object({ pool: z.string(), amountIn: decimal, amountOut: decimal })
const pair = {
  kind: z.enum(['sell', 'buy']),
  sellToken: address,
  buyToken: address,
}

const noPrice = z.object({
  liquidityAvailable: z.literal(false),
  ...pair,
  sellAmount: decimal.nullable(),
  buyAmount: decimal.nullable(),
  reasons: z.array(z.string()),
})
const priced = z.object({
  liquidityAvailable: z.literal(true),
  ...pair,
  block: z.object({ number: decimal.optional(), hash: hash.optional() }),
  sellAmount: decimal,
  buyAmount: decimal,
  minBuyAmount: decimal,
  minBuyAmountRule: z.string(),
  slippageBps: count,
  priceImpactBps: z.number(),
  costs: z.object({ gasUnits: decimal, netAmount: signed }),
  bestSingleVenue: single.nullable(),
  savingsBps: z.number().nullable(),
  optimality: z.object({ scope: z.literal('net-of-gas'), bound: signed, gapBps: z.number() }),
  route: z.object({ legs: z.array(leg) }),
})

/** Of `GET /v1/price`: `liquidityAvailable` tells the two forms apart. */
export const price = z.discriminatedUnion('liquidityAvailable', [priced, noPrice])

// The order as a signer writes it: its own codec belongs to the way in.
const { order } = signedOrder.shape
const orderAnswer = z.object({
  ...order.shape,
  owner: address,
  receiver: address,
  auctioneer: address,
  sellToken: address,
  buyToken: address,
})
const permit = z.object({
  permitted: z.object({ token: address, amount: decimal }),
  spender: address,
  nonce: decimal,
  deadline: decimal,
  witness: orderAnswer,
})
const typedData = z.object({
  domain: z.object({
    name: z.string(),
    version: z.string().optional(),
    chainId: count,
    verifyingContract: address,
  }),
  types: z.record(z.string(), z.array(z.object({ name: z.string(), type: z.string() }))),
  primaryType: z.enum(['Order', 'PermitWitnessTransferFrom']),
  message: z.union([orderAnswer, permit]),
})

/** Of `POST /v1/quote`: a price with the order, and `intent`, which is what `eth_signTypedData_v4` takes. */
export const quote = z.discriminatedUnion('liquidityAvailable', [
  z.object({
    quoteId: hash,
    bundleUrl: z.string(),
    ...priced.shape,
    order: orderAnswer,
    intent: typedData,
  }),
  noPrice,
])

/** Of both operations on intents. */
export const intentStatus = z.object({
  intentHash: hash,
  status: z.enum(['open', 'submitted', 'filled', 'expired', 'cancelled']),
  why: z.string().optional(),
  fill: z.object({ sold: decimal, bought: decimal, transaction: hash, block: decimal }).optional(),
})

/** Of `GET /v1/tokens`: the form of Token Lists. */
export const tokens = z.object({
  name: z.string(),
  tokens: z.array(
    z.object({
      chainId: count,
      address,
      symbol: z.string(),
      name: z.string(),
      decimals: z.int().min(0).max(255),
    }),
  ),
})

/** Of `GET /v1/venues`. */
export const venues = z.object({ venues: z.array(z.object({ kind: z.string(), pools: count })) })

/** Of `GET /healthz`. */
export const health = z.object({ ok: z.literal(true) })

/** Of `GET /readyz`. */
export const ready = health.extend({
  block: decimal.optional(),
  hash: hash.optional(),
  pools: count,
  mode: z.enum(['normal', 'degraded']).optional(),
  headAgeSeconds: count.optional(),
  nodes: z.object({ known: count, believed: count }).optional(),
  quarantinedPools: count.optional(),
})

/** Of `GET /v1/report`. */
export const report = z.object({
  format: z.literal('isoprice-report/1'),
  intents: z.array(
    z.object({
      hash,
      owner: address,
      sellToken: address,
      buyToken: address,
      sold: decimal,
      quoted: decimal,
      received: decimal,
      bestSinglePool: single.optional(),
      savingsBps: z.number().optional(),
      gapBps: z.number(),
      priceImpactBps: z.number(),
      gasUsed: decimal,
      channel: z.string(),
      block: decimal,
      transaction: hash,
      legs: z.array(leg),
      digest: hash,
    }),
  ),
  savingsBps: z.number(),
  comparable: count,
  certifiedGapBps: z.number(),
  digests: z.array(hash),
})

/** Of `GET /errors/{code}`. */
export const errorEntry = z.object({ code: z.string(), meaning: z.string(), hint: z.string() })
