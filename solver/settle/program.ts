/**
 * Writes the packed call that settles one order by one route. `docs/settlement.md` gives the layout, and
 * `contracts/libraries/Program.sol` reads it.
 */
import { BaseError } from '../core/errors.ts'
import { type Address, type Hex, zeroAddress } from '../core/hex.ts'
import { limits } from '../core/limits.ts'
import { expandSignature } from '../intents/verify.ts'
import { type Order, type SignedOrder, orderFlags } from '../intents/order.ts'
import type { MarketView } from '../market/view.ts'
import type { Leg, Quote, Route } from '../route/route.ts'
import {
  type Venues,
  allOfIt,
  fundingKinds,
  oneOrder,
  packBytes,
  packNumber,
  signatureKinds,
  verbs,
} from './layout.ts'
import { packSwap } from './swapVerb.ts'

/** What a call needs beside the order and its route. */
export type EncodeOptions = {
  readonly venues: Venues
  /** What the winner of an auction shows up to `decayStart`; `signature` is the auctioneer's key's. */
  readonly certificate?:
    { readonly minOut: bigint; readonly lastBlock: number; readonly signature: Hex } | undefined
  /** Who made the order's signature: absent, a key where its bytes can be one, else the owner's contract. */
  readonly signedBy?: 'key' | 'contract' | undefined
}

/**
 * The calldata that fills `signed` along `route`.
 *
 * Legs that take the sell token get exact amounts; of each token between, every leg but the last gets its
 * exact amount and the last takes all that came. Legs that give the buy token pay the receiver.
 *
 * @param route - A route, or the quote that has it; its legs are in execution order.
 * @param view - Has every pool of the route.
 * @throws {CreditRouteError} `settle.credit-route`: the contract lends nothing.
 * @throws {RouteShapeError} `settle.route-shape`: no legs, more than fit, a token taken before it comes or
 *   left over, the buy token taken or the sell token given.
 * @throws {SellsTooMuchError} `settle.sells-too-much`: more than the order's amount.
 * @throws {SignatureFormError} `settle.signature-form`: bytes that the call cannot carry.
 * @throws the errors of `packSwap` for a pool that the contract has no verb for.
 */
export function encodeSettlement(
  signed: SignedOrder,
  route: Route | Quote,
  view: MarketView,
  options: EncodeOptions,
): Hex {
  const { legs, credit } = 'route' in route ? route.route : route
  if (credit) throw new CreditRouteError()
  const plan = planLegs(signed.order, legs, options.venues)
  const sold = plan.legs.reduce(
    (sum, { leg, indexIn }) => sum + (indexIn === 0 ? leg.amountIn : 0n),
    0n,
  )
  if (sold > signed.order.amount) throw new SellsTooMuchError(sold, signed.order.amount)

  const sellLegs = plan.legs.filter(({ indexIn }) => indexIn === 0).length
  const text = [
    packNumber(oneOrder, 1),
    packOrder(signed.order),
    packSignature(signed, options),
    packFunding(signed, sellLegs, sold),
    packCertificate(options),
    packNumber(plan.inner.length, 1),
    ...plan.inner.map((token) => token.slice(2)),
    packNumber(plan.legs.length, 1),
    ...plan.legs.map((planned) => packVerb(planned, view, options.venues)),
  ]
  return `0x${text.join('')}`
}

/** The order's bytes: 133, and 20 each for a receiver and an auctioneer that its flags give; without 0x. */
export function packOrder(order: Order): string {
  return [
    order.owner.slice(2),
    order.sellToken.slice(2),
    order.buyToken.slice(2),
    packNumber(order.amount, 16),
    packNumber(order.limitStart, 16),
    packNumber(order.limitEnd, 16),
    packNumber(order.decayStart, 5),
    packNumber(order.decayEnd, 5),
    packNumber(order.validTo, 5),
    packNumber(order.nonce, 8),
    packNumber(order.flags, 2),
    (order.flags & orderFlags.receiver) === 0 ? '' : order.receiver.slice(2),
    (order.flags & orderFlags.auctioneer) === 0 ? '' : order.auctioneer.slice(2),
  ].join('')
}

type PlannedLeg = {
  readonly leg: Leg
  /** In the call's token table: 0 the sell token, 1 the buy token. */
  readonly indexIn: number
  readonly indexOut: number
  readonly takesAll: boolean
}

/** Names tokens by their index in the table, and finds the last leg that takes each token between. */
function planLegs(order: Order, legs: readonly Leg[], { wrappedNative }: Venues) {
  if (legs.length === 0 || legs.length > limits.legs)
    throw new RouteShapeError('has no legs, or more than a call can hold', legs.length)
  const wrapped = (token: Address) => (token === zeroAddress ? wrappedNative : token)
  const table = [
    ...new Set([
      order.sellToken,
      order.buyToken,
      ...legs.flatMap((leg) => [wrapped(leg.tokenIn), wrapped(leg.tokenOut)]),
    ]),
  ]
  if (table.length > 257) throw new RouteShapeError('has too many tokens', table.length)
  const indexed = legs.map((leg) => ({
    leg,
    indexIn: table.indexOf(wrapped(leg.tokenIn)),
    indexOut: table.indexOf(wrapped(leg.tokenOut)),
  }))
  const planned = indexed.map((each, at): PlannedLeg => {
    requireInOrder(indexed, at)
    const isLast = !indexed.slice(at + 1).some(({ indexIn }) => indexIn === each.indexIn)
    return { ...each, takesAll: each.indexIn !== 0 && isLast }
  })
  const leftOver = indexed.findIndex(
    ({ indexOut }, at) =>
      indexOut > 1 && !indexed.slice(at + 1).some(({ indexIn }) => indexIn === indexOut),
  )
  if (leftOver >= 0) throw new RouteShapeError('brings a token that no later leg takes', leftOver)
  return { inner: table.slice(2), legs: planned }
}

