/** Turns a row of the table into a pool's exact first state: sorted tokens, price, reserves or positions. */
import { mainnetTokens } from '../chain/chains/mainnet.ts'
import { type Address, zeroAddress } from '../core/hex.ts'
import { createRng, type Rng } from '../core/rng.ts'
import { type LocalSymbol, type PoolSeed, usdPrices } from './pools.ts'

/** One position, as the core contracts take it. */
export type Position = {
  readonly lower: number
  readonly upper: number
  readonly liquidity: bigint
}

/** All that a pool's creation needs. */
export type PoolPlan = {
  readonly seed: PoolSeed
  /** In the pool's order; the zero address is the native currency. */
  readonly tokens: readonly [Address, Address]
  /** Constant-product reserves, in base units. */
  readonly reserves: readonly [bigint, bigint]
  readonly sqrtPriceX96: bigint
  readonly positions: readonly Position[]
}

/** Last tick of Uniswap V3 and V4 on either side. */
const tickMax = 887_272
/** Farthest that a venue's price stands from the table's, in 1/100 %. */
const skewMaxBps = 25

/** Plans every pool of `table`; the same seed gives the same plans. */
export function planPools(table: readonly PoolSeed[], seed: number): PoolPlan[] {
  return table.map((row, index) => planPool(row, createRng(seed + index)))
}

function planPool(seed: PoolSeed, rng: Rng): PoolPlan {
  const [side0, side1] = sortedSides(seed.pair)
  // Arbitrage pulls venues together until a fee is in the way, so a price strays by part of its fee.
  const skewBps = Math.min(skewMaxBps, 0.004 * seed.feePips) * (2 * rng.next() - 1)
  const price = (side0.usd / side1.usd) * (1 + skewBps / 10_000)
  const usd0 = price * side1.usd
  const half = seed.depthUsd / 2
  return {
    seed,
    tokens: [side0.address, side1.address],
    reserves: [BigInt(Math.floor(half / usd0)), BigInt(Math.floor(half / side1.usd))],
    sqrtPriceX96: BigInt(Math.floor(Math.sqrt(price) * 2 ** 96)),
    positions: planPositions(seed, { price, usd0, usd1: side1.usd }, rng),
  }
}

type Side = {
  readonly address: Address
  /** US dollars of one base unit. */
  readonly usd: number
}

/** `price` is base units of token 1 per base unit of token 0; `usd0 usd1` are dollars per base unit. */
type Market = { readonly price: number; readonly usd0: number; readonly usd1: number }

function sortedSides(pair: PoolSeed['pair']): [Side, Side] {
  const [a, b] = [sideOf(pair[0]), sideOf(pair[1])]
  return a.address < b.address ? [a, b] : [b, a]
}

function sideOf(symbol: LocalSymbol): Side {
  const { address, decimals } =
    symbol === 'ETH' ? { address: zeroAddress, decimals: 18 } : mainnetTokens[symbol]
  return { address, usd: usdPrices[symbol] / 10 ** decimals }
}

/** Shares of the depth over ranges as providers draw them: wide ones, many near the price, some aside. */
function planPositions(seed: PoolSeed, market: Market, rng: Rng): Position[] {
  const weights = Array.from({ length: seed.positions }, () => 0.2 + 1.6 * rng.next())
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight, index) => {
    const [lower, upper] = planRange(seed, market.price, index, rng)
    const liquidity = liquidityOf((seed.depthUsd * weight) / sum, lower, upper, market)
    return { lower, upper, liquidity }
  })
}

function planRange(seed: PoolSeed, price: number, index: number, rng: Rng): [number, number] {
  const { feePips, tickSpacing } = seed
  const snap = (tick: number) => Math.round(tick / tickSpacing) * tickSpacing
  const last = Math.floor(tickMax / tickSpacing) * tickSpacing
  // The dearer tiers have providers who never look: one position over all prices.
  if (index === 0 && feePips >= 3_000) return [-last, last]
  const [narrow, wide] = halfWidths(feePips)
  const halfWidth = Number(rng.logUniform(BigInt(narrow), BigInt(wide)))
  const aside = rng.next() < 0.2 ? 1.3 : 0.7
  const centre = Math.log(price) / Math.log(1.0001) + halfWidth * aside * (2 * rng.next() - 1)
  const lower = Math.max(-last, snap(centre - halfWidth))
  return [lower, Math.min(last, Math.max(lower + tickSpacing, snap(centre + halfWidth)))]
}

/** Narrowest and widest half of a range, in ticks of 1/100 %. */
function halfWidths(feePips: number): [number, number] {
  if (feePips <= 100) return [4, 120]
  if (feePips <= 500) return [120, 3_500]
  return feePips <= 3_000 ? [400, 9_000] : [1_500, 20_000]
}

/** Liquidity that `valueUsd` buys between two ticks, at least 1. */
function liquidityOf(valueUsd: number, lower: number, upper: number, market: Market): bigint {
  const [low, high] = [1.0001 ** (lower / 2), 1.0001 ** (upper / 2)]
  const at = Math.min(high, Math.max(low, Math.sqrt(market.price)))
  const usdPerUnit = (1 / at - 1 / high) * market.usd0 + (at - low) * market.usd1
  return BigInt(Math.max(1, Math.floor(valueUsd / usdPerUnit)))
}
