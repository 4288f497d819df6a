/**
 * What a StableSwap pool's own views say of its share token, and what they say of swaps through a base pool.
 *
 * Views, so for comparisons and for search: `exchange` and `add_liquidity` round and charge a little otherwise.
 *
 * Sources: `calc_token_amount`, `calc_withdraw_one_coin`, `get_dy` and `get_dy_underlying` of
 * https://github.com/curvefi/curve-contract (pools/3pool, pools/rai).
 */
import { divDown, mulDivDown } from '../../core/rounding.ts'
import {
  type Amplification,
  balanceFor,
  commonUnits,
  feeUnit,
  invariantOf,
  rateUnit,
  type StableRounding,
  stableRules,
} from './stable.ts'

/** What the views read; balances in base units, rates in common units of 10^18 of them, the fee in 10^-10. */
export type StableBook = Amplification & {
  readonly balances: readonly bigint[]
  readonly rates: readonly bigint[]
  readonly fee: bigint
  readonly rounding: StableRounding
}

/** A book with its share token. */
export type StableShares = StableBook & { readonly totalSupply: bigint }

/**
 * `get_dy`: base units of coin `j` for `dx` of coin `i`.
 *
 * @param order - Whether the view takes its fee before or after it rounds to base units: `feeLast` in 3pool and
 *   older pools, which may differ from their own `exchange` by one unit; `feeFirst` later.
 * @returns `undefined` where the view reverts.
 */
export function dyOf(
  book: StableBook,
  [i, j]: readonly [number, number],
  dx: bigint,
  order: 'feeFirst' | 'feeLast',
): bigint | undefined {
  const xp = commonUnits(book.balances, book.rates)
  if (xp === undefined) return undefined
  const x = (xp[i] ?? 0n) + mulDivDown(dx, book.rates[i] ?? 0n, rateUnit)
  const dy = movedOn(book, xp, [i, j], x)
  if (dy === undefined) return undefined
  const rate = book.rates[j] ?? 0n
  if (order === 'feeFirst') return mulDivDown(afterFee(book, dy), rateUnit, rate)
  return afterFee(book, mulDivDown(dy, rateUnit, rate))
}

/** Common units of coin `j` that leave the curve when coin `i` holds `x`; `undefined` where the contract reverts. */
function movedOn(
  book: StableBook,
  xp: readonly bigint[],
  [i, j]: readonly [number, number],
  x: bigint,
): bigint | undefined {
  const D = invariantOf(xp, book, book.rounding)
  const y = D === undefined ? undefined : balanceFor(xp.with(i, x), j, D, book)
  if (y === undefined) return undefined
  const dy = (xp[j] ?? 0n) - y - stableRules[book.rounding].gap
  return dy < 0n ? undefined : dy
}

function afterFee({ fee }: StableBook, amount: bigint): bigint {
  return amount - mulDivDown(fee, amount, feeUnit)
}

/**
 * `calc_token_amount` of a deposit: shares for `amounts`, without the fee that a deposit pays.
 *
 * @returns `undefined` where the view reverts.
 */
export function sharesFor(book: StableShares, amounts: readonly bigint[]): bigint | undefined {
  const before = invariantOfBalances(book, book.balances)
  const after = invariantOfBalances(
    book,
    book.balances.map((balance, at) => balance + (amounts[at] ?? 0n)),
  )
  if (before === undefined || after === undefined || before === 0n || after < before)
    return undefined
  return mulDivDown(after - before, book.totalSupply, before)
}

function invariantOfBalances(book: StableBook, balances: readonly bigint[]): bigint | undefined {
  const xp = commonUnits(balances, book.rates)
  return xp === undefined ? undefined : invariantOf(xp, book, book.rounding)
}

/**
 * `calc_withdraw_one_coin`: base units of coin `i` for `shares`, at a constant fee.
 *
 * @returns `undefined` where the view reverts.
 */
export function withdrawalOf(book: StableShares, shares: bigint, i: number): bigint | undefined {
  const xp = commonUnits(book.balances, book.rates)
  const D0 = xp === undefined ? undefined : invariantOf(xp, book, book.rounding)
  if (xp === undefined || D0 === undefined || D0 === 0n || book.totalSupply === 0n) return undefined
  const D1 = D0 - mulDivDown(shares, D0, book.totalSupply)
  const y = D1 < 0n ? undefined : balanceFor(xp, i, D1, book)
  if (y === undefined) return undefined
  const n = BigInt(xp.length)
  const fee = mulDivDown(book.fee, n, 4n * (n - 1n))
  const reduced = xp.map((x, at) => {
    const ideal = mulDivDown(x, D1, D0)
    return x - mulDivDown(fee, at === i ? ideal - y : x - ideal, feeUnit)
  })
  const left = balanceFor(reduced, i, D1, book)
  const dy = left === undefined ? 0n : (reduced[i] ?? 0n) - left
  return dy < 1n ? undefined : mulDivDown(dy - 1n, rateUnit, book.rates[i] ?? 0n)
}

/** A meta pool, whose last coin is the share of `base`. */
export type StableMeta = { readonly meta: StableBook; readonly base: StableShares }

/**
 * `get_dy_underlying` of a meta pool: coins are the meta pool's own, then the base pool's.
 *
 * @param order - The order of the base pool's `get_dy`, for swaps between two of its coins.
 * @returns `undefined` where the view reverts.
 */
export function dyUnderlyingOf(
  { meta, base }: StableMeta,
  [i, j]: readonly [number, number],
  dx: bigint,
  order: 'feeFirst' | 'feeLast',
): bigint | undefined {
  const last = meta.balances.length - 1
  if (i >= last && j >= last) return dyOf(base, [i - last, j - last], dx, order)
  const xp = commonUnits(meta.balances, meta.rates)
  const added =
    i < last ? mulDivDown(dx, meta.rates[i] ?? 0n, rateUnit) : deposited(meta, base, i - last, dx)
  if (xp === undefined || added === undefined) return undefined
  const [metaI, metaJ] = [Math.min(i, last), Math.min(j, last)]
  const dy = movedOn(meta, xp, [metaI, metaJ], (xp[metaI] ?? 0n) + added)
  if (dy === undefined) return undefined
  const paid = mulDivDown(afterFee(meta, dy), rateUnit, meta.rates[metaJ] ?? 0n)
  return j < last ? paid : withdrawalOf(base, paid, j - last)
}

/** Common units of the base pool's shares for `dx` of its coin `at`, less about half its fee. */
function deposited(
  meta: StableBook,
  base: StableShares,
  at: number,
  dx: bigint,
): bigint | undefined {
  const amounts = base.balances.map((_, index) => (index === at ? dx : 0n))
  const shares = sharesFor(base, amounts)
  if (shares === undefined) return undefined
  const x = mulDivDown(shares, meta.rates.at(-1) ?? 0n, rateUnit)
  return x - divDown(x * base.fee, 2n * feeUnit)
}
