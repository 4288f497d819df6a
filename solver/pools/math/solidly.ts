/**
 * The arithmetic of Solidly pairs: `x y` kept by volatile ones, `x³y + y³x` by stable ones, with the contracts'
 * roundings. Stable pairs scale both sides to 18 digits first; k is the letter of the contracts.
 *
 * Sources: Pool.sol of Velodrome V2 and Aerodrome, `_k`, `_f`, `_d`, `_get_y`, `_getAmountOut`,
 * https://github.com/aerodrome-finance/contracts/blob/main/contracts/Pool.sol; BaseV1-core.sol of Solidly,
 * https://github.com/solidlyexchange/solidly/blob/master/contracts/BaseV1-core.sol
 */
import { divDown, divUp, max } from '../../core/rounding.ts'

const wad = 10n ** 18n
const wordMax = 2n ** 256n - 1n
/** Rounds of Newton's method before the contract gives up. */
const roundsMax = 255

/** `amount` base units of a token of `unit` base units, scaled to 18 digits, rounded down as the contract does. */
export function scaled(amount: bigint, unit: bigint): bigint {
  return divDown(amount * wad, unit)
}

/** k of a stable pair at scaled balances; rounded down four times, as the contract does. */
export function stableK(x: bigint, y: bigint): bigint {
  const a = divDown(x * y, wad)
  const b = divDown(x * x, wad) + divDown(y * y, wad)
  return divDown(a * b, wad)
}

/** The derivative of k by `y`, as the contract rounds it. */
export function stableSlope(x: bigint, y: bigint): bigint {
  return divDown(3n * x * divDown(y * y, wad), wad) + divDown(divDown(x * x, wad) * x, wad)
}

/**
 * The least balance of one token, base units, at which a stable pair's k is at least `k`.
 *
 * @param other - Scaled balance of the other token, above 0.
 * @param from - Scaled balance to start from, above 0.
 * @param unit - Base units of one whole token: 10^decimals.
 */
export function leastStable(other: bigint, k: bigint, from: bigint, unit: bigint): bigint {
  const suffices = (balance: bigint) => stableK(other, scaled(balance, unit)) >= k
  const near = max(1n, divUp(approach(other, k, from) * unit, wad))
  // Newton ends within a few units; the bounds then part by doubling, so that any start would do.
  let step = 1n
  if (suffices(near)) {
    let [low, high] = [near - 1n, near]
    while (low > 0n && suffices(low)) [low, high, step] = [max(0n, low - step), low, 2n * step]
    return bisect(low, high, suffices)
  }
  let [low, high] = [near, near + 1n]
  while (!suffices(high)) [low, high, step] = [high, high + step, 2n * step]
  return bisect(low, high, suffices)
}

/** The least in `(low, high]` that suffices; `high` does, and `low` does not or is 0. */
function bisect(low: bigint, high: bigint, suffices: (balance: bigint) => boolean): bigint {
  let [below, enough] = [low, high]
  while (enough - below > 1n) {
    const middle = (below + enough) >> 1n
    if (suffices(middle)) enough = middle
    else below = middle
  }
  return enough
}

/** Newton's method from `from`, without the contract's care at the end. */
function approach(other: bigint, k: bigint, from: bigint): bigint {
  let y = from
  for (let round = 0; round < roundsMax; round += 1) {
    const slope = stableSlope(other, y)
    if (slope === 0n) return y
    const miss = k - stableK(other, y)
    const change = divDown((miss < 0n ? -miss : miss) * wad, slope)
    if (change === 0n) return y
    y = miss < 0n ? max(1n, y - change) : y + change
  }
  return y
}

/** Which contract's loop: `v1` is Solidly's and Velodrome V1's, `v2` Velodrome V2's and Aerodrome's. */
export type SolidlyVariant = 'v1' | 'v2'

/** What `_get_y` is told besides the balances: the pair's own scales, which `v2` mixes up (see below). */
export type SolidlyUnits = readonly [unit0: bigint, unit1: bigint]

