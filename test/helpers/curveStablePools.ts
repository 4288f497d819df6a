/** StableSwap pools for tests, and ABI words. */
import type { Hex } from '../../solver/core/hex.ts'
import type { CurveStableState } from '../../solver/pools/curveStable.ts'
import { toPoolId } from '../../solver/pools/pool.ts'

/** The pool's address. */
export const id = toPoolId(`0x${'c5'.repeat(20)}`)
export const dai = '0x6b175474e89094c44da98b954eedeac495271d0f'
export const usdc = '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48'
export const usdt = '0xdac17f958d2ee523a2206206994597c13d831ec7'
/** Another pool. */
export const base = toPoolId(`0x${'ba'.repeat(20)}`)
export const wad = 10n ** 18n
/** Half of a fee, 10^-10. */
export const half = 5n * 10n ** 9n
/** One ABI word without 0x. */
export const word = (value: bigint) => value.toString(16).padStart(64, '0')
/** ABI words. */
export const words = (...values: readonly bigint[]): Hex => `0x${values.map(word).join('')}`

/** Like 3pool. */
export const tripool: CurveStableState = {
  kind: 'curveStable',
  id,
  tokens: [dai, usdc, usdt],
  A: 2_000n,
  aPrecision: 1n,
  fee: 1_000_000n,
  adminFee: half,
  balances: [95n * 10n ** 24n, 104n * 10n ** 12n, 102n * 10n ** 12n],
  rates: [wad, 10n ** 30n, 10n ** 30n],
  variant: 'plain',
  rounding: 'classic',
}
/** The same as StableSwapNG. */
export const ng: CurveStableState = {
  ...tripool,
  aPrecision: 100n,
  A: 20_000n,
  offpegFeeMultiplier: 5n * 10n ** 10n,
  variant: 'ng',
  rounding: 'ng',
}
