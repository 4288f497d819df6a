/**
 * Balancer V2 weighted pools of two to eight tokens: WeightedPool and WeightedPool2Tokens of every version.
 *
 * The vault's two functions are the authority: exact-in is GIVEN_IN and exact-out is GIVEN_OUT, each to the unit.
 * GIVEN_OUT rounds on its own, so what it takes is not always the least that GIVEN_IN would need. A swap may bring
 * or take 30 % of a balance; a larger one is filled up to there. Dust may be taken for nothing, as the vault does.
 *
 * Source: https://github.com/balancer/balancer-v2-monorepo, pkg/pool-weighted, pkg/pool-utils
 */
import { max, min, mulDivUp } from '../core/rounding.ts'
import { weightedCurve } from './balancerCurves.ts'
import { creationOf, discoverVaultPool, readVaultPool } from './balancerReader.ts'
import {
  applyVaultLog,
  balanceMax,
  decodeVaultPool,
  encodeVaultPool,
  isClosed,
  listAt,
  payableOf,
  trade,
  untouched,
  vaultFields,
  type VaultPool,
  vaultTopics,
} from './balancerVault.ts'
import { type Answer, largestFill } from './largestFill.ts'
import {
  complement,
  type PowerForm,
  wad,
  wadDivDown,
  wadDivUp,
  wadMulDown,
} from './math/fixedPoint.ts'
import { ratioMax, weightedIn, weightedOut, type WeightedSides } from './math/weighted.ts'
import {
  baseRefOf,
  type PoolCodec,
  type PoolModule,
  type PoolRef,
  type PoolStateBase,
  type SmoothCurve,
  type SnapshotReader,
  type SwapExactIn,
  type SwapExactOut,
  type SwapResult,
} from './pool.ts'

/** Balancer V2 weighted pool. */
export type BalancerWeightedState = PoolStateBase<'balancerWeighted'> &
  VaultPool & {
    /** In 10^-18, as the contract reports them: their sum may miss 10^18 by some 10^-5. */
    readonly weights: readonly bigint[]
    /** Multipliers to 18 digits, in 10^-18; absent: powers of ten, which cancel out. */
    readonly scalingFactors?: readonly bigint[] | undefined
    /** How powers are taken: always by logarithm, or 1, 2 and 4 by multiplication; absent: as `v0`, which pays less. */
    readonly version?: 'v0' | 'v3Plus' | undefined
  }

/** How far compressed weights may miss 10^18. */
const weightSumSlack = 10n ** 14n
/** Selector of `getNormalizedWeights()`. */
const getNormalizedWeights = '0xf89f27ed'
/** Selector of `getScalingFactors()`, which came with the powers by multiplication. */
const getScalingFactors = '0x1dd746ea'

const codec: PoolCodec<BalancerWeightedState> = {
  idDigits: 40,
  fields: [...vaultFields, 'weights', 'scalingFactors', 'version'],
  decode(base, fields) {
    const { length } = base.tokens
    const weights = fields.naturals('weights', { length })
    if (weights.includes(0n)) fields.refuse(6, 'a weight is 0', weights)
    const excess = weights.reduce((sum, weight) => sum + weight, 0n) - wad
    if (max(excess, -excess) > weightSumSlack)
      fields.refuse(6, 'the weights do not add up to 1', weights)
    const scalingFactors = fields.has('scalingFactors')
      ? fields.naturals('scalingFactors', { length })
      : undefined
    if (scalingFactors?.includes(0n) === true)
      fields.refuse(6, 'a scaling factor is 0', scalingFactors)
    const version = fields.has('version') ? fields.text('version') : undefined
    if (version !== undefined && version !== 'v0' && version !== 'v3Plus')
      return fields.refuse(4, 'unknown version of a weighted pool', version)
    return {
      kind: 'balancerWeighted',
      ...base,
      ...decodeVaultPool(base, fields),
      weights,
      ...(scalingFactors === undefined ? {} : { scalingFactors }),
      ...(version === undefined ? {} : { version }),
    }
  },
  encode: (state) => ({
    ...encodeVaultPool(state),
    weights: state.weights.map(String),
    ...(state.scalingFactors && { scalingFactors: state.scalingFactors.map(String) }),
    ...(state.version && { version: state.version }),
  }),
}

/** The module of Balancer V2's weighted pools. Shapes, units and laws are {@link PoolModule}'s; it throws nothing. */
export const balancerWeighted = {
  kind: 'balancerWeighted',
  about: 'Balancer V2 weighted pools; exact against the real vault and every version',
  topics: Object.values(vaultTopics),
  discover: (log) => discoverVaultPool(log, 'balancerWeighted'),
  creation: creationOf('balancerWeighted'),
  snapshot,
  refOf: (state) => ({
    ...baseRefOf(state),
    ...(state.version && { variant: state.version }),
    ...(state.vaultId && { vaultId: state.vaultId }),
  }),
  apply: applyVaultLog<BalancerWeightedState>,
  swapExactIn,
  swapExactOut,
  price: (state, indexIn, indexOut) => weightedCurveOf(state)?.slope(indexIn, indexOut, 0) ?? 0,
  curve: weightedCurveOf,
  codec,
} satisfies PoolModule<BalancerWeightedState>

