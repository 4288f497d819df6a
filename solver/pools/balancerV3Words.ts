/** Dynamic parts of ABI-encoded data, as words. */
import type { Hex } from '../core/hex.ts'
import { wordAt } from './logWords.ts'

/** More entries than any pool has tokens; what says more is no answer of the vault. */
const entriesMax = 32

/**
 * The array whose offset is the word at `head`, each entry as its `width` words; empty where `data` holds none.
 *
 * @param width - Words of one static entry, from 1.
 */
export function abiList(data: Hex, head: number, width: number): readonly (readonly bigint[])[] {
  const start = wordIndex(wordAt(data, head))
  const length = small(wordAt(data, start))
  if (length > entriesMax) return []
  return Array.from({ length }, (_, at) =>
    Array.from({ length: width }, (_, word) => wordAt(data, start + 1 + at * width + word)),
  )
}

/** Index of the word that starts `offset` bytes into the data. */
function wordIndex(offset: bigint): number {
  return small(offset) / 32
}

/** `word` as a number; what is too large for any answer becomes one that lies outside of it. */
function small(word: bigint): number {
  return Number(word < 1_000_000n ? word : 1_000_000n)
}
