/** The market as Uniswap's pool providers tell it, without a node. */
import { getAddress } from 'viem/utils'
import { type Address, toAddress, zeroAddress } from '../../../solver/core/hex.ts'
import type { MarketView } from '../../../solver/market/view.ts'
import { getTickAtSqrtRatio } from '../../../solver/pools/math/tickMath.ts'
import { heldEth } from '../balances.ts'
import { load } from '../packages.ts'
import { type BenchPool, type BenchUniverse, nameable, weth } from '../universes.ts'
import type { Token, Venue } from './uniswapTypes.ts'

const chainId = 1
const usdc: Address = '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48'
/** Wei for 10^18 base units of a dollar with six decimals, at 1,600 dollars an ETH. */
const usdcPriceWei = 625_000_000_000_000n * 10n ** 12n
/** What the pools that stand only for a price hold: enough for any amount of gas. */
const standInDepth = 10n ** 30n
const v3Fees = [500, 3_000, 10_000, 100] as const

/** Pools as the package's objects, and back. */
export type Venues = {
  readonly named: readonly BenchPool[]
  tokenOf(address: string): Token
  /** Our pool; `undefined` for a stand-in, which no route may use. */
  oursOf(venue: Venue): BenchPool | undefined
  /** The pool of two tokens, V2 without a fee; else, beside the wrapped native token, a stand-in with its price. */
  find(a: Token, b: Token, fee?: number): Venue | undefined
  idOf(a: Token, b: Token, fee?: number): string
}

/** Lays out all pools that the package can name. */
export function createVenues({ view, pools }: BenchUniverse): Venues {
  const core = load('@uniswap/sdk-core')
  const { Pair } = load('@uniswap/v2-sdk')
  const { Pool } = load('@uniswap/v3-sdk')
  const tokens = new Map<string, Token>()
  const tokenOf = (address: string): Token => {
    const key = toAddress(address)
    const known = tokens.get(key)
    if (known !== undefined) return known
    const { decimals = 6, symbol = 'USDC' } = view.tokens.get(key) ?? {}
    const token = new core.Token(chainId, getAddress(key), decimals, symbol)
    tokens.set(key, token)
    return token
  }
  const pairOf = (token0: Token, token1: Token, reserve0: bigint, reserve1: bigint) =>
    new Pair(
      core.CurrencyAmount.fromRawAmount(token0, String(reserve0)),
      core.CurrencyAmount.fromRawAmount(token1, String(reserve1)),
    )
  const build = (pool: BenchPool): Venue => {
    const [address0 = zeroAddress, address1 = zeroAddress] = pool.tokens
    const token0 = tokenOf(address0)
    const token1 = tokenOf(address1)
    if (pool.kind === 'uniswapV2') return pairOf(token0, token1, ...pool.reserves)
    const { feePips, sqrtPriceX96, liquidity, tick } = pool
    return new Pool(token0, token1, feePips, String(sqrtPriceX96), String(liquidity), tick)
  }
  const named = nameable(pools, (pool) => heldEth(view, pool))
  const ours = new WeakMap<Venue, BenchPool>()
  const byName = new Map<string, { readonly venue: Venue; readonly pool: BenchPool }>()
  for (const pool of named) {
    const venue = build(pool)
    ours.set(venue, pool)
    const fee = pool.kind === 'uniswapV3' ? pool.feePips : undefined
    byName.set(keyOf(venue.token0, venue.token1, fee), { venue, pool })
  }
  const standIn = createStandIns(view, (token0, token1, reserve0, reserve1, isPair) => {
    const ends = [tokenOf(token0), tokenOf(token1)] as const
    if (isPair) return pairOf(...ends, reserve0, reserve1)
    const root = rootOf(reserve0, reserve1)
    return new Pool(...ends, 3_000, String(root), String(standInDepth), getTickAtSqrtRatio(root))
  })
  const hasAny = (a: Token, b: Token) => v3Fees.some((each) => byName.has(keyOf(a, b, each)))
  return {
    named,
    tokenOf,
    oursOf: (venue) => ours.get(venue),
    find(a, b, fee) {
      const known = byName.get(keyOf(a, b, fee))?.venue
      if (known !== undefined) return known
      // One stand-in, at one fee, and only where the market has no pool to read a price from.
      if (fee !== undefined && (fee !== 3_000 || hasAny(a, b))) return undefined
      return standIn(toAddress(a.address), toAddress(b.address), fee === undefined)
    },
    idOf: (a, b, fee) => byName.get(keyOf(a, b, fee))?.pool.id ?? `none-${keyOf(a, b, fee)}`,
  }
}

function keyOf(a: Token, b: Token, fee?: number): string {
  const [low, high] = [toAddress(a.address), toAddress(b.address)].sort()
  return `${low}-${high}-${fee ?? 'v2'}`
}

/** Pools of the wrapped native token that only tell what a token is worth: the package counts gas by them. */
function createStandIns(
  view: MarketView,
  build: (
    token0: Address,
    token1: Address,
    reserve0: bigint,
    reserve1: bigint,
    isPair: boolean,
  ) => Venue,
) {
  const built = new Map<string, Venue | undefined>()
  return (a: Address, b: Address, isPair: boolean): Venue | undefined => {
    if (a !== weth && b !== weth) return undefined
    const other = a === weth ? b : a
    const key = `${other}-${isPair}`
    if (!built.has(key)) {
      const listed = view.tokens.get(other)?.priceWei
      const priceWei = listed ?? (other === usdc ? usdcPriceWei : 0n)
      const units = priceWei > 0n ? (standInDepth * 10n ** 18n) / priceWei : 0n
      const isFirst = other < weth
      const venue =
        units === 0n
          ? undefined
          : isFirst
            ? build(other, weth, units, standInDepth, isPair)
            : build(weth, other, standInDepth, units, isPair)
      built.set(key, venue)
    }
    return built.get(key)
  }
}

/** The square-root price of two reserves, with 96 fractional bits. */
function rootOf(reserve0: bigint, reserve1: bigint): bigint {
  return BigInt(Math.floor(Math.sqrt(Number(reserve1) / Number(reserve0)) * 2 ** 48)) << 48n
}
