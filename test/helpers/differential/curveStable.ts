/** StableSwap against the real bytecode of Curve's sUSD pool: seeded swaps, each asked of the contract itself. */
import { keccak256, numberToHex } from 'viem/utils'
import type { Address } from '../../../solver/core/hex.ts'
import { createRng, type Rng } from '../../../solver/core/rng.ts'
import { deployAt } from '../../../solver/localnet/deploy.ts'
import type { HiddenNode } from '../../../solver/localnet/node.ts'
import { startNode } from '../../../solver/localnet/runtime.ts'
import type { CurveStableState } from '../../../solver/pools/curveStable.ts'
import { toPoolId } from '../../../solver/pools/pool.ts'
import { readPool } from '../localnet.ts'
import {
  addComparisons,
  compareOn,
  nothingCompared,
  type StableComparison,
} from './curveStableCompare.ts'
import { type Coin, createStableProbe, stableswapArtifact, store } from './curveStableProbe.ts'

const pool: Address = '0xa5407eae9ba41422680e2e00537571bcc53efbfd'
const coins: readonly Coin[] = [18, 6, 6, 18].map((decimals, at) => ({
  address: `0x${`c${at}`.repeat(20)}`,
  decimals,
}))
/** Slots of A, fee and admin fee; the balances stand at the hash of slot 2. */
const slots = { A: 3n, fee: 4n, adminFee: 5n }
const balancesSlot = BigInt(keccak256(numberToHex(2n, { size: 32 })))

/** Swaps on one set of parameters and balances. */
const swapsPerScene = 25

/**
 * Compares `count` swaps of `seed` on scenes of different A, fees, sizes and imbalance.
 *
 * @param alter - Changes the state that our maths works on: a control that must lead to differences.
 */
export async function compare(
  count: number,
  seed: number,
  alter: (state: CurveStableState) => CurveStableState = (state) => state,
): Promise<StableComparison> {
  const { node, close } = await startNode({ allowUnlimitedContractSize: true })
  try {
    // The answer's form is the JSON-RPC specification's.
    const [from] = (await node.request({ method: 'eth_accounts' })) as readonly Address[]
    if (from === undefined) throw new TypeError('the node has no account')
    const addresses = coins.map(({ address }) => address)
    const shares: Address = `0x${'5a'.repeat(20)}`
    const args = [addresses, addresses, shares, 100n, 4_000_000n]
    await deployAt(node, from, pool, stableswapArtifact(), args)
    const probe = await createStableProbe(node, from, pool, coins, { index: 'int' })
    const rng = createRng(seed)
    let total = nothingCompared
    while (total.swaps < count) {
      await setScene(node, rng)
      const ref = { kind: 'curveStable', id: toPoolId(pool), tokens: [] }
      const state = alter((await readPool(node, ref)) as CurveStableState) // the kind of the ref
      const some = Math.min(swapsPerScene, count - total.swaps)
      total = addComparisons(total, await compareOn(probe, state, [0, 1, 2, 3], some, rng))
    }
    return total
  } finally {
    await close()
  }
}

/** Sets the pool's parameters and balances: near the peg, far off it, or dust. */
async function setScene(node: HiddenNode, rng: Rng): Promise<void> {
  await store(node, pool, slots.A, rng.logUniform(1n, 10_000n))
  await store(node, pool, slots.fee, rng.next() < 0.1 ? 0n : rng.logUniform(1n, 5n * 10n ** 9n))
  await store(node, pool, slots.adminFee, rng.next() < 0.2 ? 0n : rng.logUniform(1n, 10n ** 10n))
  const value =
    rng.next() < 0.1
      ? rng.logUniform(10n ** 13n, 10n ** 18n)
      : rng.logUniform(10n ** 18n, 10n ** 28n)
  const spread = rng.next() < 0.6 ? 10n : 100_000n
  for (const [at, { decimals }] of coins.entries()) {
    const share = rng.logUniform(1n, spread)
    const balance = value / share / 10n ** BigInt(18 - decimals)
    await store(node, pool, balancesSlot + BigInt(at), balance)
  }
  await node.request({ method: 'evm_mine', params: [] })
}

/** A control for {@link compare}: the state with a fee of 10^-10 more. */
export function withDearerFee(state: CurveStableState): CurveStableState {
  return { ...state, fee: state.fee + 1n }
}
