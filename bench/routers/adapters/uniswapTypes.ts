/** What the adapter uses of Uniswap's packages and of ethers. */

/** A token; addresses are checksummed. */
export type Token = { readonly address: string; readonly symbol: string }

/** An amount in base units; `quotient` prints as a whole number. */
export type Amount = { readonly quotient: { toString(): string } }

/** A V2 pair or V3 pool. */
export type Venue = { readonly token0: Token; readonly token1: Token }

/** A way through pools. V3 names its tokens `tokenPath`, the others `path`. */
export type Route = {
  readonly pools?: readonly Venue[]
  readonly pairs?: readonly Venue[]
  readonly tokenPath?: readonly Token[]
  readonly path?: readonly Token[]
}

/** A big number of ethers. */
export type BigNumber = { toString(): string }

/** The quotes of one route, one an amount. */
export type AmountQuotes = readonly {
  readonly amount: Amount
  readonly quote: BigNumber | null
  readonly [field: string]: unknown
}[]

/** What quote providers return. */
export type Quotes = { readonly routesWithQuotes: readonly (readonly [Route, AmountQuotes])[] }

/** `@uniswap/sdk-core`. */
export type Core = {
  readonly Token: new (chainId: number, address: string, decimals: number, symbol: string) => Token
  readonly CurrencyAmount: { fromRawAmount(token: Token, units: string): Amount }
  readonly TradeType: { readonly EXACT_INPUT: number }
}

/** `@uniswap/v2-sdk`. */
export type V2 = { readonly Pair: new (a: Amount, b: Amount) => Venue }

/** `@uniswap/v3-sdk`. */
export type V3 = {
  readonly Pool: new (
    a: Token,
    b: Token,
    fee: number,
    sqrtPriceX96: string,
    liquidity: string,
    tick: number,
  ) => Venue
}

/** `@ethersproject/bignumber`. */
export type Ethers = { readonly BigNumber: { from(value: string | number): BigNumber } }

/** `@uniswap/smart-order-router`. */
export type Sor = {
  readonly AlphaRouter: new (providers: Readonly<Record<string, unknown>>) => {
    route(
      amount: Amount,
      token: Token,
      tradeType: number,
      swap: undefined,
      config: Readonly<Record<string, unknown>>,
    ): Promise<{
      readonly quote: Amount
      readonly route: readonly {
        readonly amount: Amount
        readonly route: Route
        readonly tokenPath: readonly Token[]
        readonly poolIdentifiers: readonly string[]
      }[]
    } | null>
  }
  readonly V2QuoteProvider: new () => {
    getQuotesManyExactIn(
      amounts: readonly Amount[],
      routes: readonly Route[],
      config: unknown,
    ): Promise<Quotes>
  }
}
