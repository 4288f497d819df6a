/** How a pool of each built kind is written in a snapshot. A new kind adds its codec here. */
import type { Address } from '../core/hex.ts'
import type { PoolKind, PoolState } from '../pools/index.ts'
import { type PoolId, toPoolId } from '../pools/pool.ts'
import type { UniswapV2State, UniswapV3State, UniswapV4State } from '../pools/states.ts'
import {
  address,
  idText,
  isLowerHex,
  isObject,
  list,
  natural,
  refuse,
  small,
  without,
} from './fields.ts'
import type { Json, JsonObject } from './snapshot.ts'
import { decodeTicks, encodeTicks, tickFields } from './tickCodec.ts'

type Base = {
  readonly id: PoolId
  readonly tokens: readonly Address[]
  readonly exchange?: string
  readonly gasHint?: bigint
}

type PoolCodec<state> = {
  /** Hex digits of an id of this kind. */
  readonly idDigits: 40 | 64
  readonly fields: readonly string[]
  decode(base: Base, pool: JsonObject): state
  encode(state: state): JsonObject
}

const commonFields = ['kind', 'id', 'tokens', 'gas', 'exchange'] as const

/** A V2 pair keeps its reserves as uint112. */
const reserveMax = 2n ** 112n - 1n

const uniswapV2: PoolCodec<UniswapV2State> = {
  idDigits: 40,
  fields: ['reserves', 'feePips'],
  decode(base, pool) {
    const [reserve0 = 0n, reserve1 = 0n] = list(pool['reserves'], base.id, 'reserves').map(
      (each) => {
        const reserve = natural(each, base.id, 'reserves')
        return reserve <= reserveMax
          ? reserve
          : refuse(1, 'a reserve is above 2^112 - 1', base.id, each)
      },
    )
    const feePips = small(pool['feePips'], base.id, 'feePips', { high: 999_999, rule: 5 })
    return { kind: 'uniswapV2', ...base, reserves: [reserve0, reserve1], feePips }
  },
  encode: ({ reserves, feePips }) => ({ reserves: reserves.map(String), feePips: String(feePips) }),
}

const uniswapV3: PoolCodec<UniswapV3State> = {
  idDigits: 40,
  fields: tickFields,
  decode: (base, pool) => ({ kind: 'uniswapV3', ...base, ...decodeTicks(pool, base.id) }),
  encode: encodeTicks,
}

const uniswapV4: PoolCodec<UniswapV4State> = {
  idDigits: 64,
  fields: [...tickFields, 'poolKey', 'hooks', 'protocolFee'],
  decode(base, pool) {
    const key = pool['poolKey']
    if (!isObject(key)) return refuse(4, 'poolKey is not an object', base.id, key)
    const hooks = address(pool['hooks'], base.id, 4)
    const poolKey = {
      currency0: address(key['currency0'], base.id, 4),
      currency1: address(key['currency1'], base.id, 4),
      fee: small(key['fee'], base.id, 'poolKey.fee', { high: 2 ** 24 - 1 }),
      tickSpacing: small(key['tickSpacing'], base.id, 'poolKey.tickSpacing', { low: 1 }),
      hooks: address(key['hooks'], base.id, 4),
    }
    if (poolKey.hooks !== hooks) refuse(4, 'hooks differ from poolKey.hooks', base.id, hooks)
    if (poolKey.currency0 !== base.tokens[0] || poolKey.currency1 !== base.tokens[1])
      refuse(4, 'the currencies of poolKey are not the tokens', base.id, poolKey.currency0)
    const protocolFee = small(pool['protocolFee'], base.id, 'protocolFee', { high: 2 ** 24 - 1 })
    return {
      kind: 'uniswapV4',
      ...base,
      ...decodeTicks(pool, base.id),
      poolKey,
      hooks,
      protocolFee,
    }
  },
  encode(state) {
    const { currency0, currency1, fee, tickSpacing, hooks } = state.poolKey
    return {
      ...encodeTicks(state),
      poolKey: {
        currency0,
        currency1,
        fee: String(fee),
        tickSpacing: String(tickSpacing),
        hooks,
      },
      hooks: state.hooks,
      protocolFee: String(state.protocolFee),
    }
  },
}

const codecs: { readonly [kind in PoolKind]: PoolCodec<Extract<PoolState, { kind: kind }>> } = {
  uniswapV2,
  uniswapV3,
  uniswapV4,
}

/** A lookup by a state's own kind gives that kind's codec. */
function codecOf(kind: PoolKind): PoolCodec<PoolState> {
  return codecs[kind]
}

/** True for a kind whose pools become states; the others are kept aside. */
export function isCodecKind(kind: Json | undefined): kind is PoolKind {
  return typeof kind === 'string' && Object.hasOwn(codecs, kind)
}

/**
 * The state that `pool` says, and its fields that the state has no place for. Rules 4 (tokens), 5 (lengths)
 * and 7 are checked before, in `rules.ts`.
 *
 * @throws {SnapshotInvalidError} `market.snapshot-invalid`.
 */
export function decodePool(
  pool: JsonObject,
  kind: PoolKind,
): { state: PoolState; extra: JsonObject } {
  const codec = codecOf(kind)
  const { id, exchange, gas, tokens } = pool
  if (typeof id !== 'string' || !isLowerHex(id, codec.idDigits))
    return refuse(4, `the id of a ${kind} pool has not ${codec.idDigits} digits`, idText(pool), id)
  if (exchange !== undefined && typeof exchange !== 'string')
    return refuse(1, 'exchange is not a text', id, exchange)
  const base: Base = {
    id: toPoolId(id),
    tokens: list(tokens, id, 'tokens').map((each) => address(each, id, 4)),
    ...(exchange === undefined ? {} : { exchange }),
    ...(gas === undefined ? {} : { gasHint: natural(gas, id, 'gas') }),
  }
  const known = new Set<string>([...commonFields, ...codec.fields])
  return { state: codec.decode(base, pool), extra: without(pool, known) }
}

/** `state` as a pool of a snapshot, with the fields that it came with besides. */
export function encodePool(state: PoolState, extra: JsonObject = {}): JsonObject {
  const { kind, id, tokens, exchange, gasHint } = state
  return {
    kind,
    id,
    tokens,
    ...codecOf(kind).encode(state),
    ...(gasHint === undefined ? {} : { gas: String(gasHint) }),
    ...(exchange === undefined ? {} : { exchange }),
    ...extra,
  }
}
