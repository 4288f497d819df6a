/** Where two states of one pool differ: what the market holds against what the chain says. Pure. */
import type { Json, JsonObject } from '../core/json.ts'
import type { PoolState } from '../pools/index.ts'
import { encodePool } from './poolCodec.ts'

/** A field that differs, as both sides have it in a snapshot. */
export type Difference = {
  readonly field: string
  readonly held: Json | undefined
  readonly chain: Json | undefined
}

/** Told by whoever named the pool, not by the chain. */
const toldFields = new Set(['exchange', 'gas'])
/** Not known to every source: compared only where both sides have them. */
const optionalFields = new Set(['ticksGross', 'tickRange', 'singleRange'])
const tickLists = new Set(['ticks', 'ticksGross'])

/**
 * The first field in which `held` differs from `chain`, or `undefined` when a swap cannot tell them apart. Ticks
 * are compared where both sides know them: a market may hold a part of a pool's range.
 */
export function differenceOf(held: PoolState, chain: PoolState): Difference | undefined {
  const left = encodePool(held)
  const right = encodePool(chain)
  const isWhole = left['singleRange'] !== true && right['singleRange'] !== true
  for (const field of new Set([...Object.keys(left), ...Object.keys(right)])) {
    if (toldFields.has(field)) continue
    const isOptional = optionalFields.has(field)
    if (isOptional && (!tickLists.has(field) || !(field in left) || !(field in right))) continue
    if (tickLists.has(field) && !isWhole) continue
    const [ours, theirs] = tickLists.has(field)
      ? [within(left, field, right), within(right, field, left)]
      : [left[field], right[field]]
    if (JSON.stringify(ours) !== JSON.stringify(theirs)) return { field, held: ours, chain: theirs }
  }
  return undefined
}

/** The entries of a tick list of `pool` that lie in the range that `other` knows. */
function within(pool: JsonObject, field: string, other: JsonObject): readonly Json[] {
  const entries = pool[field]
  const range = other['tickRange']
  if (!Array.isArray(entries)) return []
  if (!Array.isArray(range)) return entries
  const [low, high] = range.map(Number)
  return entries.filter((entry) => {
    const tick = Array.isArray(entry) ? Number(entry[0]) : NaN
    return tick >= (low ?? NaN) && tick <= (high ?? NaN)
  })
}
