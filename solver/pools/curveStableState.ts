/** The state of a Curve StableSwap pool. */
import type { Amplification, StableRounding } from './math/stable.ts'
import type { PoolId, PoolStateBase } from './pool.ts'

/** Families of the contract, as docs/market.md spells them. */
export type CurveStableVariant = 'plain' | 'lending' | 'meta' | 'ng'

/** All names of {@link CurveStableVariant}. */
export const curveStableVariants: readonly CurveStableVariant[] = ['plain', 'lending', 'meta', 'ng']

/** A StableSwap pool of two to eight coins. Fees are in 10^-10. */
export type CurveStableState = PoolStateBase<'curveStable'> &
  Amplification & {
    readonly fee: bigint
    /** Base units that belong to the liquidity providers: without the fees that wait for the DAO. */
    readonly balances: readonly bigint[]
    /** Common units of 10^18 base units: 10^(36 - decimals), times what one wrapped token is worth. */
    readonly rates: readonly bigint[]
    /** Aave pools and StableSwapNG: how much dearer swaps are off the peg; at most 10^10 means not at all. */
    readonly offpegFeeMultiplier?: bigint | undefined
    /** The DAO's share of the fee; absent: unknown, and half of it is assumed. */
    readonly adminFee?: bigint | undefined
    /** The pool whose share token this one trades. */
    readonly basePool?: PoolId | undefined
    readonly variant?: CurveStableVariant | undefined
    /** The generation whose rounding the contract has; absent: what {@link roundingOf} assumes. */
    readonly rounding?: StableRounding | undefined
    /** True while A moves with time. */
    readonly ramping?: boolean | undefined
    /** True where balances move without an event. */
    readonly rebasing?: boolean | undefined
  }

/** The generation of `state`'s contract; where the state does not say, the usual one of its variant. */
export function roundingOf({
  rounding,
  variant,
  offpegFeeMultiplier,
}: CurveStableState): StableRounding {
  if (rounding !== undefined) return rounding
  if (variant === 'ng') return 'ng'
  if (variant !== 'lending') return 'classic'
  return offpegFeeMultiplier === undefined ? 'first' : 'aave'
}

/** Half of the fee goes to the DAO in nearly every pool, and always in those of the factories. */
const usualAdminFee = 5_000_000_000n

/** The DAO's share of `state`'s fee, 10^-10. */
export function adminFeeOf({ adminFee }: CurveStableState): bigint {
  return adminFee ?? usualAdminFee
}
