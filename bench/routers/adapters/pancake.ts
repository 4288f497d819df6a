/** @pancakeswap/smart-router: the smart router over pools chosen by size, and the infinity router over all. */
import { getAddress } from 'viem/utils'
import { type Address, zeroAddress } from '../../../solver/core/hex.ts'
import { balancesOf, heldEth, toUnits } from '../balances.ts'
import { load } from '../packages.ts'
import { type Ask, type OpenRouter, type Answer, type Router, hopOf } from '../plan.ts'
import { type BenchPool, type BenchUniverse, nameable } from '../universes.ts'
import { patchPairFee } from './pancakeFee.ts'
import {
  type Amount,
  type Currency,
  type Fields,
  type Pool,
  type Router as Library,
  type Sdk,
  type TickSdk,
  type Trade,
} from './pancakeTypes.ts'

const chainId = 1
/** Dollars that one ETH counts as: the smart router wants prices in dollars and uses their ratios. */
const ethUsd = 1_600

/** What both routers are given. */
type Market = {
  readonly library: Library
  readonly sdk: Sdk
  readonly pools: readonly Pool[]
  currencyOf(address: Address): Currency
  /** Dollars of one whole token; `undefined` where the market has no price. */
  usdOf(address: Address): number | undefined
}

/** Grows a plan over all pools by up to 100 equal parts. */
export const pancakeInfinity: Router = {
  canOpen: () => true,
  async open(universe) {
    const market = await openMarket(universe)
    const ask: Ask = async ({ tokenIn, tokenOut, amountIn }, gasPriceWei) => {
      const { library, pools } = market
      const trade = await library.InfinityRouter.getBestTrade(
        amountOf(market, tokenIn, amountIn),
        market.currencyOf(tokenOut),
        market.sdk.TradeType.EXACT_INPUT,
        { candidatePools: pools, gasPriceWei },
      )
      return trade === undefined || trade === null ? undefined : answerOf(trade)
    }
    return { pools: market.pools.length, ask }
  },
}

/** Chooses pools by what they hold, lists paths, and combines parts of 5 %. */
export const pancakeSmart: Router = {
  canOpen: () => true,
  async open(universe): Promise<OpenRouter> {
    const market = await openMarket(universe)
    const { SmartRouter } = market.library
    const poolProvider = candidates(market)
    const quoteProvider = SmartRouter.createOffChainQuoteProvider()
    const ask: Ask = async ({ tokenIn, tokenOut, amountIn }, gasPriceWei) => {
      const trade = await SmartRouter.getBestTrade(
        amountOf(market, tokenIn, amountIn),
        market.currencyOf(tokenOut),
        market.sdk.TradeType.EXACT_INPUT,
        {
          gasPriceWei,
          poolProvider,
          quoteProvider,
          blockNumber: 1,
          quoteCurrencyUsdPrice: market.usdOf(tokenOut),
          nativeCurrencyUsdPrice: ethUsd,
        },
      )
      return trade === null || trade === undefined ? undefined : answerOf(trade)
    }
    return { pools: market.pools.length, ask }
  },
}

/** The pools of two tokens, or those that the package's own selectors choose for a trade. */
function candidates({ library, pools }: Market) {
  const { v2PoolTvlSelector, v3PoolTvlSelector } = library.SmartRouter
  const ofType = (type: number) => pools.filter((pool) => pool.type === type)
  const v2 = ofType(library.PoolType.V2)
  const v3 = ofType(library.PoolType.V3)
  return {
    getCandidatePools: async ({
      currencyA,
      currencyB,
      pairs,
    }: {
      readonly currencyA: Currency
      readonly currencyB: Currency
      readonly pairs?: readonly (readonly [Currency, Currency])[]
    }) => {
      if (pairs === undefined)
        return [
          ...v2PoolTvlSelector(currencyA, currencyB, [...v2]),
          ...v3PoolTvlSelector(currencyA, currencyB, [...v3]),
        ]
      return pools
        .filter(({ ends }) =>
          pairs.some((pair) => pair.every((each) => ends.includes(each.wrapped.address))),
        )
        .sort((a, b) => (a.tvlUSD > b.tvlUSD ? -1 : 1))
    },
  }
}

