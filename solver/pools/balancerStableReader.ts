/** Reads a stable pool of Balancer V2 from the chain: what its swaps would use in the block that is read. */
import type { Call } from '../chain/block.ts'
import type { Address, Hex } from '../core/hex.ts'
import { call, concat, readVaultPool, wordOf } from './balancerReader.ts'
import { listAt, type VaultPool } from './balancerVault.ts'
import { addressOf, wordAt } from './logWords.ts'
import { wad, wadMulDown } from './math/fixedPoint.ts'
import type { PoolBase, PoolRef, SnapshotReader } from './pool.ts'

const selectors = {
  /** `getAmplificationParameter()` */
  amp: '0x6daccffa',
  /** `getRateProviders()` */
  rateProviders: '0x238a2d59',
  /** `getBptIndex()`, of pools that hold their own share */
  bptIndex: '0x82687a56',
  /** `inRecoveryMode()`, of pools since June 2022 */
  recoveryMode: '0xb35056b8',
  /** `getTokenRateCache(address)` */
  tokenRateCache: '0x7f1260d1',
  /** `getPriceRateCache(address)` of MetaStablePool */
  priceRateCache: '0xb867ee5a',
  /** `getRate()` of a rate provider */
  rate: '0x679aefce',
  /** `decimals()` of a token */
  decimals: '0x313ce567',
  /** `getCurrentBlockTimestamp()` */
  timestamp: '0x0f28c97d',
} as const

/** Multicall3 and Multicall2, either of which tells the block's time; the second is older than any rate cache. */
const clocks: readonly Address[] = [
  '0xca11bde05977b3631167028862be2a173976ca11',
  '0x5ba1e12693dc8f9c48aad8770482f4739beed696',
]

/** A stable pool as it was read; the fields are those of the state. */
export type StableReading = PoolBase &
  VaultPool & {
    readonly amp: bigint
    readonly scalingFactors: readonly bigint[]
    readonly factorsAfter?: readonly bigint[]
    readonly version: 'v1' | 'v2'
    readonly drifting: boolean
  }

/**
 * Reads a stable pool in four rounds.
 *
 * @returns `undefined` when `ref` names no stable pool of the vault, or one whose rates cannot be told.
 */
export function* readStable(ref: PoolRef): SnapshotReader<StableReading> {
  const { amp, rateProviders, bptIndex, recoveryMode, decimals } = selectors
  const ofPool = [amp, rateProviders, bptIndex, recoveryMode]
  const head = yield* readVaultPool(ref, ofPool, (token) => [
    call(token, decimals),
    call(ref.id, concat(selectors.tokenRateCache, wordOf(token))),
    call(ref.id, concat(selectors.priceRateCache, wordOf(token))),
  ])
  if (head === undefined) return undefined
  // (value, isUpdating, precision)
  const [ampAnswer, providersAnswer, shareAnswer, recoveryAnswer] = head.answers
  if (ampAnswer === undefined) return undefined
  const listed = providersAnswer === undefined ? [] : listAt(providersAnswer, 0)
  const providers = head.registered.map((at) => listed[at] ?? 0n)

  const calls: readonly Call[] = [
    ...clocks.map((clock) => call(clock, selectors.timestamp)),
    ...providers.map((provider) => call(addressOf(provider), selectors.rate)),
  ]
  const [time3, time2, ...rates] = providers.some((each) => each !== 0n) ? yield calls : []
  const time = wordAt(time3 ?? time2 ?? '0x', 0)
  const now: bigint[] = []
  const after: bigint[] = []
  const isPhantom = shareAnswer !== undefined && recoveryAnswer === undefined
  for (const [at, [digits, ...caches]] of head.tokenAnswers.entries()) {
    const cache = caches.find((each) => each !== undefined)
    const hasRate = providers[at] !== 0n
    const rate = hasRate ? rateInForce(cache, rates[at], time) : wad
    if (!rate || digits === undefined || wordAt(digits, 0) > 18n) return undefined
    const base = 10n ** (36n - wordAt(digits, 0))
    const cached = hasRate && cache !== undefined ? wordAt(cache, 0) : wad
    now.push(wadMulDown(base, isPhantom ? cached : rate))
    after.push(wadMulDown(base, rate))
  }
  // (value, isUpdating, precision)
  const isRamping = wordAt(ampAnswer, 1) !== 0n
  return {
    ...head.base,
    ...head.pool,
    amp: wordAt(ampAnswer, 0),
    scalingFactors: now,
    ...(now.every((factor, at) => factor === after[at]) ? {} : { factorsAfter: after }),
    version: recoveryAnswer === undefined ? 'v1' : 'v2',
    drifting: isRamping || providers.some((each) => each !== 0n),
  }
}

/** A swap uses the cached rate until it expires, and then fetches a new one first. */
function rateInForce(
  cache: Hex | undefined,
  fresh: Hex | undefined,
  time: bigint,
): bigint | undefined {
  // (rate, duration, expires), or (rate, old rate, duration, expires)
  const words = cache === undefined ? 0 : (cache.length - 2) >> 6
  if (cache !== undefined && words >= 3 && time <= wordAt(cache, words - 1)) return wordAt(cache, 0)
  return fresh === undefined ? undefined : wordAt(fresh, 0)
}
