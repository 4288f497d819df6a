/**
 * Recorded answers of Uniswap-like pools: on-chain quotes and executed paths collected by BowTiedDevil/degenbot
 * @ 1fb8d74 (MIT), with the whole state of the pools at the block of each.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sharedData } from '../../../bench/accept/check.ts'
import { type Address, toAddress, zeroAddress } from '../../../solver/core/hex.ts'
import { moduleOf, type PoolState } from '../../../solver/pools/index.ts'
import { toPoolId } from '../../../solver/pools/pool.ts'
import type { Tick, UniswapV2State } from '../../../solver/pools/states.ts'
import { tokenA, tokenB } from '../pools.ts'
import type { VectorResult } from './result.ts'

const folder = join(sharedData, 'degenbot-golden/tests')
/** Prices do not depend on the tokens' names. */
const tokens: readonly Address[] = [tokenA, tokenB]

/** One question and the chain's answer; `undefined` where the chain refused it. */
export type Vector = {
  readonly name: string
  readonly pool: PoolState
  readonly exact: 'in' | 'out'
  readonly indexIn: number
  readonly amount: bigint
  readonly answer: bigint | undefined
}

/** Every recorded vector of Uniswap V2, V3, V4 and forks, each compared in amount and in what it filled. */
export function runVectors(vectors: readonly Vector[] = uniswapVectors()): VectorResult {
  const results = vectors.map(judge)
  const misses = results.flatMap((result) => (typeof result === 'string' ? [] : [result]))
  return {
    kind: 'uniswap',
    entries: results.length,
    exact: results.filter((result) => result === 'exact').length,
    infeasible: results.filter((result) => result === 'infeasible').length,
    misses,
  }
}

/**
 * A quote that the chain refused is right where ours cannot fill it all. V3's quoter also answers for an input that
 * its pool took only in part, and so does ours.
 */
function judge({ name, pool, exact, indexIn, amount, answer }: Vector) {
  const indices = { indexIn, indexOut: 1 - indexIn }
  const module = moduleOf(pool)
  const done =
    exact === 'in'
      ? module.swapExactIn(pool, { ...indices, amountIn: amount })
      : module.swapExactOut(pool, { ...indices, amountOut: amount })
  const [filled, ours] =
    exact === 'in' ? [done.amountIn, done.amountOut] : [done.amountOut, done.amountIn]
  if (answer === undefined && filled < amount) return 'infeasible'
  if (answer !== undefined && ours === answer) return 'exact'
  return { name, cause: `ours ${ours} for ${filled}, the chain's ${answer}` }
}

/** The vectors, read from ../shared/data. */
export function uniswapVectors(): Vector[] {
  return [
    ...goldenV3(),
    ...goldenV4(),
    ...goldenPancakeV2(),
    ...pathVectors('path110302_v3v4v2_block25711761'),
    ...pathVectors('path73385_v4_block25706469'),
  ]
}

/**
 * A file whose big integers are bare numbers: those of 16 digits and more become texts. The recording's README
 * describes the forms; the types below name what is read of them.
 */
function read(path: string): unknown {
  const text = readFileSync(join(folder, path), 'utf8')
  return JSON.parse(text.replace(/(?<=[:[,\s])-?\d{16,}(?=[,\]}\s])/g, '"$&"'))
}

type Numeral = string | number
type PoolFile = {
  readonly pool?: string
  readonly pool_id?: string
  readonly scalars: Readonly<Record<string, Numeral>>
  readonly tick_data: Readonly<Record<string, readonly [gross: Numeral, net: Numeral]>>
}

function tickState({ scalars, tick_data: ticks }: PoolFile) {
  return {
    feePips: Number(scalars['fee']),
    tickSpacing: Number(scalars['tick_spacing']),
    sqrtPriceX96: BigInt(scalars['sqrt_price_x96'] ?? 0),
    tick: Number(scalars['tick']),
    liquidity: BigInt(scalars['liquidity'] ?? 0),
    ticks: ticksOf(Object.entries(ticks).map(([index, [gross, net]]) => [index, net, gross])),
  }
}

function ticksOf(rows: readonly (readonly [index: string, net: Numeral, gross: Numeral])[]) {
  return rows
    .map(([index, net, gross]): Tick => {
      const [liquidityNet, liquidityGross] = [BigInt(net), BigInt(gross)]
      return { index: Number(index), liquidityNet, liquidityGross }
    })
    .sort((left, right) => left.index - right.index)
}

type GoldenFile = {
  readonly entries: Readonly<
    Record<string, { readonly value?: Numeral | null; readonly reverted?: boolean }>
  >
}

/** The quotes of one file: keys say pool, function, way and amount. */
function goldenVectors(pool: PoolState, symbol0: string, path: string): Vector[] {
  const { entries } = read(`golden/data/tests/${path}`) as GoldenFile
  return Object.entries(entries).map(([name, { value, reverted }]) => {
    const [, verb = '', way = '', amount = ''] = name.split('|')
    return {
      name,
      pool,
      exact: verb.startsWith('quoteExactOut') ? 'out' : 'in',
      indexIn: way.startsWith(`${symbol0}->`) ? 0 : 1,
      amount: BigInt(amount),
      answer: reverted === true ? undefined : BigInt(value ?? -1),
    }
  })
}

