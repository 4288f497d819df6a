/**
 * What owners and auctioneers sign, as EIP-712 typed data: the twin of `contracts/libraries/OrderLib.sol`.
 *
 * Source: https://eips.ethereum.org/EIPS/eip-712 ; the Permit2 witness as in
 * https://github.com/Uniswap/permit2/blob/main/src/libraries/PermitHash.sol
 */
import { hashStruct, hashTypedData } from 'viem/utils'
import type { Address, Hex } from '../core/hex.ts'
import type { Funding, Order, OrderDigest } from './order.ts'

/** Permit2, at the same address on every chain. */
export const permit2Address: Address = '0x000000000022d473030f116ddee9f6b43ac78ba3'

const orderMembers = [
  { name: 'owner', type: 'address' },
  { name: 'sellToken', type: 'address' },
  { name: 'buyToken', type: 'address' },
  { name: 'receiver', type: 'address' },
  { name: 'auctioneer', type: 'address' },
  { name: 'amount', type: 'uint128' },
  { name: 'limitStart', type: 'uint128' },
  { name: 'limitEnd', type: 'uint128' },
  { name: 'decayStart', type: 'uint40' },
  { name: 'decayEnd', type: 'uint40' },
  { name: 'validTo', type: 'uint40' },
  { name: 'nonce', type: 'uint64' },
  { name: 'flags', type: 'uint16' },
] as const

/** The domain's own members: wallets that take raw JSON hash an empty domain when they are not listed. */
const domainMembers = [
  { name: 'name', type: 'string' },
  { name: 'version', type: 'string' },
  { name: 'chainId', type: 'uint256' },
  { name: 'verifyingContract', type: 'address' },
] as const
/** Permit2's domain has no version. */
const permit2DomainMembers = [domainMembers[0], domainMembers[2], domainMembers[3]] as const

/** Members of every struct that is signed, in their signed order. */
export const signedTypes = {
  Order: orderMembers,
  WinCert: [
    { name: 'order', type: 'bytes32' },
    { name: 'part', type: 'uint8' },
    { name: 'solver', type: 'address' },
    { name: 'sellAmount', type: 'uint128' },
    { name: 'minOut', type: 'uint128' },
    { name: 'lastBlock', type: 'uint40' },
  ],
  PermitWitnessTransferFrom: [
    { name: 'permitted', type: 'TokenPermissions' },
    { name: 'spender', type: 'address' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
    { name: 'witness', type: 'Order' },
  ],
  TokenPermissions: [
    { name: 'token', type: 'address' },
    { name: 'amount', type: 'uint256' },
  ],
} as const

/** One chain and one settlement contract: what every digest is bound to. */
export type Domain = { readonly chainId: number; readonly settlement: Address }

/** What an auctioneer signs about the winner of one order. Amounts are base units. */
export type WinCert = {
  readonly order: OrderDigest
  /** 0 for a whole order. */
  readonly part: number
  readonly solver: Address
  readonly sellAmount: bigint
  /** What the winner bid: least bought for the whole `sellAmount`. */
  readonly minOut: bigint
  /** The certificate is dead after this block; uint40. */
  readonly lastBlock: number
}

/** The order as typed data for a wallet; `chainId` is a number. */
export function orderTypedData(order: Order, domain: Domain) {
  return {
    domain: settlementDomain(domain),
    types: { Order: signedTypes.Order },
    primaryType: 'Order',
    message: order,
  } as const
}

/**
 * The order as the witness of a Permit2 signature transfer: the owner lets `settlement` pull at most
 * `amount` of the sell token up to `validTo`, once, and only to fill this order.
 */
export function permit2TypedData(order: Order, domain: Domain) {
  const { PermitWitnessTransferFrom, TokenPermissions, Order } = signedTypes
  return {
    domain: { name: 'Permit2', chainId: domain.chainId, verifyingContract: permit2Address },
    types: { PermitWitnessTransferFrom, TokenPermissions, Order },
    primaryType: 'PermitWitnessTransferFrom',
    message: {
      permitted: { token: order.sellToken, amount: order.amount },
      spender: domain.settlement,
      nonce: order.nonce,
      deadline: BigInt(order.validTo),
      witness: order,
    },
  } as const
}

/** A win certificate as typed data for the auctioneer. */
export function winCertTypedData(cert: WinCert, domain: Domain) {
  return {
    domain: settlementDomain(domain),
    types: { WinCert: signedTypes.WinCert },
    primaryType: 'WinCert',
    message: cert,
  } as const
}

/** What the owner signs for each way of funding, whole: as JSON it is what `eth_signTypedData_v4` takes. */
export function fundingTypedData(order: Order, domain: Domain, funding: Funding): SignableData {
  const isPermit2 = funding === 'permit2'
  const data = isPermit2 ? permit2TypedData(order, domain) : orderTypedData(order, domain)
  const EIP712Domain = isPermit2 ? permit2DomainMembers : domainMembers
  return { ...data, types: { EIP712Domain, ...data.types } }
}

/** The typed data of any of the structs above, as a wallet's signer takes it. */
export type SignableData = {
  readonly domain: {
    readonly name: string
    readonly version?: string
    readonly chainId: number
    readonly verifyingContract: Address
  }
  readonly types: Readonly<
    Record<string, readonly { readonly name: string; readonly type: string }[]>
  >
  readonly primaryType: string
  readonly message: Readonly<Record<string, unknown>>
}

/** The EIP-712 digest that names `order`: what `allowance` orders sign, and what `Fill` reports for all. */
export function hashOrder(order: Order, domain: Domain): OrderDigest {
  // The one place where the brand is made.
  return hashTypedData(orderTypedData(order, domain)) as OrderDigest
}

/** The hash of the order alone, without a domain: the witness that Permit2 is shown. */
export function hashOrderStruct(order: Order): Hex {
  return hashStruct({
    data: order,
    primaryType: 'Order',
    types: { Order: [...signedTypes.Order] },
  })
}

/** The digest that the owner's signature is over, for each way of funding. */
export function signedDigest(order: Order, domain: Domain, funding: Funding): Hex {
  return funding === 'permit2'
    ? hashTypedData(permit2TypedData(order, domain))
    : hashOrder(order, domain)
}

/** The digest that an auctioneer signs. */
export function hashWinCert(cert: WinCert, domain: Domain): Hex {
  return hashTypedData(winCertTypedData(cert, domain))
}

function settlementDomain({ chainId, settlement }: Domain) {
  return { name: 'isoprice', version: '1', chainId, verifyingContract: settlement } as const
}
