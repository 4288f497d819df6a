/** Curve's StableSwap registries and factories on Ethereum mainnet, and tokens whose balances move by themselves. */
import type { Address, Hex } from '../core/hex.ts'

/** A contract that knows its pools by number; its logs do not name them. */
export type CurveStableFactory = { readonly exchange: string; readonly factory: Address }

/** The factories, by which pools are listed. Their pools run code that Curve chose. */
export const curveStableFactories: readonly CurveStableFactory[] = [
  { exchange: 'curve_factory', factory: '0xb9fc157394af804a3578134a6585c0dc9cc990d4' },
  { exchange: 'curve_crvusd_factory', factory: '0x4f8846ae9380b90d2e71d5e3d042dff3e7ebb40d' },
  { exchange: 'curve_stable_ng', factory: '0x6a8cbed756804b16e05e741edabd5cb544ae21bf' },
]

/** The registry of the pools that Curve made itself; its `PoolAdded` log names them. */
export const curveRegistry = {
  exchange: 'curve',
  factory: '0x90e00ace148ca3b23ac1bc8c240c2a7dd9c2d7f5',
  /** keccak256("PoolAdded(address,bytes)") */
  poolAddedTopic: '0xe485c16479ab7092c0b3fc4649843c06be7f072194675261590c84473ab0aea9',
} as const satisfies CurveStableFactory & { readonly poolAddedTopic: Hex }

/** Tokens that pay by growing balances: a pool of one moves without an event of its own. */
export const rebasingTokens: ReadonlySet<Address> = new Set<Address>([
  // stETH, OUSD, OETH, eETH, AMPL
  '0xae7ab96520de3a18e5e111b5eaab095312d7fe84',
  '0x2a8e1e676ec238d8a992307b495b45b3feaa5e86',
  '0x856c4efb76c1d1ae02e20ceb03a2a6a08b0b8dc3',
  '0x35fa164735182de50811e8e2e824cfb9b6118ac2',
  '0xd46ba6d942050d489dbd938a2c909a5d5039a161',
])
