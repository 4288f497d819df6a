/**
 * Reference prices: what a token is worth in the native currency, for gas accounting and reports only.
 *
 * A token is priced by its deepest pool against the wrapped or native currency, and where it has none by its
 * deepest pool against a token priced so. Depth is what a pool gives of the priced side until its price has
 * moved by a quarter. Floats throughout: no promise rests on these prices.
 */
import { type Address, zeroAddress } from '../core/hex.ts'
import type { Token } from '../core/token.ts'
import { moduleOf, type PoolState } from '../pools/index.ts'
import type { SegmentCurve } from '../pools/pool.ts'

/** How far the price moves when depth is measured, docs/market.md. */
const depthFactor = 1.25
const wad = 10 ** 18
/** Hops from the native currency: the second serves tokens that trade against a stablecoin alone. */
const hops = 2

/**
 * `tokens` with `priceWei` from `pools`. Pure; costs one look at every pool and hop.
 *
 * @param wrappedNative - The ERC-20 that wraps the native currency; absent leaves all tokens as they are.
 * @returns New tokens. Those that no pool prices are as they were, with whatever price they had.
 */
export function priceTokens(
  tokens: ReadonlyMap<Address, Token>,
  pools: Iterable<PoolState>,
  wrappedNative: Address | undefined,
): ReadonlyMap<Address, Token> {
  if (wrappedNative === undefined) return tokens
  const known = new Map<Address, number>([
    [wrappedNative, 1],
    [zeroAddress, 1],
  ])
  const views = [...pools].flatMap((state) => {
    const curve = state.tokens.length === 2 ? moduleOf(state).curve(state) : undefined
    return curve?.shape !== 'segments' ? [] : [{ tokens: state.tokens, curve }]
  })
  for (let hop = 0; hop < hops; hop++) {
    const best = new Map<Address, { price: number; depth: number }>()
    for (const { tokens: pair, curve } of views)
      for (const side of [0, 1] as const) offer(best, known, { pair, curve, side })
    for (const [token, { price }] of best) known.set(token, price)
  }
  return new Map([...tokens].map(([address, token]) => [address, priced(token, known)]))
}

/** Lets one side of a pool, if its price is known, propose a price for the other. */
function offer(
  best: Map<Address, { price: number; depth: number }>,
  known: ReadonlyMap<Address, number>,
  pool: { pair: readonly Address[]; curve: SegmentCurve; side: 0 | 1 },
): void {
  const { pair, curve, side } = pool
  const base = pair[side]
  const token = pair[1 - side]
  const basePrice = base === undefined ? undefined : known.get(base)
  if (token === undefined || basePrice === undefined || known.has(token)) return
  const depth = depthOf(curve, side) * basePrice
  if (!(depth > (best.get(token)?.depth ?? 0))) return
  const squared = curve.sqrtPrice ** 2
  // The curve's price is token 1 per token 0: with the base as token 1 it is what one token 0 is worth.
  best.set(token, { depth, price: basePrice * (side === 1 ? squared : 1 / squared) })
}

function priced(token: Token, known: ReadonlyMap<Address, number>): Token {
  const price = known.get(token.address)
  const priceWei = price === undefined ? 0 : Math.round(price * wad)
  if (!(priceWei > 0 && Number.isFinite(priceWei))) return token
  if (price === 1) return { ...token, priceWei: BigInt(wad) }
  return { ...token, priceWei: BigInt(priceWei), priceFrom: 'pool' }
}

/**
 * What a pool pays out of its token `side`, in base units, until the price has moved by the depth factor.
 * Selling token 0 moves the price down and pays token 1, and the other way round.
 */
export function depthOf(curve: SegmentCurve, side: 0 | 1): number {
  const { sqrtPrice, bounds, liquidity } = curve
  const factor = Math.sqrt(depthFactor)
  const low = side === 1 ? sqrtPrice / factor : sqrtPrice
  const high = side === 1 ? sqrtPrice : sqrtPrice * factor
  let paid = 0
  for (const [index, active] of liquidity.entries()) {
    const from = Math.max(low, bounds[index] ?? Infinity)
    const to = Math.min(high, bounds[index + 1] ?? 0)
    if (to > from) paid += active * (side === 1 ? to - from : 1 / from - 1 / to)
  }
  return paid
}
