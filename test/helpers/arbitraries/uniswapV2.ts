/** States of Uniswap V2 pairs: dust, huge, imbalanced, empty. */
import * as fc from 'fast-check'
import type { UniswapV2State } from '../../../solver/pools/states.ts'
import { aPair } from '../pools.ts'
import { anyMagnitude } from './magnitudes.ts'

const anyReserve = fc.oneof(
  { weight: 20, arbitrary: anyMagnitude(112) },
  { weight: 1, arbitrary: fc.constantFrom(0n, 1n, 2n ** 112n - 1n) },
)

/** Any pair that the contract can be in, at any fee below 100 %. */
export const states: fc.Arbitrary<UniswapV2State> = fc
  .tuple(
    anyReserve,
    anyReserve,
    fc.oneof(fc.constantFrom(0, 2_500, 3_000, 999_999), fc.nat({ max: 100_000 })),
  )
  .map(([reserve0, reserve1, feePips]) => aPair([reserve0, reserve1], { feePips }))
