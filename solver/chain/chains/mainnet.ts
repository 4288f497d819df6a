/** Ethereum mainnet: the canonical addresses, as facts; `pools/deployments.ts` has the factories of every venue. */
import type { Address } from '../../core/hex.ts'

/** Contracts that every deployment of isoprice on this chain relies on. */
export const mainnet = {
  chainId: 1,
  wrappedNative: '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2',
  multicall3: '0xca11bde05977b3631167028862be2a173976ca11',
  permit2: '0x000000000022d473030f116ddee9f6b43ac78ba3',
  uniswapV2Factory: '0x5c69bee701ef814a2b6a3edd4b1652cb9cc5aa6f',
  uniswapV2Router: '0x7a250d5630b4cf539739df2c5dacb4c659f2488d',
  uniswapV3Factory: '0x1f98431c8ad98523631ae4a59f267346ea31f984',
  uniswapV3PositionManager: '0xc36442b4a4522e871399cd717abdd847ab11fe88',
  uniswapV3QuoterV2: '0x61ffe014ba17989e743c5f6cb21bf9697530b21e',
  uniswapV3SwapRouter02: '0x68b3465833fb72a70ecdf485e0e4c7bd8665fc45',
  uniswapV4PoolManager: '0x000000000004444c5dc75cb358380d2e3de08a90',
  uniswapV4Quoter: '0x52f0e24d1c21c8a0cb1e5a5dd6198556bd9e1203',
  uniswapV4StateView: '0x7ffe42c4a5deea5b0fec41c94c136cf115597227',
} as const satisfies Record<string, Address | number>

/** Tokens by their usual symbol; localnet puts look-alikes of them at these addresses. */
export const mainnetTokens = {
  WETH: { address: '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2', decimals: 18 },
  USDC: { address: '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48', decimals: 6 },
  USDT: { address: '0xdac17f958d2ee523a2206206994597c13d831ec7', decimals: 6 },
  DAI: { address: '0x6b175474e89094c44da98b954eedeac495271d0f', decimals: 18 },
  WBTC: { address: '0x2260fac5e5542a773aa44fbcfedf7c193bc2c599', decimals: 8 },
  stETH: { address: '0xae7ab96520de3a18e5e111b5eaab095312d7fe84', decimals: 18 },
  UNI: { address: '0x1f9840a85d5af5bf1d1762f925bdaddc4201f984', decimals: 18 },
  LINK: { address: '0x514910771af9ca656af840dff83e8264ecf986ca', decimals: 18 },
  CRV: { address: '0xd533a949740bb3306d119cc777fa900ba034cd52', decimals: 18 },
  PEPE: { address: '0x6982508145454ce325ddbe47a25d4ec3d2311933', decimals: 18 },
  SHIB: { address: '0x95ad61b0a150d79219dcf64e1e6cc01f0b64c4ce', decimals: 18 },
} as const satisfies Record<string, { address: Address; decimals: number }>
