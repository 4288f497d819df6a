/** A pool of a built kind in a snapshot: what every kind shares; the rest is the codec in the kind's own file. */
import type { JsonObject } from '../core/json.ts'
import { moduleOf, poolModules, type PoolKind, type PoolState } from '../pools/index.ts'
import { type PoolBase, type PoolCodec, toPoolId } from '../pools/pool.ts'
import {
  address,
  idText,
  isLowerHex,
  list,
  natural,
  poolFields,
  refuse,
  without,
} from './fields.ts'

const commonFields = ['kind', 'id', 'tokens', 'gas', 'exchange'] as const

/**
 * The state that `pool` says, and its fields that the state has no place for. Rule 4 is checked before, in
 * `rules.ts`.
 *
 * @throws {SnapshotInvalidError} `market.snapshot-invalid`.
 */
export function decodePool(
  pool: JsonObject,
  kind: PoolKind,
): { state: PoolState; extra: JsonObject } {
  const codec: PoolCodec<PoolState> = poolModules[kind].codec
  const { id, exchange, gas, tokens } = pool
  if (typeof id !== 'string' || !isLowerHex(id, codec.idDigits))
    return refuse(4, `the id of a ${kind} pool has not ${codec.idDigits} digits`, idText(pool), id)
  if (exchange !== undefined && typeof exchange !== 'string')
    return refuse(1, 'exchange is not a text', id, exchange)
  const base: PoolBase = {
    id: toPoolId(id),
    tokens: list(tokens, id, 'tokens').map((each) => address(each, id, 4)),
    ...(exchange === undefined ? {} : { exchange }),
    ...(gas === undefined ? {} : { gasHint: natural(gas, id, 'gas') }),
  }
  const known = new Set<string>([...commonFields, ...codec.fields])
  return { state: codec.decode(base, poolFields(pool, id)), extra: without(pool, known) }
}

/** `state` as a pool of a snapshot, with the fields that it came with besides. */
export function encodePool(state: PoolState, extra: JsonObject = {}): JsonObject {
  const { kind, id, tokens, exchange, gasHint } = state
  return {
    kind,
    id,
    tokens,
    ...moduleOf(state).codec.encode(state),
    ...(gasHint === undefined ? {} : { gas: String(gasHint) }),
    ...(exchange === undefined ? {} : { exchange }),
    ...extra,
  }
}