function* snapshot(ref: PoolRef): SnapshotReader<BalancerWeightedState> {
  const head = yield* readVaultPool(ref, [getNormalizedWeights, getScalingFactors])
  if (head === undefined) return undefined
  const [weights, scalingFactors] = head.answers
  if (weights === undefined) return undefined
  return {
    kind: 'balancerWeighted',
    ...head.base,
    ...head.pool,
    weights: listAt(weights, 0),
    version: scalingFactors === undefined ? 'v0' : 'v3Plus',
  }
}

/** A swap's two tokens as the pool's arithmetic sees them. */
type Sides = WeightedSides & {
  readonly factorIn: bigint
  readonly factorOut: bigint
  readonly kept: bigint
  readonly form: PowerForm
  /** Base units that the vault has room for. */
  readonly room: bigint
}

/** `undefined` when the pool cannot trade the two. */
function sidesOf(
  state: BalancerWeightedState,
  { indexIn, indexOut }: { readonly indexIn: number; readonly indexOut: number },
): Sides | undefined {
  if (isClosed(state)) return undefined
  const { balances, weights, scalingFactors, version, swapFee } = state
  const factorIn = scalingFactors?.[indexIn] ?? wad
  const factorOut = scalingFactors?.[indexOut] ?? wad
  const sides = {
    balanceIn: wadMulDown(balances[indexIn] ?? 0n, factorIn),
    weightIn: weights[indexIn] ?? 0n,
    balanceOut: wadMulDown(balances[indexOut] ?? 0n, factorOut),
    weightOut: weights[indexOut] ?? 0n,
  }
  if (Object.values(sides).includes(0n)) return undefined
  const room = balanceMax - (balances[indexIn] ?? 0n)
  const form = version === 'v3Plus' ? 'products' : 'logarithm'
  return { ...sides, factorIn, factorOut, kept: complement(swapFee), form, room }
}

/** The greatest amount of which the share `factor` is at most `bound`, rounded down. */
function greatest(bound: bigint, factor: bigint): bigint {
  return mulDivUp(bound + 1n, wad, factor) - 1n
}

/** The most that one swap may bring, fee included. */
function mostIn({ balanceIn, factorIn, kept, room }: Sides): bigint {
  return min(greatest(greatest(wadMulDown(balanceIn, ratioMax), factorIn), kept), room)
}

function swapExactIn(
  state: BalancerWeightedState,
  swap: SwapExactIn,
): SwapResult<BalancerWeightedState> {
  const sides = sidesOf(state, swap)
  if (sides === undefined) return untouched(state)
  const payable = payableOf(state, swap.indexOut)
  const fill = largestFill(min(swap.amountIn, mostIn(sides)), (amountIn): Answer => {
    const net = wadMulDown(wadMulDown(amountIn, sides.kept), sides.factorIn)
    const scaled = weightedOut(sides, net, sides.form)
    const paid = scaled === undefined ? undefined : wadDivDown(scaled, sides.factorOut)
    return paid === undefined || paid > payable ? 'tooMuch' : paid
  })
  return fill === undefined ? untouched(state) : trade(state, swap, fill.told, fill.answer)
}

function swapExactOut(
  state: BalancerWeightedState,
  swap: SwapExactOut,
): SwapResult<BalancerWeightedState> {
  const sides = sidesOf(state, swap)
  if (sides === undefined) return untouched(state)
  const { factorIn, factorOut, kept, form, room } = sides
  const cap = greatest(wadMulDown(sides.balanceOut, ratioMax), factorOut)
  const most = min(min(swap.amountOut, cap), payableOf(state, swap.indexOut))
  const fill = largestFill(most, (amountOut): Answer => {
    const scaled = weightedIn(sides, wadMulDown(amountOut, factorOut), form)
    if (scaled === undefined) return 'tooMuch'
    const amountIn = wadDivUp(wadDivUp(scaled, factorIn), kept)
    return amountIn > room ? 'tooMuch' : amountIn
  })
  return fill === undefined ? untouched(state) : trade(state, swap, fill.answer, fill.told)
}

function weightedCurveOf(state: BalancerWeightedState): SmoothCurve | undefined {
  if (isClosed(state)) return undefined
  const most = (indexIn: number, indexOut: number) => {
    const sides = sidesOf(state, { indexIn, indexOut })
    return sides === undefined ? 0n : mostIn(sides)
  }
  return weightedCurve(state, most)
}
