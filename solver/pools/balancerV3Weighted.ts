/**
 * Balancer V3 weighted pool: a product of powers, two to eight tokens.
 *
 * The vault's swap functions are the authority, exact-in and exact-out each as it makes them (balancerV3Vault.ts).
 * More than 30 % of a balance in or out reverts. Pools of the second version also round the balance of the token that
 * comes in up by one, and refuse to leave a token less than its least balance.
 *
 * Source: npm @balancer-labs/v3-pool-weighted 1.0.0, contracts/WeightedPool.sol (second version), and
 * @balancer-labs/v3-solidity-utils 1.0.0, contracts/math/WeightedMath.sol
 */
import { max, min } from '../core/rounding.ts'
import { decodeVaultFields, encodeVaultFields, vaultFields } from './balancerV3Codec.ts'
import { balancerV3WeightedFactories } from './balancerV3Deployments.ts'
import { applyVaultLog, discoverIn, vaultCreation, vaultTopics } from './balancerV3Logs.ts'
import { decodeVaultAnswers, singles, vaultCallCount, vaultCalls } from './balancerV3Reader.ts'
import type { BalancerV3State } from './balancerV3State.ts'
import {
  isOpen,
  loadBalances,
  type PoolMaths,
  swapExactInOf,
  swapExactOutOf,
} from './balancerV3Vault.ts'
import { curvePoolFloats, weightedCurve } from './math/balancerV3Curve.ts'
import {
  complement,
  wad,
  wadDivDown,
  wadDivUp,
  wadMulDown,
  wadMulUp,
  wadPowUp,
} from './math/fixedPoint.ts'
import {
  baseRefOf,
  type PoolCodec,
  type PoolModule,
  type PoolRef,
  type SmoothCurve,
  type SnapshotReader,
} from './pool.ts'

/** A weighted pool of either version. */
export type BalancerV3WeightedState = BalancerV3State<'balancerV3Weighted'> & {
  /** In 10^-18; they add up to 10^18. */
  readonly weights: readonly bigint[]
  /** Least scaled balances that a swap may leave; absent in the first version, which has no such rule. */
  readonly minBalances?: readonly bigint[] | undefined
}

/** Selector of `getNormalizedWeights()`. */
const getNormalizedWeights = '0xf89f27ed'
/** Selector of `getMinTokenBalances()`, which pools of the first version do not have. */
const getMinTokenBalances = '0xd67f280b'
/** Share of a balance that may come in or go out at most, in 10^-18. */
const mostRatio = 300_000_000_000_000_000n
/** How far the weights of a file may miss 10^18 (rule 6). */
const weightSumSlack = 10n ** 14n

const codec: PoolCodec<BalancerV3WeightedState> = {
  idDigits: 40,
  fields: [...vaultFields, 'weights', 'minBalances'],
  decode(base, fields) {
    const length = base.tokens.length
    const weights = fields.naturals('weights', { length })
    if (weights.includes(0n)) fields.refuse(6, 'a weight is 0', fields.read('weights'))
    const excess = weights.reduce((sum, weight) => sum + weight, 0n) - wad
    if (max(excess, -excess) > weightSumSlack)
      fields.refuse(6, 'the weights do not add up to 1', fields.read('weights'))
    return {
      ...decodeVaultFields('balancerV3Weighted', base, fields),
      weights,
      ...(fields.has('minBalances')
        ? { minBalances: fields.naturals('minBalances', { length }) }
        : {}),
    }
  },
  encode: (state) => ({
    ...encodeVaultFields(state),
    weights: state.weights.map(String),
    ...(state.minBalances === undefined ? {} : { minBalances: state.minBalances.map(String) }),
  }),
}

/** The module of Balancer V3's weighted pools. Shapes, units and laws are {@link PoolModule}'s; it throws nothing. */
export const balancerV3Weighted = {
  kind: 'balancerV3Weighted',
  about: 'Balancer V3 weighted pools; exact against the real vault',
  topics: vaultTopics,
  discover: (log) => discoverIn(log, 'balancerV3Weighted', balancerV3WeightedFactories),
  creation: vaultCreation,
  snapshot,
  refOf: baseRefOf,
  apply: (state: BalancerV3WeightedState, log) => applyVaultLog(state, log),
  drifts: ({ tokenKinds, paused }) => paused || tokenKinds.some((each) => each !== 'plain'),
  swapExactIn: (state, swap) => swapExactInOf(state, swap, mathsOf),
  swapExactOut: (state, swap) => swapExactOutOf(state, swap, mathsOf),
  price: (state, indexIn, indexOut) => curve(state)?.slope(indexIn, indexOut, 0) ?? 0,
  curve,
  codec,
} satisfies PoolModule<BalancerV3WeightedState>

function* snapshot(ref: PoolRef): SnapshotReader<BalancerV3WeightedState> {
  const answers = yield [
    ...vaultCalls(ref),
    { target: ref.id, value: 0n, data: getNormalizedWeights },
    { target: ref.id, value: 0n, data: getMinTokenBalances },
  ]
  const [weights, minBalances] = answers.slice(vaultCallCount)
  const state = decodeVaultAnswers('balancerV3Weighted', ref, answers)
  if (state === undefined || weights === undefined) return undefined
  const weightList = singles(weights, 0)
  if (weightList.length !== state.tokens.length) return undefined
  const isFirstVersion = minBalances === undefined || minBalances === '0x'
  return {
    ...state,
    weights: weightList,
    ...(isFirstVersion ? {} : { minBalances: singles(minBalances, 0) }),
  }
}

function mathsOf(
  { weights, minBalances }: BalancerV3WeightedState,
  live: readonly bigint[],
  { indexIn, indexOut }: { readonly indexIn: number; readonly indexOut: number },
): PoolMaths | undefined {
  const [weightIn = 0n, weightOut = 0n] = [weights[indexIn], weights[indexOut]]
  const heldOut = live[indexOut] ?? 0n
  const heldIn = (live[indexIn] ?? 0n) + (minBalances === undefined ? 0n : 1n)
  if (heldIn < (minBalances?.[indexIn] ?? 0n)) return undefined
  const spare = heldOut - (minBalances?.[indexOut] ?? 0n)
  return {
    mostIn: wadMulDown(heldIn, mostRatio),
    mostOut: max(0n, min(wadMulDown(heldOut, mostRatio), spare)),
    outGivenIn(amountIn) {
      const base = wadDivUp(heldIn, heldIn + amountIn)
      const power = wadPowUp(base, wadDivDown(weightIn, weightOut), 'products')
      if (power === undefined) return 'tooLarge'
      const amountOut = wadMulDown(heldOut, complement(power))
      return amountOut > spare ? 'tooLarge' : amountOut
    },
    inGivenOut(amountOut) {
      const base = wadDivUp(heldOut, heldOut - amountOut)
      const power = wadPowUp(base, wadDivUp(weightOut, weightIn), 'products')
      if (power === undefined) return 'tooLarge'
      return power < wad ? 'tooSmall' : wadMulUp(heldIn, power - wad)
    },
  }
}

function curve(state: BalancerV3WeightedState): SmoothCurve | undefined {
  const { live } = loadBalances(state)
  if (!isOpen(state) || live.includes(0n)) return undefined
  const least = state.minBalances ?? live.map(() => 0n)
  return weightedCurve(
    curvePoolFloats(state, live),
    Float64Array.from(state.weights, Number),
    Float64Array.from(least, Number),
  )
}
