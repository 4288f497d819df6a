/**
 * Gives anybody any token on a node of our own, the local chain or a fork: the balance is written where the
 * token keeps it. There is no transaction, so no block passes and nobody sees one. A node that somebody else
 * snapshots and reverts at the same time may forget it.
 */
import { concatHex, hexToBigInt, keccak256, numberToHex, padHex } from 'viem/utils'
import { mainnet } from '../chain/chains/mainnet.ts'
import { BaseError } from '../core/errors.ts'
import { type Address, type Hex, zeroAddress } from '../core/hex.ts'
import { divUp } from '../core/rounding.ts'
import { type HiddenNode, nativeBalance, requestHex } from './node.ts'

/** Storage slots that are tried as the mapping of balances; mainnet's tokens keep it below 60. */
const slotsTried = 64
/** What a tried slot is set to: no balance by chance, and within the uint96 that some tokens keep. */
const probe = 0x1507c1ce1507c1ce1507c1cen

/**
 * Adds `amount` base units of `token` to `holder`; the zero address is the native currency.
 *
 * The token's total supply stays as it was. A rebasing token may end up to one share above the request.
 *
 * @param amount - Base units, from 0 to 2^120 - 1, and not more than the token's own integers hold.
 * @throws {FundFailedError} `localnet.fund-failed`, when the token's balances are not found.
 *
 * @example
 * await fund(node, accounts.owner(0).address, mainnetTokens.USDC.address, 1_000_000_000n) // 1,000 USDC
 */
export async function fund(
  node: HiddenNode,
  holder: Address,
  token: Address,
  amount: bigint,
): Promise<void> {
  if (token === zeroAddress) return addNative(node, holder, amount)
  const found = await findBalance(node, token, holder).catch((cause: unknown) => {
    throw new FundFailedError({ token, holder, cause })
  })
  if (found === undefined) throw new FundFailedError({ token, holder })
  const { key, shown } = found
  // Balances in shares show something else than what is stored, in a fixed proportion.
  const added = shown === probe ? amount : divUp(amount * probe, shown)
  const stored = hexToBigInt(await requestHex(node, 'eth_getStorageAt', [token, key, 'latest']))
  const value = numberToHex(stored + added, { size: 32 })
  const before = await balanceOf(node, token, holder)
  await node.request({ method: 'hardhat_setStorageAt', params: [token, key, value] })
  if ((await balanceOf(node, token, holder)) < before + amount)
    throw new FundFailedError({ token, holder })
  if (token === mainnet.wrappedNative) await addNative(node, token, amount)
}

/** Balance of an ERC-20 at the head, in base units. */
export async function balanceOf(
  node: HiddenNode,
  token: Address,
  holder: Address,
): Promise<bigint> {
  if (token === zeroAddress) return nativeBalance(node, holder)
  return hexToBigInt(await requestHex(node, 'eth_call', [balanceCall(token, holder), 'latest']))
}

function balanceCall(token: Address, holder: Address) {
  return { to: token, data: concatHex(['0x70a08231', padHex(holder)]) } // balanceOf(address)
}

async function addNative(node: HiddenNode, holder: Address, amount: bigint): Promise<void> {
  const balance = (await nativeBalance(node, holder)) + amount
  await node.request({ method: 'hardhat_setBalance', params: [holder, numberToHex(balance)] })
}

type Found = {
  readonly key: Hex
  /** What `balanceOf` says when the slot holds `probe`. */
  readonly shown: bigint
}

async function findBalance(
  node: HiddenNode,
  token: Address,
  holder: Address,
): Promise<Found | undefined> {
  const call = balanceCall(token, holder)
  const empty = await requestHex(node, 'eth_call', [call, 'latest'])
  if (empty === '0x') return undefined
  for (let slot = 0; slot < slotsTried; slot += 1) {
    const base = numberToHex(slot, { size: 32 })
    // Solidity hashes the key before the slot, Vyper after it.
    for (const parts of [
      [padHex(holder), base],
      [base, padHex(holder)],
    ]) {
      const key = keccak256(concatHex(parts))
      const state = overrides(token, { [key]: numberToHex(probe, { size: 32 }) })
      const answer = await requestHex(node, 'eth_call', [call, 'latest', state])
      if (answer === empty || hexToBigInt(answer) === 0n) continue
      return { key, shown: hexToBigInt(answer) }
    }
  }
  return undefined
}

function overrides(token: Address, stateDiff: Readonly<Record<Hex, Hex>>) {
  return { [token]: { stateDiff } }
}

/** The token does not keep balances in a plain mapping. */
export class FundFailedError extends BaseError {
  override readonly code = 'localnet.fund-failed'

  constructor({ token, holder, cause }: { token: Address; holder: Address; cause?: unknown }) {
    super('The balance of this token could not be written.', {
      cause,
      facts: { token, holder },
      hint: 'Use a token that keeps balances in one mapping, or send it from a holder.',
    })
  }
}
