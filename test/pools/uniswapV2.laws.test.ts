/** The laws of pools on Uniswap V2 pairs. */
import { uniswapV2 } from '../../solver/pools/uniswapV2.ts'
import { states } from '../helpers/arbitraries/uniswapV2.ts'
import { describeLaws } from '../helpers/poolLaws.ts'

describeLaws(uniswapV2, states, { holds: ({ reserves }) => reserves })
