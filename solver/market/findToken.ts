/** Which token a person means by a symbol or an address. */
import { BaseError } from '../core/errors.ts'
import { isAddressText, toAddress } from '../core/hex.ts'
import type { Token } from '../core/token.ts'
import type { MarketView } from './view.ts'

/**
 * The token of `view` that `text` names: an address in either case, or a symbol (as written, else in any case).
 *
 * @throws {UnknownTokenError} `market.unknown-token`, when no token of the market has that name.
 * @throws {AmbiguousTokenError} `market.ambiguous-token`, when several share the symbol: symbols are untrusted text.
 */
export function findToken(view: MarketView, text: string): Token {
  if (isAddressText(text)) {
    const token = view.tokens.get(toAddress(text))
    if (token === undefined) throw new UnknownTokenError(text, view)
    return token
  }
  const all = [...view.tokens.values()]
  const exact = all.filter(({ symbol }) => symbol === text)
  const found =
    exact.length > 0
      ? exact
      : all.filter(({ symbol }) => symbol.toLowerCase() === text.toLowerCase())
  const [first] = found
  if (first === undefined || text === '') throw new UnknownTokenError(text, view)
  if (found.length > 1) throw new AmbiguousTokenError(text, found)
  return first
}

/** Symbols that an error names. */
const symbolsNamed = 8

/** Some symbols of `view`, those that begin like `name` first. Only plain ones: symbols are untrusted text. */
function nearSymbols(view: MarketView, name: string): string {
  const wanted = name.toLowerCase()
  const shared = (symbol: string) => {
    const length = Array.from(wanted).findIndex(
      (letter, index) => symbol[index]?.toLowerCase() !== letter,
    )
    return length === -1 ? wanted.length : length
  }
  const plain = [...view.tokens.values()].map(({ symbol }) => symbol)
  const named = [...new Set(plain.filter((symbol) => /^[\w.$+-]{1,12}$/.test(symbol)))]
    .map((symbol) => ({ symbol, likeness: shared(symbol) }))
    .sort((a, b) => b.likeness - a.likeness)
    .slice(0, symbolsNamed)
    .map(({ symbol }) => symbol)
    .join(', ')
  return named === '' ? '' : `, such as ${named}`
}

/** No token of the market has this name. */
export class UnknownTokenError extends BaseError {
  override readonly code = 'market.unknown-token'

  constructor(name: string, view: MarketView) {
    super('The market has no such token.', {
      facts: { token: name.slice(0, 80) },
      hint: `Give a symbol or an address that the market lists${nearSymbols(view, name)}.`,
    })
  }
}

/** Several tokens share this symbol. */
export class AmbiguousTokenError extends BaseError {
  override readonly code = 'market.ambiguous-token'

  constructor(symbol: string, tokens: readonly Token[]) {
    super('Several tokens of the market have this symbol.', {
      facts: { symbol, addresses: tokens.map(({ address }) => address).join(', ') },
      hint: 'Give the address of the one you mean.',
    })
  }
}
