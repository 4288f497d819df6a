/**
 * The StableSwap invariant in the contracts' own integers: D of a set of balances, and one balance from D.
 *
 * A * n^n * sum(x) + D = A * D * n^n + D^(n+1) / (n^n * prod(x)), after M. Egorov, "StableSwap" (2019). The
 * generations of contracts differ in where they round and in what makes them revert; {@link stableRules} lists it.
 *
 * Sources: https://github.com/curvefi/curve-contract (pools/susd, pools/aave, pools/3pool, pool-templates),
 * https://github.com/curvefi/curve-factory (implementations), https://github.com/curvefi/stableswap-ng.
 */
import { divDown, min, mulDivDown } from '../../core/rounding.ts'

/** `A` times `aPrecision`, as the invariant uses it: precision 1 in the oldest pools, 100 since. */
export type Amplification = { readonly A: bigint; readonly aPrecision: bigint }

/**
 * Generations of the contract: `first` (Compound, USDT, y, BUSD, PAX, sUSD), `aave` (aTokens), `classic` (3pool,
 * Ren and most since), `ema` (factory pools with a price oracle, and crvUSD's), `ng` (StableSwapNG).
 */
export type StableRounding = 'first' | 'aave' | 'classic' | 'ema' | 'ng'

type StableRules = {
  /** Divisor of D for each coin: x * n + 1, x * n, or x with n^n at the end. */
  readonly divisor: 'plusOne' | 'perCoin' | 'atEnd'
  /** Common units that a swap leaves in the pool against its own rounding. */
  readonly gap: bigint
  /** Balances after a swap: by the amounts moved, or computed back from the common units. */
  readonly books: 'moved' | 'scaled'
  /** A price oracle is updated in the swap and makes it revert where it cannot: none, any price, prices up to 2. */
  readonly oracle: 'none' | 'open' | 'capped'
}

/** What each generation does. */
export const stableRules: Readonly<Record<StableRounding, StableRules>> = {
  first: { divisor: 'plusOne', gap: 0n, books: 'scaled', oracle: 'none' },
  aave: { divisor: 'plusOne', gap: 0n, books: 'moved', oracle: 'none' },
  classic: { divisor: 'perCoin', gap: 1n, books: 'moved', oracle: 'none' },
  ema: { divisor: 'atEnd', gap: 1n, books: 'moved', oracle: 'open' },
  ng: { divisor: 'atEnd', gap: 1n, books: 'moved', oracle: 'capped' },
}

/** Denominator of rates. */
export const rateUnit = 10n ** 18n
/** Denominator of fees: a fee of 4,000,000 is 4 bps. */
export const feeUnit = 10n ** 10n

/** What a contract's checked arithmetic can hold. */
export const wordMax = 2n ** 256n - 1n
/** What the packed oracles can hold. */
const halfWordMax = 2n ** 128n - 1n
/** Newton steps that the contracts allow. */
const stepsMax = 255
/** Largest spot price that StableSwapNG's oracle records, 10^-18. */
const spotMax = 2n * rateUnit

/** Balances in common units, `balance * rate / 10^18` rounded down; `undefined` where the contract overflows. */
export function commonUnits(
  balances: readonly bigint[],
  rates: readonly bigint[],
): readonly bigint[] | undefined {
  const products = balances.map((balance, at) => balance * (rates[at] ?? 0n))
  if (products.some((product) => product > wordMax)) return undefined
  return products.map((product) => divDown(product, rateUnit))
}

/**
 * D of balances `xp` (common units).
 *
 * @returns `undefined` where the contract reverts: an empty side (but for the two oldest generations), an overflow.
 */
