/** The pools that plans are made of, that a certificate therefore ranges over, and how much of each. */
import { min } from '../core/rounding.ts'
import { type PoolState, moduleOf } from '../pools/index.ts'
import type { SmoothCurve } from '../pools/pool.ts'
import type { UniswapV2State, UniswapV3State, UniswapV4State } from '../pools/states.ts'
import type { QuoteOptions } from './route.ts'

/** Pools of two tokens whose liquidity is constant between prices: segments of the kernel as they are. */
export type RoutedState = UniswapV2State | UniswapV3State | UniswapV4State

/** A pool of any other kind; routes cross it between two of its tokens. */
export type SmoothState = Exclude<PoolState, RoutedState>

const segmentKinds = new Set<string>(['uniswapV2', 'uniswapV3', 'uniswapV4'])

/** True for a pool of constant liquidity between prices. */
export function isRouted(state: PoolState): state is RoutedState {
  return segmentKinds.has(state.kind)
}

/** The kinds that options allow, `undefined` for all: the settlement has verbs for pools of segments only. */
export function kindsOf({ kinds, executable }: QuoteOptions): readonly string[] | undefined {
  if (executable !== true) return kinds
  return [...segmentKinds].filter((kind) => kinds === undefined || kinds.includes(kind))
}

/** More than any plan carries. */
const boundless = 2n ** 128n - 1n

/**
 * Base units of token `indexIn` that a plan may give the pool: a vault takes at most as much as it holds.
 *
 * A vault has one price whatever the amount and often no limit. At prices that are floats it would then add the
 * rounding of its price times an amount that no market has to every bound. A pool whose fee surges takes what it takes at rest: beyond, its payouts are not concave.
 */
export function capacityOf(state: PoolState, indexIn: number, indexOut: number): bigint {
  if (state.kind === 'erc4626')
    return min(boundless, indexIn === 0 ? state.totalAssets : state.totalSupply)
  if (state.kind !== 'balancerV3Stable' || state.surge === undefined) return boundless
  const curve = moduleOf(state).curve(state)
  return curve?.shape === 'smooth' ? calm(curve.mostIn(indexIn, indexOut)) : 0n
}

function calm(most: number): bigint {
  return BigInt(Math.floor(Math.max(0, Math.min(most * (1 - 1e-9), 2 ** 120))))
}

/**
 * True where a smooth pool can be crossed from one token to another: its curve pays at least something, at a price
 * that floats can hold. Other directions are in no plan and in no bound.
 */
export function isLive(
  state: PoolState,
  curve: SmoothCurve,
  indexIn: number,
  indexOut: number,
): boolean {
  const most = Math.min(
    curve.mostIn(indexIn, indexOut),
    sizeOf(capacityOf(state, indexIn, indexOut)),
  )
  const price = curve.slope(indexIn, indexOut, 0)
  return most >= 1 && price > 1e-60 && price < 1e60 && curve.out(indexIn, indexOut, most) > 0
}

function sizeOf(amount: bigint): number {
  return Number(amount)
}

/** The pairs of places between which a plan may cross a pool of `length` tokens. */
export function pairsOf(length: number): readonly (readonly [number, number])[] {
  const places = Array.from({ length }, (_, place) => place)
  return places.flatMap((a) => places.slice(a + 1).map((b): readonly [number, number] => [a, b]))
}
