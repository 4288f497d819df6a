/** `GET /v1/tokens` and `GET /v1/venues`: what the market holds. */
import { z } from 'zod'
import { getAddress } from 'viem/utils'
import { tokens as tokensAnswer, venues } from './answers.ts'
import { defineRoute } from './route.ts'

const nothing = z.strictObject({})

/** Tokens in the form of Token Lists. */
export const getTokens = defineRoute({
  operationId: 'getTokens',
  method: 'GET',
  path: '/v1/tokens',
  summary: 'Tokens of the market, in the form of Token Lists',
  input: nothing,
  answer: tokensAnswer,
  handle(_input, { engine }) {
    const { tokens, chainId } = engine.view()
    return {
      name: 'isoprice market',
      tokens: [...tokens.values()].map(({ address, symbol, decimals }) => ({
        chainId,
        address: getAddress(address),
        symbol,
        name: symbol,
        decimals,
      })),
    }
  },
})

/** Pool kinds with the number of pools of each. */
export const getVenues = defineRoute({
  operationId: 'getVenues',
  method: 'GET',
  path: '/v1/venues',
  summary: 'Pool kinds and how many pools of each the market holds',
  input: nothing,
  answer: venues,
  handle(_input, { engine }) {
    const byKind = Map.groupBy(engine.view().pools.values(), ({ kind }) => kind)
    return { venues: [...byKind].map(([kind, pools]) => ({ kind, pools: pools.length })) }
  },
})
