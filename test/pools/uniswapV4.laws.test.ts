/** The laws of pools on Uniswap V4 pools. */
import { uniswapV4 } from '../../solver/pools/uniswapV4.ts'
import { states } from '../helpers/arbitraries/uniswapV4.ts'
import { describeLaws } from '../helpers/poolLaws.ts'

describeLaws(uniswapV4, states, {
  // As on V3: dust is taken for nothing, and exact-out is the pool's own function.
  mayTakeForNothing: true,
  exactOutIsLeast: false,
})
