/**
 * Reads and writes `isoprice-market/1`, the format of a market at rest.
 *
 * Every integer is a decimal string. A file that breaks one of the ten validation rules is refused with the
 * rule, the pool and the value; pools of kinds that are not built are kept aside, not refused.
 */
import type { BlockRef } from '../chain/block.ts'
import type { Address, Hex } from '../core/hex.ts'
import type { Json, JsonObject } from '../core/json.ts'
import type { Token } from '../core/token.ts'
import { isPoolKind, type PoolState } from '../pools/index.ts'
import { type PoolId, toPoolId } from '../pools/pool.ts'
import {
  address,
  idText,
  isDeeper,
  isLowerHex,
  isObject,
  list,
  natural,
  refuse,
  refuseNumbers,
  small,
  without,
} from './fields.ts'
import { decodePool, encodePool } from './poolCodec.ts'
import { checkPool } from './rules.ts'
import { type Snapshot, SnapshotCorruptError, unknownHash, wrappedNativeOf } from './snapshot.ts'
import type { TokenHabits } from './traits.ts'

/** The format's name and version, as the file says it. */
export const marketFormat = 'isoprice-market/1'

/** Lists and objects within one another; the format needs five, and deeper ones would end in a full stack. */
const depthMax = 64

const documentFields = new Set(['format', 'chainId', 'block', 'gasPrice', 'tokens', 'pools'])
const blockIntegers = ['number', 'timestamp', 'baseFeePerGas', 'minNumber', 'maxNumber']
const tokenFields = new Set(
  (
    'address symbol decimals priceWei priceFrom pricePool priceBlock ' +
    'transferFeePips rebasing sellable'
  ).split(' '),
)

/**
 * Reads a snapshot. Pure.
 *
 * @param text - One JSON object of format `isoprice-market/1`.
 * @returns The snapshot. `view.block` is set when the file names one block by number, hash and timestamp; its
 *   parent hash is zero where the file does not say it.
 * @throws {SnapshotCorruptError} `market.snapshot-corrupt`, when `text` is not a JSON object, or one that is
 *   nested more than 64 deep.
 * @throws {SnapshotInvalidError} `market.snapshot-invalid`, with the rule, the pool and the value.
 */
export function parseSnapshot(text: string): Snapshot {
  const file = parseJson(text)
  const { pools: poolsJson, ...head } = file
  refuseNumbers(head, 'the file')
  if (file['format'] !== marketFormat) refuse(2, 'unknown format', 'format', file['format'])
  if (file['chainId'] === undefined) refuse(2, 'chainId is absent', 'chainId')
  const chainId = small(file['chainId'], 'chainId', 'chainId', { low: 1, rule: 2 })
  const gasPrice = file['gasPrice']
  if (gasPrice === undefined) refuse(2, 'gasPrice is neither an integer nor null', 'gasPrice')
  const block = file['block'] ?? {}
  if (!isObject(block)) return refuse(2, 'block is not an object', 'block', block)
  const { tokens, tokenExtras } = readTokens(file['tokens'])
  const { pools, poolExtras, ignored } = readPools(poolsJson, new Set(tokens.keys()))
  const ref = readBlock(block)
  const wrappedNative = wrappedNativeOf(chainId)
  return {
    view: {
      chainId,
      ...(ref === undefined ? {} : { block: ref }),
      tokens,
      pools,
      ...(gasPrice === null ? {} : { gasPrice: natural(gasPrice, 'gasPrice', 'gasPrice') }),
      ...(wrappedNative === undefined ? {} : { wrappedNative }),
    },
    block,
    extra: without(file, documentFields),
    tokenExtras,
    poolExtras,
    ignored,
  }
}

/**
 * Writes a snapshot as one line of JSON, tokens and pools ascending. Pure; the inverse of {@link parseSnapshot}
 * up to the order of keys. Fields that the view knows win over the same fields as the file had them.
 */
export function formatSnapshot(snapshot: Snapshot): string {
  const { view, extra, tokenExtras, poolExtras, ignored } = snapshot
  const built = [...view.pools.values()].map((state) => encodePool(state, poolExtras.get(state.id)))
  const tokens = [...view.tokens.values()].map((token) => ({
    address: token.address,
    symbol: token.symbol,
    decimals: String(token.decimals),
    ...(token.priceWei === undefined ? {} : { priceWei: String(token.priceWei) }),
    ...(token.priceFrom === undefined ? {} : { priceFrom: token.priceFrom }),
    ...(token.pricePool === undefined ? {} : { pricePool: token.pricePool }),
    ...(token.priceBlock === undefined ? {} : { priceBlock: String(token.priceBlock) }),
    ...formatHabits(token),
    ...tokenExtras.get(token.address),
  }))
  return JSON.stringify({
    format: marketFormat,
    chainId: String(view.chainId),
    ...extra,
    block: formatBlock(snapshot),
    gasPrice: view.gasPrice === undefined ? null : String(view.gasPrice),
    tokens: tokens.sort((a, b) => compare(a.address, b.address)),
    pools: [...built, ...ignored].sort((a, b) => compare(idText(a), idText(b))),
  })
}

function parseJson(text: string): JsonObject {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new SnapshotCorruptError({ what: 'it is not JSON', cause })
  }
  if (!isObject(value)) throw new SnapshotCorruptError({ what: 'it is not a JSON object' })
  if (isDeeper(value, depthMax))
    throw new SnapshotCorruptError({ what: `it is nested more than ${depthMax} deep` })
  return value
}

