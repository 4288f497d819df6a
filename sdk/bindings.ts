/**
 * What may be signed: the order and its typed data, rebuilt from the caller's own request and compared with
 * what the server offers, field by field. Only the rebuilt data is ever signed. Pure.
 *
 * Of the server's data four things are taken over, since a request does not fix them: the nonce, the start of
 * the order's time, its end (not later than was asked for), and what the plan pays (`buyAmount`, exact-out:
 * `sellAmount`), which the caller saw in the quote and may bound with `minBuyAmount` and `maxSellAmount`.
 */
import { type Address, zeroAddress } from '../solver/core/hex.ts'
import { max, mulDivDown } from '../solver/core/rounding.ts'
import { flagsFor } from '../solver/intents/check.ts'
import { type Domain, fundingTypedData } from '../solver/intents/eip712.ts'
import type { Order } from '../solver/intents/order.ts'
import type { Price } from './answers.ts'
import { MismatchError } from './errors.ts'
import { isObject } from './http.ts'
import { createReader, type Reader } from './reader.ts'
import type { BoundRequest } from './request.ts'

/** A quote as it is checked: what was asked, what the server priced, and what it wants signed. */
export type Offer = {
  readonly request: BoundRequest
  readonly price: Pick<
    Price,
    'sellToken' | 'buyToken' | 'sellAmount' | 'buyAmount' | 'minBuyAmount' | 'slippageBps'
  >
  /** The server's typed data, untouched. */
  readonly intent: unknown
}

/** What the caller's side knows by itself. */
export type Expectation = {
  /** The one settlement contract; when absent the offer's own is taken, to be pinned. */
  readonly settlement: Address | undefined
  /** Unix seconds, of the wall or of the chain's head, whichever is later. */
  readonly now: number
}

/** The order to sign and where it holds. */
export type Binding = { readonly order: Order; readonly domain: Domain }

/** How far the server's newest block may be ahead of the wallet's: five slots of Ethereum. */
const aheadSeconds = 60

/**
 * The order that `offer.request` asks for, if the server offers to sign exactly that.
 *
 * @throws {MismatchError} `sdk.mismatch`; its fact `field` is the path in the typed data (`message.receiver`,
 *   `domain.verifyingContract`), or a field of the quote.
 * @throws {BadAnswerError} `sdk.bad-answer`, when the typed data lacks a field.
 */
export function bindOrder(offer: Offer, { settlement, now }: Expectation): Binding {
  const { request, intent } = offer
  const typed = createReader({ intent }, undefined).object('intent')
  const limit = requireAmounts(offer)
  const message = typed.object('message')
  const isPermit2 = request.funding === 'permit2'
  const given = isPermit2 ? message.object('witness') : message
  const parties = { owner: request.taker, receiver: request.receiver, auctioneer: zeroAddress }
  const start = given.number('decayStart')
  const order: Order = {
    ...parties,
    sellToken: request.sellToken,
    buyToken: request.buyToken,
    amount: offer.price.sellAmount,
    limitStart: limit,
    limitEnd: limit,
    decayStart: start,
    decayEnd: start,
    validTo: requireValidTo(given, request, now),
    nonce: given.amount('nonce'),
    flags: flagsFor(parties),
  }
  const offered = isPermit2
    ? message.address('spender')
    : typed.object('domain').address('verifyingContract')
  const domain = { chainId: request.chainId, settlement: settlement ?? offered }
  requireSame(fundingTypedData(order, domain, request.funding), intent, '')
  return { order, domain }
}

/** The limit that the quote's own figures and the caller's bounds give. @throws {MismatchError} `sdk.mismatch`. */
function requireAmounts({ request, price }: Offer): bigint {
  const { sellAmount, buyAmount, minBuyAmount: limit } = price
  requireSame(request.sellToken, price.sellToken, 'sellToken')
  requireSame(request.buyToken, price.buyToken, 'buyToken')
  requireSame(request.slippageBps, price.slippageBps, 'slippageBps')
  if (request.sellAmount !== undefined && sellAmount !== request.sellAmount)
    throw new MismatchError('sellAmount', request.sellAmount, sellAmount)
  if (request.buyAmount !== undefined && buyAmount < request.buyAmount)
    throw new MismatchError('buyAmount', request.buyAmount, buyAmount)
  // The rule is the server's to apply and ours to check: no second tolerance is taken off.
  const floor = mulDivDown(buyAmount, BigInt(10_000 - request.slippageBps), 10_000n)
  // A limit of nothing would be a gift, which the settlement refuses.
  const least = max(1n, floor)
  if (limit !== least) throw new MismatchError('minBuyAmount', least, limit)
  const { minBuyAmount = 0n, maxSellAmount = sellAmount } = request
  if (limit < minBuyAmount) throw new MismatchError('minBuyAmount', minBuyAmount, limit)
  if (sellAmount > maxSellAmount) throw new MismatchError('sellAmount', maxSellAmount, sellAmount)
  return limit
}

/** A later end would leave the taker bound longer than was asked for. @throws {MismatchError} `sdk.mismatch`. */
function requireValidTo(given: Reader, { validForSeconds }: BoundRequest, now: number): number {
  const validTo = given.number('validTo')
  const latest = now + validForSeconds + aheadSeconds
  if (validTo > latest) throw new MismatchError('message.validTo', latest, validTo)
  return validTo
}

/** @throws {MismatchError} `sdk.mismatch`, at the first field that differs, is missing or is too many. */
function requireSame(expected: unknown, given: unknown, path: string): void {
  if (typeof expected === 'object' && expected !== null) {
    const ours = new Map<string, unknown>(Object.entries(expected))
    const isAlike = Array.isArray(expected) ? Array.isArray(given) : isObject(given)
    const theirs = new Map<string, unknown>(isAlike ? Object.entries(given as object) : [])
    for (const name of new Set([...ours.keys(), ...theirs.keys()]))
      requireSame(ours.get(name), theirs.get(name), path === '' ? name : `${path}.${name}`)
    return
  }
  if (leaf(expected) !== leaf(given)) throw new MismatchError(path, expected, given)
}

/** Addresses are the same in either case; a bigint is decimal text in JSON, and a number stays a number. */
function leaf(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  return typeof value === 'string' ? value.toLowerCase() : value
}
