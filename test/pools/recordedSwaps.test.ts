/** How a recorded swap is judged, on rows made here; the real recording is in recorded.vectors.test.ts. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { getSqrtRatioAtTick } from '../../solver/pools/math/tickMath.ts'
import {
  type RecordedSwap,
  type RecordedV2Swap,
  type RecordedV3Swap,
  rerunSwaps,
} from '../../solver/pools/recordedSwaps.ts'
import { uniswapV3 } from '../../solver/pools/uniswapV3.ts'
import { aTickPool, poolA, tokenA, tokenB } from '../helpers/pools.ts'

const place = { block: 1, txIndex: 2, logIndex: 3, pool: poolA }
const reserves = [10n ** 24n, 3n * 10n ** 24n] as const
const amountIn = 10n ** 20n

function outAt(feeBps: bigint): bigint {
  const kept = amountIn * (10_000n - feeBps)
  return (reserves[1] * kept) / (reserves[0] * 10_000n + kept)
}

function aV2Row(out: bigint, over: Partial<RecordedV2Swap> = {}): RecordedV2Swap {
  return {
    ...place,
    kind: 'v2',
    token0: tokenA,
    token1: tokenB,
    reserve0Before: String(reserves[0]),
    reserve1Before: String(reserves[1]),
    amount0In: String(amountIn),
    amount1In: '0',
    amount0Out: '0',
    amount1Out: String(out),
    ...over,
  }
}

const pool = aTickPool([{ lower: -600, upper: 600, liquidity: 10n ** 21n }], getSqrtRatioAtTick(0))
const swap = uniswapV3.swapExactIn(pool, { indexIn: 0, indexOut: 1, amountIn: 10n ** 18n })
const v3Row: RecordedV3Swap = {
  ...place,
  kind: 'v3',
  zeroForOne: true,
  amountSpecified: String(swap.amountIn),
  sqrtPriceLimitX96: '4295128740',
  sqrtPriceX96Before: String(pool.sqrtPriceX96),
  tickBefore: pool.tick,
  liquidityBefore: String(pool.liquidity),
  amount0: String(swap.amountIn),
  amount1: String(-swap.amountOut),
  sqrtPriceX96After: String(swap.next.sqrtPriceX96),
  tickAfter: swap.next.tick,
  liquidityAfter: String(swap.next.liquidity),
  tickSpacing: 60,
  tickBitmap: {},
  ticks: {},
  fee: 3_000,
}

const reasonOf = (row: RecordedSwap) => rerunSwaps([row]).misses[0]?.reason

describe('recordedSwaps.rerunSwaps', () => {
  it('takes a V2 output up to the most that the pair accepts, and not one wei more', () => {
    assert.equal(reasonOf(aV2Row(outAt(30n))), undefined)
    assert.equal(reasonOf(aV2Row(outAt(30n) - 12_345n)), undefined)
    assert.equal(reasonOf(aV2Row(outAt(30n) + 1n)), 'unexplained')
  })

  it('names the fee of a V2 fork, above ours or below', () => {
    for (const feeBps of [25, 100]) {
      const [miss] = rerunSwaps([aV2Row(outAt(BigInt(feeBps)))]).misses
      assert.deepEqual([miss?.reason, miss?.feeBps], ['other-fee', feeBps])
    }
  })

  it('names a pair that the record holds without liquidity', () => {
    assert.equal(reasonOf(aV2Row(5n, { reserve1Before: '0' })), 'no-liquidity')
  })

  it('counts a V3 swap as exact only if price, tick and liquidity end alike', () => {
    assert.deepEqual(rerunSwaps([v3Row]).v3, { total: 1, exact: 1 })
    assert.equal(reasonOf({ ...v3Row, tickAfter: v3Row.tickAfter - 1 }), 'unexplained')
    assert.equal(reasonOf({ ...v3Row, liquidityAfter: '1' }), 'unexplained')
    const price = String(swap.next.sqrtPriceX96 + 1n)
    assert.equal(reasonOf({ ...v3Row, sqrtPriceX96After: price }), 'unexplained')
  })

  it('does not walk past a tick that the block never needed', () => {
    // Bit 255 of word -1 is tick -60: named by the bitmap, its liquidity unknown.
    const row = { ...v3Row, tickBitmap: { '-1': `0x8${'0'.repeat(63)}` } }
    assert.equal(reasonOf(row), undefined)
    assert.equal(reasonOf({ ...row, amountSpecified: String(10n ** 22n) }), 'unexplained')
  })

  it('names a V3 pool without a fee and one without a price', () => {
    assert.equal(reasonOf({ ...v3Row, fee: null }), 'fee-not-in-code')
    assert.equal(reasonOf({ ...v3Row, sqrtPriceX96Before: '0' }), 'no-liquidity')
  })

  it('turns the signs of V4 around, and blames a hook that acts on swaps only for a miss', () => {
    const v4Row = (hooks: string, lpFee: number): RecordedSwap => ({
      ...v3Row,
      kind: 'v4',
      amountSpecified: String(-swap.amountIn),
      amount0: String(-swap.amountIn),
      amount1: String(swap.amountOut),
      poolKey: { hooks },
      lpFee,
      protocolFee: 0,
    })
    const [none, hook] = [`0x${'0'.repeat(40)}`, `0x${'0'.repeat(38)}80`]
    assert.equal(reasonOf(v4Row(none, 3_000)), undefined)
    assert.equal(reasonOf(v4Row(none, 500)), 'unexplained')
    assert.equal(reasonOf(v4Row(hook, 3_000)), undefined)
    assert.equal(reasonOf(v4Row(hook, 500)), 'hook')
  })

  it('writes amounts as texts, so that the report is JSON as it stands', () => {
    const report = rerunSwaps([aV2Row(outAt(100n)), v3Row])
    assert.deepEqual(JSON.parse(JSON.stringify(report)), report)
  })
})
