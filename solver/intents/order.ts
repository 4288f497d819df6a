/** What an owner signs: the twin of the Solidity struct `Order`. */
import type { Address, Brand, Hex } from '../core/hex.ts'

/** The EIP-712 digest that names an order on one chain and one settlement contract. */
export type OrderDigest = Brand<Hex, 'OrderDigest'>

/**
 * To sell `amount` of one token, and never for less than a limit that decays in time.
 * Amounts fit uint128; times are Unix seconds, inclusive, uint40.
 */
export type Order = {
  readonly owner: Address
  readonly sellToken: Address
  readonly buyToken: Address
  readonly receiver: Address
  /** Signs the win certificate that a fill needs up to `decayStart`; the zero address for none. */
  readonly auctioneer: Address
  readonly amount: bigint
  /** Least bought for the whole `amount` up to `decayStart`, in base units of the buy token. */
  readonly limitStart: bigint
  /** Least bought from `decayEnd` on; a straight line between. */
  readonly limitEnd: bigint
  readonly decayStart: number
  readonly decayEnd: number
  readonly validTo: number
  /** Bit `nonce & 255` of word `nonce >> 8` of the owner; uint64. */
  readonly nonce: bigint
  /** Signed features: {@link orderFlags}. */
  readonly flags: number
}

/** Bits of `Order.flags` that this settlement knows. */
export const orderFlags = { receiver: 1, auctioneer: 2 } as const

/** How the sell token reaches the pools: the owner's allowance, or a Permit2 signature over the order. */
export type Funding = 'allowance' | 'permit2'

/** An order with its digest and the signature that the settlement will check. */
export type SignedOrder = {
  readonly order: Order
  readonly digest: OrderDigest
  readonly chainId: number
  readonly settlement: Address
  readonly funding: Funding
  /** 64-byte compact ECDSA (r, vs) or 65 bytes; for `permit2` over the Permit2 witness. */
  readonly signature: Hex
}
