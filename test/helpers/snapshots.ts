/** Snapshot files before they are text: valid ones, and one change away from it. */
import { zeroAddress } from '../../solver/core/hex.ts'
import { poolA, tokenA, tokenB } from './pools.ts'

/** A file or pool before it is known to be valid. */
export type Draft = Record<string, unknown>

/** A third token, above the two of `pools.ts`. */
export const tokenC = '0x00000000000000000000000000000000000000c0'
/** Ids of the pools below. */
export const v3Id = '0x00000000000000000000000000000000000000e3'
export const v4Id = `0x${'4'.repeat(64)}`

/** One valid pool of each kind, as a file writes it. */
export const v2 = {
  kind: 'uniswapV2',
  id: poolA,
  tokens: [tokenA, tokenB],
  reserves: ['7', '9'],
  feePips: '3000',
}
export const v3 = {
  kind: 'uniswapV3',
  id: v3Id,
  tokens: [tokenA, tokenB],
  feePips: '500',
  tickSpacing: '10',
  sqrtPriceX96: String(2n ** 96n),
  tick: '0',
  liquidity: '5',
  ticks: [
    ['-20', '2'],
    ['-10', '3'],
    ['10', '-5'],
  ],
}
export const v4 = {
  ...v3,
  kind: 'uniswapV4',
  id: v4Id,
  poolKey: {
    currency0: tokenA,
    currency1: tokenB,
    fee: '500',
    tickSpacing: '10',
    hooks: zeroAddress,
  },
  hooks: zeroAddress,
  protocolFee: '0',
}
export const weighted = {
  kind: 'balancerWeighted',
  id: '0x00000000000000000000000000000000000000e5',
  tokens: [tokenA, tokenB, tokenC],
  balances: ['1', '2', '3'],
  weights: ['500000000000000000', '300000000000000000', '200000000000000000'],
  swapFee: '3000000000000000',
}
export const stable = {
  kind: 'balancerStable',
  id: '0x00000000000000000000000000000000000000e6',
  tokens: [tokenC, tokenA],
  amp: '1000',
  balances: ['1', '2'],
  scalingFactors: ['1', '1'],
  swapFee: '0',
}

/** A valid file, field by field as `over` says. */
export function aFile(over: Draft = {}): Draft {
  const token = (address: string) => ({ address, symbol: 'T', decimals: '18' })
  return {
    format: 'isoprice-market/1',
    chainId: '1',
    block: {},
    gasPrice: '1000000000',
    tokens: [tokenA, tokenB, tokenC].map(token),
    pools: [],
    ...over,
  }
}

/** A valid file with `pool` alone, changed as `over` says. */
export const withPool = (pool: Draft, over: Draft = {}) => aFile({ pools: [{ ...pool, ...over }] })
/** The same JSON with the keys of every object sorted. */
export function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, each]) => [key, canonical(each)]))
}
