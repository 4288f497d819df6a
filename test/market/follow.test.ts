/**
 * The whole line from a node to a market, on the local chain's real bytecode: read at a block, then kept up
 * from logs through swaps and reorgs, and after each compared with what a fresh reading says.
 */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { encodeFunctionData, parseAbi } from 'viem/utils'
import type { ChainNode } from '../../solver/chain/client.ts'
import { mainnet, mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import { type ChainEvent, followHead } from '../../solver/chain/head.ts'
import { createRng } from '../../solver/core/rng.ts'
import { zeroAddress } from '../../solver/core/hex.ts'
import { createLocalChain, type LocalChain } from '../../solver/localnet/chain.ts'
import { parseSnapshot, formatSnapshot } from '../../solver/market/codec.ts'
import { createMarket, type Market, marketTopics } from '../../solver/market/market.ts'
import { readMarket } from '../../solver/market/reader.ts'
import { toSnapshot } from '../../solver/market/snapshot.ts'
import { poolModules } from '../../solver/pools/index.ts'
import { type PoolRef, toPoolId } from '../../solver/pools/pool.ts'

const abi = parseAbi([
  'function approve(address spender, uint256 amount)',
  'function swapExactTokensForTokens(uint256 amountIn, uint256 amountOutMin, address[] path, address to, uint256 deadline)',
  'function exactInputSingle((address tokenIn, address tokenOut, uint24 fee, address recipient, uint256 amountIn, uint256 amountOutMinimum, uint160 sqrtPriceLimitX96) params)',
])
const { WETH, USDC } = mainnetTokens
const routers = [mainnet.uniswapV2Router, mainnet.uniswapV3SwapRouter02]

let chain: LocalChain
let node: ChainNode

before(async () => {
  chain = await createLocalChain()
  node = chain.provider
  const { address: from } = chain.accounts.owner(0)
  await chain.fund(from, WETH.address, 10n ** 22n)
  await chain.fund(from, USDC.address, 10n ** 14n)
  for (const token of [WETH.address, USDC.address])
    for (const spender of routers)
      await send(
        token,
        encodeFunctionData({ abi, functionName: 'approve', args: [spender, 10n ** 30n] }),
      )
  await mine()
})
after(() => chain.close())

async function send(to: string, data: string): Promise<unknown> {
  const { address: from } = chain.accounts.owner(0)
  return node.request({
    method: 'eth_sendTransaction',
    params: [{ from, to, data, gas: '0x7a1200' }],
  })
}

const mine = () => node.request({ method: 'evm_mine' })

/** Queues one swap of WETH and USDC, on V2 or V3, in either direction. */
async function queueSwap(isV3: boolean, sellsWeth: boolean, size: bigint): Promise<void> {
  const { address: recipient } = chain.accounts.owner(0)
  const [tokenIn, tokenOut] = sellsWeth
    ? [WETH.address, USDC.address]
    : [USDC.address, WETH.address]
  const amountIn = sellsWeth ? size * 10n ** 15n : size * 3n * 10n ** 6n
  const sqrtPriceLimitX96 = 0n
  const v3 = {
    tokenIn,
    tokenOut,
    fee: 500,
    recipient,
    amountIn,
    amountOutMinimum: 0n,
    sqrtPriceLimitX96,
  }
  const v2 = [amountIn, 0n, [tokenIn, tokenOut], recipient, 10n ** 12n] as const
  const data = isV3
    ? encodeFunctionData({ abi, functionName: 'exactInputSingle', args: [v3] })
    : encodeFunctionData({ abi, functionName: 'swapExactTokensForTokens', args: v2 })
  await send(isV3 ? mainnet.uniswapV3SwapRouter02 : mainnet.uniswapV2Router, data)
}

/** Applies events until the market stands on the node's head; counts them by kind. */
async function catchUp(market: Market, events: AsyncGenerator<ChainEvent>): Promise<string[]> {
  const seen: string[] = []
  for (;;) {
    const head = (await node.request({
      method: 'eth_getBlockByNumber',
      params: ['latest', false],
    })) as { hash: string }
    if (market.view().block?.hash === head.hash) return seen
    const { value } = await events.next()
    assert.ok(value)
    seen.push(value.kind)
    market.apply(value)
  }
}

describe('reader.readMarket', () => {
  it('reads all pools of a chain in a few requests, with tokens and prices', async () => {
    const { view, missing, requests } = await readMarket(node, chain.pools)
    assert.equal(view.pools.size, chain.pools.length)
    assert.deepEqual(missing, [])
    assert.ok(requests <= 40, `${requests} requests`)
    assert.equal(view.tokens.get(USDC.address)?.decimals, 6)
    assert.equal(view.tokens.get(WETH.address)?.priceWei, 10n ** 18n)
    assert.ok(
      [...view.tokens.values()].every(({ priceWei }) => priceWei !== undefined && priceWei > 0n),
    )
    assert.equal(view.wrappedNative, mainnet.wrappedNative)
  })

  it('gives views that pass every rule of the snapshot format and come back equal', async () => {
    const { view } = await readMarket(node, chain.pools)
    assert.deepEqual(parseSnapshot(formatSnapshot(toSnapshot(view))).view, view)
  })

  it('names the pools that are not there', async () => {
    const id = toPoolId('0x00000000000000000000000000000000000000ee')
    const tokens = [USDC.address, WETH.address]
    const nowhere: PoolRef[] = [
      { kind: 'uniswapV2', id, tokens },
      { kind: 'uniswapV3', id, tokens, feePips: 500, tickSpacing: 10 },
      { kind: 'somethingNew', id, tokens },
    ]
    const { view, missing } = await readMarket(node, [...nowhere, ...chain.pools.slice(0, 1)])
    assert.deepEqual(missing, nowhere)
    assert.equal(view.pools.size, 1)
  })

  it('refuses a block that the node does not have', async () => {
    await assert.rejects(readMarket(node, [], { blockNumber: 10n ** 9n }), {
      code: 'chain.bad-answer',
    })
  })

  it('refuses a market whose block left the chain while it was read', async () => {
    let looks = 0
    const moving: ChainNode = {
      async request(args) {
        const answer = await node.request(args)
        const isBlock = args.method === 'eth_getBlockByNumber'
        return isBlock && ++looks > 1
          ? { ...(answer as object), hash: `0x${'7'.repeat(64)}` }
          : answer
      },
    }
    await assert.rejects(readMarket(moving, chain.pools.slice(0, 2)), {
      code: 'market.moved',
      retryable: true,
    })
  })

  it('reads the same ticks near the price when it reads fewer words', async () => {
    const refs = chain.pools.filter(({ kind }) => kind === 'uniswapV3').slice(0, 3)
    const whole = await readMarket(node, refs)
    const near = await readMarket(node, refs, { wordsEachSide: 1 })
    for (const state of near.view.pools.values()) {
      const all = whole.view.pools.get(state.id)
      assert.ok(state.kind === 'uniswapV3' && all?.kind === 'uniswapV3' && state.tickRange)
      const [low, high] = state.tickRange
      const within = all.ticks.filter(({ index }) => index >= low && index <= high)
      assert.deepEqual(state.ticks, within)
    }
  })
})

describe('a market that follows the local chain', () => {
  it('equals a fresh reading after every swap and every reorg', async () => {
    const rng = createRng(11)
    const pair: readonly string[] = [WETH.address, USDC.address]
    const refs = chain.pools.filter(({ tokens }) => tokens.every((token) => pair.includes(token)))
    const { view } = await readMarket(node, refs)
    const market = createMarket(view)
    const over = new AbortController()
    const events = followHead(node, {
      from: view.block,
      topics: marketTopics,
      pollMs: 1,
      signal: over.signal,
    })
    const kinds: string[] = []
    let moved = 0
    for (let round = 0; round < 15; round++) {
      const depth = rng.int(1, 7)
      const point = await node.request({ method: 'evm_snapshot' })
      for (const isFork of [false, true]) {
        if (isFork) await node.request({ method: 'evm_revert', params: [point] })
        for (let index = 0; index < depth + Number(isFork); index++) {
          for (let swaps = rng.int(0, 2); swaps > 0; swaps--)
            await queueSwap(rng.next() < 0.5, rng.next() < 0.5, rng.logUniform(1n, 10n ** 4n))
          await mine()
        }
        const before = market.view()
        kinds.push(...(await catchUp(market, events)))
        const fresh = await readMarket(node, refs)
        assert.deepEqual(market.view().pools, fresh.view.pools)
        assert.deepEqual(market.view().block, fresh.view.block)
        assert.equal(market.view().gasPrice, fresh.view.gasPrice)
        for (const [id, state] of market.view().pools) if (before.pools.get(id) !== state) moved++
      }
    }
    over.abort()
    assert.equal(kinds.filter((kind) => kind === 'reorg').length, 15)
    assert.ok(moved > 10, `${moved} pools moved`)
  })

  it('asks for the logs of every kind that it holds', () => {
    for (const { topics } of Object.values(poolModules))
      for (const topic of topics) assert.ok(marketTopics.includes(topic))
    assert.ok(chain.pools.some(({ tokens }) => tokens.includes(zeroAddress)))
  })
})
