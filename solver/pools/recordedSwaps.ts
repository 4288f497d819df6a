/**
 * Runs recorded swaps of real blocks again through our pools, and says of each miss why it is one.
 *
 * V2 judges by the pair's own acceptance condition, V3 and V4 by amounts, price, tick and liquidity at once.
 */
import type { Address } from '../core/hex.ts'
import { mulDivDown } from '../core/rounding.ts'
import { toPoolId } from './pool.ts'
import { type RecordedTickSwap, rerunTickSwap } from './recordedTickSwaps.ts'
import { uniswapV2 } from './uniswapV2.ts'
import { hookActsOnSwaps } from './uniswapV4.ts'

type RecordedPlace = {
  readonly block: number
  readonly txIndex: number
  readonly logIndex: number
  readonly pool: string
}

/** One line of `swaps.jsonl.gz` about a V2 pair: its Swap log and the reserves before it, decimal texts. */
export type RecordedV2Swap = RecordedPlace & {
  readonly kind: 'v2'
  readonly token0: string
  readonly token1: string
  readonly reserve0Before: string
  readonly reserve1Before: string
  readonly amount0In: string
  readonly amount1In: string
  readonly amount0Out: string
  readonly amount1Out: string
}

/** One line about a V3 pool; `fee` is null where it could not be read from the pool's code. */
export type RecordedV3Swap = RecordedPlace & RecordedTickSwap & { readonly kind: 'v3' }

/** One line about a V4 pool. */
export type RecordedV4Swap = RecordedPlace &
  RecordedTickSwap & { readonly kind: 'v4'; readonly poolKey: { readonly hooks: string } }

/** Any line; fields that a kind does not name are ignored. */
export type RecordedSwap = RecordedV2Swap | RecordedV3Swap | RecordedV4Swap

/**
 * Why a swap was not reproduced.
 *
 * - `hook`: a V4 hook acts on swaps, so the pool's own maths need not decide.
 * - `fee-not-in-code`: the record has no fee for the pool.
 * - `no-liquidity`: the recorded state before the swap holds none.
 * - `other-fee`: a V2 fork; its outputs are exact at another whole number of basis points.
 * - `unexplained`: none of these; a bug until shown otherwise.
 */
export type MissReason = 'hook' | 'fee-not-in-code' | 'no-liquidity' | 'other-fee' | 'unexplained'

/** A swap that was not reproduced; amounts are decimal texts of what the pool paid out. */
export type Miss = RecordedPlace & {
  readonly kind: RecordedSwap['kind']
  readonly reason: MissReason
  readonly expected: string
  readonly got: string
  /** The fee at which an `other-fee` output is exact. */
  readonly feeBps?: number
}

/** How many swaps of a kind there were, and how many came out exactly. */
export type Score = { readonly total: number; readonly exact: number }

/** The result of a whole recording; what `isoprice blocks --json` prints. */
export type RerunReport = {
  readonly v2: Score
  readonly v3: Score
  readonly v4: Score
  readonly misses: readonly Miss[]
}

/**
 * Runs every recorded swap through our pools.
 *
 * A V2 swap is exact when its pair paid no more than we say, at a fee of 30 bps, and the pair's invariant
 * accepts our output and refuses one wei more. Where the record shows that the pair charges another fee, the
 * swap is a miss all the same. A V3 or V4 swap is exact when both amounts and the price, tick and liquidity
 * after it are equal. V4 pools with hooks run at their stored fee, without the hook.
 */
export function rerunSwaps(rows: readonly RecordedSwap[]): RerunReport {
  const judged = rows.map((row) => ({ kind: row.kind, miss: judge(row) }))
  const score = (kind: RecordedSwap['kind']): Score => {
    const ofKind = judged.filter((each) => each.kind === kind)
    return { total: ofKind.length, exact: ofKind.filter(({ miss }) => !miss).length }
  }
  const misses = judged.flatMap(({ miss }) => (miss === undefined ? [] : [miss]))
  return { v2: score('v2'), v3: score('v3'), v4: score('v4'), misses }
}

