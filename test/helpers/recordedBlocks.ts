/** Recorded mainnet blocks beside the checkout: their swaps, and the pools that each touched. */
import { readFile } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { join } from 'node:path'
import { sharedData } from '../../bench/accept/check.ts'
import { readCalls } from '../../solver/chain/batch.ts'
import type { ChainNode } from '../../solver/chain/client.ts'
import type { Address, Hex } from '../../solver/core/hex.ts'
import { type PoolRef, toPoolId } from '../../solver/pools/pool.ts'
import type { PoolKey } from '../../solver/pools/states.ts'

/** The folder of the recorded blocks. */
export const recordedBlocks = join(sharedData, 'mainnet-blocks')

/** A line of `swaps.jsonl.gz`, as far as tests need it; the folder's README names the rest. */
export type RecordedSwap = {
  readonly block: number
  readonly kind: 'v2' | 'v3' | 'v4'
  readonly pool: Address
  readonly reserve0Before?: string
  readonly reserve1Before?: string
  readonly sqrtPriceX96Before?: string
  readonly tickBefore?: number
  readonly liquidityBefore?: string
  /** `null` for a V3 fork whose pool has no such field. */
  readonly fee?: number | null
  readonly tickSpacing?: number | null
  readonly poolKey?: PoolKey
}

/**
 * The first recorded swap of every Uniswap-like pool of block `number`: the state before it is the block's
 * pre-state, unless something else than a swap touched the pool before.
 */
export async function firstSwaps(number: number): Promise<RecordedSwap[]> {
  const text = gunzipSync(await readFile(join(recordedBlocks, 'swaps.jsonl.gz'))).toString('utf8')
  const swaps = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RecordedSwap)
  const first = new Map<string, RecordedSwap>()
  for (const swap of swaps)
    if (swap.block === number && swap.fee !== null && !first.has(swap.pool))
      first.set(swap.pool, swap)
  return [...first.values()]
}

const token0Call: Hex = '0x0dfe1681'
const token1Call: Hex = '0xd21220a7'

/** What is needed to read the pools of `swaps`; V2 and V3 pools are asked for their tokens. */
export async function refsOf(node: ChainNode, swaps: readonly RecordedSwap[]): Promise<PoolRef[]> {
  const calls = swaps.flatMap(({ pool }) =>
    [token0Call, token1Call].map((data) => ({ target: pool, value: 0n, data })),
  )
  const answers = await readCalls(node, calls)
  const token = (index: number): Address => `0x${(answers[index] ?? '').slice(-40)}`
  return swaps.map(({ kind, pool, fee, tickSpacing, poolKey }, index) => {
    const id = toPoolId(pool)
    if (poolKey !== undefined) {
      const { currency0, currency1, hooks } = poolKey
      const tokens = [currency0, currency1]
      const { fee: feePips, tickSpacing } = poolKey
      return { kind: 'uniswapV4', id, tokens, feePips, tickSpacing, hooks }
    }
    const tokens = [token(2 * index), token(2 * index + 1)]
    if (kind === 'v2') return { kind: 'uniswapV2', id, tokens }
    return {
      kind: 'uniswapV3',
      id,
      tokens,
      feePips: fee ?? undefined,
      tickSpacing: tickSpacing ?? undefined,
    }
  })
}
