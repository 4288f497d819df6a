/**
 * The StableSwap invariant as Balancer V2's pools round it, in integers. Balances are scaled to 18 digits, `amp` is
 * the amplification A n^(n-1) times 1000, D is the invariant.
 *
 * Source: https://github.com/balancer/balancer-v2-monorepo, pkg/pool-stable/contracts/StableMath.sol: the revision
 * of July 2021 (`roundedUp`) and that of ComposableStablePool (`truncated`).
 */
import { divDown, divUp } from '../../core/rounding.ts'

/** How a contract computes the invariant of a swap: rounded up at each step, or truncated as Curve's contracts do. */
export type InvariantForm = 'roundedUp' | 'truncated'

const ampPrecision = 1_000n
const wordEnd = 2n ** 256n
/** Newton's steps after which the contracts give up. */
const stepsMax = 255

/** Checked arithmetic of one computation: what overflows a word in the contract makes it revert. */
type Checked = {
  fit(value: bigint): bigint
  hasOverflown(): boolean
}

function createChecked(): Checked {
  let isOver = false
  return {
    fit(value) {
      if (value >= wordEnd) isOver = true
      return value
    },
    hasOverflown: () => isOver,
  }
}

/**
 * D of `balances`, each above 0.
 *
 * @returns `undefined` where the contract reverts: an empty side, an overflow or no convergence.
 */
export function stableInvariant(
  amp: bigint,
  balances: readonly bigint[],
  form: InvariantForm,
): bigint | undefined {
  if (balances.includes(0n)) return undefined
  const checked = createChecked()
  const sum = checked.fit(balances.reduce((total, balance) => total + balance, 0n))
  const step = form === 'roundedUp' ? stepRoundedUp : stepTruncated
  let invariant = sum
  for (let steps = 0; steps < stepsMax; steps++) {
    const next = step(invariant, { amp, balances, sum }, checked)
    if (next === undefined || checked.hasOverflown()) return undefined
    if (isWithinOne(next, invariant)) return next
    invariant = next
  }
  return undefined
}

type Pool = { readonly amp: bigint; readonly balances: readonly bigint[]; readonly sum: bigint }

function stepRoundedUp(
  invariant: bigint,
  { amp, balances, sum }: Pool,
  { fit }: Checked,
): bigint | undefined {
  const n = BigInt(balances.length)
  const [first = 0n, ...others] = balances
  let p = first * n
  for (const balance of others) p = divUp(fit(fit(p * balance) * n), invariant)
  const ampTimesTotal = amp * n
  const dividend = fit(
    fit(fit(n * invariant) * invariant) + divUp(fit(fit(ampTimesTotal * sum) * p), ampPrecision),
  )
  const divisor = fit(
    fit((n + 1n) * invariant) + divDown(fit((ampTimesTotal - ampPrecision) * p), ampPrecision),
  )
  return divisor === 0n ? undefined : divUp(dividend, divisor)
}

function stepTruncated(
  invariant: bigint,
  { amp, balances, sum }: Pool,
  { fit }: Checked,
): bigint | undefined {
  const n = BigInt(balances.length)
  let p = invariant
  for (const balance of balances) p = divDown(fit(p * invariant), fit(balance * n))
  const ampTimesTotal = amp * n
  const dividend = fit(
    fit(divDown(fit(ampTimesTotal * sum), ampPrecision) + fit(p * n)) * invariant,
  )
  const divisor = fit(
    divDown(fit((ampTimesTotal - ampPrecision) * invariant), ampPrecision) + fit((n + 1n) * p),
  )
  return divisor === 0n ? undefined : divDown(dividend, divisor)
}

/**
 * The balance of token `index` at which all of `balances` have the invariant D, rounded up; `balances[index]` itself
 * cancels out but for rounding.
 *
 * @returns `undefined` where the contract reverts.
 */
export function stableBalance(
  amp: bigint,
  balances: readonly bigint[],
  invariant: bigint,
  index: number,
): bigint | undefined {
  const checked = createChecked()
  const { fit } = checked
  const n = BigInt(balances.length)
  const own = balances[index] ?? 0n
  const [first = 0n, ...others] = balances
  let p = first * n
  for (const balance of others) p = divDown(fit(fit(p * balance) * n), invariant)
  const ampTimesTotal = amp * n
  // The contract divides by it.
  if (p === 0n) return undefined
  const square = fit(invariant * invariant)
  const c = fit(fit(divUp(square, fit(ampTimesTotal * p)) * ampPrecision) * own)
  const sum = fit(balances.reduce((total, balance) => total + balance, 0n)) - own
  const b = fit(sum + fit(divDown(invariant, ampTimesTotal) * ampPrecision))
  let balance = divUp(fit(square + c), fit(invariant + b))
  for (let steps = 0; steps < stepsMax && !checked.hasOverflown(); steps++) {
    const divisor = fit(fit(balance * 2n) + b) - invariant
    if (divisor <= 0n) return undefined
    const next = divUp(fit(fit(balance * balance) + c), divisor)
    if (isWithinOne(next, balance)) return checked.hasOverflown() ? undefined : next
    balance = next
  }
  return undefined
}

function isWithinOne(a: bigint, b: bigint): boolean {
  return a - b <= 1n && b - a <= 1n
}
