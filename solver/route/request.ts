/** What a caller may ask of the router, and how a bad question is refused. */
import { BaseError } from '../core/errors.ts'
import type { Address } from '../core/hex.ts'
import { limits } from '../core/limits.ts'
import type { MarketView } from '../market/view.ts'
import { isPoolKind } from '../pools/index.ts'
import { canonicalToken } from './native.ts'
import type { QuoteOptions, QuoteRequest } from './route.ts'

/**
 * Passes a request that can be answered on `view`.
 *
 * @throws {SameTokenError} `route.same-token`, also for the native currency and its wrapped token.
 * @throws {AmountOutOfRangeError} `route.amount-out-of-range`, unless exactly one amount is from 1 to 2^128 - 1.
 * @throws {UnknownTokenError} `route.unknown-token`, when the view lists no such token.
 */
export function requireRequest(view: MarketView, request: QuoteRequest): void {
  const { tokenIn, tokenOut, amountIn, amountOut } = request
  const amount = amountIn ?? amountOut
  const isOne = (amountIn === undefined) !== (amountOut === undefined)
  if (!isOne || amount === undefined || amount < 1n || amount > limits.amountMax)
    throw new AmountOutOfRangeError({ amountIn, amountOut })
  for (const token of [tokenIn, tokenOut])
    if (!isListed(view, token)) throw new UnknownTokenError(token)
  if (canonicalToken(view, tokenIn) === canonicalToken(view, tokenOut))
    throw new SameTokenError(tokenIn, tokenOut)
}

/**
 * Passes options that mean something.
 *
 * @throws {BadOptionError} `route.bad-option`, for a negative gas price, no legs at all or an unknown kind.
 */
export function requireOptions({ gasPrice, kinds, maxLegs }: QuoteOptions): void {
  if (gasPrice !== undefined && (gasPrice < 0n || gasPrice > limits.amountMax))
    throw new BadOptionError('gasPrice', gasPrice, 'Give wei per gas unit, 0 or more.')
  if (maxLegs !== undefined && !(Number.isInteger(maxLegs) && maxLegs >= 1))
    throw new BadOptionError('maxLegs', maxLegs, 'Give a whole number of legs, 1 or more.')
  const unknown = kinds?.find((kind) => !isPoolKind(kind))
  if (unknown !== undefined)
    throw new BadOptionError('kinds', unknown, 'Name pool kinds as market snapshots do.')
}

function isListed(view: MarketView, token: Address): boolean {
  return view.tokens.has(token) || view.tokens.has(canonicalToken(view, token))
}

/** Both tokens are one: there is nothing to trade. */
export class SameTokenError extends BaseError {
  override readonly code = 'route.same-token'

  constructor(tokenIn: Address, tokenOut: Address) {
    super('The token in and the token out are the same.', {
      facts: { tokenIn, tokenOut },
      hint: 'Name two different tokens; the native currency and its wrapped token are one.',
    })
  }
}

/** The amount is not one that an order can carry. */
export class AmountOutOfRangeError extends BaseError {
  override readonly code = 'route.amount-out-of-range'

  constructor(facts: { amountIn: bigint | undefined; amountOut: bigint | undefined }) {
    super('A request needs exactly one amount, from 1 to 2^128 - 1 base units.', {
      facts,
      hint: 'Give the amount in base units: 1000000 is one unit of a token with 6 decimals.',
    })
  }
}

/** The view lists no such token. */
export class UnknownTokenError extends BaseError {
  override readonly code = 'route.unknown-token'

  constructor(token: Address) {
    super('The market lists no such token.', {
      facts: { token: token.slice(0, 80) },
      hint: 'Give the lower-case address of a token that the market holds.',
    })
  }
}

/** An option has a value that means nothing. */
export class BadOptionError extends BaseError {
  override readonly code = 'route.bad-option'

  constructor(name: string, value: unknown, hint: string) {
    super(`The option ${name} has no meaning with this value.`, {
      facts: { [name]: String(value).slice(0, 80) },
      hint,
    })
  }
}
