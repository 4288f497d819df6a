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
import type { Curve, PoolId, SegmentCurve, SmoothCurve } from '../pools/pool.ts'
import type { MarketView } from './view.ts'

/** How far the price moves when depth is measured, docs/market.md. */
const depthFactor = 1.25
const wad = 10 ** 18
/** Hops from the native currency: the second serves tokens that trade against a stablecoin alone. */
const hops = 2

/**
 * The tokens of `view` with `priceWei`, the pool that it comes from and its block. Pure; costs one look at every
 * pool and hop.
 *
 * @param view - Without `wrappedNative` all tokens stay as they are.
 * @returns New tokens. Those that no pool prices are as they were, with whatever price they had and its block.
 */
export function priceTokens(
  view: Pick<MarketView, 'block' | 'tokens' | 'pools' | 'wrappedNative'>,
): ReadonlyMap<Address, Token> {
  const { tokens, wrappedNative } = view
  if (wrappedNative === undefined) return tokens
  const prices = new Map<Address, Price>([
    [wrappedNative, { price: 1 }],
    [zeroAddress, { price: 1 }],
  ])
  const pairs = [...view.pools.values()].flatMap(pairsOf)
  for (let hop = 0; hop < hops; hop++) {
    const best = new Map<Address, Price & { depth: number }>()
    for (const pair of pairs) offer(best, prices, pair)
    for (const [token, { price, pool }] of best) prices.set(token, { price, pool })
  }
  const number = view.block?.number
  return new Map([...tokens].map(([address, token]) => [address, priced(token, prices, number)]))
}

/** In the native currency per base unit, and the pool that says so. */
type Price = { readonly price: number; readonly pool?: PoolId | undefined }

/** Two tokens of a pool, the second to be priced by the first. */
type Pair = {
  readonly pool: PoolId
  readonly base: Address
  readonly token: Address
  /** Base per token, before fees. */
  readonly price: number
  /** Paid out in base units of the base until the price has moved by the depth factor. */
  readonly depth: number
}

/** States are values, so what one says of prices is said once: between two looks most pools stand still. */
const known = new WeakMap<PoolState, readonly Pair[]>()

/** Every ordered pair of the pool's tokens, if it can trade. Kept with the state. */
function pairsOf(state: PoolState): readonly Pair[] {
  const kept = known.get(state)
  if (kept !== undefined) return kept
  const pairs = findPairs(state)
  known.set(state, pairs)
  return pairs
}

function findPairs(state: PoolState): Pair[] {
  const curve = curveOf(state)
  if (curve === undefined) return []
  const { id: pool, tokens } = state
  return tokens.flatMap((base, indexBase) =>
    tokens.flatMap((token, index) => {
      if (index === indexBase) return []
      const view = { index, indexBase }
      const price = curve.shape === 'segments' ? segmentPrice(curve, view) : midPrice(curve, view)
      const depth =
        curve.shape === 'segments'
          ? depthOf(curve, indexBase === 0 ? 0 : 1)
          : smoothDepthOf(curve, view)
      return [{ pool, base, token, price, depth }]
    }),
  )
}

/**
 * How deep `state` is: what it pays out of one of its tokens until its price has moved by a quarter, of the token
 * of which that is worth most.
 *
 * @param tokens - With `priceWei` where known.
 * @returns In the native currency (1 is 10^18 wei), of the directions that end; `Infinity` when none does, 0 when
 *   it cannot trade, `undefined` when no token of it has a price.
 */
export function nativeDepthOf(
  state: PoolState,
  tokens: ReadonlyMap<Address, Token>,
): number | undefined {
  const priceOf = (address: Address) => tokens.get(address)?.priceWei
  if (state.tokens.every((address) => priceOf(address) === undefined)) return undefined
  const pairs = pairsOf(state)
  const values = pairs.map(({ base, depth }) => depth * Number(priceOf(base) ?? 0n))
  const most = Math.max(0, ...values.filter(Number.isFinite)) / wad / wad
  const isEndless = most === 0 && pairs.some(({ depth }) => depth === Infinity)
  return isEndless ? Infinity : most
}

