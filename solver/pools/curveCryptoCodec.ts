/** How CryptoSwap pools stand in a market snapshot: docs/market.md, `curveCrypto`. */
import type { JsonObject } from '../core/json.ts'
import {
  type CryptoRebalance,
  type CryptoVariant,
  coinsOf,
  type CurveCryptoState,
} from './curveCryptoState.ts'
import type { PoolCodec, PoolFields } from './pool.ts'

const wordMax = 2n ** 128n - 1n
const wad = 10n ** 18n
const feeMax = 10n ** 10n - 1n
const variants: readonly CryptoVariant[] = ['two', 'tri', 'twoNg', 'triNg']

/** The codec of {@link CurveCryptoState}. */
export const curveCryptoCodec: PoolCodec<CurveCryptoState> = {
  idDigits: 40,
  fields: [
    'variant',
    'A',
    'gamma',
    'D',
    'balances',
    'precisions',
    'priceScale',
    'midFee',
    'outFee',
    'feeGamma',
    'aMultiplier',
    'isRamping',
    'rebalance',
  ],
  decode(base, fields) {
    const variant = readVariant(fields)
    const length = coinsOf(variant)
    if (base.tokens.length !== length)
      fields.refuse(5, `a pool of variant ${variant} has ${length} tokens`, base.tokens.length)
    return {
      kind: 'curveCrypto',
      ...base,
      variant,
      A: positive(fields, 'A'),
      gamma: positive(fields, 'gamma'),
      D: fields.natural('D', { max: wordMax }),
      balances: fields.naturals('balances', { length, max: wordMax }),
      precisions: precisionsOf(fields, length),
      priceScale: fields.naturals('priceScale', { length: length - 1, max: wordMax }),
      midFee: fields.natural('midFee', { max: feeMax, rule: 5 }),
      outFee: fields.natural('outFee', { max: feeMax, rule: 5 }),
      feeGamma: fields.natural('feeGamma', { max: wordMax }),
      ...(fields.has('aMultiplier') ? { aMultiplier: positive(fields, 'aMultiplier') } : {}),
      ...(fields.has('isRamping') ? { isRamping: fields.boolean('isRamping') } : {}),
      ...(fields.has('rebalance')
        ? { rebalance: decodeRebalance(fields.object('rebalance'), length - 1) }
        : {}),
    }
  },
  encode(state) {
    const { variant, balances, precisions, priceScale, aMultiplier, isRamping, rebalance } = state
    const { A, gamma, D, midFee, outFee, feeGamma } = state
    return {
      variant,
      A: String(A),
      gamma: String(gamma),
      D: String(D),
      balances: balances.map(String),
      precisions: precisions.map(String),
      priceScale: priceScale.map(String),
      midFee: String(midFee),
      outFee: String(outFee),
      feeGamma: String(feeGamma),
      ...(aMultiplier === undefined ? {} : { aMultiplier: String(aMultiplier) }),
      ...(isRamping === undefined ? {} : { isRamping }),
      ...(rebalance === undefined ? {} : { rebalance: encodeRebalance(rebalance) }),
    }
  },
}

function readVariant(fields: PoolFields): CryptoVariant {
  const text = fields.text('variant')
  const variant = variants.find((known) => known === text)
  return variant ?? fields.refuse(2, 'the variant is two, tri, twoNg or triNg', text)
}

function positive(fields: PoolFields, name: string): bigint {
  const value = fields.natural(name, { max: wordMax })
  return value > 0n ? value : fields.refuse(1, `${name} is above 0`, value)
}

/** Powers of ten up to 10^18. */
function precisionsOf(fields: PoolFields, length: number): readonly bigint[] {
  const precisions = fields.naturals('precisions', { length, max: wad })
  for (const precision of precisions)
    if (!/^10*$/.test(String(precision)))
      fields.refuse(1, 'a precision is a power of ten', precision)
  return precisions
}

function decodeRebalance(fields: PoolFields, length: number): CryptoRebalance {
  const number = (name: string) => fields.natural(name, { max: wordMax })
  return {
    priceOracle: fields.naturals('priceOracle', { length, max: wordMax }),
    xcpProfit: number('xcpProfit'),
    virtualPrice: number('virtualPrice'),
    totalSupply: number('totalSupply'),
    allowedExtraProfit: number('allowedExtraProfit'),
    adjustmentStep: number('adjustmentStep'),
    ...(fields.has('notAdjusted') ? { notAdjusted: fields.boolean('notAdjusted') } : {}),
  }
}

function encodeRebalance(rebalance: CryptoRebalance): JsonObject {
  const { priceOracle, notAdjusted } = rebalance
  return {
    priceOracle: priceOracle.map(String),
    xcpProfit: String(rebalance.xcpProfit),
    virtualPrice: String(rebalance.virtualPrice),
    totalSupply: String(rebalance.totalSupply),
    allowedExtraProfit: String(rebalance.allowedExtraProfit),
    adjustmentStep: String(rebalance.adjustmentStep),
    ...(notAdjusted === undefined ? {} : { notAdjusted }),
  }
}