function judge(row: RecordedSwap): Miss | undefined {
  if (row.kind === 'v2') return judgeV2(row)
  const { isExact, expected, got, lacks } = rerunTickSwap(row)
  if (isExact) return undefined
  const hasHook = row.kind === 'v4' && hookActsOnSwaps(addressIn(row.poolKey.hooks))
  return miss(row, lacks ?? (hasHook ? 'hook' : 'unexplained'), expected, got)
}

function judgeV2(row: RecordedV2Swap): Miss | undefined {
  const pays1 = BigInt(row.amount1Out) > BigInt(row.amount0Out)
  const [reserveIn, reserveOut, amountIn, paid] = (
    pays1
      ? [row.reserve0Before, row.reserve1Before, row.amount0In, row.amount1Out]
      : [row.reserve1Before, row.reserve0Before, row.amount1In, row.amount0Out]
  ).map(BigInt) as [bigint, bigint, bigint, bigint]
  if (reserveIn === 0n || reserveOut === 0n) return miss(row, 'no-liquidity', paid, 0n)
  const pair = {
    kind: 'uniswapV2',
    id: toPoolId(row.pool),
    tokens: [addressIn(row.token0), addressIn(row.token1)],
    reserves: [BigInt(row.reserve0Before), BigInt(row.reserve1Before)],
    feePips: 3_000,
  } as const
  const swap = { indexIn: pays1 ? 0 : 1, indexOut: pays1 ? 1 : 0, amountIn }
  const ours = uniswapV2.swapExactIn(pair, swap).amountOut
  const feeBps = otherFeeOf(reserveIn, reserveOut, amountIn, paid)
  if (feeBps !== undefined) return { ...miss(row, 'other-fee', paid, ours), feeBps }
  const accepts = (out: bigint) => pairAccepts(reserveIn, reserveOut, amountIn, out)
  if (paid <= ours && accepts(ours) && !accepts(ours + 1n)) return undefined
  return miss(row, 'unexplained', paid, ours)
}

/** The line of `UniswapV2Pair.swap` that decides, at 30 bps: x * y, after the fee, must not shrink. */
function pairAccepts(
  reserveIn: bigint,
  reserveOut: bigint,
  amountIn: bigint,
  amountOut: bigint,
): boolean {
  if (amountOut >= reserveOut) return false
  const adjustedIn = (reserveIn + amountIn) * 1_000n - amountIn * 3n
  return adjustedIn * (reserveOut - amountOut) >= reserveIn * reserveOut * 1_000n
}

/**
 * The whole number of basis points, not 30, at which `paid` is exactly the constant product's output. Told
 * only of outputs of 10^7 and more, where one basis point makes a difference of 1,000 wei: an equality is no
 * accident then.
 */
function otherFeeOf(
  reserveIn: bigint,
  reserveOut: bigint,
  amountIn: bigint,
  paid: bigint,
): number | undefined {
  if (paid < 10_000_000n) return undefined
  for (let feeBps = 0; feeBps <= 1_000; feeBps += 1) {
    const kept = amountIn * BigInt(10_000 - feeBps)
    const isEqual = mulDivDown(reserveOut, kept, reserveIn * 10_000n + kept) === paid
    if (isEqual) return feeBps === 30 ? undefined : feeBps
  }
  return undefined
}

function miss(row: RecordedSwap, reason: MissReason, expected: bigint, got: bigint): Miss {
  const { block, txIndex, logIndex, pool, kind } = row
  return {
    block,
    txIndex,
    logIndex,
    pool,
    kind,
    reason,
    expected: String(expected),
    got: String(got),
  }
}

/** The recordings write their addresses in lower case already. */
function addressIn(text: string): Address {
  return text as Address
}
