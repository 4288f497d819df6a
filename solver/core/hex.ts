/** Hexadecimal names, and how a name of one kind is kept from being used as another. */
/** Bytes as text, with 0x. */
export type Hex = `0x${string}`
/** Twenty bytes, lower-case: addresses are checksummed only at the doors (house 5.12). */
export type Address = Hex

declare const brand: unique symbol

/** A `base` that only its own constructor can make: two ids of one shape never mix. */
export type Brand<base, name extends string> = base & { readonly [brand]: name }

/** The zero address: Uniswap V4's name of the native currency. */
export const zeroAddress: Address = '0x0000000000000000000000000000000000000000'

/** True when `text` is twenty bytes of hex with 0x, in either case. */
export function isAddressText(text: string): boolean {
  return /^0x[0-9a-fA-F]{40}$/.test(text)
}

/** `text` as an address of ours, lower-case; `text` must satisfy {@link isAddressText}. */
export function toAddress(text: string): Address {
  return text.toLowerCase() as Address
}
