/** Orders as JSON, in and out: amounts are decimal text, times and flags are numbers, no field more or less. */
import { BaseError } from '../core/errors.ts'
import { type Address, type Hex, isAddressText, toAddress } from '../core/hex.ts'
import { requireWellFormed } from './check.ts'
import { hashOrder } from './eip712.ts'
import type { Order, SignedOrder } from './order.ts'

type Fields = Readonly<Record<string, unknown>>

const orderFields = (
  'owner sellToken buyToken receiver auctioneer amount limitStart limitEnd ' +
  'decayStart decayEnd validTo nonce flags'
).split(' ')
const signedFields = 'order digest chainId settlement funding signature'.split(' ')

/**
 * Reads an order from parsed JSON.
 *
 * Addresses come in either case and leave lower-case. Only the form is checked here; what the settlement
 * would refuse is {@link requireWellFormed}'s.
 *
 * @throws {FieldMissingError} `intents.field-missing`.
 * @throws {FieldUnknownError} `intents.field-unknown`: a misspelt field must not pass for an absent one.
 * @throws {FieldMalformedError} `intents.field-malformed`, also when `json` is not an object.
 */
export function parseOrder(json: unknown): Order {
  const fields = fieldsOf(json, 'order', orderFields)
  return {
    owner: address(fields, 'owner'),
    sellToken: address(fields, 'sellToken'),
    buyToken: address(fields, 'buyToken'),
    receiver: address(fields, 'receiver'),
    auctioneer: address(fields, 'auctioneer'),
    amount: integer(fields, 'amount'),
    limitStart: integer(fields, 'limitStart'),
    limitEnd: integer(fields, 'limitEnd'),
    decayStart: small(fields, 'decayStart'),
    decayEnd: small(fields, 'decayEnd'),
    validTo: small(fields, 'validTo'),
    nonce: integer(fields, 'nonce'),
    flags: small(fields, 'flags'),
  }
}

/**
 * Reads a signed order from parsed JSON and checks all but its signature and the time.
 *
 * @throws {FieldMalformedError} and the other errors of {@link parseOrder} and {@link requireWellFormed}.
 * @throws {DigestMismatchError} `intents.digest-mismatch`, when `digest` names another order.
 */
export function parseSignedOrder(json: unknown): SignedOrder {
  const fields = fieldsOf(json, 'signed order', signedFields)
  const order = parseOrder(fields['order'])
  const chainId = small(fields, 'chainId')
  const settlement = address(fields, 'settlement')
  requireWellFormed(order, { settlement })
  const digest = hashOrder(order, { chainId, settlement })
  if (fields['digest'] !== digest) throw new DigestMismatchError(fields['digest'], digest)
  const funding = fields['funding']
  if (funding !== 'allowance' && funding !== 'permit2')
    throw new FieldMalformedError('funding', funding, '"allowance" or "permit2"')
  return { order, digest, chainId, settlement, funding, signature: hex(fields, 'signature') }
}

/** The order as JSON can hold it; {@link parseOrder} gives it back. */
export function orderToJson(order: Order): Record<keyof Order, string | number> {
  const { amount, limitStart, limitEnd, nonce } = order
  return {
    ...order,
    amount: amount.toString(),
    limitStart: limitStart.toString(),
    limitEnd: limitEnd.toString(),
    nonce: nonce.toString(),
  }
}

/** The signed order as JSON can hold it; {@link parseSignedOrder} gives it back. */
export function signedOrderToJson(signed: SignedOrder) {
  return { ...signed, order: orderToJson(signed.order) }
}

function fieldsOf(json: unknown, what: string, names: readonly string[]): Fields {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new FieldMalformedError(what, json, 'a JSON object')
  const missing = names.find((name) => !Object.hasOwn(json, name))
  if (missing !== undefined) throw new FieldMissingError(what, missing)
  const unknown = Object.keys(json).find((name) => !names.includes(name))
  if (unknown !== undefined) throw new FieldUnknownError(what, unknown)
  // Every name was just found in it.
  return json as Fields
}

function address(fields: Fields, name: string): Address {
  const value = fields[name]
  if (typeof value === 'string' && isAddressText(value)) return toAddress(value)
  throw new FieldMalformedError(name, value, '0x and 40 hex digits')
}

function integer(fields: Fields, name: string): bigint {
  const value = fields[name]
  // 78 digits hold every uint256: longer text is refused before it costs time.
  if (typeof value === 'string' && /^(0|[1-9][0-9]{0,77})$/.test(value)) return BigInt(value)
  throw new FieldMalformedError(name, value, 'decimal digits in a string, without sign or point')
}

function small(fields: Fields, name: string): number {
  const value = fields[name]
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new FieldMalformedError(name, value, 'a whole number that is not negative')
}

function hex(fields: Fields, name: string): Hex {
  const value = fields[name]
  // 65,535 bytes is what the program's two-byte length can carry.
  if (typeof value === 'string' && /^0x([0-9a-fA-F]{2}){1,65535}$/.test(value))
    return value.toLowerCase() as Hex
  throw new FieldMalformedError(name, value, '0x and whole bytes of hex')
}

/** A field that every order has is absent. */
export class FieldMissingError extends BaseError {
  override readonly code = 'intents.field-missing'

  constructor(what: string, field: string) {
    super(`The ${what} has no field ${field}.`, {
      facts: { field },
      hint: 'Give every field; `receiver` is the owner and `auctioneer` the zero address for none.',
    })
  }
}

/** A field that no order has is present. */
export class FieldUnknownError extends BaseError {
  override readonly code = 'intents.field-unknown'

  constructor(what: string, field: string) {
    super(`The ${what} has a field that is not known here.`, {
      facts: { field },
      hint: 'Remove it, or check its spelling.',
    })
  }
}

/** A field whose text or type is not of its form. */
export class FieldMalformedError extends BaseError {
  override readonly code = 'intents.field-malformed'

  constructor(field: string, value: unknown, form: string) {
    const text = (JSON.stringify(value) ?? typeof value).slice(0, 80)
    super(`The ${field} is not well formed.`, {
      facts: { field, value: text },
      hint: `It is ${form}.`,
    })
  }
}

/** The digest that came with an order names another order, chain or contract. */
export class DigestMismatchError extends BaseError {
  override readonly code = 'intents.digest-mismatch'

  constructor(given: unknown, computed: Hex) {
    super('The digest is not that of the order beside it.', {
      facts: { given: String(given).slice(0, 80), computed },
      hint: 'Compute it with `hashOrder` for the same chain and settlement contract.',
    })
  }
}
