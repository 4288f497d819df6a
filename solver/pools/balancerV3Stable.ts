/**
 * Balancer V3 stable pool: the StableSwap invariant over balances times rates, two to five tokens.
 *
 * The vault's swap functions are the authority, exact-in and exact-out each as it makes them (balancerV3Vault.ts).
 * Pools of the third version refuse a swap after which one balance is 10,000 times another. The fee of pools with the
 * StableSurge hook grows with the imbalance that a swap makes (balancerV3Surge.ts); other hooks that act on swaps are
 * refused.
 *
 * Source: npm @balancer-labs/v3-pool-stable 1.0.0, contracts/StablePool.sol (third version), and
 * @balancer-labs/v3-solidity-utils 1.0.0, contracts/math/StableMath.sol
 */
import { hexToString } from 'viem/utils'
import type { Log } from '../chain/block.ts'
import type { Hex } from '../core/hex.ts'
import type { JsonObject } from '../core/json.ts'
import { divDown, max, min } from '../core/rounding.ts'
import { decodeVaultFields, encodeVaultFields, vaultFields } from './balancerV3Codec.ts'
import { balancerV3StableFactories } from './balancerV3Deployments.ts'
import { applyVaultLog, discoverIn, vaultCreation, vaultTopics } from './balancerV3Logs.ts'
import { decodeVaultAnswers, vaultCallCount, vaultCalls } from './balancerV3Reader.ts'
import type { BalancerV3State } from './balancerV3State.ts'
import {
  applySurgeLog,
  type BalancerV3Surge,
  decodeSurge,
  surgeCalls,
  surgeFee,
  surgeHooks,
  surgeTopics,
} from './balancerV3Surge.ts'
import {
  balanceMax,
  isOpen,
  loadBalances,
  type PoolMaths,
  type Refusal,
  swapExactInOf,
  swapExactOutOf,
} from './balancerV3Vault.ts'
import { wordAt } from './logWords.ts'
import { curvePoolFloats, stableCurve } from './math/balancerV3Curve.ts'
import { wad } from './math/fixedPoint.ts'
import { balanceAt } from './math/balancerV3Stable.ts'
import { stableInvariant } from './math/balancerStable.ts'
import {
  baseRefOf,
  type PoolCodec,
  type PoolFields,
  type PoolModule,
  type PoolRef,
  type SmoothCurve,
  type SnapshotReader,
} from './pool.ts'

/** A stable pool of any version. */
export type BalancerV3StableState = BalancerV3State<'balancerV3Stable'> & {
  /** Amplification times 1000 at the block, within uint64. */
  readonly amp: bigint
  /** True while `amp` moves with time. */
  readonly ampUpdating: boolean
  /** A balance that is this many times another is refused; absent before the third version. */
  readonly imbalanceMax?: bigint | undefined
  /** The StableSurge hook's settings, where the pool has it. */
  readonly surge?: BalancerV3Surge | undefined
}

/** keccak256("AmpUpdateStarted(uint256,uint256,uint256,uint256)"), of the pool */
const ampStartedTopic = '0x1835882ee7a34ac194f717a35e09bb1d24c82a3b9d854ab6c9749525b714cdf2'
/** keccak256("AmpUpdateStopped(uint256)"), of the pool */
const ampStoppedTopic = '0xa0d01593e47e69d07e0ccd87bece09411e07dd1ed40ca8f2e7af2976542a0233'
/** Selector of `getAmplificationParameter()`. */
const getAmplificationParameter = '0x6daccffa'
/** Selector of `version()`, a JSON text. */
const getVersion = '0x54fd4d50'
const ampPrecision = 1_000n
const ampMax = 2n ** 64n - 1n
/** `MAX_IMBALANCE_RATIO` of the third version. */
const knownImbalanceMax = 10_000n
/** The first version with that limit. */
const limitedVersion = 3

