/** The least that a fill must pay, rounded in the owner's favour: the twin of `contracts/libraries/LimitMath.sol`. */
import { BaseError } from '../core/errors.ts'
import { mulDivDown, mulDivUp } from '../core/rounding.ts'
import type { Order } from './order.ts'

/** The fields of an order that its limit depends on. */
export type Decay = Pick<Order, 'limitStart' | 'limitEnd' | 'decayStart' | 'decayEnd'>

/**
 * The limit at `time`, in base units of the buy token for the whole `amount`.
 *
 * `limitStart` up to `decayStart`, `limitEnd` from `decayEnd` on, a straight line between them whose
 * fall is rounded down, so the limit is rounded up. An empty decay (`decayEnd <= decayStart`) is a step.
 *
 * @param time - Unix seconds, an integer.
 * @throws {LimitRisesError} `intents.limit-rises`, when `limitStart < limitEnd`.
 *
 * @example
 * limitAt({ limitStart: 100n, limitEnd: 90n, decayStart: 0, decayEnd: 60 }, 30) // 95n
 */
export function limitAt(order: Decay, time: number): bigint {
  const { limitStart, limitEnd, decayStart, decayEnd } = order
  if (limitStart < limitEnd) throw new LimitRisesError(limitStart, limitEnd)
  if (time <= decayStart) return limitStart
  if (time >= decayEnd) return limitEnd
  const elapsed = BigInt(time - decayStart)
  return limitStart - mulDivDown(limitStart - limitEnd, elapsed, BigInt(decayEnd - decayStart))
}

/**
 * `limit * sold / amount`, rounded up: the parts of an order pay at least what the whole would.
 * All in base units; `0 < sold <= amount`.
 */
export function proRata(limit: bigint, sold: bigint, amount: bigint): bigint {
  return mulDivUp(limit, sold, amount)
}

/** An order whose limit would rise in time: the contract refuses it at any time. */
export class LimitRisesError extends BaseError {
  override readonly code = 'intents.limit-rises'

  constructor(limitStart: bigint, limitEnd: bigint) {
    super('The limit of an order may fall in time, but never rise.', {
      facts: { limitStart, limitEnd },
      hint: 'Give a `limitEnd` that is at most `limitStart`.',
    })
  }
}
