/** A token as the maths and the screens see it. */
import type { Address, Hex } from './hex.ts'

/** An ERC-20, or the native currency under the zero address. Only the address identifies it. */
export type Token = {
  readonly address: Address
  /** Untrusted text: any Unicode, may be empty, is not unique. */
  readonly symbol: string
  /** Digits after the point, 0 to 255. */
  readonly decimals: number
  /** Wei of the native currency for 10^18 base units of the token. Gas accounting and reports only. */
  readonly priceWei?: bigint | undefined
  /** `"pool"` when the price came from the token's deepest pool. */
  readonly priceFrom?: string | undefined
  /** That pool's id. */
  readonly pricePool?: Hex | undefined
  /** Block whose end state gave the price: its age is the view's block less this one. */
  readonly priceBlock?: bigint | undefined
  /** The largest part that the token keeps of what is moved, in millionths, declared or measured; absent: unknown. */
  readonly transferFeePips?: number | undefined
  /** True when balances change without a transfer: pools may hold other reserves than they know of. */
  readonly isRebasing?: boolean | undefined
  /** False when it can be bought and not sold, or not even bought; absent: unknown. */
  readonly isSellable?: boolean | undefined
}

/** Characters of a symbol that screens show. */
const symbolMax = 16

/**
 * `symbol` as screens may show it: at most 16 characters, and in place of each one that steers a terminal, turns
 * the reading direction or is no character at all, U+FFFD. Symbols are what strangers wrote on chain.
 */
export function shownSymbol(symbol: string): string {
  const clean = symbol.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '\ufffd')
  return Array.from(clean).slice(0, symbolMax).join('')
}
