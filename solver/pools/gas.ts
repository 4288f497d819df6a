/**
 * Gas that one swap adds to a settlement, by pool kind: data, measured again whenever the contracts change.
 *
 * The base figures are for warm tokens; a crossed tick costs its fee-growth slots.
 */
import type { PoolStateBase } from './pool.ts'

/** Gas units of one swap within a price range, and of each initialised tick that it crosses. */
export const swapGas: Readonly<
  Record<string, { readonly base: bigint; readonly perTick: bigint }>
> = {
  uniswapV2: { base: 62_000n, perTick: 0n },
  uniswapV3: { base: 90_000n, perTick: 24_000n },
  uniswapV4: { base: 80_000n, perTick: 24_000n },
}

/**
 * Gas units that a swap through `pool` adds to a settlement.
 *
 * @param pool - Its `gasHint`, where the snapshot gave one, stands in for the kind's base.
 * @param ticksCrossed - Initialised ticks that the swap crosses; 0 for pools without ticks.
 */
export function gasOfSwap(pool: PoolStateBase, ticksCrossed = 0): bigint {
  const { base, perTick } = swapGas[pool.kind] ?? { base: 100_000n, perTick: 0n }
  return (pool.gasHint ?? base) + perTick * BigInt(ticksCrossed)
}
