/**
 * The StableSurge hook: a stable pool's fee rises with its imbalance when a swap worsens it.
 *
 * Source: https://github.com/balancer/balancer-v3-monorepo, pkg/pool-hooks/contracts/StableSurgeHook.sol and
 * utils/StableSurgeMedianMath.sol; https://docs.balancer.fi, "StableSurge hook"
 */
import type { Call, Log } from '../chain/block.ts'
import type { Address, Hex } from '../core/hex.ts'
import { divDown } from '../core/rounding.ts'
import { addressOf, topicAt, toWord, wordAt } from './logWords.ts'
import { complement, wadDivDown, wadMulDown } from './math/fixedPoint.ts'
import type { PoolId } from './pool.ts'

/** The hook's settings for one pool; shares in 10^-18. */
export type BalancerV3Surge = {
  /** The contract, one of {@link surgeHooks}. */
  readonly hook: Address
  /** Imbalance up to which the fee is the static one. */
  readonly threshold: bigint
  /** The fee of a pool that is all out of balance. */
  readonly maxFee: bigint
}

/** The published hooks on Ethereum mainnet, 2025-01-21 and 2025-04-03. */
export const surgeHooks: readonly Address[] = [
  '0xb18fa0cb5de8cecb8899aae6e38b1b7ed77885da',
  '0xbdbadc891bb95dee80ebc491699228ef0f7d6ff1',
]

/** keccak256("ThresholdSurgePercentageChanged(address,uint256)") */
const thresholdTopic = '0x3b64afdb883fd4fa590572fb2db0b4d199d8ffb9703f5d32f4d87d1d468c026c'
/** keccak256("MaxSurgeFeePercentageChanged(address,uint256)") */
const maxFeeTopic = '0xcc7585f1dd40a0def67658a884745a1eca326ed902fe084d36e9e04084212032'
/** First topics of the hook's logs. */
export const surgeTopics: readonly Hex[] = [thresholdTopic, maxFeeTopic]
/** Selectors of `getSurgeThresholdPercentage(address)` and `getMaxSurgeFeePercentage(address)`. */
const views: readonly Hex[] = ['0xe2381602', '0x1a4a64be']

/** The calls of {@link decodeSurge}, in its order. */
export function surgeCalls(hook: Address, pool: PoolId): readonly Call[] {
  return views.map((view) => ({ target: hook, value: 0n, data: `${view}${toWord(BigInt(pool))}` }))
}

/** What the hook answered; `undefined` when it did not. */
export function decodeSurge(
  hook: Address,
  answers: readonly (Hex | undefined)[],
): BalancerV3Surge | undefined {
  const [threshold, maxFee] = answers
  if (threshold === undefined || maxFee === undefined) return undefined
  return { hook, threshold: wordAt(threshold, 0), maxFee: wordAt(maxFee, 0) }
}

/** The settings after a log of the hook; the same reference when it is about another pool. */
export function applySurgeLog(surge: BalancerV3Surge, pool: PoolId, log: Log): BalancerV3Surge {
  if (log.address !== surge.hook || addressOf(topicAt(log, 1)) !== pool) return surge
  if (log.topics[0] === thresholdTopic) return { ...surge, threshold: wordAt(log.data, 0) }
  return log.topics[0] === maxFeeTopic ? { ...surge, maxFee: wordAt(log.data, 0) } : surge
}

/**
 * The fee of a swap that turns `before` into `after`.
 *
 * @param staticFee - The pool's own fee, in 10^-18: the least.
 */
export function surgeFee(
  { threshold, maxFee }: BalancerV3Surge,
  staticFee: bigint,
  before: readonly bigint[],
  after: readonly bigint[],
): bigint {
  if (maxFee < staticFee) return staticFee
  const imbalance = imbalanceOf(after)
  if (imbalance <= threshold || imbalance <= imbalanceOf(before)) return staticFee
  const excess = wadDivDown(imbalance - threshold, complement(threshold))
  return staticFee + wadMulDown(maxFee - staticFee, excess)
}

/** How far balances lie from their median, as a share of their sum, in 10^-18. */
function imbalanceOf(balances: readonly bigint[]): bigint {
  const sorted = balances.toSorted((left, right) => (left < right ? -1 : left > right ? 1 : 0))
  const [total, median] = [sorted.reduce((sum, each) => sum + each, 0n), medianOf(sorted)]
  const apart = sorted.reduce(
    (sum, each) => sum + (each > median ? each - median : median - each),
    0n,
  )
  return total === 0n ? 0n : wadDivDown(apart, total)
}

function medianOf(sorted: readonly bigint[]): bigint {
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0n
  return sorted.length % 2 === 1 ? upper : divDown((sorted[middle - 1] ?? 0n) + upper, 2n)
}
