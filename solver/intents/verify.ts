/** Whether a signed order may be filled here and now: the checks that the settlement will make, made before. */
import { isErc6492Signature, recoverAddress } from 'viem/utils'
import { BaseError } from '../core/errors.ts'
import { type Address, type Hex, toAddress } from '../core/hex.ts'
import { requireWellFormed } from './check.ts'
import { hashOrder, signedDigest } from './eip712.ts'
import { DigestMismatchError } from './orderJson.ts'
import type { Order, SignedOrder } from './order.ts'

/** Half the order of secp256k1: a signature with a larger `s` has a twin, so it is refused. */
const halfOrder = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n

/** Where and when a fill is meant, and what the chain knows of the owner. */
export type FillContext = {
  readonly chainId: number
  readonly settlement: Address
  /** Unix seconds at which the settlement is expected to run. */
  readonly now: number
  /**
   * Reads the nonce bitmap of the settlement, which every order uses up, and for an order funded by Permit2 the
   * bitmap there too: used in either is used. Absent: not checked.
   */
  readonly isNonceUsed?:
    ((order: Order, funding: SignedOrder['funding']) => Promise<boolean>) | undefined
  /** Asks the owner's own contract (ERC-1271); absent: only keys can sign. */
  readonly isContractSignature?:
    ((owner: Address, digest: Hex, signature: Hex) => Promise<boolean>) | undefined
}

/**
 * Passes a signed order that the settlement at `context` would accept now, and refuses any other by its
 * first fault. Balance and allowance are not checked: they are the simulation's.
 *
 * @throws {WrongChainError} `intents.wrong-chain`, also for another settlement contract.
 * @throws the errors of {@link requireWellFormed}.
 * @throws {DigestMismatchError} `intents.digest-mismatch`.
 * @throws {OrderExpiredError} `intents.expired`.
 * @throws {SignatureInvalidError} `intents.signature-invalid`.
 * @throws {NonceUsedError} `intents.nonce-used`.
 */
export async function requireFillable(signed: SignedOrder, context: FillContext): Promise<void> {
  const { order, digest, funding } = signed
  if (signed.chainId !== context.chainId || signed.settlement !== context.settlement)
    throw new WrongChainError(signed, context)
  requireWellFormed(order, context)
  const computed = hashOrder(order, context)
  if (digest !== computed) throw new DigestMismatchError(digest, computed)
  if (context.now > order.validTo) throw new OrderExpiredError(order.validTo, context.now)
  if (!(await isSignedByOwner(signed, context)))
    throw new SignatureInvalidError(order.owner, await recoverSigner(signed))
  if (await context.isNonceUsed?.(order, funding)) throw new NonceUsedError(order)
}

/**
 * The account whose key made the signature, or `undefined` when it is no signature of a key: not 64 or 65
 * bytes, a high `s`, a `v` other than 27 or 28, or not on the curve.
 */
export async function recoverSigner(signed: SignedOrder): Promise<Address | undefined> {
  const expanded = expandSignature(signed.signature)
  if (expanded === undefined) return undefined
  const hash = signedDigest(signed.order, signed, signed.funding)
  try {
    return toAddress(await recoverAddress({ hash, signature: expanded }))
  } catch {
    // Numbers that are no point of the curve: an ordinary outcome of foreign bytes.
    return undefined
  }
}

/** The 65 bytes of a low-s signature given in 64 (EIP-2098) or 65, or `undefined` for any other bytes. */
export function expandSignature(signature: Hex): Hex | undefined {
  const bytes = signature.slice(2)
  if (bytes.length !== 128 && bytes.length !== 130) return undefined
  const r = bytes.slice(0, 64)
  const word = BigInt(`0x${bytes.slice(64, 128)}`)
  const isCompact = bytes.length === 128
  const s = isCompact ? word & (2n ** 255n - 1n) : word
  const v = isCompact ? 27n + (word >> 255n) : BigInt(`0x${bytes.slice(128)}`)
  if (s > halfOrder || s === 0n || (v !== 27n && v !== 28n)) return undefined
  return `0x${r}${s.toString(16).padStart(64, '0')}${v.toString(16)}`
}

async function isSignedByOwner(signed: SignedOrder, context: FillContext): Promise<boolean> {
  const { owner } = signed.order
  // The key first, whatever code the account has: an EIP-7702 account still signs with its key.
  if ((await recoverSigner(signed)) === owner) return true
  if (isErc6492Signature(signed.signature)) return false
  const digest = signedDigest(signed.order, signed, signed.funding)
  return (await context.isContractSignature?.(owner, digest, signed.signature)) ?? false
}

/** An order for another chain or another settlement contract. */
export class WrongChainError extends BaseError {
  override readonly code = 'intents.wrong-chain'

  constructor(signed: SignedOrder, context: FillContext) {
    super('The order is signed for another chain or another settlement contract.', {
      facts: {
        signedChainId: signed.chainId,
        chainId: context.chainId,
        signedSettlement: signed.settlement,
        settlement: context.settlement,
      },
      hint: 'Sign it again for this chain and contract.',
    })
  }
}

/** The time to fill the order is over. */
export class OrderExpiredError extends BaseError {
  override readonly code = 'intents.expired'

  constructor(validTo: number, now: number) {
    super('The order has expired.', {
      facts: { validTo, now },
      hint: 'Sign a new order with a later `validTo`; times are Unix seconds.',
    })
  }
}

/** The signature is not the owner's. */
export class SignatureInvalidError extends BaseError {
  override readonly code = 'intents.signature-invalid'

  constructor(owner: Address, recovered: Address | undefined) {
    super("The signature over this order is not its owner's.", {
      facts: { owner, recovered: recovered ?? 'nobody' },
      hint: "Sign exactly this typed data with the owner's key: low s, 64 or 65 bytes.",
    })
  }
}

/** The nonce was filled or cancelled before. */
export class NonceUsedError extends BaseError {
  override readonly code = 'intents.nonce-used'

  constructor({ owner, nonce }: Order) {
    super('The nonce of this order was filled or cancelled before.', {
      facts: { owner, nonce },
      hint: 'Sign again with an unused nonce.',
    })
  }
}
