/** @sushiswap/tines: a network of flows, grown path by path. */
import { zeroAddress } from '../../../solver/core/hex.ts'
import { legGas } from '../../../solver/route/gas.ts'
import { balancesOf, toUnits } from '../balances.ts'
import { load } from '../packages.ts'
import { type Ask, type OpenRouter, type Router, hopOf } from '../plan.ts'
import type { Pool, Tines, Token } from './tinesTypes.ts'
import { type BenchPool, type BenchUniverse, weth } from '../universes.ts'

/** Its own choice of the number of flows; told our gas figures. */
export const tines: Router = { canOpen: () => true, open }

async function open({ view, pools }: BenchUniverse): Promise<OpenRouter> {
  const library = load('@sushiswap/tines')
  const tokens = new Map(
    [...view.tokens.values()].map(({ address, symbol, decimals }): [string, Token] => [
      address,
      { name: symbol, symbol, address, decimals, chainId: 1 },
    ]),
  )
  const tokenOf = (address: string): Token =>
    tokens.get(address) ?? { name: '', symbol: '', address, decimals: 18, chainId: 1 }
  const idOf = new Map<string, BenchPool>(pools.map((pool) => [pool.id, pool]))
  const theirs = pools.map((pool) => build(library, pool, tokenOf))
  const ask: Ask = async ({ tokenIn, tokenOut, amountIn }, gasPrice) => {
    const route = library.findMultiRouteExactIn(
      tokenOf(tokenIn),
      tokenOf(tokenOut),
      amountIn,
      theirs,
      tokenOf(weth),
      Number(gasPrice),
    )
    if (route.status !== 'Success') return undefined
    const flows = route.legs.flatMap(({ poolAddress, tokenFrom, assumedAmountIn }) => {
      const pool = idOf.get(poolAddress)
      return pool === undefined
        ? []
        : [{ ...hopOf(pool, tokenFrom.address), size: assumedAmountIn }]
    })
    return { plan: { form: 'flows', flows }, claim: String(route.amountOutBI) }
  }
  return { pools: theirs.length, ask }
}

function build(library: Tines, pool: BenchPool, tokenOf: (address: string) => Token): Pool {
  const [token0 = zeroAddress, token1 = zeroAddress] = pool.tokens
  const ends = [tokenOf(token0), tokenOf(token1), pool.feePips / 1e6] as const
  if (pool.kind === 'uniswapV2') {
    const built = new library.ConstantProductRPool(pool.id, ...ends, ...pool.reserves)
    return Object.assign(built, { swapGasCost: Number(legGas(pool.kind)) })
  }
  const [balance0, balance1] = balancesOf(pool)
  const built = new library.UniV3Pool(
    pool.id,
    ...ends,
    toUnits(balance0),
    toUnits(balance1),
    pool.tick,
    pool.liquidity,
    pool.sqrtPriceX96,
    pool.ticks.map(({ index, liquidityNet }) => ({ index, DLiquidity: liquidityNet })),
  )
  const gasSpent = Number(legGas(pool.kind))
  const calcOutByIn = built.calcOutByIn.bind(built)
  // It is judged by our gas figures, so it may plan by them.
  built.calcOutByIn = (...swap) => ({ out: calcOutByIn(...swap).out, gasSpent })
  return built
}
