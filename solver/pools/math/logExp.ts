/**
 * Natural exponential, logarithm and power of 18-decimal fixed-point numbers, in integers, as Balancer's weighted
 * pools compute them: every truncation where the contract has it.
 *
 * Source: https://github.com/balancer/balancer-v2-monorepo, pkg/solidity-utils/contracts/math/LogExpMath.sol
 */
import { divDown, mulDivDown } from '../../core/rounding.ts'

// Division of bigints truncates toward zero, as the EVM's SDIV does: `divDown` and `mulDivDown` serve signed numbers.

const one18 = 10n ** 18n
const one20 = 10n ** 20n
const one36 = 10n ** 36n
const exponentMax = 130n * one18
const exponentMin = -41n * one18
/** Between these two the logarithm is taken with 36 decimals. */
const fineLow = one18 - 10n ** 17n
const fineHigh = one18 + 10n ** 17n
const powExponentEnd = divDown(2n ** 254n, one20)

/** e^128 and e^64 as whole numbers, each with its exponent in 18 decimals. */
const wholePowers = [
  [128n * one18, 38877084059945950922200000000000000000000000000000000000n],
  [64n * one18, 6235149080811616882910000000n],
] as const

/** e^32 to e^(1/16), each with its exponent, in 20 decimals. The exponential stops at e^(1/4). */
const powers = [
  [32n * one20, 7896296018268069516100000000000000n],
  [16n * one20, 888611052050787263676000000n],
  [8n * one20, 298095798704172827474000n],
  [4n * one20, 5459815003314423907810n],
  [2n * one20, 738905609893065022723n],
  [one20, 271828182845904523536n],
  [50000000000000000000n, 164872127070012814685n],
  [25000000000000000000n, 128402541668774148407n],
  [12500000000000000000n, 113314845306682631683n],
  [6250000000000000000n, 106449445891785942956n],
] as const
const powersOfExp = powers.slice(0, 8)

/** `x^y`, both at least 0 and in 18 decimals; `undefined` where the contract reverts. 0^0 is 1. */
export function pow(x: bigint, y: bigint): bigint | undefined {
  if (y === 0n) return one18
  if (x === 0n) return 0n
  if (x >= 2n ** 255n || y >= powExponentEnd) return undefined
  const exponent = divDown(timesLog(x, y), one18)
  return exponent < exponentMin || exponent > exponentMax ? undefined : exp(exponent)
}

/** e^x, `x` in 18 decimals from -41 to 130, which the caller has checked. */
export function exp(x: bigint): bigint {
  if (x < 0n) return divDown(one36, exp(-x))
  const whole = wholePowers.find(([exponent]) => x >= exponent)
  let rest = (x - (whole?.[0] ?? 0n)) * 100n
  let product = one20
  for (const [exponent, power] of powersOfExp)
    if (rest >= exponent) {
      rest -= exponent
      product = mulDivDown(product, power, one20)
    }
  let term = rest
  let sum = one20 + term
  for (let n = 2n; n <= 12n; n++) {
    term = divDown(mulDivDown(term, rest, one20), n)
    sum += term
  }
  return divDown(mulDivDown(product, sum, one20) * (whole?.[1] ?? 1n), 100n)
}

/** ln(x) in 18 decimals; `x` is above 0. */
export function ln(x: bigint): bigint {
  return isFine(x) ? divDown(fineLog(x), one18) : coarseLog(x)
}

function isFine(x: bigint): boolean {
  return fineLow < x && x < fineHigh
}

/** `ln(x) * y` in 36 decimals. */
function timesLog(x: bigint, y: bigint): bigint {
  if (!isFine(x)) return coarseLog(x) * y
  const log = fineLog(x)
  const high = divDown(log, one18)
  return high * y + mulDivDown(log % one18, y, one18)
}

/** ln(x) in 18 decimals, of any `x` above 0. */
function coarseLog(x: bigint): bigint {
  if (x < one18) return -coarseLog(divDown(one36, x))
  let rest = x
  let sum = 0n
  for (const [exponent, power] of wholePowers)
    if (rest >= power * one18) {
      rest = divDown(rest, power)
      sum += exponent
    }
  rest *= 100n
  sum *= 100n
  for (const [exponent, power] of powers)
    if (rest >= power) {
      rest = mulDivDown(rest, one20, power)
      sum += exponent
    }
  return divDown(sum + logSeries(rest, one20, 11n), 100n)
}

/** ln(x) in 36 decimals, of an `x` of 18 decimals near 1. */
function fineLog(x: bigint): bigint {
  return logSeries(x * one18, one36, 15n)
}

/** ln(a) = 2 (z + z^3/3 + z^5/5 + ...) with z = (a - 1) / (a + 1), to the power `last`; 1 is `one`. */
function logSeries(a: bigint, one: bigint, last: bigint): bigint {
  const z = mulDivDown(a - one, one, a + one)
  const square = mulDivDown(z, z, one)
  let power = z
  let sum = z
  for (let n = 3n; n <= last; n += 2n) {
    power = mulDivDown(power, square, one)
    sum += divDown(power, n)
  }
  return 2n * sum
}
