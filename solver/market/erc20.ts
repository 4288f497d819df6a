/** Reads what a token says of itself. Nothing here is believed: names are text, decimals only format numbers. */
import type { Call } from '../chain/block.ts'
import { type Address, type Hex, zeroAddress } from '../core/hex.ts'
import type { Token } from '../core/token.ts'

/** Selectors of `decimals()` and `symbol()`. */
const decimalsCall: Hex = '0x313ce567'
const symbolCall: Hex = '0x95d89b41'
/** Longest symbol kept, in characters. */
const symbolMax = 64

/** The native currency as a token. */
export const nativeToken: Token = { address: zeroAddress, symbol: 'ETH', decimals: 18 }

/** The two calls about one token, in the order that {@link toToken} takes their answers. */
export function tokenCalls(token: Address): readonly Call[] {
  return [decimalsCall, symbolCall].map((data) => ({ target: token, value: 0n, data }))
}

/**
 * A token from its two answers; `undefined` stands for a revert.
 *
 * @returns Decimals are 0 and the symbol is empty where the token does not say them.
 */
export function toToken(
  address: Address,
  decimals: Hex | undefined,
  symbol: Hex | undefined,
): Token {
  const digits = decimals === undefined || decimals.length < 66 ? 0n : BigInt(decimals.slice(0, 66))
  return { address, symbol: readSymbol(symbol), decimals: digits > 255n ? 0 : Number(digits) }
}

/** A symbol is an ABI string, or 32 bytes padded with zeros (MKR and other early tokens). */
function readSymbol(data: Hex | undefined): string {
  if (data === undefined) return ''
  const bytes = Uint8Array.from(data.slice(2).match(/../g) ?? [], (byte) =>
    Number.parseInt(byte, 16),
  )
  if (bytes.length <= 32) return toText(bytes)
  const length = Number(BigInt(`0x${data.slice(2 + 64, 2 + 128) || '0'}`))
  return toText(bytes.subarray(64, 64 + Math.min(length, symbolMax * 4)))
}

function toText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0)
  const text = new TextDecoder().decode(end === -1 ? bytes : bytes.subarray(0, end))
  return text.slice(0, symbolMax)
}