function goldenV3(): Vector[] {
  const file = read('fixtures/chain_data/1/uniswap_v3_wbtc_weth_block_24407242.json') as PoolFile
  const pool: PoolState = {
    kind: 'uniswapV3',
    id: toPoolId(file.pool ?? ''),
    tokens,
    ...tickState(file),
  }
  const name = 'test_cached_calculations_v3_wbtc_weth.json'
  return goldenVectors(pool, 'WBTC', `uniswap/v3/test_uniswap_v3_onchain_parity/${name}`)
}

function goldenV4(): Vector[] {
  const file = read('fixtures/chain_data/1/uniswap_v4_eth_usdc_block_24407242.json') as PoolFile
  const pool = v4Pool(file.pool_id ?? '', tickState(file), 0)
  const name = 'test_cached_calculations_v4_eth_usdc.json'
  return goldenVectors(pool, 'ETH', `uniswap/v4/test_uniswap_v4_onchain_parity/${name}`)
}

function v4Pool(id: string, common: ReturnType<typeof tickState>, protocolFee: number): PoolState {
  const poolKey = {
    currency0: zeroAddress,
    currency1: tokenB,
    fee: common.feePips,
    tickSpacing: common.tickSpacing,
    hooks: zeroAddress,
  } as const
  return {
    kind: 'uniswapV4',
    id: toPoolId(id),
    tokens: [zeroAddress, tokenB],
    ...common,
    poolKey,
    hooks: zeroAddress,
    protocolFee,
  }
}

type PairFile = {
  readonly pool: string
  readonly fee_numer: number
  readonly fee_denom: number
  readonly reserves_token0: Numeral
  readonly reserves_token1: Numeral
}

/** Quotes of PancakeSwap V2's router; its pair on Base runs the code of its pairs on Ethereum. */
function goldenPancakeV2(): Vector[] {
  const path = 'fixtures/chain_data/8453/pancakeswap_v2_weth_usdbc_block_46875151.json'
  const file = read(path) as PairFile
  const pool: UniswapV2State = {
    kind: 'uniswapV2',
    id: toPoolId(file.pool),
    tokens,
    reserves: [BigInt(file.reserves_token0), BigInt(file.reserves_token1)],
    feePips: (file.fee_numer * 1_000_000) / file.fee_denom,
  }
  const name = 'test_pancakeswap_v2_router_get_amounts_out.json'
  return goldenVectors(pool, 'WETH', `pancakeswap/test_pancakeswap_v2_onchain_parity/${name}`)
}

type PathFile = {
  readonly recorded_solve: Readonly<Record<string, string>> & {
    readonly hop_outputs: readonly string[]
  }
  readonly pools: Readonly<Record<string, PathPool>>
  readonly path: readonly { readonly pool: string; readonly zero_for_one: boolean }[]
}
type PathPool = Readonly<Record<string, Numeral>> & {
  readonly tick_data?: Readonly<
    Record<string, { readonly liquidity_net: string; readonly liquidity_gross: string }>
  >
}

/**
 * A path over three pools that failed on chain because its plan was wrong in one hop: what the plan said of the
 * right hops, and what the chain gave in the wrong one. Inputs are the plan's own, hop by hop.
 */
function pathVectors(file: string): Vector[] {
  const { recorded_solve: plan, pools, path } = read(`fixtures/${file}.json`) as PathFile
  return path.map(({ pool, zero_for_one: zeroForOne }, hop) => {
    const isWrong = String(hop) === String(plan['v2_hop_index'] ?? plan['v4_hop_index'])
    const chainSaid = plan['v2_actual'] ?? plan['v4_onchain']
    const amount = hop === 0 ? plan['optimal_input'] : plan.hop_outputs[hop - 1]
    return {
      name: `${file} hop ${hop}`,
      pool: pathPool(pools[pool] ?? {}),
      exact: 'in',
      indexIn: zeroForOne ? 0 : 1,
      amount: BigInt(amount ?? 0),
      answer: BigInt((isWrong ? chainSaid : plan.hop_outputs[hop]) ?? -1),
    }
  })
}

function pathPool(pool: PathPool): PoolState {
  if (pool['family'] === 'uniswap_v2')
    return {
      kind: 'uniswapV2',
      id: toPoolId(String(pool['address'])),
      tokens,
      reserves: [BigInt(pool['reserve0'] ?? 0), BigInt(pool['reserve1'] ?? 0)],
      feePips: 3_000,
    }
  const rows = Object.entries(pool.tick_data ?? {})
  const common = {
    feePips: Number(pool['lp_fee'] ?? pool['fee_token0']),
    tickSpacing: Number(pool['tick_spacing']),
    sqrtPriceX96: BigInt(pool['sqrt_price_x96'] ?? 0),
    tick: Number(pool['tick']),
    liquidity: BigInt(pool['liquidity'] ?? 0),
    ticks: ticksOf(rows.map(([index, each]) => [index, each.liquidity_net, each.liquidity_gross])),
  }
  if (pool['family'] === 'uniswap_v4')
    return v4Pool(String(pool['pool_id']), common, Number(pool['protocol_fee']))
  const id = toPoolId(toAddress(String(pool['address'])))
  const variant = pool['family'] === 'pancakeswap_v3' ? { variant: 'pancake' as const } : {}
  return { kind: 'uniswapV3', id, tokens, ...common, ...variant }
}