async function openMarket({ view, pools, bases }: BenchUniverse): Promise<Market> {
  const library = load('@pancakeswap/smart-router')
  const sdk = load('@pancakeswap/sdk')
  const ticks = load('@pancakeswap/v3-sdk')
  patchPairFee(sdk)
  // Pancake's own tiers have 25 bps where Uniswap's have 30.
  Object.assign(ticks.TICK_SPACINGS, { 3_000: 60 })
  const currencies = new Map(
    [...view.tokens.values()].map(({ address, decimals, symbol }) => [
      address,
      new sdk.ERC20Token(chainId, getAddress(address), decimals, symbol),
    ]),
  )
  const currencyOf = (address: Address) =>
    currencies.get(address) ?? new sdk.ERC20Token(chainId, getAddress(address), 18, '')
  if (bases.length > 0)
    library.BASES_TO_CHECK_TRADES_AGAINST[chainId] = bases.map((address) => currencyOf(address))
  const named = nameable(pools, (pool) => heldEth(view, pool))
  const theirs = named.map((pool) => ({
    ...build(library, sdk, ticks, pool, currencyOf),
    tvlUSD: toUnits(heldEth(view, pool) * ethUsd),
  }))
  const usdOf = (address: Address) => {
    const token = view.tokens.get(address)
    if (token?.priceWei === undefined) return undefined
    return (Number(token.priceWei) / 1e18) * 10 ** (token.decimals - 18) * ethUsd
  }
  return { library, sdk, pools: theirs, currencyOf, usdOf }
}

function build(
  { PoolType }: Library,
  sdk: Sdk,
  { Tick }: TickSdk,
  pool: BenchPool,
  currencyOf: (address: Address) => Currency,
): Fields {
  const [token0, token1] = pool.tokens.map(currencyOf)
  const [balance0, balance1] = balancesOf(pool)
  const amount = (currency: Currency | undefined, units: bigint) =>
    sdk.CurrencyAmount.fromRawAmount(currency ?? currencyOf(zeroAddress), units)
  const common = {
    ours: pool,
    ends: pool.tokens.map((token) => getAddress(token)),
    address: getAddress(pool.id),
  }
  if (pool.kind === 'uniswapV2') {
    const [reserve0, reserve1] = pool.reserves
    return {
      ...common,
      type: PoolType.V2,
      reserve0: amount(token0, reserve0),
      reserve1: amount(token1, reserve1),
    }
  }
  const none = new sdk.Percent(0, 1)
  return {
    ...common,
    type: PoolType.V3,
    token0,
    token1,
    fee: pool.feePips,
    liquidity: pool.liquidity,
    sqrtRatioX96: pool.sqrtPriceX96,
    tick: pool.tick,
    token0ProtocolFee: none,
    token1ProtocolFee: none,
    // Swaps use the net liquidity alone; a file may leave the gross out.
    ticks: pool.ticks.map(
      ({ index, liquidityNet, liquidityGross = abs(liquidityNet) }) =>
        new Tick({ index, liquidityNet, liquidityGross }),
    ),
    reserve0: amount(token0, toUnits(balance0)),
    reserve1: amount(token1, toUnits(balance1)),
  }
}

function amountOf({ sdk, currencyOf }: Market, token: Address, units: bigint): Amount {
  return sdk.CurrencyAmount.fromRawAmount(currencyOf(token), units)
}

function answerOf(trade: Trade): Answer {
  const paths = trade.routes.map(({ pools, path, inputAmount }) => ({
    amountIn: String(inputAmount.quotient),
    hops: pools.map((pool, index) => hopOf(pool.ours, path[index]?.wrapped.address ?? '')),
  }))
  return { plan: { form: 'paths', paths }, claim: String(trade.outputAmount.quotient) }
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value
}
