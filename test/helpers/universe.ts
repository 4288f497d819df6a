/** Seeded synthetic markets: hubs, a long tail, V2 and V3 pools around one fair price per token. */
import { type Address, zeroAddress } from '../../solver/core/hex.ts'
import { type Rng, createRng } from '../../solver/core/rng.ts'
import type { Token } from '../../solver/core/token.ts'
import type { MarketView } from '../../solver/market/view.ts'
import type { PoolState } from '../../solver/pools/index.ts'
import { type PoolId, toPoolId } from '../../solver/pools/pool.ts'
import type { QuoteRequest } from '../../solver/route/route.ts'
import { type Position, aPair, aTickPool, toV4 } from './pools.ts'

/** What a universe is made from; the same options give the same market. */
export type UniverseOptions = {
  readonly seed: number
  readonly pools: number
  readonly tokens: number
  /** Share of pools with ticks, 0 to 1; absent: half. */
  readonly tickShare?: number
  /** Share of the tick pools that are V4; absent: none. One token then also trades as the native currency. */
  readonly v4Share?: number
  /**
   * How far pools stand from fair, as a share of their fee; absent: 0.9. Up to 1 no loop of pools gains
   * anything; above it loops do.
   */
  readonly disorder?: number
  readonly gasPrice?: bigint
}

/** A market whose fair prices are known. */
export type Universe = {
  readonly view: MarketView
  readonly tokens: readonly Address[]
  /** Wei per base unit, by token. */
  readonly fair: ReadonlyMap<Address, number>
  /** Wei that one side of all pools of a token holds near the fair price, by token. */
  readonly depthWei: ReadonlyMap<Address, number>
}

const feeTiers = [
  { feePips: 500, tickSpacing: 10 },
  { feePips: 3_000, tickSpacing: 60 },
  { feePips: 10_000, tickSpacing: 200 },
] as const

/** Makes the universe of `options`. Token 0 is the wrapped native token, worth one wei a base unit. */
export function createUniverse(options: UniverseOptions): Universe {
  const rng = createRng(options.seed)
  const tokens = Array.from({ length: options.tokens }, (_, index) => aToken(rng, index))
  const addresses = tokens.map(({ address }) => address)
  const fair = new Map(
    tokens.map(({ address, priceWei }): [Address, number] => [address, Number(priceWei) / 1e18]),
  )
  const depthWei = new Map<Address, number>()
  const pools = Array.from({ length: options.pools }, (_, index) =>
    aPool(rng, options, index, { tokens: addresses, fair, depthWei }),
  )
  const native = { address: zeroAddress, symbol: 'ETH', decimals: 18, priceWei: 10n ** 18n }
  const listed: Token[] = [native, ...tokens]
  const view: MarketView = {
    chainId: 1,
    tokens: new Map(listed.map((token) => [token.address, token])),
    pools: new Map(pools.map((pool): [PoolId, PoolState] => [pool.id, pool])),
    gasPrice: options.gasPrice,
    wrappedNative: addresses[0],
  }
  return { view, tokens: addresses, fair, depthWei }
}

function aToken(rng: Rng, index: number): Token {
  const decimals = index === 0 ? 18 : ([18, 18, 18, 6, 8][rng.int(0, 4)] ?? 18)
  // One whole token is worth 1e-5 to 10 ETH.
  const whole = 10 ** (-5 + 6 * rng.next())
  const priceWei = BigInt(Math.floor(whole * 10 ** (36 - decimals)))
  return {
    address: addressOf(0x1_000 + index),
    symbol: `T${index}`,
    decimals,
    priceWei: index === 0 ? 10n ** 18n : priceWei,
  }
}

function addressOf(number: number): Address {
  return `0x${number.toString(16).padStart(40, '0')}`
}

