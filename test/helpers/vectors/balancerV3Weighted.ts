/** Recorded swaps of Balancer V3 weighted pools. */
import { balancerV3Weighted } from '../../../solver/pools/balancerV3Weighted.ts'
import { runRecorded } from '../balancerV3/vectors.ts'
import type { VectorResult } from './result.ts'

/** Every recorded swap of a weighted pool; the pool is of the first version. Needs the shared data. */
export function runVectors(): VectorResult {
  return runRecorded(balancerV3Weighted, 'WEIGHTED', (vaultPart, { weights = [] }) => ({
    ...vaultPart,
    weights: weights.map(BigInt),
  }))
}
