/**
 * Real swaps and real storage. Blocks: sources and licences in the recording's README; pool events of 2024-01-05:
 * zelos-alpha/demeter-fetch @ 2fda05e6 (Apache-2.0).
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { before, describe, it } from 'mocha'
import { hasSharedData, sharedData } from '../../bench/accept/check.ts'
import { judgeReport, readRecordedSwaps } from '../../bench/accept/main.blocks.ts'
import type { Log } from '../../solver/chain/block.ts'
import { type Hex, toAddress } from '../../solver/core/hex.ts'
import { swapTicks } from '../../solver/pools/math/tickSwap.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import { type RecordedSwap, rerunSwaps } from '../../solver/pools/recordedSwaps.ts'
import type { UniswapV3State } from '../../solver/pools/states.ts'
import { uniswapV3 } from '../../solver/pools/uniswapV3.ts'
import { uniswapV4 } from '../../solver/pools/uniswapV4.ts'
import { readAll, storageAnswers } from '../helpers/fakePoolNode.ts'
import { tokenA, tokenB } from '../helpers/pools.ts'

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

/** Logs of one pool over a day, in order; the topics column is a quoted list. */
function readLogs(file: string): Log[] {
  const text = gunzipSync(readFileSync(join(sharedData, 'v3-events', file))).toString()
  return text
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const words = line.match(/0x[0-9a-f]{64}(?![0-9a-f])/g) ?? []
      // The first long word is the transaction's hash; the data are longer or are cut from the line's end.
      return {
        address: toPoolId('0x88e6'),
        topics: words.slice(1) as Hex[],
        data: line.slice(line.lastIndexOf(',') + 1).trim() as Hex,
      }
    })
}

describe('uniswapV3.apply', () => {
  before(function () {
    if (!hasSharedData) this.skip()
  })

  it('carries a day of USDC/WETH from swap to swap: the next state is the one that the swap gives', () => {
    const logs = readLogs('ethereum-0x88e6-usdc-weth-500-2024-01-05.raw.csv.gz')
    let state: UniswapV3State = {
      kind: 'uniswapV3',
      id: toPoolId('0x88e6'),
      tokens: [tokenA, tokenB],
      feePips: 500,
      tickSpacing: 10,
      sqrtPriceX96: 0n,
      tick: 0,
      liquidity: 0n,
      ticks: [],
      singleRange: true,
    }
    let [atUnchangedLiquidity, exact] = [0, 0]
    for (const log of logs) {
      const next = uniswapV3.apply(state, log)
      const isSwap =
        log.topics[0] === '0xc42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67'
      if (isSwap && state.liquidity === next.liquidity) {
        atUnchangedLiquidity += 1
        if (isReproduced(state, log, next)) exact += 1
      }
      state = next
    }
    // No tick map comes with the day: a swap that changes the liquidity crosses a tick that is unknown here.
    assert.deepEqual([logs.length, atUnchangedLiquidity, exact], [6_234, 5_478, 5_478])
  })
})

function isReproduced(state: UniswapV3State, log: Log, next: UniswapV3State): boolean {
  const word = (index: number) =>
    BigInt.asIntN(256, BigInt(`0x${log.data.slice(2 + 64 * index, 66 + 64 * index)}`))
  const [gain0, gain1] = [word(0), word(1)]
  const zeroForOne = gain0 > 0n
  const indices = zeroForOne ? { indexIn: 0, indexOut: 1 } : { indexIn: 1, indexOut: 0 }
  const [amountIn, amountOut] = zeroForOne ? [gain0, -gain1] : [gain1, -gain0]
  // Liquidity is unchanged, so the listing is taken as wide as the day's moves.
  const open = {
    ...state,
    singleRange: false,
    tickRange: [state.tick - 500, state.tick + 500] as const,
  }
  const sold = uniswapV3.swapExactIn(open, { ...indices, amountIn })
  const bought = uniswapV3.swapExactOut(open, { ...indices, amountOut })
  // Arbitrageurs offer plenty and name the price to stop at.
  const request = { zeroForOne, exact: 'in', amount: 2n * amountIn, feePips: 500 } as const
  const stopped = swapTicks(open, { ...request, limitX96: next.sqrtPriceX96 })
  return [{ ...sold, ...sold.next }, { ...bought, ...bought.next }, stopped].some(
    (done) =>
      done.amountIn === amountIn &&
      done.amountOut === amountOut &&
      done.sqrtPriceX96 === next.sqrtPriceX96,
  )
}
