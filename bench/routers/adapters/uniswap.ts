/** @uniswap/smart-order-router: its AlphaRouter, with providers that read the market instead of a node. */
import { zeroAddress } from '../../../solver/core/hex.ts'
import { moduleOf } from '../../../solver/pools/index.ts'
import { heldEth } from '../balances.ts'
import { load } from '../packages.ts'
import { type Ask, type OpenRouter, type Router, hopOf } from '../plan.ts'
import type { BenchPool, BenchUniverse } from '../universes.ts'
import type { Amount, AmountQuotes, Ethers, Quotes, Route, Token } from './uniswapTypes.ts'
import { type Venues, createVenues } from './uniswapVenues.ts'

const chainId = 1
const ethUsd = 1_600

/** Its default configuration for mainnet: V2, V3 and mixed routes. Quotes on chain are our exact simulator. */
export const uniswap: Router = { canOpen: () => true, open }

async function open(universe: BenchUniverse): Promise<OpenRouter> {
  const { AlphaRouter, V2QuoteProvider } = load('@uniswap/smart-order-router')
  const core = load('@uniswap/sdk-core')
  const ethers = load('@ethersproject/bignumber')
  const venues = createVenues(universe)
  const poolOf = new Map<string, BenchPool>(venues.named.map((pool) => [pool.id, pool]))
  let gasPrice = 0n
  const v2Quotes = new V2QuoteProvider()
  const router = new AlphaRouter({
    chainId,
    provider: { getBlockNumber: async () => 1, getNetwork: async () => ({ chainId }) },
    multicall2Provider: {},
    ...poolProviders(universe, venues),
    v4SubgraphProvider: { getPools: async () => [] },
    v4PoolProvider: { getPools: async () => ({ getPool: () => undefined, getAllPools: () => [] }) },
    v2Supported: [chainId],
    v4Supported: [],
    mixedSupported: [chainId],
    onChainQuoteProvider: {
      getQuotesManyExactIn: async (amounts: readonly Amount[], routes: readonly Route[]) => ({
        routesWithQuotes: routes.map((route) => [
          route,
          quoteRoute(venues, ethers, amounts, route),
        ]),
        blockNumber: ethers.BigNumber.from(1),
      }),
    },
    v2QuoteProvider: {
      async getQuotesManyExactIn(
        amounts: readonly Amount[],
        routes: readonly Route[],
        config: unknown,
      ): Promise<Quotes> {
        const real = routes.filter(({ pairs = [] }) => pairs.every((pair) => venues.oursOf(pair)))
        return v2Quotes.getQuotesManyExactIn(amounts, real, config)
      },
    },
    tokenProvider: {
      getTokens: async (addresses: readonly string[]) => ({
        getTokenByAddress: (address: string) => venues.tokenOf(address),
        getTokenBySymbol: () => undefined,
        getAllTokens: () => addresses.map(venues.tokenOf),
      }),
    },
    blockedTokenListProvider: { hasTokenByAddress: async () => false },
    tokenValidatorProvider: {
      validateTokens: async () => ({ getValidationByToken: () => undefined }),
    },
    tokenPropertiesProvider: { getTokensProperties: async () => ({}) },
    gasPriceProvider: {
      getGasPrice: async () => ({ gasPriceWei: ethers.BigNumber.from(String(gasPrice)) }),
    },
    swapRouterProvider: {},
  })
  const ask: Ask = async ({ tokenIn, tokenOut, amountIn }, price) => {
    gasPrice = price
    const found = await router.route(
      core.CurrencyAmount.fromRawAmount(venues.tokenOf(tokenIn), String(amountIn)),
      venues.tokenOf(tokenOut),
      core.TradeType.EXACT_INPUT,
      undefined,
      { protocols: ['V2', 'V3', 'MIXED'] },
    )
    if (found === null) return undefined
    const paths = found.route.map(({ amount, tokenPath, poolIdentifiers }) => ({
      amountIn: amount.quotient.toString(),
      hops: poolIdentifiers.flatMap((id, index) => {
        const pool = poolOf.get(id)
        return pool === undefined ? [] : [hopOf(pool, tokenPath[index]?.address ?? '')]
      }),
    }))
    return { plan: { form: 'paths', paths }, claim: found.quote.quotient.toString() }
  }
  return { pools: venues.named.length, ask }
}

