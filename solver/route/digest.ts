/** The name of a bundle: one hash over everything that a quote depends on and says. */
import { keccak256, toHex } from 'viem/utils'
import type { Hex } from '../core/hex.ts'
import { formatSnapshot } from '../market/codec.ts'
import { toSnapshot } from '../market/snapshot.ts'
import type { MarketView } from '../market/view.ts'
import type { Quote, QuoteOptions, QuoteRequest } from './route.ts'

/** The format's name and version, as the file says it. */
export const bundleFormat = 'isoprice-bundle/1'

/** A quote with everything needed to find it again. */
export type Bundle = {
  readonly format: typeof bundleFormat
  readonly request: QuoteRequest
  readonly options: QuoteOptions
  /** The pools that the search saw, with their block, tokens and gas price. */
  readonly view: MarketView
  readonly result: Quote
  readonly digest: Hex
}

/** Views are immutable, so the text and the hash of one may be kept as long as it lives. */
const known = new WeakMap<MarketView, { readonly text: string; readonly digest: Hex }>()

/** `view` as `isoprice-market/1`, and the hash of that text. */
export function marketText(view: MarketView): { readonly text: string; readonly digest: Hex } {
  const kept = known.get(view)
  if (kept !== undefined) return kept
  const text = formatSnapshot(toSnapshot(view))
  const made = { text, digest: keccak256(toHex(text)) }
  known.set(view, made)
  return made
}

/** keccak256 over the canonical JSON of the bundle, in which the market stands by its own hash. */
export function bundleDigest({
  format,
  request,
  options,
  view,
  result,
}: Omit<Bundle, 'digest'>): Hex {
  const { digest: market } = marketText(view)
  const wrappedNative = view.wrappedNative ?? null
  return keccak256(
    toHex(canonicalJson({ format, request, options, market, wrappedNative, result })),
  )
}

/**
 * JSON with one spelling: keys ascending, no absent fields, `bigint` and `number` as their exact shortest
 * text, maps as objects.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'bigint' || typeof value === 'number') return JSON.stringify(String(value))
  if (value instanceof Map) return canonicalJson(Object.fromEntries(value))
  if (Array.isArray(value)) return `[${value.map((each) => canonicalJson(each)).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([key, each]) => `${JSON.stringify(key)}:${canonicalJson(each)}`).join()}}`
}
