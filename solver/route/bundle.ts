/** Replayable quotes: everything that one depends on, in one JSON file, named by one digest. */
import { type Hex, isAddressText, toAddress } from '../core/hex.ts'
import { BaseError } from '../core/errors.ts'
import { parseSnapshot } from '../market/codec.ts'
import { isDeeper } from '../market/fields.ts'
import type { MarketView } from '../market/view.ts'
import { readResult } from './bundleFields.ts'
import { type Bundle, bundleDigest, bundleFormat, canonicalJson, marketText } from './digest.ts'
import { type Graph, graphOf } from './graph.ts'
import { findQuote } from './quote.ts'
import type { Quote, QuoteOptions } from './route.ts'
import { kindsOf } from './routed.ts'

export type { Bundle } from './digest.ts'

/** What a replay found; `quote` is absent when the states give none. */
export type Replay = { readonly quote: Quote | undefined; readonly digest: Hex | undefined }

/** A graph's own part of its view, kept so that its hash is made once for all quotes of a view. */
const trimmed = new WeakMap<Graph, MarketView>()

/**
 * The bundle of a quote that `findQuote(view, quote.request, options)` gave. Pure; hashing a view happens once.
 */
export function createBundle(view: MarketView, quote: Quote, options: QuoteOptions = {}): Bundle {
  const graph = graphOf(view, kindsOf(options))
  const kept = trimmed.get(graph) ?? {
    ...view,
    pools: new Map(graph.pools.map((state) => [state.id, state])),
  }
  trimmed.set(graph, kept)
  const body = {
    format: bundleFormat,
    request: quote.request,
    options,
    view: kept,
    result: quote,
  } as const
  return { ...body, digest: bundleDigest(body) }
}

/** Searches again on the bundle's own states. The digests are equal when nothing was changed. Pure. */
export function replayBundle(bundle: Bundle): Replay {
  const { view, request, options } = bundle
  const quote = findQuote(view, request, options)
  return { quote, digest: quote && createBundle(view, quote, options).digest }
}

/** `bundle` as one line of JSON: integers and floats as exact decimal text. */
export function formatBundle({ request, options, view, result, digest }: Bundle): string {
  const { text: market } = marketText(view)
  const wrappedNative = view.wrappedNative ?? null
  const head = canonicalJson({
    format: bundleFormat,
    digest,
    request,
    options,
    wrappedNative,
    result,
  })
  return `${head.slice(0, -1)},"market":${market}}`
}

/**
 * Reads a bundle that {@link formatBundle} wrote.
 *
 * @throws {BundleFormatError} `route.bundle-format`, when it is no such JSON.
 * @throws {BundleDigestError} `route.bundle-digest`, when anything in it was changed.
 * @throws {SnapshotInvalidError} `market.snapshot-invalid`, when its market breaks a rule of the format.
 */
export function parseBundle(text: string): Bundle {
  const file = readObject(text)
  if (file['format'] !== bundleFormat) throw new BundleFormatError('format')
  const { view: read } = parseSnapshot(JSON.stringify(file['market'] ?? null))
  const native = file['wrappedNative']
  const { wrappedNative: _, ...rest } = read
  const view: MarketView =
    typeof native === 'string' && isAddressText(native)
      ? { ...rest, wrappedNative: toAddress(native) }
      : rest
  const result = readResult(file, view.block)
  if (result === undefined) throw new BundleFormatError('result')
  const body = { format: bundleFormat, view, ...result } as const
  const digest = bundleDigest(body)
  if (digest !== file['digest']) throw new BundleDigestError(String(file['digest']), digest)
  return { ...body, digest }
}

/** Levels of a bundle: a market's 64 and those around it. Deeper text is no bundle, and would exhaust the stack. */
const nestingMax = 70

function readObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new BundleFormatError('JSON', cause)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BundleFormatError('object')
  if (isDeeper(value, nestingMax)) throw new BundleFormatError('nesting')
  return Object.fromEntries(Object.entries(value))
}

/** The text is no bundle of ours. */
export class BundleFormatError extends BaseError {
  override readonly code = 'route.bundle-format'

  constructor(what: string, cause?: unknown) {
    super('This is not a quote bundle.', {
      cause,
      facts: { field: what, format: bundleFormat },
      hint: 'Give a file that `isoprice quote --bundle FILE` wrote.',
    })
  }
}

/** The content of a bundle is not the one that its digest names. */
export class BundleDigestError extends BaseError {
  override readonly code = 'route.bundle-digest'

  constructor(claimed: string, computed: Hex) {
    super('The bundle was changed after it was made.', {
      facts: { claimed: claimed.slice(0, 66), computed },
      hint: 'Fetch it again from its author and compare the digest with the one you were given.',
    })
  }
}