const codec: PoolCodec<BalancerV3StableState> = {
  idDigits: 40,
  fields: [...vaultFields, 'amp', 'ampUpdating', 'imbalanceMax', 'surge'],
  decode(base, fields) {
    const amp = fields.natural('amp', { max: ampMax })
    if (amp < ampPrecision) fields.refuse(6, 'amp is below 1000', amp)
    const imbalanceMax = fields.has('imbalanceMax') ? fields.natural('imbalanceMax') : undefined
    if (imbalanceMax === 0n) fields.refuse(6, 'imbalanceMax is 0', imbalanceMax)
    return {
      ...decodeVaultFields('balancerV3Stable', base, fields),
      amp,
      ampUpdating: fields.boolean('ampUpdating'),
      ...(imbalanceMax === undefined ? {} : { imbalanceMax }),
      ...(fields.has('surge') ? { surge: decodeSurgeFields(fields.object('surge')) } : {}),
    }
  },
  encode: (state) => ({
    ...encodeVaultFields(state),
    amp: String(state.amp),
    ampUpdating: state.ampUpdating,
    ...(state.imbalanceMax === undefined ? {} : { imbalanceMax: String(state.imbalanceMax) }),
    ...(state.surge === undefined ? {} : { surge: encodeSurgeFields(state.surge) }),
  }),
}

function decodeSurgeFields(fields: PoolFields): BalancerV3Surge {
  const share = (name: string) => fields.natural(name, { max: wad, rule: 5 })
  return { hook: fields.address('hook'), threshold: share('threshold'), maxFee: share('maxFee') }
}

function encodeSurgeFields({ hook, threshold, maxFee }: BalancerV3Surge): JsonObject {
  return { hook, threshold: String(threshold), maxFee: String(maxFee) }
}

/** The module of Balancer V3's stable pools. Shapes, units and laws are {@link PoolModule}'s; it throws nothing. */
export const balancerV3Stable = {
  kind: 'balancerV3Stable',
  about: 'Balancer V3 stable pools, StableSurge too; exact against the real vault',
  topics: [...vaultTopics, ...surgeTopics, ampStartedTopic, ampStoppedTopic],
  discover: (log) => discoverIn(log, 'balancerV3Stable', balancerV3StableFactories),
  creation: vaultCreation,
  snapshot,
  refOf: baseRefOf,
  apply,
  drifts: ({ tokenKinds, paused, ampUpdating }) =>
    paused || ampUpdating || tokenKinds.some((each) => each !== 'plain'),
  swapExactIn: (state, swap) => swapExactInOf(state, swap, mathsOf),
  swapExactOut: (state, swap) => swapExactOutOf(state, swap, mathsOf),
  price: (state, indexIn, indexOut) => curve(state)?.slope(indexIn, indexOut, 0) ?? 0,
  curve,
  codec,
} satisfies PoolModule<BalancerV3StableState>

function* snapshot(ref: PoolRef): SnapshotReader<BalancerV3StableState> {
  const answers = yield [
    ...vaultCalls(ref),
    { target: ref.id, value: 0n, data: getAmplificationParameter },
    { target: ref.id, value: 0n, data: getVersion },
  ]
  const [parameter, version] = answers.slice(vaultCallCount)
  const state = decodeVaultAnswers('balancerV3Stable', ref, answers)
  if (state === undefined || parameter === undefined || parameter === '0x') return undefined
  const whole = {
    ...state,
    amp: wordAt(parameter, 0),
    ampUpdating: wordAt(parameter, 1) !== 0n,
    ...(versionOf(version) < limitedVersion ? {} : { imbalanceMax: knownImbalanceMax }),
  }
  const { hooks, ...unhooked } = whole
  if (hooks === undefined || !surgeHooks.includes(hooks)) return whole
  const surge = decodeSurge(hooks, yield surgeCalls(hooks, ref.id))
  return surge === undefined ? whole : { ...unhooked, surge }
}

/** The number in a pool's version text; a text without one is taken for a version that is not known yet. */
function versionOf(answer: Hex | undefined): number {
  const text = hexToString(answer ?? '0x')
  return Number(/"version":\s*(\d+)/.exec(text)?.[1] ?? Infinity)
}

function apply(state: BalancerV3StableState, log: Log): BalancerV3StableState | undefined {
  if (state.surge !== undefined && log.address === state.surge.hook) {
    const surge = applySurgeLog(state.surge, state.id, log)
    return surge === state.surge ? state : { ...state, surge }
  }
  if (log.address !== state.id) return applyVaultLog(state, log)
  if (log.topics[0] === ampStartedTopic) return undefined
  if (log.topics[0] !== ampStoppedTopic) return state
  return { ...state, amp: wordAt(log.data, 0), ampUpdating: false }
}