function aPool(
  rng: Rng,
  options: UniverseOptions,
  index: number,
  {
    tokens,
    fair,
    depthWei,
  }: Pick<Universe, 'tokens' | 'fair'> & { depthWei: Map<Address, number> },
): PoolState {
  const [token0, token1] = ends(rng, index, tokens)
  const { tickShare = 0.5, v4Share = 0, disorder = 0.9 } = options
  const tier = feeTiers[rng.int(0, 2)] ?? feeTiers[1]
  const isTick = rng.next() < tickShare
  const feePips = isTick ? tier.feePips : 3_000
  const offset = (2 * rng.next() - 1) * disorder * Math.log(1 / (1 - feePips / 1e6))
  const price0 = fair.get(token0) ?? 1
  const price1 = fair.get(token1) ?? 1
  const root = Math.sqrt((price0 / price1) * Math.exp(offset))
  // Either side holds 1 to 3,000 ETH.
  const depth = 1e18 * 10 ** (3.5 * rng.next())
  for (const token of [token0, token1]) depthWei.set(token, (depthWei.get(token) ?? 0) + depth)
  const liquidity = depth / (price1 * root)
  const id = toPoolId(addressOf(0x5_0000_0000 + Math.imul(index + 1, 2_654_435) + index))
  const over = { id, tokens: [token0, token1] }
  if (!isTick)
    return aPair([BigInt(Math.ceil(liquidity / root)), BigInt(Math.ceil(liquidity * root))], over)
  const pool = aTickPool(
    positions(rng, root, liquidity, tier.tickSpacing),
    BigInt(Math.floor(root * 2 ** 48)) << 48n,
    { ...over, ...tier },
  )
  return rng.next() < v4Share ? asV4(pool, tokens, index) : pool
}

/** A pool of two hubs, or of a hub and one of the tail; the first pools join every token to a hub. */
function ends(rng: Rng, index: number, tokens: readonly Address[]): readonly [Address, Address] {
  const hubs = Math.min(8, Math.max(2, Math.floor(tokens.length / 4)))
  const isFirst = index + 1 < tokens.length
  const a = isFirst
    ? index + 1
    : rng.next() < 0.2
      ? rng.int(0, hubs - 1)
      : rng.int(0, tokens.length - 1)
  let b = rng.int(0, Math.min(hubs, isFirst ? Math.max(1, a) : hubs) - 1)
  if (b === a) b = a === 0 ? 1 : a - 1
  const [low, high] = a < b ? [a, b] : [b, a]
  return [tokens[low] ?? zeroAddress, tokens[high] ?? zeroAddress]
}

function positions(rng: Rng, root: number, liquidity: number, spacing: number): Position[] {
  const centre = Math.floor((2 * Math.log(root)) / Math.log(1.0001) / spacing)
  const wide = Math.ceil(8_000 / spacing)
  const count = rng.int(3, 12)
  const share = (part: number) => BigInt(Math.max(1_000, Math.floor(liquidity * part)))
  const narrow = Array.from({ length: count }, () => ({
    lower: (centre - rng.int(1, Math.ceil(2_000 / spacing))) * spacing,
    upper: (centre + rng.int(1, Math.ceil(2_000 / spacing))) * spacing,
    liquidity: share((0.2 + rng.next()) / count),
  }))
  const base = { lower: (centre - wide) * spacing, upper: (centre + wide) * spacing }
  return [{ ...base, liquidity: share(0.5) }, ...narrow]
}

function asV4(
  pool: ReturnType<typeof aTickPool>,
  tokens: readonly Address[],
  index: number,
): PoolState {
  const id = toPoolId(`0x${(0x7_0000_0000 + index).toString(16).padStart(64, '0')}`)
  const isNative = pool.tokens[0] === tokens[0]
  const [token0 = zeroAddress, token1 = zeroAddress] = pool.tokens
  const currency0 = isNative ? zeroAddress : token0
  const { feePips: fee, tickSpacing } = pool
  const poolKey = { currency0, currency1: token1, fee, tickSpacing, hooks: zeroAddress } as const
  return toV4(pool, { id, tokens: [currency0, token1], poolKey })
}

/**
 * A request of `universe` between two of its tokens, worth `low` to `high` of the thinner one's depth. A V3
 * pool holds its depth over a wide range, so up to some 0.2 a request can be filled.
 */
export function aRequest(universe: Universe, rng: Rng, low = 1e-4, high = 0.2): QuoteRequest {
  const { tokens, fair, depthWei } = universe
  const from = rng.int(0, tokens.length - 1)
  const to = (from + rng.int(1, tokens.length - 1)) % tokens.length
  const tokenIn = tokens[from] ?? zeroAddress
  const tokenOut = tokens[to] ?? zeroAddress
  const isExactIn = rng.next() < 0.75
  const depth = Math.min(depthWei.get(tokenIn) ?? 0, depthWei.get(tokenOut) ?? 0)
  const valueWei = depth * low * (high / low) ** rng.next()
  const size = Math.max(1, Math.floor(valueWei / (fair.get(isExactIn ? tokenIn : tokenOut) ?? 1)))
  const amount = BigInt(size)
  return isExactIn
    ? { tokenIn, tokenOut, amountIn: amount }
    : { tokenIn, tokenOut, amountOut: amount }
}
