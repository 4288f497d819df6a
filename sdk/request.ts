/** What a caller asks for, and the same with every default filled in: what a signature may be bound to. */
import { type Address, isAddressText, toAddress } from '../solver/core/hex.ts'
import { limits } from '../solver/core/limits.ts'
import type { Funding } from '../solver/intents/order.ts'
import { BadRequestError } from './errors.ts'

/** A swap. Exactly one of the two amounts is given; both are base units, 1 to 2^128 - 1. */
export type PriceRequest = {
  readonly sellToken: Address
  readonly buyToken: Address
  /** Exact-in. */
  readonly sellAmount?: bigint | undefined
  /** Exact-out. */
  readonly buyAmount?: bigint | undefined
  /** The chain to trade on; the wallet's when absent. */
  readonly chainId?: number | undefined
  /** Largest loss against the quote that is accepted, in 1/100 %, 0 to 10,000; 5 when absent. */
  readonly slippageBps?: number | undefined
  /** What gas costs in the search for the best plan, in wei; the market's when absent. */
  readonly gasPriceWei?: bigint | undefined
}

/** A swap for one taker. */
export type QuoteRequest = PriceRequest & {
  /** Who sells and signs; the wallet's account when absent. */
  readonly taker?: Address | undefined
  /** Who is paid; the taker when absent. */
  readonly receiver?: Address | undefined
  /** How the sell token is taken: an allowance of the settlement (when absent) or Permit2. */
  readonly funding?: Funding | undefined
  /** How long the order may be filled, in seconds, 1 to 86,400; 300 when absent. */
  readonly validForSeconds?: number | undefined
  /** A quote whose limit is below this, in base units, is refused (`sdk.mismatch`). */
  readonly minBuyAmount?: bigint | undefined
  /** A quote that sells more than this, in base units, is refused (`sdk.mismatch`); for exact-out. */
  readonly maxSellAmount?: bigint | undefined
}

/** A {@link QuoteRequest} with nothing left open; addresses lower-case. */
export type BoundRequest = {
  readonly chainId: number
  readonly sellToken: Address
  readonly buyToken: Address
  readonly sellAmount: bigint | undefined
  readonly buyAmount: bigint | undefined
  readonly slippageBps: number
  readonly gasPriceWei: bigint | undefined
  readonly taker: Address
  readonly receiver: Address
  readonly funding: Funding
  readonly validForSeconds: number
  readonly minBuyAmount: bigint | undefined
  readonly maxSellAmount: bigint | undefined
}

/**
 * Fills in the defaults of a quote request.
 *
 * @throws {BadRequestError} `sdk.bad-request`.
 */
export function bindRequest(
  request: QuoteRequest,
  wallet: { readonly chainId: number; readonly taker: Address },
): BoundRequest {
  const swap = bindPrice(request, wallet.chainId)
  const taker = requireAddress('taker', request.taker ?? wallet.taker)
  const { funding = 'allowance', validForSeconds = 300, minBuyAmount, maxSellAmount } = request
  if (funding !== 'allowance' && funding !== 'permit2')
    throw new BadRequestError('funding', funding, '"allowance" or "permit2"')
  requireInteger('validForSeconds', validForSeconds, [1, 86_400])
  requireAmount('minBuyAmount', minBuyAmount)
  requireAmount('maxSellAmount', maxSellAmount)
  return {
    ...swap,
    taker,
    receiver: requireAddress('receiver', request.receiver ?? taker),
    funding,
    validForSeconds,
    minBuyAmount,
    maxSellAmount,
  }
}

/** The part of a request that a price depends on. @throws {BadRequestError} `sdk.bad-request`. */
export function bindPrice(request: PriceRequest, walletChainId: number) {
  const { sellAmount, buyAmount, slippageBps = 5, chainId = walletChainId, gasPriceWei } = request
  requireAmount('sellAmount', sellAmount)
  requireAmount('buyAmount', buyAmount)
  if ((sellAmount === undefined) === (buyAmount === undefined))
    throw new BadRequestError('sellAmount', sellAmount, 'exactly one of sellAmount and buyAmount')
  requireInteger('slippageBps', slippageBps, [0, 9_999])
  requireInteger('chainId', chainId, [1, Number.MAX_SAFE_INTEGER])
  if (gasPriceWei !== undefined && (typeof gasPriceWei !== 'bigint' || gasPriceWei < 0n))
    throw new BadRequestError('gasPriceWei', gasPriceWei, 'a bigint in wei, 0 or more')
  return {
    chainId,
    sellToken: requireAddress('sellToken', request.sellToken),
    buyToken: requireAddress('buyToken', request.buyToken),
    sellAmount,
    buyAmount,
    slippageBps,
    gasPriceWei,
  }
}

/** `text` as a lower-case address. @throws {BadRequestError} `sdk.bad-request`. */
export function requireAddress(field: string, text: unknown): Address {
  if (typeof text === 'string' && isAddressText(text)) return toAddress(text)
  throw new BadRequestError(field, text, '0x and 40 hex digits')
}

/** Callers without a type checker pass numbers, which lose digits: they are refused. */
function requireAmount(field: string, amount: unknown): void {
  if (amount === undefined) return
  if (typeof amount === 'bigint' && amount > 0n && amount <= limits.amountMax) return
  throw new BadRequestError(field, amount, 'a bigint from 1 to 2^128 - 1')
}

function requireInteger(
  field: string,
  value: number,
  [low, high]: readonly [number, number],
): void {
  if (Number.isSafeInteger(value) && value >= low && value <= high) return
  throw new BadRequestError(field, value, `a whole number from ${low} to ${high}`)
}
