/**
 * Through which pools a token is tried: the deepest way from the wrapped native token, in one step or two.
 *
 * Depth is what a pool pays until its price has moved by a quarter (docs/market.md), so a hundredth of it hardly
 * moves the price. Floats: nothing is promised on them.
 */
import { type Address, zeroAddress } from '../core/hex.ts'
import { moduleOf, type PoolState } from '../pools/index.ts'
import type { PoolId } from '../pools/pool.ts'
import { depthOf } from './prices.ts'
import type { Unchecked } from './traits.ts'
import type { MarketView } from './view.ts'

/** One pool of the way, crossed from `tokenIn` to `tokenOut`. */
export type ProbeHop = {
  readonly pool: PoolId
  readonly tokenIn: Address
  readonly tokenOut: Address
  /** Of a V2 pair, in millionths; 0 for a V3 pool, which knows its own. */
  readonly feePips: number
  readonly isV3: boolean
}

/** A token to be tried. */
export type Trial = {
  readonly token: Address
  /** From the wrapped native token to `token`. */
  readonly hops: readonly ProbeHop[]
  /** Wei to buy for. */
  readonly amountIn: bigint
}

/** Most wei that a token is bought for: more shows no more, and some tokens limit their trades. */
const amountMax = 1e16
/** Fewer wei would drown in rounding. */
const amountMin = 1e9
/** Share of the shallowest pool's depth that is bought for. */
const depthShare = 0.01

/** A way to a token with its depth in wei. */
type Way = { readonly hops: readonly ProbeHop[]; readonly depth: number }

/**
 * A trial for each of `tokens`, or why there is none. Pure.
 *
 * @param view - Without `wrappedNative` there is no way to any token.
 */
export function planTrials(
  view: Pick<MarketView, 'tokens' | 'pools' | 'wrappedNative'>,
  tokens: readonly Address[],
): ReadonlyMap<Address, Trial | Unchecked> {
  const ways = waysFrom(view)
  return new Map(
    tokens.map((token): [Address, Trial | Unchecked] => {
      const way = ways.get(token)
      if (way === undefined) return [token, 'no-pool']
      const amount = Math.min(amountMax, way.depth * depthShare)
      if (!(amount >= amountMin)) return [token, 'no-depth']
      return [token, { token, hops: way.hops, amountIn: BigInt(Math.floor(amount)) }]
    }),
  )
}

function waysFrom({
  tokens,
  pools,
  wrappedNative,
}: Pick<MarketView, 'tokens' | 'pools' | 'wrappedNative'>): ReadonlyMap<Address, Way> {
  const direct = new Map<Address, Way>()
  if (wrappedNative === undefined) return direct
  const steps = [...pools.values()].flatMap(stepsOf)
  for (const { hop, depth } of steps)
    if (hop.tokenIn === wrappedNative) offer(direct, hop.tokenOut, { hops: [hop], depth })
  const all = new Map(direct)
  for (const { hop, depth } of steps) {
    const first = direct.get(hop.tokenIn)
    const price = Number(tokens.get(hop.tokenIn)?.priceWei ?? 0n) / 1e18
    if (first === undefined || hop.tokenOut === wrappedNative || first.hops[0]?.pool === hop.pool)
      continue
    const value = Math.min(first.depth, depth * price)
    offer(all, hop.tokenOut, { hops: [...first.hops, hop], depth: value })
  }
  return all
}

function offer(ways: Map<Address, Way>, token: Address, way: Way): void {
  if (way.depth > (ways.get(token)?.depth ?? 0)) ways.set(token, way)
}

type Step = { readonly hop: ProbeHop; readonly depth: number }

/** Both directions of a pool that the probe can cross; its depth in the token that is paid in. */
function stepsOf(state: PoolState): Step[] {
  const { id: pool, tokens } = state
  const isV3 = state.kind === 'uniswapV3'
  // Solidly V3 asks to be paid by a name of its own.
  if (!(state.kind === 'uniswapV2' || (isV3 && state.variant !== 'solidly'))) return []
  const curve = moduleOf(state).curve(state)
  const [token0 = zeroAddress, token1 = zeroAddress] = tokens
  if (curve === undefined || curve.shape !== 'segments') return []
  const feePips = isV3 ? 0 : state.feePips
  return [
    {
      hop: { pool, tokenIn: token0, tokenOut: token1, feePips, isV3 },
      depth: depthOf(curve, 0),
    },
    {
      hop: { pool, tokenIn: token1, tokenOut: token0, feePips, isV3 },
      depth: depthOf(curve, 1),
    },
  ]
}
