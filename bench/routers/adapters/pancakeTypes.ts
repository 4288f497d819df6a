/** What the adapter uses of Pancake's packages. */
import type { BenchPool } from '../universes.ts'

/** A token. */
export type Currency = { readonly wrapped: { readonly address: string } }

/** An amount of a token in base units. */
export type Amount = {
  readonly currency: Currency & { equals(other: unknown): boolean }
  readonly quotient: bigint
  add(other: Amount): Amount
  subtract(other: Amount): Amount
}

/** A V2 pair as Pancake's maths sees it. */
export type Pair = {
  readonly token0: Currency
  readonly token1: Currency
  reserveOf(currency: Currency): Amount
}

/** A pool as its routers take it, with our own beside: they copy unknown fields. */
export type Pool = Fields & { readonly tvlUSD: bigint }

/** The part of a pool without its size. */
export type Fields = {
  readonly type: number
  readonly ours: BenchPool
  /** Addresses of its tokens. */
  readonly ends: readonly string[]
  readonly [field: string]: unknown
}

/** What both routers return. */
export type Trade = {
  readonly outputAmount: Amount
  readonly routes: readonly {
    readonly pools: readonly Pool[]
    readonly path: readonly Currency[]
    readonly inputAmount: Amount
  }[]
}

/** `@pancakeswap/sdk`. */
export type Sdk = {
  readonly ERC20Token: new (
    chainId: number,
    address: string,
    decimals: number,
    symbol: string,
  ) => Currency
  readonly CurrencyAmount: { fromRawAmount(currency: Currency, units: bigint): Amount }
  readonly Percent: new (numerator: number, denominator: number) => unknown
  readonly Pair: { new (a: Amount, b: Amount): Pair; readonly prototype: Pair }
  readonly TradeType: { readonly EXACT_INPUT: number }
  readonly InsufficientReservesError: new () => Error
  readonly InsufficientInputAmountError: new () => Error
}

/** `@pancakeswap/v3-sdk`. */
export type TickSdk = {
  readonly Tick: new (tick: {
    readonly index: number
    readonly liquidityNet: bigint
    readonly liquidityGross: bigint
  }) => unknown
  readonly TICK_SPACINGS: Record<number, number>
}

type Selector = (a: Currency, b: Currency, pools: Pool[]) => readonly Pool[]

/** `@pancakeswap/smart-router`. */
export type Router = {
  /** Tokens whose pools are looked at first, by chain. */
  readonly BASES_TO_CHECK_TRADES_AGAINST: Record<number, readonly Currency[]>
  readonly PoolType: { readonly V2: number; readonly V3: number }
  readonly InfinityRouter: {
    getBestTrade(
      amount: Amount,
      currency: Currency,
      tradeType: number,
      config: { readonly candidatePools: readonly Pool[]; readonly gasPriceWei: bigint },
    ): Promise<Trade | null | undefined>
  }
  readonly SmartRouter: {
    readonly v2PoolTvlSelector: Selector
    readonly v3PoolTvlSelector: Selector
    createOffChainQuoteProvider(): unknown
    getBestTrade(
      amount: Amount,
      currency: Currency,
      tradeType: number,
      config: Readonly<Record<string, unknown>>,
    ): Promise<Trade | null | undefined>
  }
}
