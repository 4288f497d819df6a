/** What a person wants to know of a pool at a glance. Floats: for looking at, never to trade on. */
import { type Address, zeroAddress } from '../core/hex.ts'
import type { JsonObject } from '../core/json.ts'
import { shownSymbol, type Token } from '../core/token.ts'
import { isDrifting } from '../market/changes.ts'
import { encodePool } from '../market/poolCodec.ts'
import { midPriceOf, nativeDepthOf } from '../market/prices.ts'
import type { MarketView } from '../market/view.ts'
import { moduleOf, type PoolState } from '../pools/index.ts'
import type { PoolId } from '../pools/pool.ts'

/** One pool of a listing. */
export type PoolRow = {
  readonly kind: string
  readonly id: PoolId
  readonly exchange: string | undefined
  readonly tokens: readonly { readonly address: Address; readonly symbol: string }[]
  /** Whole second tokens for one whole first token, before fees; absent when it cannot trade. */
  readonly price: number | undefined
  /** What the first two tokens' next unit costs, the mean of both directions, in hundredths of a percent. */
  readonly feeBps: number | undefined
  /**
   * What it pays until its price has moved by a quarter, in ETH; `unlimited` where it mints what it pays, absent when
   * no token of it has a price.
   */
  readonly depthEth: number | 'unlimited' | undefined
  /** Block of its state; absent when the market does not say. */
  readonly block: string | undefined
  readonly notes: readonly string[]
}

/** Sums over the pools of one kind. */
export type KindTotal = {
  readonly kind: string
  readonly pools: number
  readonly depthEth: number
}

/**
 * The row of `state`.
 *
 * @param extra - What the file said of the pool besides, as the block of its state.
 */
export function rowOf(state: PoolState, view: MarketView, extra: JsonObject = {}): PoolRow {
  const tokens = state.tokens.map((address) => view.tokens.get(address) ?? unknownToken(address))
  const [first, second] = tokens
  const mid = midPriceOf(state, 0, 1)
  const scale = 10 ** ((first?.decimals ?? 0) - (second?.decimals ?? 0))
  const { block } = extra
  const depth = nativeDepthOf(state, view.tokens)
  return {
    kind: state.kind,
    id: state.id,
    exchange: state.exchange,
    tokens: tokens.map(({ address, symbol }) => ({ address, symbol: shownSymbol(symbol) })),
    price: mid === undefined ? undefined : mid * scale,
    feeBps: feeBpsOf(state),
    depthEth: depth === Infinity ? 'unlimited' : depth,
    block: typeof block === 'string' ? block : view.block?.number.toString(),
    notes: notesOf(state, tokens),
  }
}

/** Rows by depth, the deepest first; those of unlimited depth, and then of unknown, last. */
export function byDepth(a: PoolRow, b: PoolRow): number {
  return rankOf(b) - rankOf(a)
}

function rankOf({ depthEth = -2 }: PoolRow): number {
  return depthEth === 'unlimited' ? -1 : depthEth
}

/** Pools and depth, where it has an end, by kind, in the order of the kinds' names. */
export function totalsOf(rows: readonly PoolRow[]): KindTotal[] {
  return [...Map.groupBy(rows, ({ kind }) => kind)]
    .map(([kind, all]) => ({
      kind,
      pools: all.length,
      depthEth: all.reduce((sum, row) => sum + Math.max(rankOf(row), 0), 0),
    }))
    .sort((a, b) => (a.kind < b.kind ? -1 : 1))
}

/** Rows, each a line of a table with a head. */
export function tableOf(rows: readonly PoolRow[]): string[] {
  const head = ['kind', 'exchange', 'tokens', 'price', 'fee bps', 'depth ETH', 'block', 'notes']
  const body = rows.map((row) => [
    row.kind,
    row.exchange ?? '-',
    row.tokens.map(({ symbol, address }) => symbol || address.slice(0, 8)).join('/'),
    digits(row.price),
    digits(row.feeBps),
    row.depthEth === 'unlimited' ? row.depthEth : digits(row.depthEth),
    row.block ?? '-',
    row.notes.join(', '),
  ])
  const all = [head, ...body]
  const widths = head.map((_, at) => Math.max(...all.map((cells) => (cells[at] ?? '').length)))
  return all.map((cells, at) =>
    [...cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)), rows[at - 1]?.id ?? 'id']
      .join('  ')
      .trimEnd(),
  )
}

/** Six digits of a float for a person. */
export function digits(value: number | undefined): string {
  return value === undefined ? '-' : String(Number(value.toPrecision(6)))
}

/** A round trip of one unit without moving the price loses the fee twice, whatever the kind. */
function feeBpsOf(state: PoolState): number | undefined {
  const { price } = moduleOf(state)
  const kept = price(state, 0, 1) * price(state, 1, 0)
  return kept > 0 && Number.isFinite(kept) ? round(1e4 * (1 - Math.sqrt(kept))) : undefined
}

/** To a ten-thousandth; floats of other kinds than fees have no more. */
function round(value: number): number {
  return Math.round(1e4 * value) / 1e4
}

/** True when the pool, by the `fields` of a market file, calls a contract of somebody's choice. */
export function hasHook(fields: JsonObject): boolean {
  const { hooks } = fields
  return hooks !== undefined && hooks !== zeroAddress
}

/** Why the pool, or its tokens, need care. */
function notesOf(state: PoolState, tokens: readonly Token[]): string[] {
  const fields = encodePool(state)
  const isHooked = hasHook(fields)
  const isClosed = moduleOf(state).curve(state) === undefined
  return [
    ...(isClosed ? [closedBecause(fields, isHooked)] : isHooked ? ['hook'] : []),
    ...(isDrifting(state) ? ['read every block'] : []),
    ...(fields['singleRange'] === true ? ['current range only'] : []),
    ...(fields['tickRange'] === undefined ? [] : ['ticks near the price only']),
    ...tokens.flatMap(tokenNotes),
  ]
}

function closedBecause(fields: JsonObject, isHooked: boolean): string {
  if (fields['paused'] === true) return 'paused'
  return isHooked ? 'refused: its hook may change amounts' : 'cannot trade'
}

function tokenNotes(token: Token): string[] {
  const name = shownSymbol(token.symbol) || token.address.slice(0, 8)
  return [
    ...((token.transferFeePips ?? 0) > 0 ? [`${name} keeps a part of transfers`] : []),
    ...(token.isRebasing === true ? [`${name} rebases`] : []),
    ...(token.isSellable === false ? [`${name} cannot be sold`] : []),
  ]
}

function unknownToken(address: Address): Token {
  return { address, symbol: '', decimals: 0 }
}
