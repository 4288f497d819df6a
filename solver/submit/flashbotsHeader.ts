/**
 * The `X-Flashbots-Signature` header: who sends a request, proven over its exact bytes.
 *
 * The value is `<address>:<signature>`, an EIP-191 signature over the lower-case hex *text* of the
 * body's keccak256. Both sides hash the raw bytes, so a body serialised again no longer matches.
 *
 * Source: https://docs.flashbots.net/flashbots-auction/advanced/rpc-endpoint
 */
import { isHex, keccak256, recoverMessageAddress, toBytes } from 'viem/utils'
import { BaseError } from '../core/errors.ts'
import { type Address, type Hex, isAddressText, toAddress } from '../core/hex.ts'

/** The header's name, as relays spell it; HTTP ignores the case. */
export const flashbotsHeaderName = 'X-Flashbots-Signature'

/** A key that signs messages; viem's local accounts are such. It must not be a key that holds funds. */
export type MessageSigner = {
  readonly address: Hex
  signMessage(parameters: { readonly message: string }): Promise<Hex>
}

/** The header's value for `body`, exactly as it will be sent (UTF-8), signed by `signer`. */
export async function signFlashbotsHeader(body: string, signer: MessageSigner): Promise<string> {
  return `${signer.address}:${await signer.signMessage({ message: bodyDigest(toBytes(body)) })}`
}

/**
 * The lower-case address that signed `body`.
 *
 * @param body - The raw bytes as they came in.
 * @param header - The header's value; `undefined` or empty when there was none.
 * @throws {BadHeaderError} `submit.bad-header`, when it is missing, not `address:signature`, not 65
 *   bytes with a recovery byte of 0, 1, 27 or 28, or made by another key or over other bytes.
 */
export async function verifyFlashbotsHeader(
  body: Uint8Array,
  header: string | undefined,
): Promise<Address> {
  if (header === undefined || header === '') throw new BadHeaderError('no signature provided')
  const [stated = '', signature = '', ...rest] = header.split(':')
  if (rest.length > 0 || !isAddressText(stated))
    throw new BadHeaderError('not of the form address:signature')
  if (!isHex(signature) || !/^0x[0-9a-f]{128}(00|01|1b|1c)$/i.test(signature))
    throw new BadHeaderError('the signature is not 65 bytes ending in 0, 1, 27 or 28')
  const signer = await recoverOrNothing(bodyDigest(body), signature)
  if (signer !== toAddress(stated))
    throw new BadHeaderError('signed by another key or another body')
  return signer
}

function bodyDigest(body: Uint8Array): Hex {
  return keccak256(body)
}

/** Values of r and s outside the curve make recovery throw: to a verifier that is a wrong signature. */
async function recoverOrNothing(message: string, signature: Hex): Promise<Address | undefined> {
  try {
    return toAddress(await recoverMessageAddress({ message, signature }))
  } catch {
    return undefined
  }
}

/** A request whose sender is not proven. */
export class BadHeaderError extends BaseError {
  override readonly code = 'submit.bad-header'

  constructor(reason: string) {
    super(`The ${flashbotsHeaderName} header does not prove a sender: ${reason}.`, {
      facts: { reason },
      hint: 'Sign the exact bytes of the body that is sent, and send them unchanged.',
    })
  }
}
