/**
 * Gas that one swap adds to a settlement, by pool kind: data, measured again whenever the contracts change.
 *
 * Least squares over 120 plans of 1 to 12 legs on real bytecode, as a node estimates exactly what would be sent
 * (median error 2.9 %): `node scripts/gas.ts`.
 */
import type { PoolStateBase } from './pool.ts'

/** Gas units of one swap within a price range, and of each initialised tick that it crosses. */
export const swapGas: Readonly<
  Record<string, { readonly base: bigint; readonly perTick: bigint }>
> = {
  uniswapV2: { base: 96_000n, perTick: 0n },
  uniswapV3: { base: 97_000n, perTick: 38_000n },
  uniswapV4: { base: 102_000n, perTick: 38_000n },
  // Not settled yet: WETH9's own deposit and withdrawal with a warm balance.
  wrappedNative: { base: 28_000n, perTick: 0n },
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
