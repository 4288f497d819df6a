/**
 * The StableSwap curve in floating point, for search: what a swap moves, without loss of digits for small ones.
 *
 * With d = y0 - y1 the invariant before and after a swap of u common units gives
 * d^2 - (p + u) d + u (y0 + c / (x0 + u)) = 0, where p = 2 y0 + b - D and c = y0 (p - y0), so nothing of the size
 * of the pool is subtracted from anything of its size. p is taken from the exact integers.
 */
import type { Amplification } from './stable.ts'

/** One direction of a pool at its current balances; sizes in common units. */
export type StableFloats = {
  readonly x: number
  readonly y: number
  /** `2 y + b - D`, and the same less `y`, of the invariant's quadratic. */
  readonly p: number
  readonly k: number
  /** Share of the input that the plain fee takes. */
  readonly fee: number
  /** Off-peg multiplier; 1 for a constant fee. */
  readonly multiplier: number
}

/**
 * The floats of a direction.
 *
 * @param xp - Balances in common units.
 * @param D - Their invariant.
 * @param fees - In 10^-10.
 */
export function stableFloats(
  xp: readonly bigint[],
  [indexIn, indexOut]: readonly [number, number],
  D: bigint,
  { A, aPrecision }: Amplification,
  fees: { readonly fee: bigint; readonly multiplier: bigint | undefined },
): StableFloats {
  const Ann = A * BigInt(xp.length)
  const S = xp.reduce((sum, each) => sum + each, 0n)
  const y = Number(xp[indexOut] ?? 0n)
  const k = Number((S - D) * Ann + D * aPrecision) / Number(Ann)
  return {
    x: Number(xp[indexIn] ?? 0n),
    y,
    p: y + k,
    k,
    fee: Number(fees.fee) / 1e10,
    multiplier: Math.max(1, Number(fees.multiplier ?? 0n) / 1e10),
  }
}

/** Common units paid, after the fee, for `u` common units. */
export function stableOut(floats: StableFloats, u: number): number {
  const paid = movedBy(floats, u)
  return paid * (1 - feeAt(floats, u, paid))
}

/** The derivative of {@link stableOut}. */
export function stableSlope(floats: StableFloats, u: number): number {
  const { x, y, k, fee, multiplier } = floats
  const c = y * k
  const b = k - y + u
  const root = Math.sqrt(b * b + (4 * c * x) / (x + u))
  // The root that loses no digits.
  const y1 = b > 0 ? (2 * c * x) / (x + u) / (b + root) : (root - b) / 2
  const rise = (y1 + (c * x) / (x + u) ** 2) / root
  const paid = movedBy(floats, u)
  const [one, other] = [x + u / 2, y - paid / 2]
  const sum = one + other
  const bend = (-2 * (one - other) * (one * rise + other)) / sum ** 3
  const balance = (multiplier - 1) * ((4 * one * other) / (sum * sum)) + 1
  const feeRise = (-multiplier * fee * (multiplier - 1) * bend) / (balance * balance)
  return rise * (1 - feeAt(floats, u, paid)) - paid * feeRise
}

/** Common units that leave the pool's curve for `u`, before the fee. */
function movedBy({ x, y, p, k }: StableFloats, u: number): number {
  const q = u * (y + (y * k) / (x + u))
  const b = p + u
  return (2 * q) / (b + Math.sqrt(Math.max(0, b * b - 4 * q)))
}

function feeAt({ x, y, fee, multiplier }: StableFloats, u: number, paid: number): number {
  if (multiplier === 1) return fee
  const [one, other] = [x + u / 2, y - paid / 2]
  const balance = (4 * one * other) / (one + other) ** 2
  return (multiplier * fee) / ((multiplier - 1) * balance + 1)
}
