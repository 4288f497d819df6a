/** Recorded mainnet blocks served as tapes and forked: the pools stand there as mainnet had them. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'mocha'
import { hasSharedData } from '../../bench/accept/check.ts'
import {
  loadRecordedBlock,
  loadRecordedCodes,
  type RecordedCodes,
} from '../../solver/chain/recordedBlock.ts'
import { recordTape } from '../../solver/chain/record.ts'
import { connect } from '../../solver/chain/client.ts'
import type { Tape } from '../../solver/chain/tape.ts'
import { serveTape } from '../../solver/chain/tapeServer.ts'
import type { Hex } from '../../solver/core/hex.ts'
import { readMarket } from '../../solver/market/reader.ts'
import type { MarketView } from '../../solver/market/view.ts'
import { isRouted, type RoutedState } from '../../solver/route/routed.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import { type Fork, forkAt } from '../helpers/fork.ts'
import { firstSwaps, recordedBlocks, type RecordedSwap, refsOf } from '../helpers/recordedBlocks.ts'

/** V2 alone before London, V2 and V3, and V4 after Osaka. */
const blocks = [10_760_440, 19_932_148, 24_647_140]

/** Runs `use` on a fork of the state before a recorded block, one block mined on top. */
async function onFork(tape: Tape, use: (fork: Fork) => Promise<void>): Promise<void> {
  const server = await serveTape(tape, { absent: 'zero' })
  const fork = await forkAt(server.url, server.blockNumber)
  try {
    await fork.request({ method: 'evm_mine' })
    await use(fork)
  } finally {
    await fork.close()
    await server.close()
  }
}

const word = (tape: Tape, pool: Hex, slot: bigint): bigint => {
  const value = tape.accounts[pool]?.storage[`0x${slot.toString(16).padStart(64, '0')}`]
  assert.ok(value, `slot ${slot} of ${pool} is not recorded`)
  return BigInt(value)
}

/** What the recorded storage of a V2 pair (slot 8) or V3 pool (slot 0) says, field by field. */
function recorded(tape: Tape, { kind, pool }: RecordedSwap): unknown {
  if (kind === 'v2') {
    const packed = word(tape, pool, 8n)
    return [BigInt.asUintN(112, packed), BigInt.asUintN(112, packed >> 112n)]
  }
  const slot0 = word(tape, pool, 0n)
  const tick = Number(BigInt.asIntN(24, slot0 >> 160n))
  return { sqrtPriceX96: BigInt.asUintN(160, slot0), tick }
}

function readBack(state: RoutedState): unknown {
  if (state.kind === 'uniswapV2') return state.reserves
  return { sqrtPriceX96: state.sqrtPriceX96, tick: state.tick }
}

describe('a fork of a recorded mainnet block', () => {
  let codes: RecordedCodes = {}
  before(async function () {
    if (!hasSharedData) this.skip()
    codes = await loadRecordedCodes(recordedBlocks)
  })

  for (const number of blocks)
    it(`holds every pool of block ${number} as recorded before it`, async () => {
      const tape = await loadRecordedBlock(recordedBlocks, number, codes)
      const swaps = await firstSwaps(number)
      await onFork(tape, async (fork) => {
        const refs = await refsOf(fork, swaps)
        const { view, missing } = await readMarket(fork, refs, { wordsEachSide: 0 })
        assert.deepEqual(missing, [])
        for (const swap of swaps) {
          const state = view.pools.get(toPoolId(swap.pool))
          assert.ok(state !== undefined && isRouted(state))
          if (swap.kind === 'v4')
            assert.deepEqual(readBack(state), {
              sqrtPriceX96: BigInt(swap.sqrtPriceX96Before ?? 0),
              tick: swap.tickBefore,
            })
          else assert.deepEqual(readBack(state), recorded(tape, swap))
        }
      })
    })

  it('runs new code on old blocks: transient storage on a block of 2020', async () => {
    const tape = await loadRecordedBlock(recordedBlocks, blocks[0] ?? 0, codes)
    const target = '0x00000000000000000000000000000000000000aa'
    await onFork(tape, async (fork) => {
      const code = '0x600760015d60015c5f5260205ff3'
      await fork.request({ method: 'hardhat_setCode', params: [target, code] })
      const answer = await fork.request({ method: 'eth_call', params: [{ to: target }, 'latest'] })
      assert.equal(BigInt(String(answer)), 7n)
    })
  })
})

describe('a market read on a fork through a recorder', () => {
  before(function () {
    if (!hasSharedData) this.skip()
  })

  it('is read again, equal, from the tape alone', async () => {
    const number = blocks[1] ?? 0
    const codes = await loadRecordedCodes(recordedBlocks)
    const whole = await loadRecordedBlock(recordedBlocks, number, codes)
    const upstream = await serveTape(whole, { absent: 'zero' })
    const swaps = (await firstSwaps(number)).slice(0, 6)
    const read = async (url: string, blockNumber: bigint) => {
      const fork = await forkAt(url, blockNumber)
      const refs = await refsOf(fork, swaps)
      const { view } = await readMarket(fork, refs, { wordsEachSide: 0 })
      await fork.close()
      return view
    }
    const node = await connect({ urls: [upstream.url], retries: 0 })
    const readings: MarketView[] = []
    const tape = await recordTape(
      node,
      async (url, blockNumber) => void readings.push(await read(url, blockNumber)),
      { blockNumber: upstream.blockNumber },
    )
    await upstream.close()
    const replay = await serveTape(tape)
    assert.deepEqual(await read(replay.url, replay.blockNumber), readings[0])
    await replay.close()
    assert.ok(Object.keys(tape.accounts).length < Object.keys(whole.accounts).length)
  })
})

describe('a fork of MAINNET_RPC_URL', () => {
  it('is recorded and runs again from its tape alone', async function () {
    const url = process.env['MAINNET_RPC_URL']
    if (url === undefined) this.skip()
    const node = await connect({ urls: [url], chainId: 1 })
    const head = BigInt(String(await node.request({ method: 'eth_blockNumber' })))
    const weth = '0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2'
    const call = [{ to: weth, data: '0x313ce567' }, 'latest']
    const blockNumber = head - 64n
    const decimals = async (upstream: string) => {
      const fork = await forkAt(upstream, blockNumber)
      const answer = await fork.request({ method: 'eth_call', params: call })
      await fork.close()
      return BigInt(String(answer))
    }
    const tape = await recordTape(node, async (proxy) => void (await decimals(proxy)), {
      blockNumber,
    })
    const server = await serveTape(tape)
    assert.equal(await decimals(server.url), 18n)
    await server.close()
  })
})
