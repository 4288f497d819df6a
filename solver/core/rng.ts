/**
 * Seeded random numbers: the same seed gives the same sequence on any machine.
 *
 * Source: Mulberry32, a 32-bit generator by Tommy Ettinger. Not for keys.
 */

/** A source of random numbers that is a value of its seed. */
export type Rng = {
  /** Uniform in [0, 1). */
  next(): number
  /** Uniform integer in [low, high], both at most 2^31. */
  int(low: number, high: number): number
  /** Log-uniform bigint in [low, high], both at least 1: every order of magnitude alike. */
  logUniform(low: bigint, high: bigint): bigint
}

/** Makes the generator of `seed`, an integer of 32 bits. */
export function createRng(seed: number): Rng {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    next,
    int: (low, high) => low + Math.floor(next() * (high - low + 1)),
    logUniform(low, high) {
      const exponent = log2(low) + next() * (log2(high) - log2(low))
      const value = fromFloat(2 ** (exponent - Math.floor(exponent)), Math.floor(exponent))
      return value < low ? low : value > high ? high : value
    },
  }
}

function log2(value: bigint): number {
  const shift = Math.max(0, value.toString(2).length - 53)
  return Math.log2(Number(value >> BigInt(shift))) + shift
}

function fromFloat(mantissa: number, exponent: number): bigint {
  const scaled = BigInt(Math.floor(mantissa * 2 ** 52))
  return exponent >= 52 ? scaled << BigInt(exponent - 52) : scaled >> BigInt(52 - exponent)
}