/**
 * The contract's `_get_y`: a balance `y` at which k is about `xy`; `undefined` where it reverts.
 *
 * @param x - Scaled balance of the token that came in, after the swap.
 * @param xy - k to be kept.
 * @param from - Scaled balance of the other token before.
 */
export function getY(
  variant: SolidlyVariant,
  { x, xy, from, units }: GetYInput,
): bigint | undefined {
  return variant === 'v2' ? getY2(x, xy, from, units) : getY1(x, xy, from)
}

/** Arguments of {@link getY}. */
export type GetYInput = {
  readonly x: bigint
  readonly xy: bigint
  readonly from: bigint
  readonly units: SolidlyUnits
}

/**
 * The contract's own `getAmountOut` of a stable pair, after the fee; `undefined` where it reverts.
 *
 * @param amountIn - Base units of token `indexIn` without the fee.
 */
export function stableAmountOut(
  variant: SolidlyVariant,
  reserves: readonly [bigint, bigint],
  units: SolidlyUnits,
  indexIn: 0 | 1,
  amountIn: bigint,
): bigint | undefined {
  const balances = [scaled(reserves[0], units[0]), scaled(reserves[1], units[1])] as const
  const xy = stableK(...balances)
  const indexOut = indexIn === 0 ? 1 : 0
  const x = balances[indexIn] + scaled(amountIn, units[indexIn])
  const y = getY(variant, { x, xy, from: balances[indexOut], units })
  if (y === undefined || y > balances[indexOut]) return undefined
  return divDown((balances[indexOut] - y) * units[indexOut], wad)
}

function getY2(x: bigint, xy: bigint, from: bigint, [unit0, unit1]: SolidlyUnits) {
  let y = from
  for (let round = 0; round < roundsMax; round += 1) {
    if (overflows(x, y)) return undefined
    const k = stableK(x, y)
    const slope = stableSlope(x, y)
    const miss = (k < xy ? xy - k : k - xy) * wad
    if (slope === 0n || miss > wordMax) return undefined
    let change = divDown(miss, slope)
    if (change === 0n) {
      if (k === xy) return y
      if (k < xy) {
        // The contract scales the scaled balances once more here, so that this nearly always holds below 18 digits.
        const [again0, again1] = [scaled(x, unit0), scaled(y + 1n, unit1)]
        if (overflows(again0, again1)) return undefined
        if (stableK(again0, again1) > xy) return y + 1n
      } else if (stableK(x, y - 1n) < xy) return y
      change = 1n
    }
    y = k < xy ? y + change : y - change
    if (y < 0n) return undefined
  }
  return undefined
}

/** True where a product within k or its slope does not fit 256 bits: the contract reverts. */
function overflows(x: bigint, y: bigint): boolean {
  const [xx, yy] = [divDown(x * x, wad), divDown(y * y, wad)]
  const products = [x * x, y * y, x * y, divDown(x * y, wad) * (xx + yy), 3n * x * yy, xx * x]
  return products.some((product) => product > wordMax)
}

function getY1(x: bigint, xy: bigint, from: bigint): bigint | undefined {
  let y = from
  for (let round = 0; round < roundsMax; round += 1) {
    const before = y
    const k = looseK(x, y)
    const slope = stableSlope(x, y)
    if (slope === 0n) return undefined
    y = k < xy ? y + divDown((xy - k) * wad, slope) : y - divDown((k - xy) * wad, slope)
    if (y < 0n) return undefined
    if (y - before <= 1n && before - y <= 1n) return y
  }
  return y
}

/** Solidly's `_f`: k rounded in another order, inside the loop alone. */
export function looseK(x: bigint, y: bigint): bigint {
  const cubed = (z: bigint) => divDown(divDown(z * z, wad) * z, wad)
  return divDown(x * cubed(y), wad) + divDown(cubed(x) * y, wad)
}
