/** A token as the maths and the screens see it. */
import type { Address } from './hex.ts'

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
}
