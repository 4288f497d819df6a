/** Readers of single fields of a snapshot: each gives a checked value or names rule, place and value. */
import type { Address } from '../core/hex.ts'
import type { Json, JsonObject } from '../core/json.ts'
import type { PoolFields } from '../pools/pool.ts'
import { SnapshotInvalidError } from './snapshot.ts'

/** Refuses a snapshot. `at` names the pool, token or field. @throws {SnapshotInvalidError} `market.snapshot-invalid`, always. */
export function refuse(rule: number, what: string, at: string, value?: unknown): never {
  throw new SnapshotInvalidError({ rule, what, at, value })
}

/** True for a JSON object, not a list and not `null`. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const integerForm = /^(0|-?[1-9][0-9]*)$/
/** More digits than any integer of the format needs; a bound, so that no text is slow to parse. */
const integerLengthMax = 100

/** An integer field of any sign. @throws {SnapshotInvalidError} rule 1. */
export function integer(value: Json | undefined, at: string, name: string): bigint {
  if (typeof value !== 'string' || value.length > integerLengthMax || !integerForm.test(value))
    return refuse(1, `${name} is not an integer in decimal digits`, at, value)
  return BigInt(value)
}

/** An integer field that is at least 0. @throws {SnapshotInvalidError} rule 1. */
export function natural(value: Json | undefined, at: string, name: string): bigint {
  const parsed = integer(value, at, name)
  return parsed >= 0n ? parsed : refuse(1, `${name} is below 0`, at, value)
}

/** An integer field of at most 48 bits between `low` and `high`. @throws {SnapshotInvalidError} `rule`, by default 1. */
export function small(
  value: Json | undefined,
  at: string,
  name: string,
  { low = 0, high = 2 ** 48 - 1, rule = 1 } = {},
): number {
  const parsed = Number(integer(value, at, name))
  if (parsed >= low && parsed <= high) return parsed
  return refuse(rule, `${name} is not between ${low} and ${high}`, at, value)
}

/** A list field. @throws {SnapshotInvalidError} rule 5. */
export function list(value: Json | undefined, at: string, name: string): readonly Json[] {
  return Array.isArray(value) ? value : refuse(5, `${name} is not a list`, at, value)
}

/** Twenty bytes of lower-case hex. @throws {SnapshotInvalidError} `rule`. */
export function address(value: Json | undefined, at: string, rule: number): Address {
  if (typeof value === 'string' && isLowerHex(value, 40)) return value
  return refuse(rule, 'not an address in lower-case hex', at, value)
}

/** True for `digits` digits of lower-case hex after `0x`. */
export function isLowerHex(value: string, digits: number): value is Address {
  return value.length === digits + 2 && /^0x[0-9a-f]*$/.test(value)
}

/** The fields of `object` that are not in `known`. */
export function without(object: JsonObject, known: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !known.has(key)))
}

/**
 * Refuses JSON numbers anywhere in `value`; `path` leads there from what `at` names.
 *
 * @throws {SnapshotInvalidError} rule 1.
 */
export function refuseNumbers(value: unknown, at: string, path = ''): void {
  if (typeof value === 'number') refuse(1, `a JSON number stands in ${at}${path}`, at, value)
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value))
    value.forEach((each, index) => refuseNumbers(each, at, `${path}[${index}]`))
  else for (const [key, each] of Object.entries(value)) refuseNumbers(each, at, `${path}.${key}`)
}

/** True when lists and objects stand more than `depth` deep within one another in `value`. */
export function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depth === 0) return true
  return Object.values(value).some((each) => isDeeper(each, depth - 1))
}

/** A pool's id for messages and sorting; what is not a text becomes `(no id)`. */
export function idText(pool: JsonObject): string {
  return typeof pool['id'] === 'string' ? pool['id'] : '(no id)'
}

/** The fields of `pool` as its kind's codec reads them. */
export function poolFields(pool: JsonObject, at: string): PoolFields {
  const read = (name: string) => pool[name]
  return {
    read,
    has: (name) => pool[name] !== undefined,
    natural: (name, { max, rule = 1 } = {}) =>
      within(natural(read(name), at, name), { max, rule, at, name }),
    small: (name, bounds) => small(read(name), at, name, bounds),
    naturals: (name, { length, max, rule = 1 } = {}) => {
      const entries = list(read(name), at, name)
      if (length !== undefined && entries.length !== length)
        refuse(5, `${name} has ${entries.length} entries instead of ${length}`, at, read(name))
      return entries.map((each) => within(natural(each, at, name), { max, rule, at, name }))
    },
    list: (name) => list(read(name), at, name),
    pairs: (name) =>
      list(read(name), at, name).map((each) => {
        if (!Array.isArray(each) || each.length !== 2)
          return refuse(9, `an entry of ${name} is not a pair`, at, each)
        return [integer(each[0], at, name), integer(each[1], at, name)]
      }),
    boolean: (name) => {
      const value = read(name)
      return typeof value === 'boolean' ? value : refuse(1, `${name} is not a boolean`, at, value)
    },
    text: (name) => {
      const value = read(name)
      return typeof value === 'string' ? value : refuse(1, `${name} is not a text`, at, value)
    },
    address: (name) => address(read(name), at, 4),
    object: (name) => {
      const value = read(name)
      return isObject(value)
        ? poolFields(value, at)
        : refuse(4, `${name} is not an object`, at, value)
    },
    refuse: (rule, what, value) => refuse(rule, what, at, value),
  }
}

function within(
  value: bigint,
  { max, rule, at, name }: { max: bigint | undefined; rule: number; at: string; name: string },
): bigint {
  return max === undefined || value <= max
    ? value
    : refuse(rule, `${name} is above ${max}`, at, value)
}
