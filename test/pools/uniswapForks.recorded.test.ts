/** Swaps of forks in recorded mainnet blocks: sources and licences in the recording's README. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { before, describe, it } from 'mocha'
import { hasSharedData } from '../../bench/accept/check.ts'
import type { Log } from '../../solver/chain/block.ts'
import {
  loadRecordedCodes,
  type RecordedCodes,
  recordedBlockTape,
} from '../../solver/chain/recordedBlock.ts'
import { signed, wordAt } from '../../solver/pools/logWords.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import { uniswapV2 } from '../../solver/pools/uniswapV2.ts'
import { uniswapV3 } from '../../solver/pools/uniswapV3.ts'
import { recordedSwapRows, replayBlock } from '../helpers/blockReplay.ts'
import { recordedBlocks } from '../helpers/recordedBlocks.ts'
import { readTouched } from '../helpers/touchedPools.ts'

describe('a fork of Uniswap in a recorded block', () => {
  let codes: RecordedCodes = {}
  before(async function () {
    if (!hasSharedData) this.skip()
    codes = await loadRecordedCodes(recordedBlocks)
  })

  /** The pool as it stood before block `number`, and the first swap that the block made there. */
  async function firstSwap(number: number, address: string) {
    const text = gunzipSync(await readFile(join(recordedBlocks, `blocks/${number}.json.gz`)))
    const file = JSON.parse(text.toString()) as { receipts: { logs: Log[] }[] }
    const logs = file.receipts
      .flatMap((receipt) => receipt.logs)
      .filter((log) => log.address === address)
    const { pools } = await readTouched(recordedBlockTape(file, codes), logs, new Map())
    // Every fork's swap names sender and recipient, so has three topics.
    const swap = logs.find(({ topics }) => topics.length === 3)
    const state = pools.get(toPoolId(address))
    assert.ok(swap !== undefined && state !== undefined)
    return { state, swap, word: (index: number) => signed(wordAt(swap.data, index)) }
  }

  for (const [number, address, exchange] of [
    [24_647_140, '0x6ca298d2983ab03aa1da7679389d955a4efee15c', 'pancakeswap_v3'],
    [24_628_607, '0x769db46f39c42ee7ad5f71f4167c47edd281e767', 'sushiswap_v3'],
  ] as const)
    it(`swaps as we say and logs the state after: ${exchange}`, async () => {
      const { state, swap, word } = await firstSwap(number, address)
      assert.ok(state.kind === 'uniswapV3')
      assert.equal(state.exchange, exchange)
      const done = uniswapV3.swapExactIn(state, { indexIn: 1, indexOut: 0, amountIn: word(1) })
      assert.deepEqual([-done.amountOut, done.amountIn], [word(0), word(1)])
      assert.deepEqual(done.next, uniswapV3.apply(state, swap))
    })

  for (const [number, address, exchange, indexIn] of [
    [15_274_915, '0xefb47fcfcad4f96c83d4ca676842fb03ef20a477', 'shibaswap_v2', 0],
    [16_257_471, '0x9ef7e917fb41cc02f78a5c99b42f497ed8979350', 'defiswap_v2', 1],
  ] as const)
    it(`pays exactly what its fee, read from storage, gives: ${exchange}`, async () => {
      const { state, word } = await firstSwap(number, address)
      assert.ok(state.kind === 'uniswapV2')
      assert.deepEqual([state.exchange, state.feePips], [exchange, 3_000])
      const swap = { indexIn, indexOut: 1 - indexIn, amountIn: word(indexIn) }
      assert.equal(uniswapV2.swapExactIn(state, swap).amountOut, word(3 - indexIn))
    })

  it('leaves the market, with the block as one event, as its logs say', async () => {
    const rows = await recordedSwapRows()
    for (const [number, touched, readAgain] of [
      [15_274_915, 10, 1],
      [24_647_140, 15, 0],
    ] as const) {
      const seen = await replayBlock(number, codes, rows)
      assert.deepEqual(seen.differences, [])
      assert.deepEqual([seen.touched, seen.equal, seen.readAgain], [touched, touched, readAgain])
      assert.ok(seen.midBlock.compared > 20 && seen.midBlock.equal === seen.midBlock.compared)
    }
  })

  it('would not, without every other log of the block', async () => {
    const rows = await recordedSwapRows()
    const half = (logs: readonly Log[]) => logs.filter((_, at) => at % 2 === 0)
    const seen = await replayBlock(15_274_915, codes, rows, half)
    assert.ok(seen.equal < seen.touched)
  })
})