export function invariantOf(
  xp: readonly bigint[],
  { A, aPrecision }: Amplification,
  rounding: StableRounding,
): bigint | undefined {
  const { divisor } = stableRules[rounding]
  const n = BigInt(xp.length)
  const S = xp.reduce((sum, x) => sum + x, 0n)
  if (S === 0n) return 0n
  if (divisor !== 'plusOne' && xp.includes(0n)) return undefined
  const Ann = A * n
  if (Ann < aPrecision || Ann * S > wordMax) return undefined
  const AnnS = divDown(Ann * S, aPrecision)
  const divisors = xp.map((x) =>
    divisor === 'atEnd' ? x : x * n + (divisor === 'plusOne' ? 1n : 0n),
  )
  const last = divisor === 'atEnd' ? n ** n : 1n
  let D = S
  for (let step = 0; step < stepsMax; step += 1) {
    let product = D
    for (const each of divisors) {
      if (product * D > wordMax) return undefined
      product = mulDivDown(product, D, each)
    }
    product = divDown(product, last)
    const before = D
    const rise = (AnnS + product * n) * D
    if (rise > wordMax) return undefined
    D = divDown(rise, divDown((Ann - aPrecision) * D, aPrecision) + (n + 1n) * product)
    if (isNear(D, before)) return D
  }
  return aPrecision === 1n ? D : undefined
}

/**
 * The balance at `index` (common units) that makes the invariant of `xp` equal `D`; `xp[index]` itself is not used.
 *
 * @returns `undefined` where the contract reverts.
 */
export function balanceFor(
  xp: readonly bigint[],
  index: number,
  D: bigint,
  { A, aPrecision }: Amplification,
): bigint | undefined {
  const n = BigInt(xp.length)
  const Ann = A * n
  let c = D
  let S = 0n
  for (const [at, x] of xp.entries()) {
    if (at === index) continue
    S += x
    if (x === 0n || x * n > wordMax || c * D > wordMax) return undefined
    c = mulDivDown(c, D, x * n)
  }
  if (Ann === 0n || c * D * aPrecision > wordMax || D * aPrecision > wordMax) return undefined
  c = mulDivDown(c, D * aPrecision, Ann * n)
  const b = S + mulDivDown(D, aPrecision, Ann)
  let y = D
  for (let step = 0; step < stepsMax; step += 1) {
    const before = y
    const divisor = 2n * y + b - D
    if (divisor <= 0n || 2n * y + b > wordMax || y * y + c > wordMax) return undefined
    y = divDown(y * y + c, divisor)
    if (isNear(y, before)) return y
  }
  return aPrecision === 1n ? y : undefined
}

function isNear(one: bigint, other: bigint): boolean {
  const gap = one - other
  return gap <= 1n && gap >= -1n
}

/**
 * The fee of a swap between coins that hold `one` and `other` on average (common units): dearer off the peg.
 *
 * @param multiplier - `undefined` where the pool has none.
 * @returns In 10^-10; `undefined` where the contract reverts.
 */
export function feeBetween(
  fee: bigint,
  multiplier: bigint | undefined,
  one: bigint,
  other: bigint,
): bigint | undefined {
  if (multiplier === undefined || multiplier <= feeUnit) return fee
  const square = (one + other) ** 2n
  const product = (multiplier - feeUnit) * 4n * one
  if (square === 0n || square > wordMax || product * other > wordMax) return undefined
  return divDown(multiplier * fee, mulDivDown(product, other, square) + feeUnit)
}

/** True where the contract can record the prices of balances `xp` (common units) after a swap, and so lets it be. */
export function oracleTakes(
  xp: readonly bigint[],
  D: bigint,
  { A, aPrecision }: Amplification,
  rounding: StableRounding,
): boolean {
  const { oracle } = stableRules[rounding]
  if (oracle === 'none') return true
  const n = BigInt(xp.length)
  let Dr = divDown(D, n ** n)
  for (const x of xp) {
    if (x === 0n || Dr * D > wordMax) return false
    Dr = mulDivDown(Dr, D, x)
  }
  const [first = 0n, ...others] = xp
  if (A * n * first > wordMax || Dr * first > wordMax) return false
  const weight = divDown(A * n * first, aPrecision)
  if (weight + Dr === 0n) return false
  for (const x of others) {
    const above = rateUnit * (weight + mulDivDown(Dr, first, x))
    if (above > wordMax) return false
    const spot = divDown(above, weight + Dr)
    if ((oracle === 'capped' ? min(spot, spotMax) : spot) > halfWordMax) return false
  }
  return oracle === 'open' || D <= halfWordMax
}
