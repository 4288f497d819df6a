/** What the adapter uses of tines. */

/** A token. */
export type Token = {
  readonly name: string
  readonly symbol: string
  readonly address: string
  readonly decimals: number
  readonly chainId: number
}

/** What a pool pays, and the gas that it counts. */
export type Swapped = { readonly out: number; readonly gasSpent: number }

/** A pool of either kind. */
export type Pool = {
  calcOutByIn: (amountIn: number, direction: boolean, mustFill?: boolean) => Swapped
}

/** `@sushiswap/tines`. */
export type Tines = {
  readonly ConstantProductRPool: new (
    address: string,
    token0: Token,
    token1: Token,
    fee: number,
    reserve0: bigint,
    reserve1: bigint,
  ) => Pool
  readonly UniV3Pool: new (
    address: string,
    token0: Token,
    token1: Token,
    fee: number,
    reserve0: bigint,
    reserve1: bigint,
    tick: number,
    liquidity: bigint,
    sqrtPriceX96: bigint,
    ticks: { readonly index: number; readonly DLiquidity: bigint }[],
  ) => Pool
  findMultiRouteExactIn(
    from: Token,
    to: Token,
    amountIn: bigint,
    pools: readonly Pool[],
    base: Token,
    gasPrice: number,
  ): {
    readonly status: 'Success' | 'NoWay' | 'Partial'
    readonly amountOutBI: bigint
    readonly legs: readonly {
      readonly poolAddress: string
      readonly tokenFrom: Token
      readonly assumedAmountIn: number
    }[]
  }
}
