/** The screen on real pool bytecode: each trap beside the same token without it. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { parseAbi } from 'viem/utils'
import { mainnet, mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import type { Address } from '../../solver/core/hex.ts'
import { readMarket } from '../../solver/market/reader.ts'
import { type ScreenOptions, screenTokens } from '../../solver/market/screen.ts'
import type { TokenTraits } from '../../solver/market/traits.ts'
import type { PoolRef } from '../../solver/pools/pool.ts'
import { ask } from '../helpers/localnet.ts'
import { createTrapChain, type TrapChain } from '../helpers/trapTokens.ts'

describe('screen.screenTokens', function () {
  this.timeout(120_000)
  let chain: TrapChain
  before(async () => {
    chain = await createTrapChain()
  })
  after(() => chain.close())

  /** Makes a token with a pool, sets its switches, and screens it. */
  async function screened(
    set: (token: Address) => Promise<void>,
    venue: 'pairOf' | 'tickPoolOf' = 'pairOf',
  ): Promise<TokenTraits & { token: Address }> {
    const token = await chain.trapToken()
    const pool = await chain[venue](token)
    await set(token)
    return { token, ...(await screenOne(token, [pool])) }
  }

  async function screenOne(
    token: Address,
    pools: readonly PoolRef[],
    options: ScreenOptions = {},
  ): Promise<TokenTraits> {
    const { view } = await readMarket(chain.provider, pools)
    const found = await screenTokens(chain.provider, view, { tokens: [token], ...options })
    const traits = found.get(token)
    assert.ok(traits)
    assert.equal(traits.checkedAt, view.block.number)
    return traits
  }

  const none = { buyFeePips: 0, sellFeePips: 0, transferFeePips: 0, rebasing: false }

  for (const venue of ['pairOf', 'tickPoolOf'] as const) {
    const name = venue === 'pairOf' ? 'a V2 pair' : 'a V3 pool'
    it(`finds nothing to say against a plain token of ${name}`, async () => {
      const { token: _, checkedAt: __, ...found } = await screened(async () => undefined, venue)
      assert.deepEqual(found, { ...none, sellable: true })
    })

    it(`measures what a token of ${name} keeps of every transfer`, async () => {
      const found = await screened((token) => chain.set(token, 'setFees', 100, 100, 100), venue)
      assert.equal(found.buyFeePips, 10_000)
      assert.equal(found.sellFeePips, 10_000)
      assert.equal(found.transferFeePips, 10_000)
      assert.equal(found.sellable, true)
    })

    it(`tells a fee on purchases from one on sales in ${name}`, async () => {
      const buys = await screened((token) => chain.set(token, 'setFees', 500, 0, 0), venue)
      assert.deepEqual([buys.buyFeePips, buys.sellFeePips, buys.transferFeePips], [50_000, 0, 0])
      const sells = await screened((token) => chain.set(token, 'setFees', 0, 2_500, 0), venue)
      assert.deepEqual(
        [sells.buyFeePips, sells.sellFeePips, sells.transferFeePips],
        [0, 250_000, 0],
      )
    })

    it(`flags a token that only its owner can sell to ${name}`, async () => {
      const found = await screened(
        (token) => chain.set(token, 'setTraps', true, false, false, false),
        venue,
      )
      assert.equal(found.sellable, false)
      assert.match(found.why ?? '', /^sell-refused/)
    })

    it(`flags a token that lists whoever bought it from ${name}`, async () => {
      const found = await screened(
        (token) => chain.set(token, 'setTraps', false, true, false, false),
        venue,
      )
      assert.equal(found.sellable, false)
    })
  }

  it('does not take a quote for a sale: the router of a honeypot quotes one', async () => {
    const trap = (token: Address) => chain.set(token, 'setTraps', true, false, false, false)
    const { token, sellable } = await screened(trap)
    const abi = parseAbi([
      'function getAmountsOut(uint256 amountIn, address[] path) view returns (uint256[] amounts)',
    ])
    const args = [10n ** 18n, [token, mainnet.wrappedNative]]
    const quoted = await ask(chain.provider, mainnet.uniswapV2Router, abi, 'getAmountsOut', args)
    assert.ok((quoted as bigint[])[1], 'the naive screen calls it fine')
    assert.equal(sellable, false)
  })

  it('sees a fee that is taken from the sender on top', async () => {
    const { transferFeePips } = await screened((token) => chain.set(token, 'setSurcharge', 100))
    assert.ok(transferFeePips > 9_000 && transferFeePips < 10_000, String(transferFeePips))
  })

  it('sees a fee under what the token itself sells into the pool meanwhile', async () => {
    const { sellFeePips, sellable } = await screened(async (token) => {
      await chain.set(token, 'mint', token, 10n ** 24n)
      await chain.set(token, 'setFees', 0, 400, 0)
      await chain.set(token, 'setSwapBack', 10n ** 21n)
    })
    assert.deepEqual([sellFeePips, sellable], [40_000, true])
  })

  it('flags a token whose sale burns all the gas, and still tries the next', async () => {
    const trap = await screened((token) => chain.set(token, 'setTraps', false, false, true, false))
    assert.equal(trap.sellable, false)
    const tokens: Address[] = []
    const pools: PoolRef[] = []
    for (let made = 0; made < 6; made++) {
      const token = await chain.trapToken()
      pools.push(await chain.pairOf(token))
      if (made < 4) await chain.set(token, 'setTraps', false, false, true, false)
      tokens.push(token)
    }
    const { view } = await readMarket(chain.provider, pools)
    const found = await screenTokens(chain.provider, view, { tokens })
    assert.deepEqual(
      tokens.map((token) => found.get(token)?.sellable),
      [false, false, false, false, true, true],
    )
  })

  it('flags a token that cannot be bought', async () => {
    const closed = await screened((token) =>
      chain.set(token, 'setTraps', false, false, false, true),
    )
    assert.equal(closed.sellable, false)
    assert.match(closed.why ?? '', /^buy-refused/)
  })

  it('buys less of a token that limits its trades', async () => {
    // A hundredth of an ether buys some 99.7 tokens; a thousandth of that passes.
    const found = await screened((token) => chain.set(token, 'setMost', 10n ** 18n))
    assert.equal(found.sellable, true)
    assert.equal(found.buyFeePips, 0)
    const tight = await screened((token) => chain.set(token, 'setMost', 1n))
    assert.equal(tight.sellable, false)
    assert.equal(tight.why, 'buy-refused: UniswapV2: TRANSFER_FAILED')
  })

  it('flags shares as rebasing and does not call their rounding a fee', async () => {
    const pool = await chain.pairOf(mainnetTokens.stETH.address)
    const found = await screenOne(mainnetTokens.stETH.address, [pool])
    assert.equal(found.rebasing, true)
    assert.deepEqual([found.buyFeePips, found.sellFeePips, found.transferFeePips], [0, 0, 0])
    assert.equal(found.sellable, true)
  })

  it('tries a token without return values, and sees its fee switch', async () => {
    const { address } = mainnetTokens.USDT
    const pools = chain.pools.filter(({ tokens }) => tokens.includes(address))
    assert.equal((await screenOne(address, pools)).sellable, true)
    const from = chain.accounts.deployer.address
    const abi = parseAbi(['function setParams(uint256 rate, uint256 maximum)'])
    const { sendCall } = await import('../../solver/localnet/node.ts')
    await sendCall(chain.provider, from, { to: address, abi, name: 'setParams', args: [10n, 10n] })
    const { buyFeePips, sellFeePips } = await screenOne(address, pools)
    await sendCall(chain.provider, from, { to: address, abi, name: 'setParams', args: [0n, 0n] })
    assert.ok(buyFeePips >= 1_000 && buyFeePips < 1_100, String(buyFeePips))
    assert.ok(sellFeePips >= 1_000 && sellFeePips < 1_100, String(sellFeePips))
  })

  it('goes two steps to a token that has no pool against the wrapped native token', async () => {
    const { address: usdc } = mainnetTokens.USDC
    const token = await chain.trapToken()
    const pool = await chain.pairOf(token, { base: usdc, weth: 300_000n * 10n ** 6n })
    await chain.set(token, 'setFees', 300, 0, 0)
    const found = await screenOne(token, [...chain.pools, pool])
    assert.equal(found.unchecked, undefined)
    assert.equal(found.buyFeePips, 30_000)
    assert.equal(found.sellable, true)
  })

  it('screens the whole local market in two requests of trials, and finds nothing', async () => {
    const { view } = await readMarket(chain.provider, chain.pools)
    let requests = 0
    const found = await screenTokens(chain.provider, view, { onProgress: () => (requests += 1) })
    assert.equal(found.size, [...view.tokens.keys()].length - 2)
    for (const [token, traits] of found) {
      assert.equal(traits.unchecked, undefined, token)
      assert.equal(traits.sellable, true, token)
      assert.deepEqual([traits.buyFeePips, traits.sellFeePips, traits.transferFeePips], [0, 0, 0])
    }
    assert.ok(requests <= 2, String(requests))
  })

  it('leaves nothing behind', async () => {
    const token = await chain.trapToken()
    const pool = await chain.pairOf(token)
    const before = await readMarket(chain.provider, [pool])
    await screenTokens(chain.provider, before.view)
    const again = await readMarket(chain.provider, [pool])
    assert.deepEqual(again.view.pools, before.view.pools)
    assert.equal(again.view.block.hash, before.view.block.hash)
  })
})
