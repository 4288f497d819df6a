/** The native currency and its wrapped token are one token to a route: wrapping is a free edge. */
import { type Address, zeroAddress } from '../core/hex.ts'
import type { MarketView } from '../market/view.ts'

/** The name under which routing knows `token`: the wrapped token for the native currency. */
export function canonicalToken(view: MarketView, token: Address): Address {
  return token === zeroAddress && view.wrappedNative !== undefined ? view.wrappedNative : token
}
