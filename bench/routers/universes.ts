/**
 * The markets that all routers are asked about: seeded synthetic ones and the recorded one.
 *
 * Uniswap and Pancake know a V2 pool by its pair and a V3 pool by its pair and fee. So that every router can
 * name every pool, a synthetic market holds one V2 pool a pair and one V3 pool a pair and fee.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Address, toAddress, zeroAddress } from '../../solver/core/hex.ts'
import { createRng } from '../../solver/core/rng.ts'
import { loadSnapshot } from '../../solver/market/snapshotFile.ts'
import type { MarketView } from '../../solver/market/view.ts'
import type { PoolState } from '../../solver/pools/index.ts'
import type { PoolId } from '../../solver/pools/pool.ts'
import type { UniswapV2State, UniswapV3State } from '../../solver/pools/states.ts'
import { aRequest, createUniverse, type Universe } from '../../test/helpers/universe.ts'
import { hasSharedData, sharedData } from '../accept/check.ts'

/** The kinds that more than one router knows. */
export type BenchPool = UniswapV2State | UniswapV3State

/** Sell `amountIn` base units of one token for another. */
export type BenchRequest = {
  readonly id: string
  readonly tokenIn: Address
  readonly tokenOut: Address
  readonly amountIn: bigint
  /** Size as a share of the thinner token's depth. */
  readonly depthShare: number
}

/** One market with its requests. */
export type BenchUniverse = {
  readonly name: string
  readonly view: MarketView
  readonly pools: readonly BenchPool[]
  readonly requests: readonly BenchRequest[]
  /** The hubs, most traded first, for routers that are told theirs; empty where they know the real ones. */
  readonly bases: readonly Address[]
}

/** What a market is made from: enough to make it again in another process. */
export type UniverseSpec =
  | {
      readonly source: 'synthetic'
      readonly name: string
      /** `v2`, `v2v3`, or `cycles`: the latter with pools so far from fair that loops of pools gain. */
      readonly family: 'v2' | 'v2v3' | 'cycles'
      readonly pools: number
      readonly tokens: number
      readonly requests: number
    }
  | { readonly source: 'recorded'; readonly name: string; readonly requests: number }

/** The wrapped native token of mainnet: routers know it by this address. */
export const weth: Address = '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2'

const tokensBySize: Readonly<Record<number, number>> = { 10: 8, 100: 30, 1_000: 150, 5_000: 800 }
/** The generator repeats pairs; so many more pools are drawn than kept. */
const drawsPerPool = 5
const hubCount = 8
/** More than the recorded market has: a spec crosses to another process as JSON, which knows no Infinity. */
const allRequests = 1_000_000
const snapshotName = 'mainnet-2023-09-a'

/** The markets of a full or a quick run; the recorded one only where the recorded data are. */
export function universeSpecs(isQuick: boolean): readonly UniverseSpec[] {
  const sizes = isQuick ? [10, 100, 1_000] : [10, 100, 1_000, 5_000]
  const requests = isQuick ? 5 : 15
  const synthetic = (['v2', 'v2v3', 'cycles'] as const).flatMap((family) =>
    sizes
      .filter((pools) => !isQuick || family !== 'v2' || pools === 100)
      .map((pools): UniverseSpec => {
        const tokens = tokensBySize[pools] ?? pools
        return { source: 'synthetic', name: `${family}-${pools}`, family, pools, tokens, requests }
      }),
  )
  const asked = isQuick ? 8 : allRequests
  const recorded: UniverseSpec = { source: 'recorded', name: snapshotName, requests: asked }
  return hasSharedData ? [...synthetic, recorded] : synthetic
}

/** Makes the market of `spec`: the same in every process. */
export async function openUniverse(spec: UniverseSpec): Promise<BenchUniverse> {
  return spec.source === 'recorded' ? recorded(spec) : synthetic(spec)
}

async function recorded({ name, requests }: UniverseSpec): Promise<BenchUniverse> {
  const folder = join(sharedData, 'market-snapshots')
  const { view } = await loadSnapshot(join(folder, `${name}.json.gz`))
  const pools = [...view.pools.values()].filter(isBenchPool)
  const lines = readFileSync(join(folder, 'trades-a.jsonl'), 'utf8').trim().split('\n')
  const trades = lines
    // The file's form is fixed by its README: every field is a text.
    .map((line) => JSON.parse(line) as Record<string, string>)
    .filter(({ kind }) => kind === 'exactIn')
    .map(({ id = '', sellToken = '', buyToken = '', amount = '0', depthPpm = '0' }) => ({
      id,
      tokenIn: toAddress(sellToken),
      tokenOut: toAddress(buyToken),
      amountIn: BigInt(amount),
      depthShare: Number(depthPpm) / 1e6,
    }))
  return {
    name,
    view: withPools(view, pools),
    pools,
    requests: spread(trades, requests),
    bases: [],
  }
}

/** At most `count` of the rows, evenly from all of them. */
function spread<row>(rows: readonly row[], count: number): readonly row[] {
  const step = Math.max(1, rows.length / count)
  return rows.filter((_, index) => Math.floor((index + 1) / step) > Math.floor(index / step))
}

