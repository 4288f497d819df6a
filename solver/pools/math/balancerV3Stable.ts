/**
 * The StableSwap balance as Balancer V3's pools round it, in integers; their invariant is Balancer V2's truncated one.
 * Balances are scaled to 18 digits, `amp` is the amplification A n^(n-1) times 1000, D is the invariant.
 *
 * Source: npm @balancer-labs/v3-solidity-utils 1.0.0, contracts/math/StableMath.sol (`computeBalance`).
 */
import { divDown, divUp } from '../../core/rounding.ts'

const ampPrecision = 1_000n
const wordEnd = 2n ** 256n
/** Newton's steps after which the contract gives up. */
const stepsMax = 255

/**
 * The balance of token `index` at which all of `balances` have the invariant D, rounded up; `balances[index]` itself
 * cancels out but for rounding.
 *
 * @param invariant - D, above 0.
 * @returns `undefined` where the contract reverts: an empty side, an overflow or no convergence.
 */
export function balanceAt(
  amp: bigint,
  balances: readonly bigint[],
  invariant: bigint,
  index: number,
): bigint | undefined {
  const terms = termsOf(amp, balances, invariant, index)
  if (terms === undefined) return undefined
  const { b, c, square } = terms
  let balance = divUp(square + c, invariant + b)
  for (let steps = 0; steps < stepsMax; steps++) {
    const dividend = balance * balance + c
    const divisor = balance * 2n + b - invariant
    if (dividend >= wordEnd || divisor <= 0n) return undefined
    const next = divUp(dividend, divisor)
    if (next - balance <= 1n && balance - next <= 1n) return next
    balance = next
  }
  return undefined
}

/** Coefficients of y^2 + (b - D) y = c, and D^2. */
type Terms = { readonly b: bigint; readonly c: bigint; readonly square: bigint }

function termsOf(
  amp: bigint,
  balances: readonly bigint[],
  invariant: bigint,
  index: number,
): Terms | undefined {
  const n = BigInt(balances.length)
  const ampTimesTotal = amp * n
  const [first = 0n, ...others] = balances
  let p = first * n
  for (const balance of others) {
    const product = p * balance * n
    if (product >= wordEnd) return undefined
    p = divDown(product, invariant)
  }
  // The contract divides by it.
  if (p === 0n) return undefined
  const own = balances[index] ?? 0n
  const square = invariant * invariant
  const squareAmp = square * ampPrecision
  const divisor = ampTimesTotal * p
  if (squareAmp >= wordEnd || divisor >= wordEnd) return undefined
  const c = divUp(squareAmp, divisor) * own
  if (c + square >= wordEnd) return undefined
  const sum = balances.reduce((total, balance) => total + balance, 0n) - own
  return { b: sum + divDown(invariant * ampPrecision, ampTimesTotal), c, square }
}
