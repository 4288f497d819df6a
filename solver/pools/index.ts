/** Every pool type the solver knows. A new venue is one file and one line here. */
import { balancerStable } from './balancerStable.ts'
import { balancerV3Stable } from './balancerV3Stable.ts'
import { balancerV3Weighted } from './balancerV3Weighted.ts'
import { balancerWeighted } from './balancerWeighted.ts'
import { curveCrypto } from './curveCrypto.ts'
import { curveStable } from './curveStable.ts'
import { erc4626 } from './erc4626.ts'
import type { PoolModule } from './pool.ts'
import { solidly } from './solidly.ts'
import { uniswapV2 } from './uniswapV2.ts'
import { uniswapV3 } from './uniswapV3.ts'
import { uniswapV4 } from './uniswapV4.ts'
import { wrappedNative } from './wrappedNative.ts'

/** Pool modules by kind: the registry that kinds, states and API schemas derive from. */
export const poolModules = {
  balancerStable,
  balancerV3Stable,
  balancerV3Weighted,
  balancerWeighted,
  curveCrypto,
  curveStable,
  erc4626,
  solidly,
  uniswapV2,
  uniswapV3,
  uniswapV4,
  wrappedNative,
} as const

/** The registry's keys, as docs/market.md spells them. */
export type PoolKind = keyof typeof poolModules

/** The state of a pool of any registered kind. */
export type PoolState = Parameters<(typeof poolModules)[PoolKind]['price']>[0]

/** True for the name of a registered kind. */
export function isPoolKind(kind: string): kind is PoolKind {
  return Object.hasOwn(poolModules, kind)
}

/** The one cast of the room: a registry lookup by a state's own kind gives that state's module. */
export function moduleOf<state extends PoolState>(state: state): PoolModule<state> {
  return poolModules[state.kind] as unknown as PoolModule<state>
}
