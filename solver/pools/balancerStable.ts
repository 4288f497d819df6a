/**
 * Balancer V2 stable pools: StablePool, MetaStablePool, StablePhantomPool and ComposableStablePool of every version.
 *
 * The vault's two functions are the authority: exact-in is GIVEN_IN and exact-out is GIVEN_OUT, each to the unit.
 * GIVEN_OUT rounds on its own, so what it takes is not always the least that GIVEN_IN would need. The pool's own
 * share is no token here: swaps of it are joins and exits. Dust may be taken for nothing, as the vault does.
 *
 * Source: https://github.com/balancer/balancer-v2-monorepo, pkg/pool-stable, pkg/pool-utils
 */
import type { Log } from '../chain/block.ts'
import type { Hex } from '../core/hex.ts'
import { min } from '../core/rounding.ts'
import { stableCurve, stableFloats } from './balancerCurves.ts'
import { creationOf, discoverVaultPool } from './balancerReader.ts'
import { readStable } from './balancerStableReader.ts'
import {
  applyVaultLog,
  balanceMax,
  decodeVaultPool,
  encodeVaultPool,
  isClosed,
  payableOf,
  trade,
  untouched,
  vaultFields,
  type VaultPool,
  vaultTopics,
} from './balancerVault.ts'
import { type Answer, largestFill } from './largestFill.ts'
import { type InvariantForm, stableBalance, stableInvariant } from './math/balancerStable.ts'
import { complement, wadDivDown, wadDivUp, wadMulDown } from './math/fixedPoint.ts'
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

/** Balancer V2 stable pool. */
export type BalancerStableState = PoolStateBase<'balancerStable'> &
  VaultPool & {
    /** Amplification A n^(n-1), times 1000. */
    readonly amp: bigint
    /** Multipliers to 18 digits, in 10^-18, with the rates that swaps would use now. */
    readonly scalingFactors: readonly bigint[]
    /** The multipliers after the next swap, where they differ: StablePhantomPool uses an expired rate once more. */
    readonly factorsAfter?: readonly bigint[] | undefined
    /** How the invariant rounds: `v1` up at each step, `v2` (since June 2022) down; absent: as `v1`, which pays less. */
    readonly version?: 'v1' | 'v2' | undefined
    /** True when amp is being changed, or a rate may change without a log of the pool; absent: unknown. */
    readonly drifting?: boolean | undefined
  }

/** First topics of the pool's own logs after which it must be read again. */
const staleTopics: readonly Hex[] = [
  // keccak256("AmpUpdateStarted(uint256,uint256,uint256,uint256)"), "AmpUpdateStopped(uint256)"
  '0x1835882ee7a34ac194f717a35e09bb1d24c82a3b9d854ab6c9749525b714cdf2',
  '0xa0d01593e47e69d07e0ccd87bece09411e07dd1ed40ca8f2e7af2976542a0233',
  // keccak256("TokenRateCacheUpdated(uint256,uint256)"), "TokenRateCacheUpdated(address,uint256)"
  '0xb77a83204ca282e08dc3a65b0a1ca32ea4e6875c38ef0bf5bf75e52a67354fac',
  '0xcfed57d90913b5ee1895919dcccaff83a9f7a842d912ef137272e5fc6123aa86',
  // keccak256("PriceRateCacheUpdated(address,uint256)"), "PriceRateProviderSet(address,address,uint256)"
  '0xc1a224b14823b63c7711127f125fbf592434682f38881ebb61408747a303affc',
  '0xca6c2c5b6b44b5f3f0c08f0e28e5b6deda1cb38c3fe1113e8031d926c1e8c6d0',
  // keccak256("TokenRateProviderSet(uint256,address,uint256)"), "TokenRateProviderSet(address,address,uint256)"
  '0xdd6d1c9badb346de6925b358a472c937b41698d2632696759e43fd6527feeec4',
  '0xf00a2bf8c71db611a21183e0a96869752bcd9da29372fa76f865eed4fdd540d1',
]

/** The least amplification that the format and the contracts allow. */
const ampMin = 1_000n

const codec: PoolCodec<BalancerStableState> = {
  idDigits: 40,
  fields: [...vaultFields, 'amp', 'scalingFactors', 'factorsAfter', 'version', 'drifting'],
  decode(base, fields) {
    const amp = fields.natural('amp')
    if (amp < ampMin) fields.refuse(6, 'amp is below 1000', amp)
    const factors = (name: string) => {
      const list = fields.naturals(name, { length: base.tokens.length })
      return list.includes(0n) ? fields.refuse(6, `${name} has a 0`, list) : list
    }
    const version = fields.has('version') ? fields.text('version') : undefined
    if (version !== undefined && version !== 'v1' && version !== 'v2')
      return fields.refuse(4, 'unknown version of a stable pool', version)
    return {
      kind: 'balancerStable',
      ...base,
      ...decodeVaultPool(base, fields),
      amp,
      scalingFactors: factors('scalingFactors'),
      ...(fields.has('factorsAfter') ? { factorsAfter: factors('factorsAfter') } : {}),
      ...(version === undefined ? {} : { version }),
      ...(fields.has('drifting') ? { drifting: fields.boolean('drifting') } : {}),
    }
  },
  encode: ({ amp, scalingFactors, factorsAfter, version, drifting, ...vault }) => ({
    ...encodeVaultPool(vault),
    amp: String(amp),
    scalingFactors: scalingFactors.map(String),
    ...(factorsAfter === undefined ? {} : { factorsAfter: factorsAfter.map(String) }),
    ...(version === undefined ? {} : { version }),
    ...(drifting === undefined ? {} : { drifting }),
  }),
}

