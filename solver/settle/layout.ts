/** The bytes of a settlement call: what `contracts/libraries/Program.sol` reads, named once for writer and reader. */
import type { Address, Hex } from '../core/hex.ts'

/** First byte of a call that settles one order. */
export const oneOrder = 0x02

/** How the owner signed. A key signs in 64 bytes (65 are turned into them); Permit2 checks its own signature. */
export const signatureKinds = { key: 0, contract: 1, permit2: 3, longKey: 4 } as const

/** How the sell token is paid: by allowance, by Permit2 as the pool asks, or by Permit2 in one pull. */
export const fundingKinds = { allowance: 0, permit2: 1, permit2Pull: 2 } as const

/** First bytes of the verbs; V2 and V3 carry the row of the factory table in their low half. */
export const verbs = {
  pot: 0x02,
  uniswapV2: 0x10,
  uniswapV3: 0x20,
  uniswapV4: 0x50,
  uniswapV4Native: 0x52,
} as const

/** `amountIn` of a verb that means all that is left of the token. */
export const allOfIt = 2n ** 128n - 1n

/** A deployment of constant-product pairs in the settlement's factory table. */
export type UniswapV2Deployment = {
  readonly row: number
  readonly factory: Address
  readonly initCodeHash: Hex
  readonly feePips: number
}

/** A deployment of concentrated-liquidity pools in the settlement's factory table. */
export type UniswapV3Deployment = Omit<UniswapV2Deployment, 'feePips'>

/** The settlement's constants on one chain: `pools/deployments.ts` has the tables of Ethereum. */
export type Venues = {
  readonly uniswapV2: readonly UniswapV2Deployment[]
  readonly uniswapV3: readonly UniswapV3Deployment[]
  readonly wrappedNative: Address
}

/** A number in exactly `bytes` bytes, without 0x. The value is non-negative and fits. */
export function packNumber(value: bigint | number, bytes: number): string {
  return value.toString(16).padStart(2 * bytes, '0')
}

/** Bytes after their own number, which takes two; without 0x. */
export function packBytes(bytes: Hex): string {
  const text = bytes.slice(2)
  return packNumber(text.length >> 1, 2) + text
}
