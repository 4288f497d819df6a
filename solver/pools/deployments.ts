/** The factories whose pools are trusted to run the published code; `chain/chains` names the same ones. */
import type { Address } from '../core/hex.ts'

/** A factory, what its pools are called, and the fee that their code fixes. */
export type Deployment = {
  readonly exchange: string
  readonly factory: Address
  /** Millionths; absent where each pool has its own. */
  readonly feePips?: number
}

/** Constant-product factories. */
export const v2Factories: readonly Deployment[] = [
  {
    exchange: 'uniswap_v2',
    factory: '0x5c69bee701ef814a2b6a3edd4b1652cb9cc5aa6f',
    feePips: 3_000,
  },
  {
    exchange: 'sushiswap_v2',
    factory: '0xc0aee478e3658e2610c5f7a4a2e1777ce9e4f2ac',
    feePips: 3_000,
  },
]

/** Concentrated-liquidity factories. */
export const v3Factories: readonly Deployment[] = [
  { exchange: 'uniswap_v3', factory: '0x1f98431c8ad98523631ae4a59f267346ea31f984' },
]

/** The singleton that holds every Uniswap V4 pool, Ethereum mainnet. */
export const v4PoolManager: Deployment = {
  exchange: 'uniswap_v4',
  factory: '0x000000000004444c5dc75cb358380d2e3de08a90',
}