/** The lists of all pools with their sizes, and the pools of given tokens. */
function poolProviders({ view }: BenchUniverse, venues: Venues) {
  const ends = ({ tokens: [token0 = zeroAddress, token1 = zeroAddress] }: BenchPool) => ({
    token0: { id: token0 },
    token1: { id: token1 },
  })
  const v2 = venues.named.flatMap((pool) => {
    if (pool.kind !== 'uniswapV2') return []
    const reserve = heldEth(view, pool)
    return [{ id: pool.id, ...ends(pool), supply: reserve, reserve, reserveUSD: reserve * ethUsd }]
  })
  const v3 = venues.named.flatMap((pool) => {
    if (pool.kind !== 'uniswapV3') return []
    const tvlETH = heldEth(view, pool)
    const { feePips, liquidity } = pool
    const terms = { feeTier: String(feePips), liquidity: String(liquidity) }
    return [{ id: pool.id, ...ends(pool), ...terms, tvlETH, tvlUSD: tvlETH * ethUsd }]
  })
  // The router writes to the rows.
  const copied = <row>(rows: readonly row[]) => ({ getPools: async () => structuredClone(rows) })
  const provider = {
    getPools: async (asked: readonly (readonly [Token, Token, number?])[]) => {
      const found = asked.flatMap((each) => {
        const venue = venues.find(...each)
        return venue === undefined ? [] : [{ venue, id: venues.idOf(...each) }]
      })
      const known = new Map(found.map(({ venue, id }) => [id, venue]))
      return {
        getPool: (a: Token, b: Token, fee?: number) => known.get(venues.idOf(a, b, fee)),
        getPoolByAddress: (id: string) => known.get(id),
        getAllPools: () => found.map(({ venue }) => venue),
      }
    },
    getPoolAddress: (a: Token, b: Token, fee?: number) => {
      const [token0, token1] = a.address.toLowerCase() < b.address.toLowerCase() ? [a, b] : [b, a]
      return { poolAddress: venues.idOf(a, b, fee), token0, token1 }
    },
  }
  return {
    v2SubgraphProvider: copied(v2),
    v3SubgraphProvider: copied(v3),
    v2PoolProvider: provider,
    v3PoolProvider: provider,
  }
}

/** What a node's quoter would answer: exact amounts, prices after, ticks crossed. */
function quoteRoute(
  venues: Venues,
  { BigNumber }: Ethers,
  amounts: readonly Amount[],
  route: Route,
): AmountQuotes {
  const tokens = route.tokenPath ?? route.path ?? []
  const steps = (route.pools ?? []).map((venue, index) => {
    const pool = venues.oursOf(venue)
    return pool && { pool, indexIn: hopOf(pool, tokens[index]?.address ?? '').tokenIn }
  })
  return amounts.map((amount) => {
    let held = BigInt(amount.quotient.toString())
    const after: unknown[] = []
    const crossed: number[] = []
    for (const step of steps) {
      if (step === undefined || held === 0n) return { amount, quote: null, ...unquoted }
      const { pool } = step
      const indexIn = pool.tokens.indexOf(step.indexIn)
      const done = moduleOf(pool).swapExactIn(pool, {
        indexIn,
        indexOut: 1 - indexIn,
        amountIn: held,
      })
      if (done.amountIn !== held) return { amount, quote: null, ...unquoted }
      held = done.amountOut
      const { next } = done
      after.push(BigNumber.from(next.kind === 'uniswapV3' ? String(next.sqrtPriceX96) : 0))
      crossed.push(ticksBetween(pool, next))
    }
    const lists = { sqrtPriceX96AfterList: after, initializedTicksCrossedList: crossed }
    const gas = { gasEstimate: BigNumber.from(1), gasLimit: BigNumber.from(1) }
    return { amount, quote: BigNumber.from(String(held)), ...lists, ...gas }
  })
}

const unquoted = {
  sqrtPriceX96AfterList: null,
  initializedTicksCrossedList: null,
  gasEstimate: null,
  gasLimit: null,
}

function ticksBetween(before: BenchPool, after: BenchPool): number {
  if (before.kind !== 'uniswapV3' || after.kind !== 'uniswapV3') return 0
  const low = Math.min(before.tick, after.tick)
  const high = Math.max(before.tick, after.tick)
  return before.ticks.filter(({ index }) => index > low && index <= high).length
}
