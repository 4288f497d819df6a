/** What the pools of Balancer V3's vault share: the part of their state that the vault keeps. */
import type { Address } from '../core/hex.ts'
import type { PoolStateBase } from './pool.ts'

/**
 * What the vault asks of a token: `plain` has no rate, `rate` has a rate provider, `yield` has one and pays the
 * protocol a share of its growth.
 */
export type BalancerV3TokenKind = 'plain' | 'rate' | 'yield'

/** A pool in the vault. Lists are in the order of `tokens`; shares and rates are in 10^-18. */
export type BalancerV3State<kind extends string = string> = PoolStateBase<kind> & {
  /** Base units that the vault keeps for the pool, within uint128. All 0 before the pool is initialised. */
  readonly balances: readonly bigint[]
  /** 10^(18 - decimals) of each token. */
  readonly scalingFactors: readonly bigint[]
  readonly tokenKinds: readonly BalancerV3TokenKind[]
  /** What the rate providers said; 10^18 for `plain` tokens. */
  readonly rates: readonly bigint[]
  /** Scaled balances of `yield` tokens when the vault last charged them; 0 for the others. */
  readonly lastLive: readonly bigint[]
  /** Static swap fee, charged on the input. */
  readonly swapFee: bigint
  /** Share of the swap fee that leaves the pool: protocol and pool creator. 0 in recovery mode. */
  readonly aggregateSwapFee: bigint
  /** Share of the growth of `yield` tokens that leaves the pool. 0 in recovery mode. */
  readonly aggregateYieldFee: bigint
  /** True while the pool or the whole vault refuses swaps. */
  readonly paused: boolean
  /** The hook contract, where it acts on swaps: such a pool is refused. */
  readonly hooks?: Address | undefined
}