/** Base units of token `indexBase` for one base unit of token `index`, before fees; `undefined` when it cannot trade. */
export function midPriceOf(state: PoolState, index: number, indexBase: number): number | undefined {
  const [token, base] = [state.tokens[index], state.tokens[indexBase]]
  const price = pairsOf(state).find((pair) => pair.token === token && pair.base === base)?.price
  return price !== undefined && price > 0 && Number.isFinite(price) ? price : undefined
}

/** A pool whose float view fails prices nothing. */
function curveOf(state: PoolState): Curve | undefined {
  try {
    return moduleOf(state).curve(state)
  } catch {
    return undefined
  }
}

type Indices = { readonly index: number; readonly indexBase: number }

/** The curve's price is token 1 per token 0: with the base as token 1 it is what one token 0 is worth. */
function segmentPrice({ sqrtPrice }: SegmentCurve, { indexBase }: Indices): number {
  return indexBase === 1 ? sqrtPrice ** 2 : 1 / sqrtPrice ** 2
}

/** The middle of what the pool pays and what it asks for the next unit. */
function midPrice(curve: SmoothCurve, { index, indexBase }: Indices): number {
  return Math.sqrt(curve.slope(index, indexBase, 0) / curve.slope(indexBase, index, 0))
}

/** Lets a pair, if the base's price is known, propose a price for the token. */
function offer(
  best: Map<Address, Price & { depth: number }>,
  known: ReadonlyMap<Address, Price>,
  { pool, base, token, price, depth }: Pair,
): void {
  const basePrice = known.get(base)?.price
  if (basePrice === undefined || known.has(token) || !(price > 0)) return
  // A pool without an end says nothing of its depth: its price counts where no other pool has one.
  const value = depth === Infinity ? Number.MIN_VALUE : depth * basePrice
  if (Number.isFinite(value) && value > (best.get(token)?.depth ?? 0))
    best.set(token, { depth: value, price: basePrice * price, pool })
}

function priced(
  token: Token,
  known: ReadonlyMap<Address, Price>,
  block: bigint | undefined,
): Token {
  const { price = 0, pool } = known.get(token.address) ?? {}
  const priceWei = Math.round(price * wad)
  if (!(priceWei > 0 && Number.isFinite(priceWei))) return token
  if (pool === undefined) return { ...token, priceWei: BigInt(wad) }
  return {
    ...token,
    priceWei: BigInt(priceWei),
    priceFrom: 'pool',
    pricePool: pool,
    ...(block === undefined ? {} : { priceBlock: block }),
  }
}

/** Base units beyond any real supply: a pool that takes so many at an unmoved price has no depth to speak of. */
const beyondSupply = 1e30
/** Halvings of the logarithm of a size: enough for a depth to four digits. */
const halvings = 24

/**
 * The same for a smooth pool: what it pays until its own price has fallen by the depth factor. Infinite where it
 * pays one price for more than there can be, as a contract that mints what it pays.
 */
export function smoothDepthOf(curve: SmoothCurve, { index, indexBase }: Indices): number {
  const start = curve.slope(index, indexBase, 0)
  const most = curve.mostIn(index, indexBase)
  if (!(start > 0) || !(most > 1)) return 0
  if (most > beyondSupply && curve.slope(index, indexBase, beyondSupply) * depthFactor > start)
    return Infinity
  let low = 0
  let high = Math.log(Math.min(most, 1e60))
  for (let i = 0; i < halvings; i++) {
    const middle = (low + high) / 2
    if (curve.slope(index, indexBase, Math.exp(middle)) * depthFactor > start) low = middle
    else high = middle
  }
  return curve.out(index, indexBase, Math.exp(low))
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
