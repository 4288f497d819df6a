/** How the part of a pool's state that Balancer V3's vault keeps stands in a snapshot. */
import type { JsonObject } from '../core/json.ts'
import type { BalancerV3State, BalancerV3TokenKind } from './balancerV3State.ts'
import { wad } from './math/fixedPoint.ts'
import type { PoolBase, PoolFields } from './pool.ts'

/** Names of the fields that all pools of the vault have. */
export const vaultFields: readonly string[] = [
  'balances',
  'scalingFactors',
  'tokenKinds',
  'rates',
  'lastLive',
  'swapFee',
  'aggregateSwapFee',
  'aggregateYieldFee',
  'paused',
  'hooks',
]

const uint128Max = 2n ** 128n - 1n

/** Reads and checks what all pools of the vault have; refuses with rules 1 and 4 to 6. */
export function decodeVaultFields<kind extends string>(
  kind: kind,
  base: PoolBase,
  fields: PoolFields,
): BalancerV3State<kind> {
  const bounds = { length: base.tokens.length, max: uint128Max }
  const tokenKinds = tokenKindsOf(fields, base.tokens.length)
  const rates = fields.naturals('rates', bounds)
  if (rates.some((rate, at) => tokenKinds[at] === 'plain' && rate !== wad))
    fields.refuse(6, 'the rate of a plain token is not 10^18', fields.read('rates'))
  const lastLive = fields.naturals('lastLive', bounds)
  if (lastLive.some((live, at) => tokenKinds[at] !== 'yield' && live !== 0n))
    fields.refuse(6, 'lastLive of a token that pays no yield fee is not 0', fields.read('lastLive'))
  return {
    kind,
    ...base,
    balances: fields.naturals('balances', bounds),
    scalingFactors: scalingFactorsOf(fields, base.tokens.length),
    tokenKinds,
    rates,
    lastLive,
    swapFee: share(fields, 'swapFee'),
    aggregateSwapFee: share(fields, 'aggregateSwapFee'),
    aggregateYieldFee: share(fields, 'aggregateYieldFee'),
    paused: fields.boolean('paused'),
    ...(fields.has('hooks') ? { hooks: fields.address('hooks') } : {}),
  }
}

/** The fields of {@link vaultFields} in `state`. */
export function encodeVaultFields(state: BalancerV3State): JsonObject {
  const { tokenKinds, paused, hooks } = state
  return {
    balances: state.balances.map(String),
    scalingFactors: state.scalingFactors.map(String),
    tokenKinds: [...tokenKinds],
    rates: state.rates.map(String),
    lastLive: state.lastLive.map(String),
    swapFee: String(state.swapFee),
    aggregateSwapFee: String(state.aggregateSwapFee),
    aggregateYieldFee: String(state.aggregateYieldFee),
    paused,
    ...(hooks === undefined ? {} : { hooks }),
  }
}

function share(fields: PoolFields, name: string): bigint {
  return fields.natural(name, { max: wad - 1n, rule: 5 })
}

function scalingFactorsOf(fields: PoolFields, length: number): readonly bigint[] {
  const factors = fields.naturals('scalingFactors', { length, max: wad })
  if (factors.some((factor) => !/^10*$/.test(String(factor))))
    fields.refuse(6, 'a scaling factor is not a power of ten', fields.read('scalingFactors'))
  return factors
}

function tokenKindsOf(fields: PoolFields, length: number): readonly BalancerV3TokenKind[] {
  const kinds = fields.list('tokenKinds')
  if (kinds.length !== length)
    fields.refuse(5, `tokenKinds has ${kinds.length} entries for ${length} tokens`, kinds)
  return kinds.map((each) =>
    each === 'plain' || each === 'rate' || each === 'yield'
      ? each
      : fields.refuse(6, 'a token kind is neither plain, rate nor yield', each),
  )
}
