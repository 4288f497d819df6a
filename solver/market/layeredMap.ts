/**
 * A map that differs from another one in a few entries, without copying the rest.
 *
 * Thousands of pools stand still while a block moves some of them. A layered map is a shared base and a small
 * overlay; once the overlay has grown to a share of the base, both become one new base.
 */

type Layers<key, value> = {
  readonly base: ReadonlyMap<key, value>
  /** `null` hides an entry of the base. */
  readonly overlay: ReadonlyMap<key, value | null>
}

/** What a layered map was made of, so that the next one can share it. */
const layersOf = new WeakMap<object, Layers<unknown, unknown>>()

/** The overlay is merged when it has more entries than this share of the base: copying less costs less often. */
const shareMax = 8

/**
 * `map` with `changes`, whose `null` removes an entry. `map` itself stays as it is. Entries that were there keep
 * their order, new ones follow. Costs the overlay's size, and now and then the size of the whole.
 */
export function withEntries<key, value extends object>(
  map: ReadonlyMap<key, value>,
  changes: ReadonlyMap<key, value | null>,
): ReadonlyMap<key, value> {
  if (changes.size === 0) return map
  // The weak map only ever holds what this function put there for a map of the same type.
  const known = layersOf.get(map) as Layers<key, value> | undefined
  const base = known?.base ?? map
  const overlay = new Map<key, value | null>(known?.overlay)
  for (const [id, value] of changes) overlay.set(id, value)
  return overlay.size * shareMax > base.size ? merge(base, overlay) : layer({ base, overlay })
}

function merge<key, value>(
  base: ReadonlyMap<key, value>,
  overlay: ReadonlyMap<key, value | null>,
): ReadonlyMap<key, value> {
  const merged = new Map(base)
  for (const [id, value] of overlay)
    if (value === null) merged.delete(id)
    else merged.set(id, value)
  return merged
}

function layer<key, value>(layers: Layers<key, value>): ReadonlyMap<key, value> {
  const { base, overlay } = layers
  let size = base.size
  for (const [id, value] of overlay) {
    if (value === null && base.has(id)) size -= 1
    if (value !== null && !base.has(id)) size += 1
  }
  const get = (id: key) => {
    const over = overlay.get(id)
    return over === undefined ? base.get(id) : (over ?? undefined)
  }
  function* entries(): Generator<[key, value], undefined> {
    for (const [id, value] of base) {
      const over = overlay.get(id)
      if (over !== null) yield [id, over ?? value]
    }
    for (const [id, value] of overlay) if (value !== null && !base.has(id)) yield [id, value]
  }
  function* keys(): Generator<key, undefined> {
    for (const [id] of entries()) yield id
  }
  function* values(): Generator<value, undefined> {
    for (const [, value] of entries()) yield value
  }
  const map: ReadonlyMap<key, value> = {
    size,
    get,
    has: (id) => get(id) !== undefined,
    entries,
    keys,
    values,
    [Symbol.iterator]: entries,
    forEach: (callback) => {
      for (const [id, value] of entries()) callback(value, id, map)
    },
  }
  layersOf.set(map, layers)
  return map
}
