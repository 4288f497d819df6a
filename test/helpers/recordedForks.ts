/** Recorded real blocks as forks: the pools that each block touched, and trades like the block's own. */
import { readSwaps } from '../../solver/cli/blocks.ts'
import type { ChainNode } from '../../solver/chain/client.ts'
import { loadRecordedBlock, type RecordedCodes } from '../../solver/chain/recordedBlock.ts'
import { serveTape } from '../../solver/chain/tapeServer.ts'
import { type Address, toAddress } from '../../solver/core/hex.ts'
import { readMarket } from '../../solver/market/reader.ts'
import { screenTokens } from '../../solver/market/screen.ts'
import type { TokenTraits } from '../../solver/market/traits.ts'
import { uniswapV2Deployments, uniswapV3Deployments } from '../../solver/pools/deployments.ts'
import { type PoolRef, toPoolId } from '../../solver/pools/pool.ts'
import type { RecordedSwap } from '../../solver/pools/recordedSwaps.ts'
import { uniswapV2Address, uniswapV3Address } from '../../solver/settle/poolAddress.ts'
import { forkAt } from './fork.ts'
import { createForkBench, type ForkResult, type ForkTrade, tokensOf } from './forkIntents.ts'

/** One recorded swap tried again as a signed intent. */
export type RecordedTry = {
  readonly block: number
  readonly pool: string
  readonly result: ForkResult
}

/** A fork of a recorded block with the pools that the block touched and trades like its own. */
type TouchedFork = {
  readonly fork: ChainNode
  readonly touched: readonly { readonly ref: PoolRef; readonly trade: ForkTrade }[]
}

/**
 * Forks block `number` of the recording and settles one intent for every V2 and V3 pool that it touched and
 * our contract can derive, in the direction of the block's first swap there and for half its size: what the
 * record holds of a pool reaches as far as the block's own swaps did.
 */
export async function settleLikeBlock(
  folder: string,
  number: number,
  codes: RecordedCodes,
): Promise<readonly RecordedTry[]> {
  return onFork(folder, number, codes, async ({ fork, touched }) => {
    const bench = await createForkBench(
      fork,
      touched.map(({ ref }) => ref),
      0,
    )
    const tries: RecordedTry[] = []
    for (const [index, { ref, trade }] of touched.entries())
      tries.push({ block: number, pool: ref.id, result: await bench.settle(trade, index) })
    return tries
  })
}

/** What the screen found of a pool's tokens; the trade is the one that {@link settleLikeBlock} tries. */
export type ScreenedPool = {
  readonly pool: string
  readonly trade: ForkTrade
  readonly traits: ReadonlyMap<Address, TokenTraits>
}

/** What the screen found of the tokens of each pool that {@link settleLikeBlock} tries, on the same fork. */
export async function screenLikeBlock(
  folder: string,
  number: number,
  codes: RecordedCodes,
): Promise<readonly ScreenedPool[]> {
  return onFork(folder, number, codes, async ({ fork, touched }) => {
    const refs = touched.map(({ ref }) => ref)
    const { view } = await readMarket(fork, refs, { wordsEachSide: 0 })
    const found = await screenTokens(fork, view)
    return touched.map(({ ref, trade }) => ({
      pool: ref.id,
      trade,
      traits: new Map([...found].filter(([token]) => ref.tokens.includes(token))),
    }))
  })
}

async function onFork<result>(
  folder: string,
  number: number,
  codes: RecordedCodes,
  use: (world: TouchedFork) => Promise<result>,
): Promise<result> {
  const tape = await loadRecordedBlock(folder, number, codes)
  const server = await serveTape(tape, { absent: 'zero' })
  const fork = await forkAt(server.url, server.blockNumber)
  try {
    const rows = (await readSwaps(`${folder}/swaps.jsonl.gz`)).filter((row) => row.block === number)
    const firstOfPool = [...Map.groupBy(rows, ({ pool }) => pool).values()].flatMap(
      ([row]) => row ?? [],
    )
    // Calls at the pinned block run under the rules of its age; from the next block on, under today's.
    await fork.request({ method: 'evm_mine', params: [] })
    const touched: { ref: PoolRef; trade: ForkTrade }[] = []
    for (const row of firstOfPool) touched.push(...(await touchedPool(fork, row)))
    return await use({ fork, touched })
  } finally {
    await fork.close()
    await server.close()
  }
}

/** The pool of a row and a trade in its direction; nothing for pools of factories that our contract has no row for. */
async function touchedPool(
  fork: ChainNode,
  row: RecordedSwap,
): Promise<{ ref: PoolRef; trade: ForkTrade }[]> {
  if (row.kind === 'v4') return []
  const pool = toAddress(row.pool)
  const tokens = await tokensOf(fork, pool)
  const ref = row.kind === 'v2' ? pairRef(pool, tokens) : poolRef(pool, tokens, row)
  if (ref === undefined) return []
  const amount0 = row.kind === 'v2' ? BigInt(row.amount0In) : BigInt(row.amount0)
  const amount1 = row.kind === 'v2' ? BigInt(row.amount1In) : BigInt(row.amount1)
  const isForward = amount0 > 0n && (amount1 <= 0n || amount0 > amount1)
  const [sellToken, buyToken] = isForward ? tokens : ([tokens[1], tokens[0]] as const)
  const amount = (isForward ? amount0 : amount1) / 2n
  return amount > 0n ? [{ ref, trade: { sellToken, buyToken, amount } }] : []
}

function pairRef(pool: Address, tokens: [Address, Address]): PoolRef | undefined {
  const owner = uniswapV2Deployments.find((each) => uniswapV2Address(each, ...tokens) === pool)
  if (owner === undefined) return undefined
  const { exchange, feePips } = owner
  return { kind: 'uniswapV2', id: toPoolId(pool), tokens, exchange, feePips }
}

function poolRef(
  pool: Address,
  tokens: [Address, Address],
  { fee, tickSpacing }: { fee?: number | null; tickSpacing: number | null },
): PoolRef | undefined {
  if (fee === undefined || fee === null || tickSpacing === null) return undefined
  const owner = uniswapV3Deployments.find((each) => uniswapV3Address(each, ...tokens, fee) === pool)
  if (owner === undefined) return undefined
  const { exchange } = owner
  return { kind: 'uniswapV3', id: toPoolId(pool), tokens, exchange, feePips: fee, tickSpacing }
}
