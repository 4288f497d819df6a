/**
 * Integer division with the rounding in the name.
 *
 * `bigint` never overflows, so these are the Solidity `mulDiv` family without
 * the 512-bit trick. Every division in `pools/` and `route/` goes through here:
 * a bare `/` between bigints hides which side keeps the dust.
 */

/** `x * y / d`, rounded toward zero. Arguments are non-negative; `d` is positive. */
export function mulDivDown(x: bigint, y: bigint, d: bigint): bigint {
  return (x * y) / d
}

/** `x * y / d`, rounded away from zero. Arguments are non-negative; `d` is positive. */
export function mulDivUp(x: bigint, y: bigint, d: bigint): bigint {
  return (x * y + d - 1n) / d
}

/** `x / d`, rounded toward zero. `x` is non-negative; `d` is positive. */
export function divDown(x: bigint, d: bigint): bigint {
  return x / d
}

/** `x / d`, rounded away from zero. `x` is non-negative; `d` is positive. */
export function divUp(x: bigint, d: bigint): bigint {
  return (x + d - 1n) / d
}

/** The smaller of two integers of one unit. */
export function min(x: bigint, y: bigint): bigint {
  return x < y ? x : y
}

/** The larger of two integers of one unit. */
export function max(x: bigint, y: bigint): bigint {
  return x > y ? x : y
}