function readBlock(block: JsonObject): BlockRef | undefined {
  for (const name of blockIntegers)
    if (block[name] !== undefined) natural(block[name], 'block', name)
  const { number, hash, parentHash = unknownHash, timestamp } = block
  if (number === undefined || hash === undefined || timestamp === undefined) return undefined
  return {
    number: natural(number, 'block', 'number'),
    hash: readHash(hash),
    parentHash: readHash(parentHash),
    timestamp: natural(timestamp, 'block', 'timestamp'),
  }
}

function readHash(value: Json): BlockRef['hash'] {
  if (typeof value === 'string' && isLowerHex(value, 64)) return value
  return refuse(2, 'a block hash is not 32 bytes of lower-case hex', 'block', value)
}

function formatBlock({ view, block }: Snapshot): JsonObject {
  if (view.block === undefined) return block
  const { number, hash, parentHash, timestamp } = view.block
  return {
    ...block,
    number: String(number),
    hash,
    ...(parentHash === unknownHash ? {} : { parentHash }),
    timestamp: String(timestamp),
  }
}

function readTokens(value: Json | undefined) {
  const tokens = new Map<Address, Token>()
  const tokenExtras = new Map<Address, JsonObject>()
  let previous = ''
  for (const each of list(value, 'tokens', 'tokens')) {
    if (!isObject(each)) return refuse(3, 'a token is not an object', 'tokens', each)
    const token = readToken(each)
    if (token.address <= previous)
      refuse(3, 'tokens do not ascend by address', token.address, previous)
    previous = token.address
    tokens.set(token.address, token)
    const extra = without(each, tokenFields)
    if (Object.keys(extra).length > 0) tokenExtras.set(token.address, extra)
  }
  return { tokens, tokenExtras }
}

function readToken(token: JsonObject): Token {
  const at = address(token['address'], 'tokens', 3)
  const { symbol, priceFrom, pricePool, priceBlock } = token
  if (typeof symbol !== 'string') return refuse(3, 'symbol is not a text', at, symbol)
  if (priceFrom !== undefined && typeof priceFrom !== 'string')
    return refuse(3, 'priceFrom is not a text', at, priceFrom)
  if (pricePool !== undefined && !isPoolId(pricePool))
    return refuse(3, 'pricePool is not a pool id in lower-case hex', at, pricePool)
  const priceWei = token['priceWei']
  if (priceWei !== undefined && natural(priceWei, at, 'priceWei') === 0n)
    refuse(3, 'priceWei is not above 0', at, priceWei)
  return {
    address: at,
    symbol,
    decimals: small(token['decimals'], at, 'decimals', { high: 255 }),
    ...(priceWei === undefined ? {} : { priceWei: natural(priceWei, at, 'priceWei') }),
    ...(priceFrom === undefined ? {} : { priceFrom }),
    ...(pricePool === undefined ? {} : { pricePool }),
    ...(priceBlock === undefined ? {} : { priceBlock: natural(priceBlock, at, 'priceBlock') }),
    ...readHabits(token, at),
  }
}

/** What a file declares of a token's habits: `transferFeePips` up to all of it, `rebasing`, `sellable`. */
function readHabits(token: JsonObject, at: Address): TokenHabits {
  const { transferFeePips: fee, rebasing, sellable } = token
  const high = 1_000_000
  return {
    ...(fee === undefined ? {} : { transferFeePips: small(fee, at, 'transferFeePips', { high }) }),
    ...(rebasing === undefined ? {} : { isRebasing: flag(rebasing, at, 'rebasing') }),
    ...(sellable === undefined ? {} : { isSellable: flag(sellable, at, 'sellable') }),
  }
}

function flag(value: Json, at: Address, name: string): boolean {
  return typeof value === 'boolean' ? value : refuse(3, `${name} is not true or false`, at, value)
}

function formatHabits({ transferFeePips, isRebasing, isSellable }: TokenHabits): JsonObject {
  return {
    ...(transferFeePips === undefined ? {} : { transferFeePips: String(transferFeePips) }),
    ...(isRebasing === undefined ? {} : { rebasing: isRebasing }),
    ...(isSellable === undefined ? {} : { sellable: isSellable }),
  }
}

function isPoolId(value: Json): value is Hex {
  return typeof value === 'string' && (isLowerHex(value, 40) || isLowerHex(value, 64))
}

function readPools(value: Json | undefined, listed: ReadonlySet<Address>) {
  const pools = new Map<PoolId, PoolState>()
  const poolExtras = new Map<PoolId, JsonObject>()
  const ignored: JsonObject[] = []
  let previous = ''
  for (const pool of list(value, 'pools', 'pools')) {
    if (!isObject(pool)) return refuse(4, 'a pool is not an object', 'pools', pool)
    refuseNumbers(pool, idText(pool))
    const id = checkPool(pool, listed)
    if (id <= previous) refuse(4, 'pools do not ascend by id', id, previous)
    previous = id
    const kind = pool['kind']
    if (typeof kind !== 'string' || !isPoolKind(kind)) {
      ignored.push(pool)
      continue
    }
    const { state, extra } = decodePool(pool, kind)
    pools.set(state.id, state)
    if (Object.keys(extra).length > 0) poolExtras.set(toPoolId(id), extra)
  }
  return { pools, poolExtras, ignored }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
