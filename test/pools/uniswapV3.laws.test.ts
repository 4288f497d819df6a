/** The laws of pools on Uniswap V3 pools. */
import { uniswapV3 } from '../../solver/pools/uniswapV3.ts'
import { states } from '../helpers/arbitraries/uniswapV3.ts'
import { describeLaws } from '../helpers/poolLaws.ts'

describeLaws(uniswapV3, states, {
  // An input whose output rounds to nothing is taken all the same.
  mayTakeForNothing: true,
  // The pool computes exact-out on its own and rounds each step up.
  exactOutIsLeast: false,
})
