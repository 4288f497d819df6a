/** Reads the fields of one JSON object of the server, each of one form; names the field that is not. */
import { type Address, type Hex, isAddressText, toAddress } from '../solver/core/hex.ts'
import { BadAnswerError } from './errors.ts'
import { isObject } from './http.ts'

/** Each function throws {@link BadAnswerError} `sdk.bad-answer` when the field is not of its form. */
export type Reader = {
  /** True when the field is missing or null. */
  isAbsent(name: string): boolean
  text(name: string): string
  texts(name: string): readonly string[]
  boolean(name: string): boolean
  /** A finite number: never an amount. */
  number(name: string): number
  /** Canonical decimal text of at most 256 bits. */
  amount(name: string): bigint
  /** The same, with a sign allowed. */
  signed(name: string): bigint
  address(name: string): Address
  /** 32 bytes. */
  hash(name: string): Hex
  oneOf<const word extends string>(name: string, words: readonly word[]): word
  object(name: string): Reader
  /** `undefined` when absent. */
  optional(name: string): Reader | undefined
  objects(name: string): readonly Reader[]
}

/** A reader of `fields`; `path` stands before the names in errors. */
export function createReader(
  fields: Readonly<Record<string, unknown>>,
  requestId: string | undefined,
  path = '',
): Reader {
  const at = (name: string) => (Object.hasOwn(fields, name) ? fields[name] : undefined)
  const bad = (name: string) => new BadAnswerError(`${path}${name}`, at(name), requestId)
  const textOf = (name: string, form: RegExp): string => {
    const value = at(name)
    if (typeof value === 'string' && form.test(value)) return value
    throw bad(name)
  }
  const inner = (name: string, value: unknown): Reader => {
    if (!isObject(value)) throw bad(name)
    return createReader(value, requestId, `${path}${name}.`)
  }
  const listOf = (name: string): readonly unknown[] => {
    const value = at(name)
    if (Array.isArray(value)) return value
    throw bad(name)
  }
  const isAbsent = (name: string) => at(name) === undefined || at(name) === null
  return {
    isAbsent,
    text: (name) => textOf(name, /^/),
    texts: (name) => listOf(name).map(String),
    boolean(name) {
      const value = at(name)
      if (typeof value === 'boolean') return value
      throw bad(name)
    },
    number(name) {
      const value = at(name)
      if (typeof value === 'number' && Number.isFinite(value)) return value
      throw bad(name)
    },
    amount: (name) => BigInt(textOf(name, /^(0|[1-9][0-9]{0,77})$/)),
    signed: (name) => BigInt(textOf(name, /^(0|-?[1-9][0-9]{0,77})$/)),
    address(name) {
      const text = textOf(name, /^0x/)
      if (isAddressText(text)) return toAddress(text)
      throw bad(name)
    },
    hash: (name) => toAddress(textOf(name, /^0x[0-9a-fA-F]{64}$/)),
    oneOf(name, words) {
      const found = words.find((word) => word === at(name))
      if (found === undefined) throw bad(name)
      return found
    },
    object: (name) => inner(name, at(name)),
    optional: (name) => (isAbsent(name) ? undefined : inner(name, at(name))),
    objects: (name) => listOf(name).map((each, index) => inner(`${name}[${index}]`, each)),
  }
}
