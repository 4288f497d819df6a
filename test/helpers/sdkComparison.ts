/** Our V3 pool beside `@uniswap/v3-sdk` on the same seeded pools and swaps. */
import { createRng } from '../../solver/core/rng.ts'
import { swapTicks } from '../../solver/pools/math/tickSwap.ts'
import type { UniswapV3State } from '../../solver/pools/states.ts'
import { uniswapV3 } from '../../solver/pools/uniswapV3.ts'
import { randomTickPool } from './pools.ts'
import { sdkExactIn, sdkExactOut, toSdkPool } from './uniswapSdk.ts'

/** What a comparison saw. */
export type SdkComparison = {
  readonly swaps: number
  /** Of them, swaps that crossed a tick. */
  readonly crossed: number
  /** Amount, price, liquidity or tick differed; each in words. */
  readonly differences: readonly string[]
}

const swapsPerPool = 5
const amountMax = 10n ** 26n

/**
 * Compares `wanted` swaps that both can fill: the SDK throws where a pool runs dry, ours fills what it can.
 *
 * @param alter - Changes the pool that ours sees: the control of the comparison.
 */
export async function compareWithSdk(
  side: 'in' | 'out',
  wanted: number,
  seed: number,
  alter: (state: UniswapV3State) => UniswapV3State = (state) => state,
): Promise<SdkComparison> {
  const rng = createRng(seed)
  const differences: string[] = []
  let [swaps, crossed] = [0, 0]
  for (let pool = seed; swaps < wanted; pool += 1) {
    const state = randomTickPool(pool)
    const sdk = toSdkPool(state)
    const seen = alter(state)
    for (let each = 0; each < swapsPerPool; each += 1) {
      const indexIn = rng.int(0, 1)
      const amount = rng.logUniform(1n, amountMax)
      const swap = { indexIn, indexOut: 1 - indexIn }
      const ours =
        side === 'in'
          ? uniswapV3.swapExactIn(seen, { ...swap, amountIn: amount })
          : uniswapV3.swapExactOut(seen, { ...swap, amountOut: amount })
      if ((side === 'in' ? ours.amountIn : ours.amountOut) < amount) continue
      const theirs =
        side === 'in'
          ? await sdkExactIn(sdk, indexIn === 0, amount)
          : await sdkExactOut(sdk, indexIn === 0, amount)
      const counterpart = 'amountOut' in theirs ? theirs.amountOut : theirs.amountIn
      const { sqrtRatioX96, liquidity, tickCurrent } = theirs.next
      const [mine, other] = [
        [
          side === 'in' ? ours.amountOut : ours.amountIn,
          ours.next.sqrtPriceX96,
          ours.next.liquidity,
          ours.next.tick,
        ],
        [counterpart, sqrtRatioX96, liquidity, tickCurrent],
      ].map((values) => values.map(String).join(' '))
      if (mine !== other)
        differences.push(`pool ${pool}, exact-${side} ${amount}: ${mine} against ${other}`)
      swaps += 1
      const { feePips } = state
      const walk = swapTicks(state, { zeroForOne: indexIn === 0, exact: side, amount, feePips })
      if (walk.ticksCrossed > 0) crossed += 1
    }
  }
  return { swaps, crossed, differences }
}
