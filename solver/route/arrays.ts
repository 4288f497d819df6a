/**
 * Reads of typed arrays whose index is known to be in range.
 *
 * `noUncheckedIndexedAccess` types every read as possibly undefined. The loops of this room run over indices
 * that they made themselves, so the one cast of each kind is here; V8 inlines both functions.
 */

/** `values[index]`; the caller's index is within the array. */
export function at(values: Float64Array, index: number): number {
  return values[index] as number
}

/** `values[index]`; the caller's index is within the array. */
export function indexAt(values: Int32Array, index: number): number {
  return values[index] as number
}

/** `values[index]`; the caller's index is within the array. */
export function itemAt<item>(values: readonly item[], index: number): item {
  return values[index] as item
}
