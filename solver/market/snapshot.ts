/** A market snapshot in memory: the view that it gives, and whatever else the file said. */
import type { Address, Hex } from '../core/hex.ts'
import { BaseError } from '../core/errors.ts'
import type { JsonObject } from '../core/json.ts'
import type { PoolId } from '../pools/pool.ts'
import type { MarketView } from './view.ts'

/**
 * One file of format `isoprice-market/1`.
 *
 * Everything that the file says survives `formatSnapshot(parseSnapshot(text))`: what we know through `view`,
 * the rest through the other fields. Values are equal; the order of keys in an object may differ.
 */
export type Snapshot = {
  readonly view: MarketView
  /** The file's `block` object as written: `{}`, one block, or `{minNumber, maxNumber}`. */
  readonly block: JsonObject
  /** Fields of the file that `view` has no place for: `source`, and those we do not know. */
  readonly extra: JsonObject
  /** The same for single tokens. */
  readonly tokenExtras: ReadonlyMap<Address, JsonObject>
  /** The same for single pools of built kinds: `block`, `ticksAdjusted`, and those we do not know. */
  readonly poolExtras: ReadonlyMap<PoolId, JsonObject>
  /** Pools of kinds that no module is built for, whole and checked by the rules of their kind. */
  readonly ignored: readonly JsonObject[]
}

/** A parent hash that a file did not say. */
export const unknownHash: Hex = `0x${'0'.repeat(64)}`

/** The ERC-20 that wraps the native currency of `chainId`, or `undefined` for a chain that we do not know. */
export function wrappedNativeOf(chainId: number): Address | undefined {
  return chainId === 1 ? '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2' : undefined
}

/**
 * A snapshot of a live view, ready to be saved.
 *
 * @param view - Saved whole: its block, tokens, pools and gas price.
 * @param about - `baseFeePerGas` of the view's block in wei; `source`, where the data come from, texts only.
 */
export function toSnapshot(
  view: MarketView,
  about: {
    readonly baseFeePerGas?: bigint | undefined
    readonly source?: Readonly<Record<string, string>> | undefined
  } = {},
): Snapshot {
  const { baseFeePerGas, source } = about
  return {
    view,
    block: baseFeePerGas === undefined ? {} : { baseFeePerGas: String(baseFeePerGas) },
    extra: source === undefined ? {} : { source },
    tokenExtras: new Map(),
    poolExtras: new Map(),
    ignored: [],
  }
}

/** The text is not JSON, or not an object: a truncated download, a wrong file. */
export class SnapshotCorruptError extends BaseError {
  override readonly code = 'market.snapshot-corrupt'

  constructor({ what, cause }: { what: string; cause?: unknown }) {
    super(`The market snapshot cannot be read: ${what}.`, {
      cause,
      facts: { what },
      hint: 'Fetch or write the file again; the format is `isoprice-market/1` as .json or .json.gz.',
    })
  }
}

/** The snapshot breaks one of the ten rules of docs/market.md. */
export class SnapshotInvalidError extends BaseError {
  override readonly code = 'market.snapshot-invalid'

  constructor({ rule, what, at, value }: SnapshotInvalidError.Facts) {
    super(`The market snapshot breaks rule ${rule}: ${what}.`, {
      facts: { rule, at, value: value === undefined ? 'absent' : text(value) },
      hint: 'Correct the file or leave the pool out; the rules are in docs/market.md.',
    })
  }
}

export declare namespace SnapshotInvalidError {
  type Facts = {
    /** 1 to 10. */
    rule: number
    what: string
    /** The pool's id, the token's address or the field at fault. */
    at: string
    value: unknown
  }
}

function text(value: unknown): string {
  const plain = (_: string, each: unknown) => (typeof each === 'bigint' ? String(each) : each)
  const whole =
    typeof value === 'bigint' ? String(value) : (JSON.stringify(value, plain) ?? 'absent')
  return whole.length > 120 ? `${whole.slice(0, 117)}...` : whole
}
