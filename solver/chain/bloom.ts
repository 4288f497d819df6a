/**
 * What a block's bloom filter says about its logs: it has three bits for the address and for every topic of each.
 *
 * Source: Ethereum yellow paper, 4.3.1 (the function M), and geth's core/types/bloom9.go.
 */
import { hexToBytes, keccak256 } from 'viem/utils'
import type { Hex } from '../core/hex.ts'
import type { Log } from './block.ts'
import { type Judge, good, type Verdict } from './endpoint.ts'
import { readHex, readList, readLog, readObject } from './quantity.ts'

/** Bytes of a bloom filter. */
const bloomBytes = 256
/** Bits of an address or topic, kept because pools repeat from block to block; forgotten at once when full. */
const bitsOf = new Map<Hex, readonly number[]>()
const bitsKept = 20_000

/** What a follower knows of a block before it reads the logs. */
export type LoggedBlock = {
  readonly hash: Hex
  /** As the header gives it; absent where the node leaves it out. */
  readonly bloom?: Hex | undefined
}

/**
 * Judges the logs that a node gives for `block`: each must be whole, of that block and in its bloom. When all logs were
 * asked for, they must explain the bloom bit by bit, or some are kept back. When logs of certain first topics were
 * asked for, a topic that the bloom may hold without a log of it is a doubt; a full bloom raises false ones.
 *
 * @param topics - First topics that were asked for; absent means every log.
 */
export function judgeLogs(block: LoggedBlock, topics: readonly Hex[] | undefined): Judge {
  return (answer) => {
    const raw = readList(answer, 'logs').map((each) => readObject(each, 'log'))
    if (raw.some((log) => log['blockHash'] !== block.hash))
      return { kind: 'wrong', why: 'it gave logs of another block' }
    // Data is in no bloom filter: the lengths alone can be checked.
    const logs = readWhole(raw)
    if (logs === undefined) return { kind: 'wrong', why: 'it gave logs that no contract can make' }
    if (block.bloom === undefined) return good
    const bloom = hexToBytes(readHex(block.bloom, 'block.logsBloom'))
    if (bloom.length !== bloomBytes)
      return { kind: 'wrong', why: 'its bloom filter has no 256 bytes' }
    if (logs.some((log) => !itemsOf(log).every((item) => holds(bloom, item))))
      return { kind: 'wrong', why: 'it gave logs that the bloom filter of their block excludes' }
    return topics === undefined ? whole(bloom, logs) : filtered(bloom, logs, topics)
  }
}

/** True when `bloom` may hold `item`, an address or a topic. */
export function holds(bloom: Uint8Array, item: Hex): boolean {
  return positions(item).every((bit) => ((bloom[byteOf(bit)] ?? 0) & (1 << (bit & 7))) !== 0)
}

/** The bloom filter of `items`, addresses and topics. */
export function bloomOf(items: readonly Hex[]): Uint8Array {
  const bloom = new Uint8Array(bloomBytes)
  for (const bit of items.flatMap(positions))
    bloom[byteOf(bit)] = (bloom[byteOf(bit)] ?? 0) | (1 << (bit & 7))
  return bloom
}

/** `undefined` when one of them is malformed. */
function readWhole(logs: readonly unknown[]): readonly Log[] | undefined {
  try {
    return logs.map(readLog)
  } catch {
    return undefined
  }
}

function whole(bloom: Uint8Array, logs: readonly Log[]): Verdict {
  const own = bloomOf(logs.flatMap(itemsOf))
  if (own.every((byte, index) => byte === bloom[index])) return good
  return { kind: 'wrong', why: 'it kept back logs that the bloom filter of their block shows' }
}

function filtered(bloom: Uint8Array, logs: readonly Log[], topics: readonly Hex[]): Verdict {
  const given = new Set(logs.map(({ topics: [first] }) => first))
  const isMissing = topics.some((topic) => !given.has(topic) && holds(bloom, topic))
  return isMissing ? { kind: 'doubtful', why: 'it kept back logs that others have' } : good
}

function itemsOf({ address, topics }: Log): Hex[] {
  return [address, ...topics]
}

/** The three bits of `item`: 11 bits from each of the first three pairs of bytes of its hash. */
function positions(item: Hex): readonly number[] {
  const known = bitsOf.get(item)
  if (known !== undefined) return known
  const hash = hexToBytes(keccak256(hexToBytes(item)))
  const bits = [0, 2, 4].map((at) => (((hash[at] ?? 0) << 8) | (hash[at + 1] ?? 0)) & 2_047)
  if (bitsOf.size >= bitsKept) bitsOf.clear()
  bitsOf.set(item, bits)
  return bits
}

/** Bit 0 is the lowest of the last byte. */
function byteOf(bit: number): number {
  return bloomBytes - 1 - (bit >> 3)
}