function synthetic(spec: UniverseSpec & { readonly source: 'synthetic' }): BenchUniverse {
  const { name, family, tokens, requests } = spec
  const seed = 11 + spec.pools
  const drawn = createUniverse({
    seed,
    pools: spec.pools * drawsPerPool,
    tokens,
    tickShare: family === 'v2' ? 0 : 0.5,
    disorder: family === 'cycles' ? 3 : 0.9,
  })
  const renamed = onMainnet(drawn)
  const pools = [...renamed.view.pools.values()].filter(isBenchPool).filter(firstOfItsName())
  const kept = pools.slice(0, spec.pools)
  const universe = { ...renamed, depthWei: depths(kept, renamed.fair) }
  const rng = createRng(seed + 1)
  const asked: BenchRequest[] = []
  while (asked.length < requests) {
    const { tokenIn, tokenOut, amountIn } = aRequest(universe, rng)
    if (amountIn === undefined) continue
    const { depthWei, fair } = universe
    const depth = Math.min(depthWei.get(tokenIn) ?? 0, depthWei.get(tokenOut) ?? 0)
    const depthShare = (Number(amountIn) * (fair.get(tokenIn) ?? 0)) / depth
    asked.push({ id: `${name}-${asked.length + 1}`, tokenIn, tokenOut, amountIn, depthShare })
  }
  const bases = hubs(kept)
  return { name, view: withPools(universe.view, kept), pools: kept, requests: asked, bases }
}

/** The tokens with the most pools. */
function hubs(pools: readonly BenchPool[]): readonly Address[] {
  const counts = new Map<Address, number>()
  for (const pool of pools)
    for (const token of pool.tokens) counts.set(token, (counts.get(token) ?? 0) + 1)
  const sorted = [...counts].sort(([, a], [, b]) => b - a)
  return sorted.slice(0, hubCount).map(([token]) => token)
}

/** The same market with every token moved up so that the first is mainnet's: their order stays. */
function onMainnet(universe: Universe): Universe {
  const shift = BigInt(weth) - BigInt(universe.tokens[0] ?? zeroAddress)
  const moved = (token: Address): Address =>
    token === zeroAddress ? token : `0x${(BigInt(token) + shift).toString(16).padStart(40, '0')}`
  const { view, tokens, fair, depthWei } = universe
  const listed = [...view.tokens.values()].map((token) => {
    const address = moved(token.address)
    return [address, { ...token, address }] as const
  })
  const pools = [...view.pools.values()].map((pool): [PoolId, PoolState] => [
    pool.id,
    { ...pool, tokens: pool.tokens.map(moved) },
  ])
  return {
    view: { ...view, tokens: new Map(listed), pools: new Map(pools), wrappedNative: weth },
    tokens: tokens.map(moved),
    fair: new Map([...fair].map(([token, price]) => [moved(token), price])),
    depthWei,
  }
}

function isBenchPool(pool: PoolState): pool is BenchPool {
  return pool.kind === 'uniswapV2' || pool.kind === 'uniswapV3'
}

/** True for the first pool of a kind, a pair and, on V3, a fee. */
function firstOfItsName(): (pool: BenchPool) => boolean {
  const seen = new Set<string>()
  return (pool) => {
    const name = nameOf(pool)
    const isFirst = !seen.has(name)
    seen.add(name)
    return isFirst
  }
}

/** What Uniswap and Pancake know a pool by. */
function nameOf(pool: BenchPool): string {
  const fee = pool.kind === 'uniswapV3' ? pool.feePips : 'v2'
  return `${pool.tokens.join('-')}-${fee}`
}

function withPools(view: MarketView, pools: readonly BenchPool[]): MarketView {
  return { ...view, pools: new Map(pools.map((pool): [PoolId, PoolState] => [pool.id, pool])) }
}

/** Wei that one side of all pools of a token holds near the price, by token. */
function depths(pools: readonly BenchPool[], fair: ReadonlyMap<Address, number>) {
  const depthWei = new Map<Address, number>()
  for (const pool of pools) {
    const [, token1 = zeroAddress] = pool.tokens
    const units1 =
      pool.kind === 'uniswapV2'
        ? Number(pool.reserves[1])
        : (Number(pool.liquidity) * Number(pool.sqrtPriceX96)) / 2 ** 96
    const wei = units1 * (fair.get(token1) ?? 0)
    for (const token of pool.tokens) depthWei.set(token, (depthWei.get(token) ?? 0) + wei)
  }
  return depthWei
}

/** The deepest pool of each name, by what it holds: all that Uniswap's and Pancake's routers can tell apart. */
export function nameable(
  pools: readonly BenchPool[],
  depthOf: (pool: BenchPool) => number,
): readonly BenchPool[] {
  const deepest = new Map<string, BenchPool>()
  for (const pool of pools) {
    const other = deepest.get(nameOf(pool))
    if (other === undefined || depthOf(pool) > depthOf(other)) deepest.set(nameOf(pool), pool)
  }
  return [...deepest.values()]
}
