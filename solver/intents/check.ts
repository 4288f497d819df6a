/** Whether an order is one that the settlement could ever fill, whatever the time and the signature. */
import { BaseError } from '../core/errors.ts'
import { type Address, zeroAddress } from '../core/hex.ts'
import { limits } from '../core/limits.ts'
import { LimitRisesError } from './limit.ts'
import { type Order, orderFlags } from './order.ts'

const uint40Max = 2 ** 40 - 1
const uint64Max = 2n ** 64n - 1n
const knownFlags = orderFlags.receiver | orderFlags.auctioneer

/**
 * Passes an order that the settlement knows how to fill, and refuses any other by its first fault.
 * The same rules as `Settlement.sol`, so what passes here is not refused there for its form.
 *
 * @param order - Amounts in base units; addresses lower-case.
 * @param at - The settlement contract, which must not be the receiver.
 * @throws {AmountZeroError} `intents.amount-zero`, also for a limit of zero: it would be a gift.
 * @throws {AmountTooLargeError} `intents.amount-too-large`, above uint128 (nonce: uint64).
 * @throws {SameTokenError} `intents.same-token`.
 * @throws {TimeOutOfRangeError} `intents.time-out-of-range`, not an integer of 40 bits.
 * @throws {LimitRisesError} `intents.limit-rises`.
 * @throws {UnknownFlagsError} `intents.unknown-flags`.
 * @throws {FlagsMismatchError} `intents.flags-mismatch`, a field and its flag disagree.
 * @throws {BadPartyError} `intents.bad-party`, owner or receiver cannot be a party.
 */
export function requireWellFormed(order: Order, at: { readonly settlement: Address }): void {
  requireParties(order, at.settlement)
  if (order.sellToken === order.buyToken) throw new SameTokenError(order.sellToken)
  for (const field of ['amount', 'limitStart', 'limitEnd'] as const) {
    if (order[field] <= 0n) throw new AmountZeroError(field, order[field])
    if (order[field] > limits.amountMax) throw new AmountTooLargeError(field, order[field])
  }
  if (order.nonce < 0n || order.nonce > uint64Max)
    throw new AmountTooLargeError('nonce', order.nonce)
  for (const field of ['decayStart', 'decayEnd', 'validTo'] as const) {
    const time = order[field]
    if (!Number.isInteger(time) || time < 0 || time > uint40Max)
      throw new TimeOutOfRangeError(field, time)
  }
  if (order.limitStart < order.limitEnd) throw new LimitRisesError(order.limitStart, order.limitEnd)
}

/** @throws {UnknownFlagsError} @throws {FlagsMismatchError} @throws {BadPartyError} */
function requireParties(order: Order, settlement: Address): void {
  const { owner, receiver, auctioneer, flags } = order
  if (!Number.isInteger(flags) || (flags & ~knownFlags) !== 0) throw new UnknownFlagsError(flags)
  if (owner === zeroAddress || owner === settlement) throw new BadPartyError('owner', owner)
  if ((flags & orderFlags.receiver) === 0 && receiver !== owner)
    throw new FlagsMismatchError('receiver', receiver, flags)
  if ((flags & orderFlags.auctioneer) === 0 && auctioneer !== zeroAddress)
    throw new FlagsMismatchError('auctioneer', auctioneer, flags)
  if ((flags & orderFlags.auctioneer) !== 0 && auctioneer === zeroAddress)
    throw new FlagsMismatchError('auctioneer', auctioneer, flags)
  if (receiver === zeroAddress || receiver === settlement)
    throw new BadPartyError('receiver', receiver)
}

/** The flags that say which optional fields of an order are given. */
export function flagsFor(order: Pick<Order, 'owner' | 'receiver' | 'auctioneer'>): number {
  const receiver = order.receiver === order.owner ? 0 : orderFlags.receiver
  const auctioneer = order.auctioneer === zeroAddress ? 0 : orderFlags.auctioneer
  return receiver | auctioneer
}

/** Nothing to sell, or a limit that accepts nothing at all in return. */
export class AmountZeroError extends BaseError {
  override readonly code = 'intents.amount-zero'

  constructor(field: string, value: bigint) {
    super(`The ${field} of an order must be positive.`, {
      facts: { field, value },
      hint: 'Give a positive number of base units; the smallest limit is 1.',
    })
  }
}

/** A number that its field on chain cannot hold. */
export class AmountTooLargeError extends BaseError {
  override readonly code = 'intents.amount-too-large'

  constructor(field: string, value: bigint) {
    super(`The ${field} of an order does not fit its field on chain.`, {
      facts: { field, value },
      hint: 'Amounts and limits have 128 bits, nonces 64.',
    })
  }
}

/** Selling a token for itself. */
export class SameTokenError extends BaseError {
  override readonly code = 'intents.same-token'

  constructor(token: Address) {
    super('An order sells one token for another.', {
      facts: { token },
      hint: 'Give two different tokens.',
    })
  }
}

/** A time that is not an integer of 40 bits. */
export class TimeOutOfRangeError extends BaseError {
  override readonly code = 'intents.time-out-of-range'

  constructor(field: string, time: number) {
    super(`The ${field} of an order must be whole Unix seconds.`, {
      facts: { field, time },
      hint: 'Give an integer from 0 to 1,099,511,627,775; milliseconds are too large a unit.',
    })
  }
}

/** An order that asks for something this settlement does not do. */
export class UnknownFlagsError extends BaseError {
  override readonly code = 'intents.unknown-flags'

  constructor(flags: number) {
    super('The order has flags that this settlement does not know.', {
      facts: { flags, known: knownFlags },
      hint: 'Use receiver (1) and auctioneer (2) only.',
    })
  }
}

/** A field that is given without its flag, or a flag without its field. */
export class FlagsMismatchError extends BaseError {
  override readonly code = 'intents.flags-mismatch'

  constructor(field: string, value: Address, flags: number) {
    super(`The flags and the ${field} of the order disagree.`, {
      facts: { field, value, flags },
      hint: 'Make the flags with `flagsFor(order)`.',
    })
  }
}

/** An address that cannot be owner or receiver. */
export class BadPartyError extends BaseError {
  override readonly code = 'intents.bad-party'

  constructor(field: string, value: Address) {
    super(`This address cannot be the ${field} of an order.`, {
      facts: { field, value },
      hint: 'Neither is zero or the settlement contract: the owner signs, and the receiver can spend.',
    })
  }
}
