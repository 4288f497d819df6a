/** `POST /v1/quote`: a firm quote for one taker, stored, replayable and ready to sign. */
import { z } from 'zod'
import { zeroAddress } from '../core/hex.ts'
import { flagsFor, requireWellFormed } from '../intents/check.ts'
import { fundingTypedData } from '../intents/eip712.ts'
import { quote as quoteSchema } from './answers.ts'
import {
  defaultSlippageBps,
  leastBought,
  mostSlippageBps,
  priceAnswer,
  quotePair,
  reasonsOf,
} from './quoteAnswer.ts'
import { defineRoute } from './route.ts'
import { address, pair } from './schemas.ts'

/** Firm quotes kept: the oldest go first. */
const quotesKept = 1_000

/** Sell quotes carry the order to sign; `limitStart` is the one number that protects the taker. */
export const postQuote = defineRoute({
  operationId: 'postQuote',
  method: 'POST',
  path: '/v1/quote',
  summary: 'Firm quote with the typed data to sign',
  input: pair.extend({
    taker: address,
    receiver: address.optional(),
    funding: z.enum(['allowance', 'permit2']).default('allowance'),
    validForSeconds: z.number().int().min(1).max(86_400).default(300),
    slippageBps: z.number().int().min(0).max(mostSlippageBps).default(defaultSlippageBps),
  }),
  answer: quoteSchema,
  handle(input, { engine, quotes }) {
    const found = quotePair(input, engine)
    const answer = priceAnswer(input, found, input.slippageBps, reasonsOf(input, engine))
    if (found === undefined) return answer
    const { quote, bundle } = found
    const { chainId, block } = engine.view()
    const now = Number(block?.timestamp ?? 0n)
    const limit = leastBought(quote.amountOut, input.slippageBps)
    const parties = {
      owner: input.taker,
      receiver: input.receiver ?? input.taker,
      auctioneer: zeroAddress,
    }
    const order = {
      ...parties,
      sellToken: input.sellToken,
      buyToken: input.buyToken,
      amount: quote.amountIn,
      limitStart: limit,
      limitEnd: limit,
      decayStart: now,
      decayEnd: now,
      validTo: now + input.validForSeconds,
      // Quotes of one taker differ in their digest, so their nonces do: 64 bits of it.
      nonce: BigInt(bundle.digest) & (2n ** 64n - 1n),
      flags: flagsFor(parties),
    }
    // Before anything is kept: an order that cannot be used must not be given to be signed.
    requireWellFormed(order, engine)
    quotes.set(bundle.digest, { quote, bundle })
    for (const oldest of quotes.keys()) if (quotes.size > quotesKept) quotes.delete(oldest)
    const intent = fundingTypedData(
      order,
      { chainId, settlement: engine.settlement },
      input.funding,
    )
    return {
      quoteId: bundle.digest,
      bundleUrl: `/v1/quotes/${bundle.digest}/bundle`,
      ...answer,
      order,
      intent,
    }
  },
})
