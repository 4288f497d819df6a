/** The shapes of JSON-RPC: quantities, words and blocks, checked where they come in. */
import { BaseError } from '../core/errors.ts'
import { type Address, type Hex, isAddressText, toAddress } from '../core/hex.ts'
import { withoutKeys } from '../core/keyless.ts'
import type { BlockRef, Log } from './block.ts'

/** The EVM logs with up to four topics: LOG0 to LOG4. */
const topicsMax = 4
/** Characters of 32 bytes in hex with 0x. */
const wordLength = 66

/** A JSON object from outside, fields unchecked. */
export type RpcObject = { readonly [field: string]: unknown }

/** `value` as a JSON-RPC quantity: hex without leading zeros. It is at least 0. */
export function toQuantity(value: bigint | number): Hex {
  return `0x${value.toString(16)}`
}

/** A 32-byte word, as storage is written on tapes and answered by nodes. `value` is at least 0. */
export function toWord(value: bigint): Hex {
  return `0x${value.toString(16).padStart(64, '0')}`
}

/**
 * Reads a hex quantity.
 *
 * @throws {BadAnswerError} `chain.bad-answer`, when `value` is not one.
 */
export function readQuantity(value: unknown, what: string): bigint {
  if (typeof value === 'string' && /^0x[0-9a-fA-F]+$/.test(value)) return BigInt(value)
  throw new BadAnswerError({ what, value })
}

/** Reads bytes in hex, lower-case. @throws {BadAnswerError} `chain.bad-answer`. */
export function readHex(value: unknown, what: string): Hex {
  if (typeof value === 'string' && /^0x([0-9a-fA-F]{2})*$/.test(value))
    return value.toLowerCase() as Hex
  throw new BadAnswerError({ what, value })
}

/** Reads an address, in either case, lower-case. @throws {BadAnswerError} `chain.bad-answer`. */
export function readAddress(value: unknown, what: string): Address {
  if (typeof value === 'string' && isAddressText(value)) return toAddress(value)
  throw new BadAnswerError({ what, value })
}

/** True for an object of JSON, fields unchecked. */
export function isObject(value: unknown): value is RpcObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Reads an object. @throws {BadAnswerError} `chain.bad-answer`. */
export function readObject(value: unknown, what: string): RpcObject {
  if (isObject(value)) return value
  throw new BadAnswerError({ what, value })
}

/** Reads a list. @throws {BadAnswerError} `chain.bad-answer`. */
export function readList(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new BadAnswerError({ what, value })
}

/** The name of a block from a node's answer. @throws {BadAnswerError} `chain.bad-answer`. */
export function readBlockRef(value: unknown): BlockRef {
  const block = readObject(value, 'block')
  return {
    number: readQuantity(block['number'], 'block.number'),
    hash: readHex(block['hash'], 'block.hash'),
    parentHash: readHex(block['parentHash'], 'block.parentHash'),
    timestamp: readQuantity(block['timestamp'], 'block.timestamp'),
  }
}

/**
 * Reads what a contract logged: an address of 20 bytes, at most four topics of 32, and whole bytes of data. Readers of
 * logs rest on these lengths.
 *
 * @throws {BadAnswerError} `chain.bad-answer`.
 */
export function readLog(value: unknown): Log {
  const log = readObject(value, 'log')
  const topics = readList(log['topics'], 'log.topics').map((topic) => readHex(topic, 'topic'))
  if (topics.length > topicsMax || topics.some((topic) => topic.length !== wordLength))
    throw new BadAnswerError({ what: 'log.topics', value: log['topics'] })
  return {
    address: readAddress(log['address'], 'log.address'),
    topics,
    data: readHex(log['data'], 'log.data'),
  }
}

/** Logs in the order of the chain. @throws {BadAnswerError} `chain.bad-answer`. */
export function readLogs(value: unknown): Log[] {
  const logs = readList(value, 'logs').map((each) => readObject(each, 'log'))
  return logs
    .map((log) => ({
      number: readQuantity(log['blockNumber'], 'log.blockNumber'),
      index: readQuantity(log['logIndex'], 'log.logIndex'),
      log: readLog(log),
    }))
    .sort((a, b) => Number(a.number - b.number) || Number(a.index - b.index))
    .map(({ log }) => log)
}

/** JSON, or what stands for it: an answer may be nested deeper than a text of it can be made. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'undefined'
  } catch {
    return '(nested too deep)'
  }
}

/** A node or a tape gave something that the protocol does not allow. */
export class BadAnswerError extends BaseError {
  override readonly code = 'chain.bad-answer'

  constructor({ what, value }: { what: string; value: unknown }) {
    super(`The answer has no valid ${what}.`, {
      facts: { what: withoutKeys(what), value: withoutKeys(textOf(value)).slice(0, 100) },
      hint: 'The node is broken or is no Ethereum node; use another one.',
    })
  }
}
