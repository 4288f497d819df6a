/**
 * Recorded swaps of Balancer V3's vault buffers, collected by balancer/balancer-maths @ 63436f4 (MIT): what wrapping
 * and unwrapping at a rate gave on chain.
 *
 * They check rates and not units: the rate is given in 18 digits or fewer, and a buffer keeps up to two units of
 * what a vault would give. So every entry says how far ours is from it, in base units of the coarser token.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sharedData } from '../../../bench/accept/check.ts'
import { erc4626, type Erc4626State } from '../../../solver/pools/erc4626.ts'
import { aVault } from '../arbitraries/erc4626.ts'

const files = [
  '1-21671845-Buffer-csUSDC.json',
  '1-21671845-Buffer-waEthLidoWETH.json',
  '1-21671845-Buffer-waEthUSDC.json',
  'buffer-manual.json',
]

type BufferFile = {
  readonly swaps: readonly {
    /** 0: exact-in; 1: exact-out. */
    readonly swapKind: number
    readonly amountRaw: string
    readonly tokenIn: string
    readonly outputRaw: string
  }[]
  readonly pool: { readonly poolAddress: string; readonly rate: string }
}

/** One recorded swap beside ours. */
export type RateVector = {
  readonly name: string
  readonly isExactIn: boolean
  readonly wraps: boolean
  readonly ours: bigint
  readonly recorded: bigint
  /** Units of the recorded amount that one unit of the coarser token is worth, rounded up. */
  readonly coarseUnit: bigint
}

/** All recorded swaps; `alter` is a control. */
export function rateVectors(
  alter: (state: Erc4626State) => Erc4626State = (state) => state,
): RateVector[] {
  return files.flatMap((file) => {
    const path = join(sharedData, 'balancer-maths', file)
    const { swaps, pool } = JSON.parse(readFileSync(path, 'utf8')) as BufferFile // its README's form
    const rate = BigInt(pool.rate)
    // The rate is what 10^18 shares are worth in base units of the asset; as many shares as that, a million times.
    const totals = {
      totalAssets: rate * 1_000_000n,
      totalSupply: 10n ** 24n,
      redeemMax: 10n ** 24n,
    }
    const state = alter(aVault(totals))
    return swaps.map(({ swapKind, amountRaw, tokenIn, outputRaw }) => {
      const wraps = tokenIn.toLowerCase() !== pool.poolAddress.toLowerCase()
      const indices = wraps ? { indexIn: 0, indexOut: 1 } : { indexIn: 1, indexOut: 0 }
      const [amount, recorded] = [BigInt(amountRaw), BigInt(outputRaw)]
      const isExactIn = swapKind === 0
      const ours = isExactIn
        ? erc4626.swapExactIn(state, { ...indices, amountIn: amount }).amountOut
        : erc4626.swapExactOut(state, { ...indices, amountOut: amount }).amountIn
      const finer = amount < recorded ? amount : recorded
      const coarseUnit = (recorded + finer - 1n) / finer
      return { name: `${file} ${amountRaw}`, isExactIn, wraps, ours, recorded, coarseUnit }
    })
  })
}
