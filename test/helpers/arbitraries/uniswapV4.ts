/** States of Uniswap V4 pools: those of V3, with protocol fees, and some with a hook that forbids our maths. */
import * as fc from 'fast-check'
import { type Address, zeroAddress } from '../../../solver/core/hex.ts'
import type { UniswapV4State } from '../../../solver/pools/states.ts'
import { tickSwapExactOut } from '../../../solver/pools/tickPool.ts'
import { randomTickPool, toV4 } from '../pools.ts'

/** Bits of hooks that do not and that do act on swaps. */
const harmlessHook: Address = '0x0000000000000000000000000000000000000f00'
const swapHook: Address = '0x0000000000000000000000000000000000000080'

const anyProtocolFee = fc.tuple(fc.nat({ max: 1_000 }), fc.nat({ max: 1_000 }))

/**
 * Any V4 pool; one in ten has a hook that acts on swaps. Left out are pools whose whole depth no signed 128-bit
 * integer holds: the PoolManager refuses a swap through all of it, and so does the module, instead of a part.
 */
export const states: fc.Arbitrary<UniswapV4State> = fc
  .tuple(
    fc.nat({ max: 2 ** 31 - 1 }),
    fc.oneof(fc.constant([0, 0] as const), anyProtocolFee),
    fc.constantFrom(...Array<Address>(8).fill(zeroAddress), harmlessHook, swapHook),
  )
  .map(([seed, [fee0, fee1], hooks]) => {
    const state = toV4(randomTickPool(seed), { protocolFee: (fee1 << 12) | fee0, hooks })
    return { ...state, poolKey: { ...state.poolKey, hooks } }
  })
  .filter((state) =>
    [0, 1].every((indexIn) => {
      const asked = { indexIn, indexOut: 1 - indexIn, amountOut: 2n ** 127n - 1n }
      return (
        tickSwapExactOut(state, asked, { feePips: 20_000, amountMax: 2n ** 255n }).amountIn <
        2n ** 126n
      )
    }),
  )
