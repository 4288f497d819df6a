/** The local chain's market: one seed, one table. Depths and prices are those of an ordinary mainnet day. */
import type { mainnetTokens } from '../chain/chains/mainnet.ts'

/** A token of the local chain by its usual symbol; `ETH` is the native currency. */
export type LocalSymbol = keyof typeof mainnetTokens | 'ETH'

/** One row: a pool, how deep it is, and how its liquidity is cut up. */
export type PoolSeed = {
  readonly kind: 'uniswapV2' | 'uniswapV3' | 'uniswapV4'
  readonly pair: readonly [LocalSymbol, LocalSymbol]
  /** Both sides together, in US dollars. */
  readonly depthUsd: number
  /** Millionths. */
  readonly feePips: number
  readonly tickSpacing: number
  /** 0 for a constant-product pair. */
  readonly positions: number
}

/** Seed of every random choice: prices around the table's, position ranges and sizes. */
export const defaultSeed = 20_260_101

/** Wei per gas unit of the head after the set-up. */
export const startBaseFee = 2n * 10n ** 9n

/** US dollars for one whole token. */
export const usdPrices: Readonly<Record<LocalSymbol, number>> = {
  ETH: 3_000,
  WETH: 3_000,
  USDC: 1,
  USDT: 0.9998,
  DAI: 1.0001,
  WBTC: 60_150,
  stETH: 2_998,
  UNI: 7.6,
  LINK: 14.2,
  CRV: 0.41,
  PEPE: 0.0000093,
  SHIB: 0.0000171,
}

/** Tick spacings that Uniswap V3's factory gives to its fees. */
const spacings: Readonly<Record<number, number>> = { 100: 1, 500: 10, 3_000: 60, 10_000: 200 }

/**
 * Every pool of the local chain. stETH has none: on mainnet it trades on Curve, and a pair of a rebasing token
 * takes in a wei less than was sent.
 */
export const poolSeeds: readonly PoolSeed[] = [
  v2('USDC', 'WETH', 60e6),
  v2('WETH', 'USDT', 45e6),
  v2('DAI', 'WETH', 12e6),
  v2('WBTC', 'WETH', 9e6),
  v2('UNI', 'WETH', 4e6),
  v2('LINK', 'WETH', 5e6),
  v2('CRV', 'WETH', 1.2e6),
  v2('PEPE', 'WETH', 18e6),
  v2('SHIB', 'WETH', 11e6),
  v2('USDC', 'USDT', 2e6),
  v3('USDC', 'WETH', 150e6, 500, 40),
  v3('USDC', 'WETH', 80e6, 3_000, 32),
  v3('USDC', 'WETH', 4e6, 10_000, 12),
  v3('WETH', 'USDT', 35e6, 500, 26),
  v3('WETH', 'USDT', 55e6, 3_000, 24),
  v3('WBTC', 'WETH', 65e6, 500, 28),
  v3('WBTC', 'WETH', 90e6, 3_000, 24),
  v3('DAI', 'WETH', 5e6, 500, 12),
  v3('DAI', 'WETH', 10e6, 3_000, 16),
  v3('WBTC', 'USDC', 6e6, 3_000, 16),
  v3('USDC', 'USDT', 30e6, 100, 14),
  v3('DAI', 'USDC', 25e6, 100, 12),
  v3('UNI', 'WETH', 9e6, 3_000, 20),
  v3('LINK', 'WETH', 14e6, 3_000, 20),
  v3('LINK', 'WETH', 1.5e6, 10_000, 10),
  v3('CRV', 'WETH', 1.1e6, 3_000, 10),
  v3('PEPE', 'WETH', 10e6, 3_000, 18),
  v3('PEPE', 'WETH', 3e6, 10_000, 10),
  v3('SHIB', 'WETH', 2.5e6, 10_000, 10),
  v4('ETH', 'USDC', 50e6, 500, 10, 28),
  v4('ETH', 'USDC', 20e6, 3_000, 60, 16),
  v4('ETH', 'USDT', 22e6, 500, 10, 20),
  v4('ETH', 'WBTC', 14e6, 3_000, 60, 14),
  v4('WETH', 'USDC', 3e6, 500, 10, 10),
  v4('WBTC', 'USDC', 5e6, 3_000, 60, 12),
  v4('USDC', 'USDT', 12e6, 10, 1, 10),
  v4('UNI', 'ETH', 2.5e6, 3_000, 60, 10),
  v4('LINK', 'ETH', 2.2e6, 3_000, 60, 10),
]

function v2(a: LocalSymbol, b: LocalSymbol, depthUsd: number): PoolSeed {
  return { kind: 'uniswapV2', pair: [a, b], depthUsd, feePips: 3_000, tickSpacing: 0, positions: 0 }
}

function v3(
  a: LocalSymbol,
  b: LocalSymbol,
  depthUsd: number,
  feePips: number,
  positions: number,
): PoolSeed {
  const tickSpacing = spacings[feePips] ?? 0
  return { kind: 'uniswapV3', pair: [a, b], depthUsd, feePips, tickSpacing, positions }
}

function v4(
  a: LocalSymbol,
  b: LocalSymbol,
  depthUsd: number,
  feePips: number,
  tickSpacing: number,
  positions: number,
): PoolSeed {
  return { kind: 'uniswapV4', pair: [a, b], depthUsd, feePips, tickSpacing, positions }
}
