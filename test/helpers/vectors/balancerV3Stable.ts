/** Recorded swaps of Balancer V3 stable pools. */
import { toAddress } from '../../../solver/core/hex.ts'
import { balancerV3Stable } from '../../../solver/pools/balancerV3Stable.ts'
import { runRecorded } from '../balancerV3/vectors.ts'
import type { VectorResult } from './result.ts'

/** Every recorded swap of a stable pool; the pools are of the first version. Needs the shared data. */
export function runVectors(): VectorResult {
  return runRecorded(
    balancerV3Stable,
    'STABLE',
    ({ hooks, ...vaultPart }, { amp = '0', hook }) => ({
      ...vaultPart,
      amp: BigInt(amp),
      ampUpdating: false,
      ...(hook?.type === 'STABLE_SURGE'
        ? {
            surge: {
              hook: toAddress(hook.address),
              threshold: BigInt(hook.dynamicData.surgeThresholdPercentage),
              maxFee: BigInt(hook.dynamicData.maxSurgeFeePercentage),
            },
          }
        : { hooks }),
    }),
  )
}
