/** Square roots of integers and of tick prices, for the checker of certificates alone. */
import { divDown } from '../core/rounding.ts'

const bits = 160n
/** Working precision of tick prices: 160 bits of result and room for the errors of forty products. */
const workBits = 224n

/** The largest integer whose square is at most `value`, which is not negative (Newton from above). */
export function sqrtDown(value: bigint): bigint {
  if (value < 2n) return value
  let root = 1n << BigInt(value.toString(16).length * 2 + 1)
  for (;;) {
    const next = (root + divDown(value, root)) >> 1n
    if (next >= root) return root
    root = next
  }
}

const base = sqrtDown(divDown(10_001n << (2n * workBits), 10_000n))
const known = new Map<number, bigint>()

/** The square root of 1.0001^tick with 160 fractional bits, to a few units of the last place. */
export function tickRoot(tick: number): bigint {
  const kept = known.get(tick)
  if (kept !== undefined) return kept
  let power = 1n << workBits
  let square = base
  for (let rest = Math.abs(tick); rest > 0; rest >>= 1) {
    if ((rest & 1) === 1) power = (power * square) >> workBits
    square = (square * square) >> workBits
  }
  const root = tick < 0 ? divDown(1n << (2n * workBits), power) : power
  const cut = root >> (workBits - bits)
  known.set(tick, cut)
  return cut
}
