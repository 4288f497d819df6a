/** Reads the request, the options and the result of a bundle's JSON. */
import type { BlockRef } from '../chain/block.ts'
import { BaseError } from '../core/errors.ts'
import { type Address, isAddressText } from '../core/hex.ts'
import { toPoolId } from '../pools/pool.ts'
import type { Certificate, Leg, Quote, QuoteOptions, QuoteRequest } from './route.ts'

type Fields = Readonly<Record<string, unknown>>
type Parts = {
  readonly request: QuoteRequest
  readonly options: QuoteOptions
  readonly result: Quote
}

/** The three parts, or `undefined` when a field is absent or malformed. `block` is the market's. */
export function readResult(file: Fields, block: BlockRef | undefined): Parts | undefined {
  try {
    const request = readRequest(object(file['request']))
    const options = readOptions(object(file['options']))
    const result = readQuote(object(file['result']), block)
    return { request, options, result }
  } catch (error) {
    if (error instanceof MalformedError) return undefined
    throw error
  }
}

function readRequest(fields: Fields): QuoteRequest {
  const tokens = { tokenIn: hex(fields['tokenIn']), tokenOut: hex(fields['tokenOut']) }
  return fields['amountIn'] === undefined
    ? { ...tokens, amountOut: integer(fields['amountOut']) }
    : { ...tokens, amountIn: integer(fields['amountIn']) }
}

function readOptions(fields: Fields): QuoteOptions {
  const { gasPrice, executable, kinds, maxLegs } = fields
  return {
    ...(gasPrice === undefined ? {} : { gasPrice: integer(gasPrice) }),
    ...(executable === undefined ? {} : { executable: executable === true }),
    ...(kinds === undefined ? {} : { kinds: array(kinds).map((kind) => text(kind)) }),
    ...(maxLegs === undefined ? {} : { maxLegs: float(maxLegs) }),
  }
}

function readQuote(fields: Fields, block: BlockRef | undefined): Quote {
  const route = object(fields['route'])
  const single = fields['bestSinglePool']
  return {
    ...(block === undefined ? {} : { block }),
    request: readRequest(object(fields['request'])),
    route: {
      legs: array(route['legs']).map((leg) => readLeg(object(leg))),
      credit: route['credit'] === true,
    },
    amountIn: integer(fields['amountIn']),
    amountOut: integer(fields['amountOut']),
    gas: integer(fields['gas']),
    netAmount: integer(fields['netAmount']),
    certificate: readCertificate(object(fields['certificate'])),
    gapBps: float(fields['gapBps']),
    priceImpactBps: float(fields['priceImpactBps']),
    ...(single === undefined ? {} : { bestSinglePool: readSingle(object(single)) }),
  }
}

function readLeg(fields: Fields): Leg {
  return {
    pool: toPoolId(text(fields['pool'])),
    kind: text(fields['kind']),
    indexIn: float(fields['indexIn']),
    indexOut: float(fields['indexOut']),
    tokenIn: hex(fields['tokenIn']),
    tokenOut: hex(fields['tokenOut']),
    amountIn: integer(fields['amountIn']),
    amountOut: integer(fields['amountOut']),
  }
}

function readCertificate(fields: Fields): Certificate {
  const prices = Object.entries(object(fields['prices']))
  const { gasPrice, priceWei } = fields
  return {
    prices: new Map(prices.map(([token, price]) => [hex(token), float(price)])),
    bound: integer(fields['bound']),
    ...(gasPrice === undefined ? {} : { gasPrice: integer(gasPrice) }),
    ...(priceWei === undefined ? {} : { priceWei: integer(priceWei) }),
  }
}

function readSingle(fields: Fields): NonNullable<Quote['bestSinglePool']> {
  return {
    pool: toPoolId(text(fields['pool'])),
    amountIn: integer(fields['amountIn']),
    amountOut: integer(fields['amountOut']),
  }
}

function object(value: unknown): Fields {
  if (typeof value !== 'object' || value === null) throw new MalformedError()
  return Object.fromEntries(Object.entries(value))
}

function array(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new MalformedError()
  return value
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw new MalformedError()
  return value
}

function hex(value: unknown): Address {
  const address = text(value)
  if (!isAddressText(address) || address !== address.toLowerCase()) throw new MalformedError()
  // The check above is what the type says.
  return address as Address
}

function integer(value: unknown): bigint {
  const digits = text(value)
  if (!/^-?\d+$/.test(digits)) throw new MalformedError()
  return BigInt(digits)
}

/** A float by its exact shortest text. */
function float(value: unknown): number {
  const parsed = Number(text(value))
  if (!Number.isFinite(parsed)) throw new MalformedError()
  return parsed
}

/** A field is absent or not of its form; it never leaves this file. */
class MalformedError extends BaseError {
  override readonly code = 'route.bundle-field'

  constructor() {
    super('A field of the bundle is malformed.')
  }
}