type Pair = { readonly indexIn: number; readonly indexOut: number }

function mathsOf(
  state: BalancerV3StableState,
  live: readonly bigint[],
  pair: Pair,
): PoolMaths | undefined {
  const maths = plainMathsOf(state, live, pair)
  const { surge, swapFee } = state
  if (maths === undefined || surge === undefined) return maths
  return {
    ...maths,
    feeOf(isExactIn, given) {
      const other = isExactIn ? maths.outGivenIn(given) : maths.inGivenOut(given)
      if (typeof other === 'string') return other
      const [amountIn, amountOut] = isExactIn ? [given, other] : [other, given]
      const { indexIn, indexOut } = pair
      const filled = withEntry(live, indexIn, (live[indexIn] ?? 0n) + amountIn)
      const after = withEntry(filled, indexOut, (live[indexOut] ?? 0n) - amountOut)
      return surgeFee(surge, swapFee, live, after)
    },
  }
}

function plainMathsOf(
  { amp, imbalanceMax }: BalancerV3StableState,
  live: readonly bigint[],
  { indexIn, indexOut }: Pair,
): PoolMaths | undefined {
  const invariant = stableInvariant(amp, live, 'truncated')
  if (invariant === undefined || invariant === 0n) return undefined
  const [heldIn = 0n, heldOut = 0n] = [live[indexIn], live[indexOut]]
  const [least, largest] = [live.reduce(min), live.reduce(max)]
  const isBalanced = (small: bigint, large: bigint) =>
    imbalanceMax === undefined || large < imbalanceMax * small
  if (!isBalanced(least, largest)) return undefined
  /** The other amount, where the pool is still balanced after both. */
  const checked = (amountIn: bigint, amountOut: bigint, answer: bigint): bigint | Refusal =>
    isBalanced(min(least, heldOut - amountOut), max(largest, heldIn + amountIn))
      ? answer
      : 'tooLarge'
  const leastLeft = imbalanceMax === undefined ? 1n : divDown(largest, imbalanceMax) + 1n
  return {
    mostIn: imbalanceMax === undefined ? balanceMax : max(0n, imbalanceMax * least - 1n - heldIn),
    mostOut: max(0n, heldOut - leastLeft),
    outGivenIn(amountIn) {
      const left = balanceAt(amp, withEntry(live, indexIn, heldIn + amountIn), invariant, indexOut)
      if (left === undefined) return 'tooLarge'
      const amountOut = heldOut - left - 1n
      return amountOut < 0n ? 'tooSmall' : checked(amountIn, amountOut, amountOut)
    },
    inGivenOut(amountOut) {
      const full = balanceAt(
        amp,
        withEntry(live, indexOut, heldOut - amountOut),
        invariant,
        indexIn,
      )
      if (full === undefined) return 'tooLarge'
      const amountIn = full - heldIn + 1n
      return amountIn < 0n ? 'tooSmall' : checked(amountIn, amountOut, amountIn)
    },
  }
}

function withEntry(values: readonly bigint[], index: number, value: bigint): readonly bigint[] {
  return values.map((each, at) => (at === index ? value : each))
}

/** With the StableSurge hook it ends where the fee starts to rise: what a swap pays beyond is not concave. */
function curve(state: BalancerV3StableState): SmoothCurve | undefined {
  const { live } = loadBalances(state)
  if (!isOpen(state)) return undefined
  const invariant = stableInvariant(state.amp, live, 'truncated')
  if (invariant === undefined || invariant === 0n) return undefined
  return stableCurve(curvePoolFloats(state, live), {
    ampTimesTotal: (Number(state.amp) * live.length) / Number(ampPrecision),
    invariant: Number(invariant),
    imbalanceMax: Number(state.imbalanceMax ?? Infinity),
    balanceMax: Number(balanceMax),
    surgeThreshold:
      state.surge === undefined ? Infinity : Number(state.surge.threshold) / Number(wad),
  })
}
