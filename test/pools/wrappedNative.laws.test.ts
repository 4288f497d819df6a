/** The laws of pools on the wrapped native currency. */
import { wrappedNative } from '../../solver/pools/wrappedNative.ts'
import { states } from '../helpers/arbitraries/wrappedNative.ts'
import { describeLaws } from '../helpers/poolLaws.ts'

describeLaws(wrappedNative, states, {
  // The ether itself is no part of the books: only what is wrapped is held.
  holds: ({ held }) => [0n, -held],
  leaves: (_, { indexIn, amountIn }) => [indexIn === 0 ? amountIn : -amountIn, 0n],
})
