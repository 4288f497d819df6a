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
    if (token === undefined) throw new UnknownTokenError(text)
    return token
  }
  const all = [...view.tokens.values()]
  const exact = all.filter(({ symbol }) => symbol === text)
  const found =
    exact.length > 0
      ? exact
      : all.filter(({ symbol }) => symbol.toLowerCase() === text.toLowerCase())
  const [first] = found
  if (first === undefined || text === '') throw new UnknownTokenError(text)
  if (found.length > 1) throw new AmbiguousTokenError(text, found)
  return first
}

/** No token of the market has this name. */
export class UnknownTokenError extends BaseError {
  override readonly code = 'market.unknown-token'

  constructor(name: string) {
    super('The market has no such token.', {
      facts: { token: name.slice(0, 80) },
      hint: 'Give a symbol or an address that the market lists; symbols are matched as written first.',
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
