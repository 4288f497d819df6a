/** Which pools to read: a configured list of format `isoprice-pools/1`, or the pools of a market file. */
import { readFile } from 'node:fs/promises'
import { BaseError } from '../core/errors.ts'
import { type Address, type Hex, isAddressText, toAddress } from '../core/hex.ts'
import { loadSnapshot } from '../market/snapshotFile.ts'
import { isPoolKind, poolModules } from '../pools/index.ts'
import { type PoolRef, toPoolId } from '../pools/pool.ts'
import { poolRefsOf } from './marketFile.ts'

/** The format's name and version, as the file says it. */
export const poolListFormat = 'isoprice-pools/1'

/** What a file lists. */
export type PoolList = {
  readonly refs: readonly PoolRef[]
  readonly chainId: number
  /** Kinds of its pools that are not built, once for each pool; only a market file may have such. */
  readonly unbuilt: readonly string[]
}

const entryFields = new Set(
  'kind id tokens exchange feePips tickSpacing hooks variant vaultId basePool'.split(' '),
)

/**
 * The pools that the file at `path` lists.
 *
 * @throws {PoolListError} `cli.pool-list`, with the entry and the field, for a list that cannot be used.
 * @throws {SnapshotFileError} `market.snapshot-file`, {@link SnapshotCorruptError} `market.snapshot-corrupt` and
 *   {@link SnapshotInvalidError} `market.snapshot-invalid`, for any other file that is no market.
 */
export async function loadPoolList(path: string): Promise<PoolList> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const file = text.includes(`"${poolListFormat}"`) ? parse(text, path) : undefined
  if (file?.['format'] === poolListFormat) return readList(file, path)
  const { view, ignored } = await loadSnapshot(path)
  const unbuilt = ignored.map(({ kind }) => (typeof kind === 'string' ? kind : 'unknown'))
  return { refs: poolRefsOf(view), chainId: view.chainId, unbuilt }
}

type Fields = Readonly<Record<string, unknown>>

function parse(text: string, path: string): Fields {
  try {
    const value: unknown = JSON.parse(text)
    if (isFields(value)) return value
  } catch (cause) {
    throw new PoolListError({ path, what: 'it is not JSON', cause })
  }
  throw new PoolListError({ path, what: 'it is not a JSON object' })
}

/** Entries that a list may have: more than any chain has pools worth reading. */
const entriesMax = 1_000_000

function readList(file: Fields, path: string): PoolList {
  const { pools } = file
  const chainId = integer(file['chainId'], 2 ** 48)
  if (chainId === undefined || chainId < 1)
    throw new PoolListError({ path, what: 'chainId is no chain id', field: 'chainId' })
  if (!Array.isArray(pools) || pools.length > entriesMax)
    throw new PoolListError({ path, what: 'pools is not a list', field: 'pools' })
  const refs = pools.map((entry: unknown, index) => readEntry(entry, { path, entry: index }))
  const seen = new Set<string>()
  for (const [entry, { id }] of refs.entries()) {
    if (seen.has(id))
      throw new PoolListError({ path, entry, field: 'id', what: `pool ${id} is listed twice` })
    seen.add(id)
  }
  return { refs, chainId, unbuilt: [] }
}

type At = { readonly path: string; readonly entry: number }

/** @throws {PoolListError} `cli.pool-list`. */
function readEntry(entry: unknown, at: At): PoolRef {
  const refuse = (what: string, field?: string): never => {
    throw new PoolListError({ ...at, what, field })
  }
  if (!isFields(entry)) return refuse('an entry is not an object')
  const unknown = Object.keys(entry).find((name) => !entryFields.has(name))
  if (unknown !== undefined) return refuse('a field is not known', unknown)
  const { kind, id, tokens = [] } = entry
  if (typeof kind !== 'string' || !isPoolKind(kind))
    return refuse('the kind is none of those that `isoprice pools --kinds` lists', 'kind')
  const { idDigits } = poolModules[kind].codec
  if (!isHex(id, idDigits)) return refuse(`the id has not ${idDigits} hex digits`, 'id')
  if (!Array.isArray(tokens) || !tokens.every(isAddress) || tokens.length === 1)
    return refuse('tokens are no two or more addresses', 'tokens')
  const addresses = tokens.map(toAddress)
  if (new Set(addresses).size !== addresses.length) refuse('a token is listed twice', 'tokens')
  const take = <value>(name: string, read: (value: unknown) => value | undefined) => {
    const value = entry[name]
    if (value === undefined) return {}
    return { [name]: read(value) ?? refuse(`${name} is not what it should be`, name) }
  }
  return {
    kind,
    id: toPoolId(id),
    tokens: addresses,
    ...take('exchange', text),
    ...take('feePips', (value) => integer(value, 2 ** 24)),
    ...take('tickSpacing', (value) => integer(value, 2 ** 15)),
    ...take('hooks', address),
    ...take('variant', text),
    ...take('vaultId', (value) => (isHex(value, 64) ? value : undefined)),
    ...take('basePool', (value) => (isHex(value, 40) ? toPoolId(value) : undefined)),
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isHex(value: unknown, digits: number): value is Hex {
  return typeof value === 'string' && new RegExp(`^0x[0-9a-fA-F]{${digits}}$`).test(value)
}

function isAddress(value: unknown): value is string {
  return typeof value === 'string' && isAddressText(value)
}

function address(value: unknown): Address | undefined {
  return isAddress(value) ? toAddress(value) : undefined
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A whole number below `end`, as a number or as decimal text. */
function integer(value: unknown, end: number): number | undefined {
  const isText = typeof value === 'string' && /^\d{1,15}$/.test(value)
  const number = isText ? Number(value) : value
  return typeof number === 'number' && Number.isInteger(number) && number >= 0 && number < end
    ? number
    : undefined
}

/** A list of pools has an entry that cannot be used. */
export class PoolListError extends BaseError {
  override readonly code = 'cli.pool-list'

  constructor({ path, what, entry, field, cause }: PoolListError.Facts) {
    super(`The list of pools cannot be used: ${what}.`, {
      cause,
      facts: {
        file: path,
        ...(entry === undefined ? {} : { entry }),
        ...(field === undefined ? {} : { field }),
      },
      hint: 'Correct the entry (the first is 0) or take it out; docs/market.md says what a list looks like.',
    })
  }
}

export declare namespace PoolListError {
  type Facts = {
    path: string
    what: string
    /** Place in the list, from 0. */
    entry?: number | undefined
    field?: string | undefined
    cause?: unknown
  }
}