/** @throws {RouteShapeError} */
function requireInOrder(
  legs: readonly { readonly leg: Leg; readonly indexIn: number; readonly indexOut: number }[],
  at: number,
): void {
  const { leg, indexIn, indexOut } = legs[at] ?? {}
  if (indexIn === 1 || indexOut === 0 || indexIn === indexOut)
    throw new RouteShapeError('takes the buy token or gives the sell token', at)
  const isBrought = legs.slice(0, at).some((earlier) => earlier.indexOut === indexIn)
  if (indexIn !== 0 && !isBrought)
    throw new RouteShapeError('takes a token before a leg brings it', at)
  if (leg === undefined || leg.amountIn <= 0n || leg.amountIn >= allOfIt)
    throw new RouteShapeError('takes an amount that a verb cannot say', at)
}

function packVerb(
  { leg, indexIn, indexOut, takesAll }: PlannedLeg,
  view: MarketView,
  venues: Venues,
): string {
  const isDirect = indexIn === 0 && indexOut === 1
  const pot = [verbs.pot, indexIn, indexOut].map((byte) => packNumber(byte, 1)).join('')
  return (isDirect ? '' : pot) + packSwap(leg, takesAll ? allOfIt : leg.amountIn, view, venues)
}

function packSignature({ funding, signature }: SignedOrder, { signedBy }: EncodeOptions): string {
  if (signature.length > 2 + 2 * 65_535) throw new SignatureFormError(signature)
  if (funding === 'permit2') return packNumber(signatureKinds.permit2, 1) + packBytes(signature)
  const compact = signedBy === 'contract' ? undefined : compactSignature(signature)
  if (compact !== undefined) return packNumber(signatureKinds.key, 1) + compact
  if (signedBy === 'key') throw new SignatureFormError(signature)
  return packNumber(signatureKinds.contract, 1) + packBytes(signature)
}

/** A split pulls once, because a Permit2 signature is good for one transfer. */
function packFunding({ funding }: SignedOrder, sellLegs: number, sold: bigint): string {
  if (funding === 'allowance') return packNumber(fundingKinds.allowance, 1)
  if (sellLegs === 1) return packNumber(fundingKinds.permit2, 1)
  return packNumber(fundingKinds.permit2Pull, 1) + packNumber(sold, 16)
}

function packCertificate({ certificate }: EncodeOptions): string {
  if (certificate === undefined) return packNumber(0, 1)
  const compact = compactSignature(certificate.signature)
  if (compact === undefined) throw new SignatureFormError(certificate.signature)
  return [
    packNumber(1, 1),
    packNumber(certificate.minOut, 16),
    packNumber(certificate.lastBlock, 5),
    compact,
  ].join('')
}

/** The 64 bytes of EIP-2098, or `undefined` for bytes that no key makes; without 0x. */
function compactSignature(signature: Hex): string | undefined {
  const expanded = expandSignature(signature)
  if (expanded === undefined) return undefined
  const parity = expanded.endsWith('1c') ? 2n ** 255n : 0n
  const s = BigInt(`0x${expanded.slice(66, 130)}`)
  return expanded.slice(2, 66) + packNumber(s | parity, 32)
}

/** A plan that borrows from its own arbitrage loops. */
export class CreditRouteError extends BaseError {
  override readonly code = 'settle.credit-route'

  constructor() {
    super('This plan spends tokens before it has them, which the settlement does not do.', {
      hint: 'Ask for the quote with `executable: true`.',
    })
  }
}

/** A route whose legs cannot run one after the other. */
export class RouteShapeError extends BaseError {
  override readonly code = 'settle.route-shape'

  constructor(what: string, legOrCount: number) {
    super(`A leg of this route ${what}.`, {
      facts: { legOrCount },
      hint: 'Legs run in their order: every token but the sell token must come before it is taken.',
    })
  }
}

/** A route that sells more than the owner signed. */
export class SellsTooMuchError extends BaseError {
  override readonly code = 'settle.sells-too-much'

  constructor(sold: bigint, signedAmount: bigint) {
    super('This route sells more than the order allows.', {
      facts: { sold, signedAmount },
      hint: 'Quote the amount of the order.',
    })
  }
}

/** A signature that the call cannot carry. */
export class SignatureFormError extends BaseError {
  override readonly code = 'settle.signature-form'

  constructor(signature: Hex) {
    super('This signature has no form that the call can carry.', {
      facts: { bytes: (signature.length - 2) >> 1 },
      hint: 'Keys sign in 64 or 65 bytes with a low s; contracts in at most 65,535.',
    })
  }
}
