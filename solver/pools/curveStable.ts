/**
 * Curve StableSwap: plain, lending, meta and StableSwapNG pools of two to eight coins.
 *
 * The authority is each pool's `exchange`; see curveStableSwap.ts for swaps, math/stable.ts for the invariant.
 */
import type { CurveStableState } from './curveStableState.ts'
import { curveStableVariants, roundingOf } from './curveStableState.ts'
import { applyLog, curveStableTopics, discoverCurveStable } from './curveStableLogs.ts'
import { curveRegistry } from './curveStableDeployments.ts'
import { readCurveStable } from './curveStableReader.ts'
import { mostPaidFor, swapExactIn, swapExactOut } from './curveStableSwap.ts'
import {
  commonUnits,
  feeUnit,
  invariantOf,
  rateUnit,
  type StableRounding,
  stableRules,
  wordMax,
} from './math/stable.ts'
import { type StableFloats, stableFloats, stableOut, stableSlope } from './math/stableCurve.ts'
import {
  baseRefOf,
  type PoolBase,
  type PoolFields,
  type PoolModule,
  type SmoothCurve,
  toPoolId,
} from './pool.ts'

export type { CurveStableState, CurveStableVariant } from './curveStableState.ts'

/** The StableSwap module. Shapes, units and laws are {@link PoolModule}'s; it throws nothing. */
export const curveStable: PoolModule<CurveStableState> = {
  kind: 'curveStable',
  about: 'StableSwap of two to eight coins; exact against the bytecode of its generations',
  topics: curveStableTopics,
  discover: discoverCurveStable,
  creation: { addresses: [curveRegistry.factory], topics: [curveRegistry.poolAddedTopic] },
  snapshot: readCurveStable,
  refOf: (state) => ({
    ...baseRefOf(state),
    ...(state.variant === undefined ? {} : { variant: state.variant }),
    ...(state.basePool === undefined ? {} : { basePool: state.basePool }),
  }),
  apply: applyLog,
  drifts,
  swapExactIn,
  swapExactOut,
  price,
  curve,
  codec: {
    idDigits: 40,
    fields: [
      'A',
      'aPrecision',
      'fee',
      'balances',
      'rates',
      'offpegFeeMultiplier',
      'adminFee',
      'basePool',
      'variant',
      'rounding',
      'ramping',
      'rebasing',
    ],
    decode,
    encode: (state) => ({
      A: String(state.A),
      aPrecision: String(state.aPrecision),
      fee: String(state.fee),
      balances: state.balances.map(String),
      rates: state.rates.map(String),
      ...(state.offpegFeeMultiplier === undefined
        ? {}
        : { offpegFeeMultiplier: String(state.offpegFeeMultiplier) }),
      ...(state.adminFee === undefined ? {} : { adminFee: String(state.adminFee) }),
      ...(state.basePool === undefined ? {} : { basePool: state.basePool }),
      ...(state.variant === undefined ? {} : { variant: state.variant }),
      ...(state.rounding === undefined ? {} : { rounding: state.rounding }),
      ...(state.ramping === undefined ? {} : { ramping: state.ramping }),
      ...(state.rebasing === undefined ? {} : { rebasing: state.rebasing }),
    }),
  },
}

/** A ramp, balances that move, a base pool, or a rate that is no power of ten and so no plain token's. */
function drifts({ ramping, rebasing, variant, rates }: CurveStableState): boolean {
  if (ramping === true || rebasing === true || variant === 'meta' || variant === 'lending')
    return true
  return rates.some((rate) => !/^10*$/.test(String(rate)))
}

function price(state: CurveStableState, indexIn: number, indexOut: number): number {
  const floats = floatsOf(state, indexIn, indexOut)
  return floats === undefined ? 0 : stableSlope(floats, 0) * ratio(state, indexIn, indexOut)
}

function ratio({ rates }: CurveStableState, indexIn: number, indexOut: number): number {
  return Number(rates[indexIn]) / Number(rates[indexOut])
}

