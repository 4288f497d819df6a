/** References to pools at rest: what is read back is checked, since a row may be broken or another program's. */
import type { Json } from '../core/json.ts'
import { isPoolKind, poolModules } from '../pools/index.ts'
import { type PoolId, type PoolRef, toPoolId } from '../pools/pool.ts'
import { address, idText, isLowerHex, isObject, list, refuse } from './fields.ts'
import { SnapshotCorruptError } from './snapshot.ts'

/** Largest values of the contracts' types, uint24 and int24: Uniswap V4 marks a fee that moves by one above 10^6. */
const most = { feePips: 2 ** 24 - 1, tickSpacing: 2 ** 23 - 1 }
/** Digits of a pool's name in Balancer's vault. */
const vaultIdDigits = 64

/**
 * The reference that `text` holds as JSON, as `JSON.stringify` wrote it. Fields that it has no place for are dropped.
 *
 * @throws {SnapshotCorruptError} `market.snapshot-corrupt`, when it is no JSON object.
 * @throws {SnapshotInvalidError} `market.snapshot-invalid`, when a field is not what it should be.
 */
export function parsePoolRef(text: string): PoolRef {
  const ref = parse(text)
  if (!isObject(ref))
    throw new SnapshotCorruptError({ what: 'a reference to a pool is no JSON object' })
  const at = idText(ref)
  const { kind, id, tokens, exchange, feePips, tickSpacing, hooks, variant, vaultId, basePool } =
    ref
  if (typeof kind !== 'string' || !isPoolKind(kind))
    return refuse(4, 'a reference to a pool of no built kind', at, kind)
  return {
    kind,
    id: idOf(id, poolModules[kind].codec.idDigits, at),
    tokens: list(tokens, at, 'tokens').map((each) => address(each, at, 4)),
    ...(exchange !== undefined && { exchange: textOf(exchange, at, 'exchange') }),
    ...(feePips !== undefined && { feePips: numberOf(feePips, at, 'feePips') }),
    ...(tickSpacing !== undefined && { tickSpacing: numberOf(tickSpacing, at, 'tickSpacing') }),
    ...(hooks !== undefined && { hooks: address(hooks, at, 4) }),
    ...(variant !== undefined && { variant: textOf(variant, at, 'variant') }),
    ...(vaultId !== undefined && { vaultId: idOf(vaultId, vaultIdDigits, at) }),
    ...(basePool !== undefined && { basePool: toPoolId(address(basePool, at, 4)) }),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new SnapshotCorruptError({ what: 'a reference to a pool is no JSON', cause })
  }
}

function idOf(value: Json | undefined, digits: number, at: string): PoolId {
  if (typeof value === 'string' && isLowerHex(value, digits)) return toPoolId(value)
  return refuse(4, `a reference to a pool has no id of ${digits} digits`, at, value)
}

function textOf(value: Json, at: string, name: string): string {
  return typeof value === 'string' ? value : refuse(1, `${name} is not a text`, at, value)
}

function numberOf(value: unknown, at: string, name: keyof typeof most): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most[name])
    return value
  return refuse(1, `${name} is not an integer up to ${most[name]}`, at, value)
}
