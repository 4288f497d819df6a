/** What the adapter uses of Balancer's router. */
import type { BigNumber } from './uniswapTypes.ts'

/** A plan: hops in order, with amounts where a path begins. */
export type Swaps = {
  readonly returnAmount: BigNumber
  readonly tokenAddresses: readonly string[]
  readonly swaps: readonly {
    readonly poolId: string
    readonly assetInIndex: number
    readonly amount: string
  }[]
}

/** `@balancer-labs/sor`. */
export type Balancer = {
  readonly SwapTypes: { readonly SwapExactIn: number }
  readonly SOR: new (
    provider: unknown,
    config: Readonly<Record<string, unknown>>,
    pools: { getPools(): Promise<unknown> },
    prices: { getNativeAssetPriceInToken(address: string): Promise<string> },
  ) => {
    fetchPools(): Promise<boolean>
    getSwaps(
      tokenIn: string,
      tokenOut: string,
      kind: number,
      amount: string,
      options: Readonly<Record<string, unknown>>,
    ): Promise<Swaps>
  }
}