/** `undefined` where the two tokens cannot be traded. */
function floatsOf(
  state: CurveStableState,
  indexIn: number,
  indexOut: number,
): StableFloats | undefined {
  const xp = commonUnits(state.balances, state.rates)
  if (xp === undefined || !xp[indexIn] || !xp[indexOut] || indexIn === indexOut) return undefined
  const D = invariantOf(xp, state, roundingOf(state))
  if (D === undefined || D === 0n) return undefined
  const fees = { fee: state.fee, multiplier: state.offpegFeeMultiplier }
  return stableFloats(xp, [indexIn, indexOut], D, state, fees)
}

function curve(state: CurveStableState): SmoothCurve | undefined {
  const places = state.tokens.map((_, at) => at)
  const table = places.map((from) => places.map((to) => floatsOf(state, from, to)))
  if (!table.flat().some((floats) => floats !== undefined)) return undefined
  const unit = Number(rateUnit)
  const units = state.rates.map((rate) => Number(rate) / unit)
  return {
    shape: 'smooth',
    out(indexIn, indexOut, size) {
      const floats = table[indexIn]?.[indexOut]
      if (floats === undefined) return 0
      return stableOut(floats, size * (units[indexIn] ?? 0)) / (units[indexOut] ?? 1)
    },
    slope(indexIn, indexOut, size) {
      const floats = table[indexIn]?.[indexOut]
      if (floats === undefined) return 0
      const [unitIn = 0, unitOut = 1] = [units[indexIn], units[indexOut]]
      return (stableSlope(floats, size * unitIn) * unitIn) / unitOut
    },
    mostIn: (indexIn, indexOut) => Number(mostPaidFor(state, indexIn, indexOut)),
  }
}

const roundings = Object.keys(stableRules) as StableRounding[] // the keys of its own record

function decode(base: PoolBase, fields: PoolFields): CurveStableState {
  const length = base.tokens.length
  if (length > 8) fields.refuse(4, 'a StableSwap pool has at most eight coins', base.tokens)
  const natural = (name: string, max = wordMax) => fields.natural(name, { max })
  const optional = (name: string, max = wordMax) =>
    fields.has(name) ? { [name]: natural(name, max) } : {}
  const flag = (name: string) => (fields.has(name) ? { [name]: fields.boolean(name) } : {})
  const aPrecision = natural('aPrecision')
  if (aPrecision !== 1n && aPrecision !== 100n)
    fields.refuse(6, 'aPrecision is neither 1 nor 100', fields.read('aPrecision'))
  const A = natural('A')
  if (A === 0n) fields.refuse(6, 'A is 0', fields.read('A'))
  return {
    kind: 'curveStable',
    ...base,
    A,
    aPrecision,
    fee: fields.natural('fee', { max: feeUnit - 1n, rule: 5 }),
    balances: fields.naturals('balances', { length, max: wordMax }),
    rates: fields.naturals('rates', { length, max: wordMax }),
    ...optional('offpegFeeMultiplier'),
    ...(fields.has('adminFee')
      ? { adminFee: fields.natural('adminFee', { max: feeUnit, rule: 5 }) }
      : {}),
    ...(fields.has('basePool') ? { basePool: toPoolId(fields.address('basePool')) } : {}),
    ...(fields.has('variant') ? { variant: oneOf(fields, 'variant', curveStableVariants) } : {}),
    ...(fields.has('rounding') ? { rounding: oneOf(fields, 'rounding', roundings) } : {}),
    ...flag('ramping'),
    ...flag('rebasing'),
  }
}

function oneOf<name extends string>(
  fields: PoolFields,
  field: string,
  names: readonly name[],
): name {
  const text = fields.text(field)
  return (
    names.find((name) => name === text) ??
    fields.refuse(4, `${field} is none of ${names.join(', ')}`, text)
  )
}
