/**
 * Balancer V3's vault and the factories on Ethereum mainnet whose pools are trusted to run the published code.
 *
 * Source: https://github.com/balancer/balancer-deployments, v3/tasks and v3/deprecated, output/mainnet.json
 */
import type { Address } from '../core/hex.ts'

/** A factory whose pools live in the vault. */
export type BalancerV3Factory = { readonly exchange: string; readonly factory: Address }

/** The vault that holds all pools, at one address on every chain. */
export const balancerV3Vault: Address = '0xba1333333333a1ba1108e8412f11850a5c319ba9'

/** Weighted pools of the first (2024-12-05) and second (2026-01-15) version. */
export const balancerV3WeightedFactories: readonly BalancerV3Factory[] = [
  { exchange: 'balancer_v3', factory: '0x201efd508c8dfe9de1a13c2452863a78cb2a86cc' },
  { exchange: 'balancer_v3', factory: '0x332694ef46d880df6ea9593e04cb8abee5f81d99' },
]

/** Stable pools of the first, second and third version, and those with the StableSurge hook, in three versions too. */
export const balancerV3StableFactories: readonly BalancerV3Factory[] = [
  { exchange: 'balancer_v3', factory: '0xb9d01ca61b9c181da1051bfdd28e1097e920ab14' },
  { exchange: 'balancer_v3', factory: '0xe42c2e153bb0a8899b59c73f5ff941f9742f1197' },
  { exchange: 'balancer_v3', factory: '0x4efcd8bce8ac9b94bd76648e2c85bef6c40f3228' },
  { exchange: 'balancer_v3', factory: '0xd53f5d8d926fb2a0f7be614b16e649b8ac102d83' },
  { exchange: 'balancer_v3', factory: '0x355bd33f0033066bb3de396a6d069be57353ad95' },
  { exchange: 'balancer_v3', factory: '0x187a05fb9e4234dd310ae74215743560d1baa6ac' },
]
