/** `GET /v1/price`: an indicative price, bound to nobody. */
import { z } from 'zod'
import { price } from './answers.ts'
import {
  defaultSlippageBps,
  mostSlippageBps,
  priceAnswer,
  quotePair,
  reasonsOf,
} from './quoteAnswer.ts'
import { defineRoute } from './route.ts'
import { pair } from './schemas.ts'

/** No liquidity is an answer, not an error: test `liquidityAvailable` first. */
export const getPrice = defineRoute({
  operationId: 'getPrice',
  method: 'GET',
  path: '/v1/price',
  summary: 'Indicative price of a swap, with its optimality certificate',
  input: pair.extend({
    slippageBps: z.coerce.number().int().min(0).max(mostSlippageBps).default(defaultSlippageBps),
  }),
  answer: price,
  handle: (input, { engine }) =>
    priceAnswer(input, quotePair(input, engine), input.slippageBps, reasonsOf(input, engine)),
})
