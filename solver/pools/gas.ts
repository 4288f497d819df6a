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
  // The transfer in and the pair's own swap on Aerodrome's real bytecode, all slots cold; not settled by us yet.
  solidly: { base: 151_000n, perTick: 0n },
  // Not settled by us yet: a transaction of unlock, swap, settle and sendTo on real bytecode takes 149,000 to 157,000
  // (weighted) and 164,000 to 176,000 (stable, two and three tokens, with rates), less its own 21,000.
  balancerV3Stable: { base: 150_000n, perTick: 0n },
  balancerV3Weighted: { base: 130_000n, perTick: 0n },
  // Tricrypto-NG's own bytecode takes 99,000 to 132,000 with coins that do nothing; two transfers are added.
  curveCrypto: { base: 160_000n, perTick: 0n },
  // Not settled yet: `exchange` with plain coins on recorded bytecode, 96,000 (3pool, oracle pools) to 130,000 (NG).
  curveStable: { base: 120_000n, perTick: 0n },
  // OpenZeppelin's vault takes 27,000 with warm slots; those that lend their assets out several times as much.
  erc4626: { base: 80_000n, perTick: 0n },
  // Not settled yet: WETH9's own deposit and withdrawal with a warm balance.
  wrappedNative: { base: 28_000n, perTick: 0n },
  // Not settled yet: the vault's own swap of two plain tokens on real bytecode, 86,000 to 91,000 for weighted pools;
  // stable ones take 112,000 (two tokens) to 198,000 (four tokens and rates).
  balancerWeighted: { base: 89_000n, perTick: 0n },
  balancerStable: { base: 135_000n, perTick: 0n },
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
