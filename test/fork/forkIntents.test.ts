/** One suite, three upstreams: signed intents on a fork of the local chain, of recorded real blocks, of live mainnet. */
import assert from 'node:assert/strict'
import { before, describe, it } from 'mocha'
import { hasSharedData, sharedData } from '../../bench/accept/check.ts'
import { mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import { connect } from '../../solver/chain/client.ts'
import { loadRecordedCodes } from '../../solver/chain/recordedBlock.ts'
import { startLocalnet } from '../../solver/localnet/localnet.ts'
import { type PoolRef, toPoolId } from '../../solver/pools/pool.ts'
import { forkAt } from '../helpers/fork.ts'
import { createForkBench, type ForkResult, type ForkTrade } from '../helpers/forkIntents.ts'
import { settleLikeBlock } from '../helpers/recordedForks.ts'

const { WETH, USDC, USDT, DAI, LINK } = mainnetTokens

/** The law of every upstream: what was quoted is what arrived, and no more than the order's amount was sold. */
function requireExact(trade: ForkTrade, result: ForkResult): void {
  assert.ok('received' in result, `not settled: ${'skipped' in result ? result.skipped : ''}`)
  assert.equal(result.received, result.quoted)
  assert.ok(result.sold <= trade.amount)
}

describe('a fork of the local chain', () => {
  it('settles signed intents at exactly the quoted amounts', async () => {
    const net = await startLocalnet()
    const head = await (await connect({ urls: [net.served.url] })).viem.getBlockNumber()
    const fork = await forkAt(net.served.url, head)
    try {
      await fork.request({ method: 'evm_mine', params: [] })
      const bench = await createForkBench(fork, net.chain.pools, 1)
      const trades: ForkTrade[] = [
        { sellToken: WETH.address, buyToken: USDC.address, amount: 50n * 10n ** 18n },
        { sellToken: USDT.address, buyToken: LINK.address, amount: 40_000_000_000n },
        { sellToken: DAI.address, buyToken: WETH.address, amount: 9_000n * 10n ** 18n },
      ]
      for (const [index, trade] of trades.entries())
        requireExact(trade, await bench.settle(trade, index))
    } finally {
      await fork.close()
      await net.close()
    }
  })
})

describe('a fork of a recorded real block', () => {
  before(function () {
    if (!hasSharedData) {
      console.log('    skipped: the recorded blocks (../shared/data) are not on this machine')
      this.skip()
    }
  })

  it('settles intents over the pools that the block touched at exactly the quoted amounts', async () => {
    const folder = `${sharedData}mainnet-blocks`
    const tries = await settleLikeBlock(folder, 18_426_253, await loadRecordedCodes(folder))
    const settled = tries.flatMap(({ result }) => ('received' in result ? [result] : []))
    assert.ok(settled.length >= 8, `${settled.length} settled`)
    for (const { quoted, received } of settled) assert.equal(received, quoted)
  })
})

describe('a fork of live mainnet', () => {
  /** Any block after V3's deployment whose state the node still has. */
  const pinned = BigInt(process.env['MAINNET_BLOCK'] ?? 21_000_000)
  const pools: readonly PoolRef[] = [
    {
      kind: 'uniswapV2',
      id: toPoolId('0xb4e16d0168e52d35cacd2c6185b44281ec28c9dc'),
      tokens: [USDC.address, WETH.address],
      exchange: 'uniswap_v2',
      feePips: 3_000,
    },
    {
      kind: 'uniswapV3',
      id: toPoolId('0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640'),
      tokens: [USDC.address, WETH.address],
      exchange: 'uniswap_v3',
      feePips: 500,
      tickSpacing: 10,
    },
  ]

  const url = process.env['MAINNET_RPC_URL'] ?? ''

  before(function () {
    if (url === '') {
      console.log('    skipped: MAINNET_RPC_URL is not set')
      this.skip()
    }
  })

  it('settles a split intent at exactly the quoted amount', async () => {
    const fork = await forkAt(url, pinned)
    try {
      await fork.request({ method: 'evm_mine', params: [] })
      const bench = await createForkBench(fork, pools, 2)
      const trade = { sellToken: WETH.address, buyToken: USDC.address, amount: 5n * 10n ** 19n }
      requireExact(trade, await bench.settle(trade, 0))
    } finally {
      await fork.close()
    }
  })
})
