/** The report of a run: what was quoted, what was received, what the split saved. Pure; see `isoprice-report/1`. */
import type { Address, Hex } from '../core/hex.ts'
import { mulDivDown } from '../core/rounding.ts'
import type { Token } from '../core/token.ts'
import type { OrderDigest } from '../intents/order.ts'
import type { Bundle } from '../route/bundle.ts'
import type { Quote } from '../route/route.ts'

/** One settled intent, from its quote to its inclusion. Amounts are base units. */
export type SettledIntent = {
  readonly hash: OrderDigest
  readonly owner: Address
  readonly sellToken: Address
  readonly buyToken: Address
  readonly quote: Quote
  readonly sold: bigint
  readonly quoted: bigint
  readonly received: bigint
  readonly gasUsed: bigint
  readonly channel: string
  readonly block: bigint
  readonly transaction: Hex
  /** The quote with everything that it was made of, for a replay. */
  readonly bundle: Bundle
}

/** A report of settled intents and the two figures that sum them up. */
export type Report = {
  readonly format: 'isoprice-report/1'
  readonly intents: readonly SettledIntent[]
  /**
   * What the plans gave over the best single pool, before gas, value-weighted over the intents that have one,
   * in 1/100 %.
   */
  readonly savingsBps: number
  /** How many intents have a single pool that joins their two tokens, so that there is something to save on. */
  readonly comparable: number
  /** The largest proven distance from the best plan over all intents, net of gas, in 1/100 %. */
  readonly certifiedGapBps: number
  readonly digests: readonly Hex[]
}

/** Sums up settled intents; an empty list gives zeros. `tokens` weigh the intents by value. */
export function createReport(
  intents: readonly SettledIntent[],
  tokens: ReadonlyMap<Address, Token>,
): Report {
  return {
    format: 'isoprice-report/1',
    intents,
    savingsBps: weightedSavingsBps(intents, tokens),
    comparable: intents.filter(({ quote }) => quote.bestSinglePool !== undefined).length,
    certifiedGapBps: Math.max(0, ...intents.map(({ quote }) => quote.gapBps)),
    digests: intents.map(({ bundle }) => bundle.digest),
  }
}

/**
 * What `received` is above what the best single pool would have paid for the same input, in 1/100 %;
 * `undefined` when no single pool joins the two tokens. Before gas on both sides.
 */
export function savingsBps(intent: SettledIntent): number | undefined {
  const single = intent.quote.bestSinglePool?.amountOut
  return single === undefined || single === 0n ? undefined : bpsAbove(intent.received, single)
}

/** `value` above `base` in 1/100 %, exact to 10^-6 of one. */
export function bpsAbove(value: bigint, base: bigint): number {
  return Number(((value - base) * 10_000_000_000n) / base) / 1_000_000
}

function weightedSavingsBps(
  intents: readonly SettledIntent[],
  tokens: ReadonlyMap<Address, Token>,
): number {
  let saved = 0n
  let value = 0n
  for (const intent of intents) {
    const single = intent.quote.bestSinglePool?.amountOut
    const price = tokens.get(intent.buyToken)?.priceWei
    if (single === undefined || price === undefined) continue
    saved += mulDivDown(intent.received, price, 10n ** 18n) - mulDivDown(single, price, 10n ** 18n)
    value += mulDivDown(single, price, 10n ** 18n)
  }
  return value === 0n ? 0 : bpsAbove(value + saved, value)
}
