/** Turns an order into a signed one; the key stays with the caller's signer. */
import type { Hex } from '../core/hex.ts'
import { requireWellFormed } from './check.ts'
import {
  type Domain,
  type SignableData,
  type WinCert,
  fundingTypedData,
  hashOrder,
  winCertTypedData,
} from './eip712.ts'
import type { Funding, Order, SignedOrder } from './order.ts'

/** Signs EIP-712 typed data and returns the signature; `signTypedData` of a viem account is one. */
export type TypedDataSigner = (data: SignableData) => Promise<Hex>

/**
 * Signs `order` for one settlement contract.
 *
 * @param order - What is wanted; checked by {@link requireWellFormed}, so a malformed order is never signed.
 * @param funding - How the sell token will reach the pools: it decides what is signed.
 * @param sign - Signs with the owner's key. What it returns is not checked here; see `verify.ts`.
 * @throws the errors of {@link requireWellFormed}, and whatever `sign` throws.
 *
 * @example
 * await signOrder(order, { chainId: 1, settlement }, 'allowance', (data) => account.signTypedData(data))
 */
export async function signOrder(
  order: Order,
  domain: Domain,
  funding: Funding,
  sign: TypedDataSigner,
): Promise<SignedOrder> {
  requireWellFormed(order, domain)
  const signature = await sign(fundingTypedData(order, domain, funding))
  const { chainId, settlement } = domain
  return { order, digest: hashOrder(order, domain), chainId, settlement, funding, signature }
}

/** A win certificate with the auctioneer's signature. */
export type SignedWinCert = { readonly cert: WinCert; readonly signature: Hex }

/** Signs a win certificate with the auctioneer's key. Throws only what `sign` throws. */
export async function signWinCert(
  cert: WinCert,
  domain: Domain,
  sign: TypedDataSigner,
): Promise<SignedWinCert> {
  return { cert, signature: await sign(winCertTypedData(cert, domain)) }
}

/** The signer of an account that has viem's `signTypedData`. Throws nothing of its own. */
export function signerOf(account: { signTypedData(data: never): Promise<Hex> }): TypedDataSigner {
  // viem's parameter is generic over one primary type; ours is one of three.
  return (data) => account.signTypedData(data as never)
}
