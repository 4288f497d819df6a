/**
 * State tapes: what a fork touched, kept as state and not as calls.
 *
 * A tape holds one block's header and, of the accounts that were read, balance, nonce, code and the storage
 * slots that were read. One small file then serves every client: a fork in this process, another node
 * software, a plain client. Format `isoprice-tape/1`, `.json` or `.json.gz`.
 */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import { BaseError } from '../core/errors.ts'
import { type Address, type Hex, isAddressText } from '../core/hex.ts'

/** The format's name and version, as the file says it. */
export const tapeFormat = 'isoprice-tape/1'

/** What is known of one account. Quantities are hex as in JSON-RPC. */
export type TapeAccount = {
  readonly balance: Hex
  readonly nonce: Hex
  /** Runtime code; `0x` for none. */
  readonly code: Hex
  /** 32-byte words by 32-byte slot; a slot that is not here was not read. */
  readonly storage: Readonly<Record<Hex, Hex>>
}

/** The state after one block, as far as it was read. */
export type Tape = {
  readonly format: typeof tapeFormat
  readonly chainId: number
  /** The pinned block's header, fields as JSON-RPC names them; without transactions. */
  readonly block: Readonly<Record<string, unknown>>
  /** Hashes of earlier blocks that were read, by decimal number. */
  readonly blockHashes: Readonly<Record<string, Hex>>
  /** By lower-case address. */
  readonly accounts: Readonly<Record<Address, TapeAccount>>
  /** Where the tape comes from; texts only. */
  readonly source?: Readonly<Record<string, string>> | undefined
}

const bytesMax = 2 ** 29 - 1

/**
 * Reads a tape, gzipped or not.
 *
 * @throws {TapeFileError} `chain.tape-file`, when the file is absent, broken or of another format.
 */
export async function loadTape(path: string): Promise<Tape> {
  const refuse = (cause: unknown) => {
    throw new TapeFileError({ path, cause })
  }
  const bytes = await readFile(path).catch(refuse)
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
  const unpacked = isGzip
    ? await promisify(gunzip)(bytes, { maxOutputLength: bytesMax }).catch(refuse)
    : bytes
  return parseTape(unpacked.toString('utf8'), path)
}

/** Writes a tape, gzipped when the name ends in `.gz`; the file is complete or absent. @throws {TapeFileError} `chain.tape-file`. */
export async function saveTape(path: string, tape: Tape): Promise<void> {
  const text = `${JSON.stringify(tape)}\n`
  const bytes = path.endsWith('.gz') ? await promisify(gzip)(text, { level: 9 }) : text
  try {
    await writeFile(`${path}.part`, bytes)
    await rename(`${path}.part`, path)
  } catch (cause) {
    throw new TapeFileError({ path, cause })
  }
}

/**
 * Reads the text of a tape; `path` is only named in errors.
 *
 * @throws {TapeFileError} `chain.tape-file`.
 */
export function parseTape(text: string, path: string): Tape {
  let tape: Partial<Tape>
  try {
    // Fields are checked below, as far as serving the tape depends on them.
    tape = JSON.parse(text) as Partial<Tape>
  } catch (cause) {
    throw new TapeFileError({ path, cause })
  }
  const fault = faultOf(tape)
  if (fault !== undefined) throw new TapeFileError({ path, cause: fault })
  return tape as Tape
}

const hexForm = /^0x[0-9a-f]*$/

function faultOf(tape: Partial<Tape>): string | undefined {
  if (tape?.format !== tapeFormat) return `format is not ${tapeFormat}`
  if (!Number.isSafeInteger(tape.chainId)) return 'chainId is not an integer'
  const { block, accounts, blockHashes } = tape
  for (const field of ['number', 'hash', 'parentHash', 'timestamp', 'gasLimit'])
    if (!hexForm.test(String(block?.[field]))) return `block.${field} is not hex`
  if (typeof blockHashes !== 'object') return 'blockHashes is absent'
  if (typeof accounts !== 'object') return 'accounts is absent'
  for (const [address, account] of Object.entries(accounts)) {
    if (!isAddressText(address) || address !== address.toLowerCase())
      return `${address} is not a lower-case address`
    for (const field of ['balance', 'nonce', 'code'] as const)
      if (!hexForm.test(account[field] ?? '')) return `${address}.${field} is not hex`
    const words = Object.entries(account.storage ?? { absent: '' })
    const bad = words.find(
      (pair) => !pair.every((word) => hexForm.test(word) && word.length === 66),
    )
    if (bad !== undefined) return `${address}.storage: ${bad[0]} is not a slot with a word`
  }
  return undefined
}

/** The file is absent, broken or of another format. */
export class TapeFileError extends BaseError {
  override readonly code = 'chain.tape-file'

  constructor({ path, cause }: { path: string; cause: unknown }) {
    super(`The state tape ${path} cannot be used.`, {
      cause,
      facts: { path, reason: cause instanceof Error ? cause.message : cause },
      hint: 'Record it again with `isoprice record`.',
    })
  }
}