/** The module of Balancer V2's stable pools. Shapes, units and laws are {@link PoolModule}'s; it throws nothing. */
export const balancerStable = {
  kind: 'balancerStable',
  about: 'Balancer V2 stable pools; exact against the real vault and every version',
  topics: [...Object.values(vaultTopics), ...staleTopics],
  discover: (log) => discoverVaultPool(log, 'balancerStable'),
  creation: creationOf('balancerStable'),
  snapshot,
  refOf: (state) => ({
    ...baseRefOf(state),
    ...(state.version && { variant: state.version }),
    ...(state.vaultId && { vaultId: state.vaultId }),
  }),
  apply,
  drifts: ({ drifting, scalingFactors }) => drifting ?? scalingFactors.some(hasRate),
  swapExactIn,
  swapExactOut,
  price: (state, indexIn, indexOut) => curve(state)?.slope(indexIn, indexOut, 0) ?? 0,
  curve,
  codec,
} satisfies PoolModule<BalancerStableState>

function* snapshot(ref: PoolRef): SnapshotReader<BalancerStableState> {
  const reading = yield* readStable(ref)
  return reading === undefined ? undefined : { kind: 'balancerStable', ...reading }
}

/** A token without a rate is scaled by a power of ten. */
function hasRate(factor: bigint): boolean {
  return !/^10*$/.test(String(factor))
}

function apply(state: BalancerStableState, log: Log): BalancerStableState | undefined {
  if (log.address === state.id && staleTopics.includes(log.topics[0] ?? '0x')) return undefined
  return applyVaultLog(state, log)
}

/** A pool as its arithmetic sees it. */
type Scaled = { readonly balances: readonly bigint[]; readonly invariant: bigint }

/** `undefined` when the pool cannot trade. */
function scaledOf(state: BalancerStableState): Scaled | undefined {
  if (isClosed(state)) return undefined
  const { amp, scalingFactors, version } = state
  const balances = state.balances.map((each, at) => wadMulDown(each, scalingFactors[at] ?? 0n))
  const form: InvariantForm = version === 'v2' ? 'truncated' : 'roundedUp'
  const invariant = stableInvariant(amp, balances, form)
  return invariant === undefined ? undefined : { balances, invariant }
}

function swapExactIn(
  state: BalancerStableState,
  swap: SwapExactIn,
): SwapResult<BalancerStableState> {
  const scaled = scaledOf(state)
  if (scaled === undefined) return untouched(state)
  const { indexIn, indexOut } = swap
  const [factorIn = 0n, factorOut = 0n] = factorsOf(state, swap)
  const kept = complement(state.swapFee)
  const payable = payableOf(state, indexOut)
  const held = scaled.balances[indexOut] ?? 0n
  const fill = largestFill(min(swap.amountIn, roomOf(state, indexIn)), (amountIn): Answer => {
    const brought = wadMulDown(wadMulDown(amountIn, kept), factorIn)
    const balances = withChange(scaled.balances, indexIn, brought)
    const left = stableBalance(state.amp, balances, scaled.invariant, indexOut)
    if (left === undefined) return 'tooMuch'
    if (left >= held) return 'tooLittle'
    const paid = wadDivDown(held - left - 1n, factorOut)
    return paid > payable ? 'tooMuch' : paid
  })
  return fill === undefined ? untouched(state) : tradeStable(state, swap, fill.told, fill.answer)
}

function swapExactOut(
  state: BalancerStableState,
  swap: SwapExactOut,
): SwapResult<BalancerStableState> {
  const scaled = scaledOf(state)
  if (scaled === undefined) return untouched(state)
  const { indexIn, indexOut } = swap
  const [factorIn = 0n, factorOut = 0n] = factorsOf(state, swap)
  const kept = complement(state.swapFee)
  const room = roomOf(state, indexIn)
  const held = scaled.balances[indexIn] ?? 0n
  const most = min(swap.amountOut, payableOf(state, indexOut))
  const fill = largestFill(most, (amountOut): Answer => {
    const balances = withChange(scaled.balances, indexOut, -wadMulDown(amountOut, factorOut))
    const needed = stableBalance(state.amp, balances, scaled.invariant, indexIn)
    if (needed === undefined) return 'tooMuch'
    if (needed < held) return 'tooLittle'
    const amountIn = wadDivUp(wadDivUp(needed - held + 1n, factorIn), kept)
    return amountIn > room ? 'tooMuch' : amountIn
  })
  return fill === undefined ? untouched(state) : tradeStable(state, swap, fill.answer, fill.told)
}

function tradeStable(
  { factorsAfter, ...state }: BalancerStableState,
  swap: SwapExactIn | SwapExactOut,
  amountIn: bigint,
  amountOut: bigint,
): SwapResult<BalancerStableState> {
  const result = trade<BalancerStableState>(state, swap, amountIn, amountOut)
  if (factorsAfter === undefined) return result
  return { ...result, next: { ...result.next, scalingFactors: factorsAfter } }
}

function factorsOf(
  { scalingFactors }: BalancerStableState,
  { indexIn, indexOut }: SwapExactIn | SwapExactOut,
): readonly (bigint | undefined)[] {
  return [scalingFactors[indexIn], scalingFactors[indexOut]]
}

function roomOf(state: BalancerStableState, index: number): bigint {
  return balanceMax - (state.balances[index] ?? 0n)
}

function withChange(balances: readonly bigint[], index: number, change: bigint): readonly bigint[] {
  return balances.with(index, (balances[index] ?? 0n) + change)
}

function curve(state: BalancerStableState): SmoothCurve | undefined {
  const scaled = scaledOf(state)
  if (scaled === undefined) return undefined
  return stableCurve(stableFloats(state, scaled.invariant), (index) => roomOf(state, index))
}
