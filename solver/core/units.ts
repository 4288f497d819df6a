/** Amounts between people, JSON and the maths: base units are `bigint`, text is decimal. */
import { BaseError } from './errors.ts'

/** The canonical decimal text of an unsigned integer of at most 256 bits: no sign, no leading zero. */
const canonical = /^(0|[1-9][0-9]{0,77})$/

/**
 * `text` as an integer in base units.
 *
 * @param text - Canonical decimal text: digits only, no leading zero, at most 2^256 - 1.
 * @param name - What the caller calls the value; it is the error's fact.
 * @throws {BadIntegerError} `core.bad-integer`.
 */
export function parseInteger(text: string, name: string): bigint {
  if (canonical.test(text)) {
    const value = BigInt(text)
    if (value < 2n ** 256n) return value
  }
  throw new BadIntegerError(name, text)
}

/**
 * `amount` base units as text for a person, for example `1,234.5` for 1,234,500,000 at six decimals.
 * Cut (not rounded) to `digits` after the point; trailing zeros dropped. Never parsed back.
 */
export function formatAmount(amount: bigint, decimals: number, digits = 6): string {
  const sign = amount < 0n ? '-' : ''
  const text = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, '0')
  const whole = text.slice(0, text.length - decimals).replace(/\B(?=(\d{3})+$)/g, ',')
  const rest = text.slice(text.length - decimals)
  const firstDigit = rest.search(/[1-9]/)
  const kept = whole === '0' && firstDigit >= 0 ? Math.max(digits, firstDigit + 4) : digits
  const fraction = rest.slice(0, kept).replace(/0+$/, '')
  return `${sign}${whole}${fraction ? `.${fraction}` : ''}`
}

/** `value` as JSON with every `bigint` as decimal text: the form of all our files and answers. */
export function toJson(value: unknown, indent?: number): string {
  return JSON.stringify(
    value,
    (_key, each: unknown) => (typeof each === 'bigint' ? each.toString() : each),
    indent,
  )
}

/** Text that should be an unsigned integer is not. */
export class BadIntegerError extends BaseError {
  override readonly code = 'core.bad-integer'

  constructor(name: string, text: string) {
    super(`${name} is not an unsigned integer in base units.`, {
      facts: { [name]: text.slice(0, 90) },
      hint: 'Give a whole number of base units in digits only, for example 1000000 for one USDC.',
    })
  }
}
