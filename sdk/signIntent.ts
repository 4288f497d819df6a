/** Has a wallet sign an order, and checks at once that the settlement will accept the signature. */
import type { Hex } from '../solver/core/hex.ts'
import { type Domain, signedDigest } from '../solver/intents/eip712.ts'
import type { Funding, Order, SignedOrder } from '../solver/intents/order.ts'
import { signOrder } from '../solver/intents/sign.ts'
import { recoverSigner } from '../solver/intents/verify.ts'
import { WrongSignatureError } from './errors.ts'
import type { Wallet } from './wallet.ts'

/**
 * The signed order. A key's signature is recovered, any other is shown to the owner's contract (ERC-1271).
 *
 * @throws the errors of `requireWellFormed`, for an order that the settlement could never fill.
 * @throws {WrongSignatureError} `sdk.wrong-signature`.
 */
export async function signIntentWith(
  wallet: Wallet,
  order: Order,
  domain: Domain,
  funding: Funding,
): Promise<SignedOrder> {
  const { owner } = order
  const signed = await signOrder(order, domain, funding, async (data) =>
    canonicalParity(await wallet.sign(owner, data)),
  )
  const recovered = await recoverSigner(signed)
  if (recovered === owner) return signed
  const digest = signedDigest(order, domain, funding)
  if (await wallet.isContractSignature(owner, digest, signed.signature)) return signed
  throw new WrongSignatureError(owner, recovered)
}

/** Some hardware wallets end a signature with the parity 0 or 1, which contracts do not take: 27 or 28. */
function canonicalParity(signature: Hex): Hex {
  const isBare = signature.length === 132 && /0[01]$/.test(signature)
  if (!isBare) return signature
  return `${signature.slice(0, -2) as Hex}${signature.endsWith('00') ? '1b' : '1c'}`
}
