/** The 32-byte words of logs and return data, as integers. */
import type { Log } from '../chain/block.ts'
import type { Address, Hex } from '../core/hex.ts'

/** The word at `index` of ABI-encoded `data`, unsigned; 0 beyond its end. */
export function wordAt(data: Hex, index: number): bigint {
  const digits = data.slice(2 + 64 * index, 66 + 64 * index)
  return digits === '' ? 0n : BigInt(`0x${digits}`)
}

/** The low `bits` of `word` as a two's-complement integer. */
export function signed(word: bigint, bits = 256): bigint {
  return BigInt.asIntN(bits, word)
}

/** The low 24 bits of `word` as a signed tick. */
export function tickOf(word: bigint): number {
  return Number(BigInt.asIntN(24, word))
}

/** The low 24 bits of `word`, unsigned: a fee in pips. */
export function pipsOf(word: bigint): number {
  return Number(BigInt.asUintN(24, word))
}

/** The address in the low 20 bytes of `word`. */
export function addressOf(word: bigint): Address {
  return `0x${BigInt.asUintN(160, word).toString(16).padStart(40, '0')}`
}

/** Indexed argument `index` of `log`, from 1; 0 where the log has fewer. */
export function topicAt(log: Log, index: number): bigint {
  const topic = log.topics[index]
  return topic === undefined ? 0n : BigInt(topic)
}

/** `value` as one ABI word without 0x, negative numbers in two's complement. */
export function toWord(value: bigint): string {
  return BigInt.asUintN(256, value).toString(16).padStart(64, '0')
}
