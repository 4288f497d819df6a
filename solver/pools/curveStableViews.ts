/** The views of StableSwap pools and of what they depend on: their calls, and how their answers read. */
import type { Call } from '../chain/block.ts'
import { type Address, type Hex, zeroAddress } from '../core/hex.ts'
import { toWord, wordAt } from './logWords.ts'

/** Return data of calls in their order; `undefined` where one reverted. */
export type Answers = readonly (Hex | undefined)[]

/** Selectors of the views, by name; `Int` marks the form of the oldest pools, which index by int128. */
const selectors = {
  A: '0xf446c1d0',
  A_precise: '0x76a2f0f0',
  fee: '0xddca3f43',
  admin_fee: '0xfee3f7f9',
  future_A: '0xb4b577ad',
  future_A_time: '0x14052288',
  offpeg_fee_multiplier: '0x8edfdd5f',
  ma_exp_time: '0x1be913a5',
  stored_rates: '0xfd0684b1',
  base_pool: '0x5d6362bb',
  base_virtual_price: '0x95ccc02f',
  redemption_price_snap: '0x85cab755',
  gamma: '0xb1373929',
  get_virtual_price: '0xbb7b8b80',
  snappedRedemptionPrice: '0x6998c48d',
  coins: '0xc6610657',
  coinsInt: '0x23746eb8',
  balances: '0x4903b0d1',
  balancesInt: '0x065a80d8',
  underlying_coins: '0xb9947eb0',
  underlying_coinsInt: '0xb739953e',
  decimals: '0x313ce567',
  exchangeRateCurrent: '0xbd6d894d',
  getPricePerFullShare: '0x77c7b8fc',
  get_dy: '0x5e0d443f',
  get_base_pool: '0x6f20d6dd',
  get_pool_asset_types: '0xa80f2464',
} as const satisfies Readonly<Record<string, Hex>>

/** The name of a view. */
export type View = keyof typeof selectors

/** Coins of the largest pool that the newest factory makes. */
export const coinsMax = 8
/** How Curve writes the native currency. */
export const nativeMark = '0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee'

/** The call of a view with integer arguments. */
export function view(target: Address, name: View, ...words: readonly bigint[]): Call {
  return { target, value: 0n, data: `${selectors[name]}${words.map(toWord).join('')}` }
}

/** The answers of the form that the pool knows, up to the first that it refuses. */
export function either(one: Answers, other: Answers): readonly Hex[] {
  const answers = one[0] === undefined ? other : one
  const end = answers.indexOf(undefined)
  return answers.slice(0, end < 0 ? answers.length : end).flatMap((each) => each ?? [])
}

/** A coin as states name it. */
export function tokenOf(coin: Address): Address {
  return coin === nativeMark ? zeroAddress : coin
}

/** A number of decimals, as far as one can be. */
export function digits(answer: Hex | undefined): bigint | undefined {
  const value = answer === undefined ? undefined : wordAt(answer, 0)
  return value !== undefined && value <= 36n ? value : undefined
}

/** `10^(whole - decimals)`. */
export function unitOf(decimals: bigint | undefined, whole: bigint): bigint | undefined {
  return decimals === undefined || decimals > whole ? undefined : 10n ** (whole - decimals)
}

/** Rates in either form: a list with its length, or an array of the pool's size. */
export function ratesOf(answer: Hex, count: number): readonly bigint[] {
  const list = listOf(answer)
  if (list.length === count) return list
  return Array.from({ length: count }, (_, at) => wordAt(answer, at))
}

/** A dynamic list of words; empty when the answer has another form. */
export function listOf(answer: Hex): readonly bigint[] {
  const length = wordAt(answer, 1)
  if (wordAt(answer, 0) !== 32n || length > BigInt(coinsMax)) return []
  return Array.from({ length: coinsMax }, (_, at) => wordAt(answer, 2 + at)).filter(
    (_, at) => BigInt(at) < length,
  )
}
