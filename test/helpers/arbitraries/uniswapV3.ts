/** States of Uniswap V3 pools: 1 to 24 positions of any width, gaps, the price anywhere, also beyond all liquidity. */
import * as fc from 'fast-check'
import type { UniswapV3State } from '../../../solver/pools/states.ts'
import { randomTickPool } from '../pools.ts'

/** Seeded whole pools; see {@link randomTickPool}. */
export const states: fc.Arbitrary<UniswapV3State> = fc.nat({ max: 2 ** 31 - 1 }).map(randomTickPool)
