/** What a pool holds of its two tokens, as floats: routers rank and screen pools by it. */
import { moduleOf } from '../../solver/pools/index.ts'
import type { SegmentCurve } from '../../solver/pools/pool.ts'
import type { MarketView } from '../../solver/market/view.ts'
import type { BenchPool } from './universes.ts'

/** Base units of token 0 and token 1; both 0 for a pool that cannot trade. */
export function balancesOf(pool: BenchPool): readonly [number, number] {
  if (pool.kind === 'uniswapV2') return [Number(pool.reserves[0]), Number(pool.reserves[1])]
  const curve = moduleOf(pool).curve(pool)
  return curve?.shape === 'segments' ? held(curve) : [0, 0]
}

/** Token 0 lies above the price, token 1 below it. */
function held({ bounds, liquidity, sqrtPrice }: SegmentCurve): readonly [number, number] {
  let amount0 = 0
  let amount1 = 0
  for (const [index, each] of liquidity.entries()) {
    const low = bounds[index] ?? 0
    const high = bounds[index + 1] ?? low
    const from = Math.max(low, sqrtPrice)
    const to = Math.min(high, sqrtPrice)
    if (high > from && from > 0) amount0 += each * (1 / from - 1 / high)
    if (to > low) amount1 += each * (to - low)
  }
  return [amount0, amount1]
}

/** ETH that a pool holds, by the market's own prices; a token without one counts as much as the other side. */
export function heldEth(view: MarketView, pool: BenchPool): number {
  const balances = balancesOf(pool)
  const sides = pool.tokens.map((token, index) => {
    const price = view.tokens.get(token)?.priceWei
    return price === undefined ? undefined : ((balances[index] ?? 0) * Number(price)) / 1e36
  })
  const known = sides.filter((side) => side !== undefined)
  const sum = known.reduce((total, side) => total + side, 0)
  return known.length === 1 ? 2 * sum : sum
}

/** `value` as whole base units. */
export function toUnits(value: number): bigint {
  return BigInt(Math.floor(value))
}
