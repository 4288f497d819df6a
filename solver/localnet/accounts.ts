/** The local chain's accounts: keys that everybody knows, for a chain that nobody else has. */
import { bytesToHex } from 'viem/utils'
import { mnemonicToAccount, privateKeyToAddress } from 'viem/accounts'
import { BaseError } from '../core/errors.ts'
import { type Address, type Hex, toAddress } from '../core/hex.ts'

/** A key of the local chain and its address. Worth nothing anywhere else. */
export type LocalAccount = { readonly address: Address; readonly privateKey: Hex }

/** Who is who on the local chain. Each starts with {@link startBalance}. */
export type LocalAccounts = {
  /** Deploys and seeds; unlocked at the node. */
  readonly deployer: LocalAccount
  readonly solver: LocalAccount
  /** Signs win certificates. */
  readonly auctioneer: LocalAccount
  /** Receives block rewards. */
  readonly builder: LocalAccount
  /**
   * The `index`-th person who trades, from 0 to {@link ownerCount} - 1.
   * @throws {UnknownOwnerError} `localnet.unknown-owner`, outside that range.
   */
  owner(index: number): LocalAccount
  readonly all: readonly LocalAccount[]
}

/** Wei that each account starts with: 10,000 ether. */
export const startBalance = 10_000n * 10n ** 18n

/** Owners that are made and given ether. */
export const ownerCount = 16

/**
 * The usual test words on an unusual branch: on mainnet the usual first addresses carry delegated code that
 * sweeps them, which a fork of mainnet would inherit.
 */
const words = 'test test test test test test test test test test test junk'
const branch = "m/44'/60'/7'/0/0"
const firstOwner = 4

/** Derives the accounts; the same on each machine. */
export function createAccounts(): LocalAccounts {
  const parent = mnemonicToAccount(words, { path: branch }).getHdKey()
  const all = Array.from({ length: firstOwner + ownerCount }, (_, index) =>
    accountOf(parent.deriveChild(index).privateKey ?? new Uint8Array()),
  )
  return {
    deployer: accountAt(all, 0),
    solver: accountAt(all, 1),
    auctioneer: accountAt(all, 2),
    builder: accountAt(all, 3),
    owner: (index) => accountAt(all, index < 0 ? -1 : firstOwner + index),
    all,
  }
}

function accountAt(all: readonly LocalAccount[], place: number): LocalAccount {
  const account = all[place]
  if (account === undefined) throw new UnknownOwnerError(place - firstOwner)
  return account
}

function accountOf(key: Uint8Array): LocalAccount {
  const privateKey = bytesToHex(key)
  return { privateKey, address: toAddress(privateKeyToAddress(privateKey)) }
}

/** Nobody of that number lives on the local chain. */
export class UnknownOwnerError extends BaseError {
  override readonly code = 'localnet.unknown-owner'

  constructor(index: number) {
    super('The local chain has no such owner.', {
      facts: { index },
      hint: `Ask for an owner from 0 to ${ownerCount - 1}.`,
    })
  }
}
