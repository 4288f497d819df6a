/** Builders of pool states: whole values with the one field that a test is about in sight. */
import { createRng, type Rng } from '../../solver/core/rng.ts'
import {
  getSqrtRatioAtTick,
  getTickAtSqrtRatio,
  maxTick,
} from '../../solver/pools/math/tickMath.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import type {
  Tick,
  UniswapV2State,
  UniswapV3State,
  UniswapV4State,
} from '../../solver/pools/states.ts'
import { zeroAddress } from '../../solver/core/hex.ts'

export const tokenA = '0x00000000000000000000000000000000000000a0'
export const tokenB = '0x00000000000000000000000000000000000000b0'
export const poolA = toPoolId('0x00000000000000000000000000000000000000e1')

/** A V2 pair of the given reserves. */
export function aPair(
  reserves: readonly [bigint, bigint],
  over: Partial<UniswapV2State> = {},
): UniswapV2State {
  return {
    kind: 'uniswapV2',
    id: poolA,
    tokens: [tokenA, tokenB],
    reserves,
    feePips: 3_000,
    ...over,
  }
}

/** Liquidity between two ticks. */
export type Position = {
  readonly lower: number
  readonly upper: number
  readonly liquidity: bigint
}

/** The tick list of `positions`, gross included. */
export function ticksOf(positions: readonly Position[]): Tick[] {
  const nets = new Map<number, { net: bigint; gross: bigint }>()
  const add = (index: number, net: bigint, gross: bigint) => {
    const before = nets.get(index) ?? { net: 0n, gross: 0n }
    nets.set(index, { net: before.net + net, gross: before.gross + gross })
  }
  for (const { lower, upper, liquidity } of positions) {
    add(lower, liquidity, liquidity)
    add(upper, -liquidity, liquidity)
  }
  return [...nets]
    .sort(([left], [right]) => left - right)
    .map(([index, { net, gross }]) => ({ index, liquidityNet: net, liquidityGross: gross }))
}

/** A V3 pool at `sqrtPriceX96` made of whole positions: complete, no flags. */
export function aTickPool(
  positions: readonly Position[],
  sqrtPriceX96: bigint,
  over: Partial<UniswapV3State> = {},
): UniswapV3State {
  const tick = getTickAtSqrtRatio(sqrtPriceX96)
  const active = positions.filter(({ lower, upper }) => lower <= tick && tick < upper)
  return {
    kind: 'uniswapV3',
    id: poolA,
    tokens: [tokenA, tokenB],
    feePips: 3_000,
    tickSpacing: 60,
    sqrtPriceX96,
    tick,
    liquidity: active.reduce((sum, { liquidity }) => sum + liquidity, 0n),
    ticks: ticksOf(positions),
    ...over,
  }
}

/** The same pool on Uniswap V4, without hooks. */
export function toV4(state: UniswapV3State, over: Partial<UniswapV4State> = {}): UniswapV4State {
  const { feePips: fee, tickSpacing } = state
  const poolKey = {
    currency0: tokenA,
    currency1: tokenB,
    fee,
    tickSpacing,
    hooks: zeroAddress,
  } as const
  const id = toPoolId(`0x${'4'.repeat(64)}`)
  return { ...state, kind: 'uniswapV4', id, poolKey, hooks: zeroAddress, protocolFee: 0, ...over }
}

const feeTiers = [
  { feePips: 100, tickSpacing: 1 },
  { feePips: 500, tickSpacing: 10 },
  { feePips: 3_000, tickSpacing: 60 },
  { feePips: 10_000, tickSpacing: 200 },
] as const

/**
 * A seeded V3 pool of 1 to 24 positions around a seeded price: narrow ones, wide ones and, in every third
 * pool, gaps without liquidity. The price may stand anywhere in its tick.
 */
export function randomTickPool(seed: number): UniswapV3State {
  const rng = createRng(seed)
  const { feePips, tickSpacing } = feeTiers[rng.int(0, 3)] ?? feeTiers[0]
  const centre = rng.int(-400_000, 400_000)
  const positions = Array.from({ length: rng.int(1, 24) }, () =>
    randomPosition(rng, centre, tickSpacing),
  )
  const sqrtPriceX96 = getSqrtRatioAtTick(centre) + BigInt(rng.int(0, 1_000))
  return aTickPool(positions, sqrtPriceX96, { feePips, tickSpacing })
}

function randomPosition(rng: Rng, centre: number, tickSpacing: number): Position {
  const top = Math.floor(maxTick / tickSpacing)
  const at = Math.floor(centre / tickSpacing)
  const clamp = (compressed: number) => Math.max(-top, Math.min(top, compressed))
  const shift = rng.int(-30, 30)
  const width = rng.next() < 0.2 ? rng.int(200, 2_000) : rng.int(1, 40)
  const lower = clamp(at + shift - width)
  const upper = Math.max(lower + 1, clamp(at + shift + rng.int(1, width)))
  const liquidity = rng.logUniform(10n ** 3n, 10n ** 24n)
  return { lower: lower * tickSpacing, upper: upper * tickSpacing, liquidity }
}
