/** The pool kinds that plans are made of, and that a certificate therefore ranges over. */
import type { PoolState } from '../pools/index.ts'
import type { UniswapV2State, UniswapV3State, UniswapV4State } from '../pools/states.ts'

/** Pools of two tokens whose liquidity is constant between prices: what the kernel holds today. */
export type RoutedState = UniswapV2State | UniswapV3State | UniswapV4State

const routedKinds = new Set<string>(['uniswapV2', 'uniswapV3', 'uniswapV4'])

/** True for a pool that routes may cross. The others are priced exactly, but no plan uses them yet. */
export function isRouted(state: PoolState): state is RoutedState {
  return routedKinds.has(state.kind)
}
