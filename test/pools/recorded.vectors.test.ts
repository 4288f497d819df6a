/** Real swaps and real storage of mainnet blocks: sources and licences in the recording's README. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { before, describe, it } from 'mocha'
import { hasSharedData, sharedData } from '../../bench/accept/check.ts'
import { judgeReport, readRecordedSwaps } from '../../bench/accept/main.blocks.ts'
import { toAddress } from '../../solver/core/hex.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import { type RecordedSwap, rerunSwaps } from '../../solver/pools/recordedSwaps.ts'
import { uniswapV4 } from '../../solver/pools/uniswapV4.ts'
import { readAll, storageAnswers } from '../helpers/fakePoolNode.ts'

const blocks = join(sharedData, 'mainnet-blocks')

describe('recordedSwaps.rerunSwaps', () => {
  before(function () {
    if (!hasSharedData) this.skip()
  })

  it('reproduces the swaps of 34 mainnet blocks and names every miss', () => {
    const report = rerunSwaps(readRecordedSwaps(blocks))
    const { v2, v3, v4 } = report
    assert.deepEqual([v2.total, v3.total, v4.total], [301, 99, 15])
    assert.deepEqual([v2.exact, v3.exact, v4.exact], [292, 98, 15])
    assert.deepEqual(judgeReport(report).reasons, {
      'other-fee': 7,
      'no-liquidity': 2,
      'fee-not-in-code': 1,
    })
  })

  it('does not reproduce a swap whose record was changed by one unit', () => {
    const rows = readRecordedSwaps(blocks)
    const before = rerunSwaps(rows)
    const after = rerunSwaps(rows.map(payOneMore))
    assert.equal(after.v3.exact, 0)
    assert.equal(after.v4.exact, 0)
    // A V2 pair that paid less than it would have is still right with one unit more.
    const paidAll = 249
    // A fork's output is no longer the one of its fee, so it is taken for a pair that paid less.
    const ofOtherFee = 7
    assert.equal(after.v2.exact, before.v2.exact - paidAll + ofOtherFee)
  })
})

function payOneMore(row: RecordedSwap): RecordedSwap {
  const more = (amount: string, by: bigint) => String(BigInt(amount) + by)
  if (row.kind === 'v2') {
    const pays1 = BigInt(row.amount1Out) > BigInt(row.amount0Out)
    return pays1
      ? { ...row, amount1Out: more(row.amount1Out, 1n) }
      : { ...row, amount0Out: more(row.amount0Out, 1n) }
  }
  const by = row.kind === 'v3' ? -1n : 1n
  return row.zeroForOne
    ? { ...row, amount1: more(row.amount1, by) }
    : { ...row, amount0: more(row.amount0, by) }
}

describe('uniswapV4.snapshot', () => {
  before(function () {
    if (!hasSharedData) this.skip()
  })

  it('reads from the storage of a real PoolManager what the pools then trade on', () => {
    const seen = new Set<string>()
    for (const row of readRecordedSwaps(blocks)) {
      if (row.kind !== 'v4' || seen.has(`${row.block} ${row.pool}`)) continue
      // The block's pre-state is the state before the pool's first swap in it.
      seen.add(`${row.block} ${row.pool}`)
      const { poolKey, pool, tickSpacing, lpFee } = row as typeof row & { poolKey: Key }
      const reader = uniswapV4.snapshot(
        {
          kind: 'uniswapV4',
          id: toPoolId(pool),
          tokens: [toAddress(poolKey.currency0), toAddress(poolKey.currency1)],
          feePips: poolKey.fee,
          tickSpacing: tickSpacing ?? 0,
          hooks: toAddress(poolKey.hooks),
        },
        { wordsEachSide: 0 },
      )
      const { state } = readAll(reader, storageAnswers(managerStorage(row.block)))
      assert.equal(state?.sqrtPriceX96, BigInt(row.sqrtPriceX96Before))
      assert.equal(state.liquidity, BigInt(row.liquidityBefore))
      assert.equal(state.tick, row.tickBefore)
      assert.deepEqual([state.feePips, state.protocolFee], [lpFee, row.protocolFee])
      for (const { index, liquidityNet } of state.ticks)
        if (row.ticks[index] !== undefined) assert.equal(liquidityNet, BigInt(row.ticks[index]))
    }
    assert.equal(seen.size, 14)
  })
})

type Key = { currency0: string; currency1: string; fee: number; hooks: string }

function managerStorage(block: number): Map<bigint, bigint> {
  const file = gunzipSync(readFileSync(join(blocks, `blocks/${block}.json.gz`)))
  const { pre } = JSON.parse(file.toString()) as {
    pre: Record<string, { storage: Record<string, string> } | undefined>
  }
  const storage = pre['0x000000000004444c5dc75cb358380d2e3de08a90']?.storage ?? {}
  return new Map(Object.entries(storage).map(([slot, value]) => [BigInt(slot), BigInt(value)]))
}
