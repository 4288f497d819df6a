/** States of the wrapped native currency: empty, dust, all the ether there is and more. */
import * as fc from 'fast-check'
import { zeroAddress } from '../../../solver/core/hex.ts'
import { toPoolId } from '../../../solver/pools/pool.ts'
import type { WrappedNativeState } from '../../../solver/pools/wrappedNative.ts'
import { tokenA } from '../pools.ts'
import { anyMagnitude } from './magnitudes.ts'

/** A wrapper with any amount of ether. */
export const states: fc.Arbitrary<WrappedNativeState> = fc
  .oneof({ weight: 9, arbitrary: anyMagnitude(112) }, { weight: 1, arbitrary: fc.constant(0n) })
  .map((held) => ({
    kind: 'wrappedNative',
    id: toPoolId(tokenA),
    tokens: [zeroAddress, tokenA],
    held,
  }))
