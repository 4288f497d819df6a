/** How the state of a V3 pool is found, read and kept up with its logs. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { encodeAbiParameters, encodeEventTopics, parseAbi } from 'viem/utils'
import type { Log } from '../../solver/chain/block.ts'
import type { Hex } from '../../solver/core/hex.ts'
import { getSqrtRatioAtTick } from '../../solver/pools/math/tickMath.ts'
import type { UniswapV3State } from '../../solver/pools/states.ts'
import { uniswapV3 } from '../../solver/pools/uniswapV3.ts'
import { readAll, v3Answers } from '../helpers/fakePoolNode.ts'
import { aTickPool, poolA, randomTickPool, ticksOf, tokenA, tokenB } from '../helpers/pools.ts'

const forward = { indexIn: 0, indexOut: 1 }
const anyPool = fc.integer({ min: 0, max: 100_000 }).map(randomTickPool)
const onePosition = aTickPool(
  [{ lower: -600, upper: 600, liquidity: 10n ** 21n }],
  getSqrtRatioAtTick(0),
)

const events = parseAbi([
  'event Initialize(uint160 sqrtPriceX96, int24 tick)',
  'event Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1, uint160 sqrtPriceX96, uint128 liquidity, int24 tick)',
  'event Mint(address sender, address indexed owner, int24 indexed tickLower, int24 indexed tickUpper, uint128 amount, uint256 amount0, uint256 amount1)',
  'event Burn(address indexed owner, int24 indexed tickLower, int24 indexed tickUpper, uint128 amount, uint256 amount0, uint256 amount1)',
])

function aLog(
  eventName: 'Initialize' | 'Swap' | 'Mint' | 'Burn',
  args: object,
  types: string[],
  values: unknown[],
): Log {
  // viem types the arguments by event; here one helper makes all four.
  const topics = encodeEventTopics({ abi: events, eventName, args }) as Hex[]
  const data = encodeAbiParameters(
    types.map((type) => ({ type })),
    values as never,
  )
  return { address: poolA, topics, data }
}

const swapLog = (next: UniswapV3State) =>
  aLog(
    'Swap',
    { sender: tokenA, recipient: tokenB },
    ['int256', 'int256', 'uint160', 'uint128', 'int24'],
    [5n, -5n, next.sqrtPriceX96, next.liquidity, next.tick],
  )
const mintLog = (tickLower: number, tickUpper: number, amount: bigint) =>
  aLog(
    'Mint',
    { owner: tokenA, tickLower, tickUpper },
    ['address', 'uint128', 'uint256', 'uint256'],
    [tokenA, amount, 1n, 1n],
  )
const burnLog = (tickLower: number, tickUpper: number, amount: bigint) =>
  aLog(
    'Burn',
    { owner: tokenA, tickLower, tickUpper },
    ['uint128', 'uint256', 'uint256'],
    [amount, 1n, 1n],
  )

describe('uniswapV3.apply', () => {
  it('takes price, liquidity and tick of a Swap log', () => {
    const { next } = uniswapV3.swapExactIn(onePosition, { ...forward, amountIn: 10n ** 18n })
    assert.ok(next.tick < 0)
    assert.deepEqual(uniswapV3.apply(onePosition, swapLog(next)), next)
  })

  it('takes the first price of an Initialize log', () => {
    const log = aLog('Initialize', {}, ['uint160', 'int24'], [getSqrtRatioAtTick(-77), -77])
    const after = uniswapV3.apply(onePosition, log)
    assert.deepEqual([after.sqrtPriceX96, after.tick], [getSqrtRatioAtTick(-77), -77])
  })

  it('makes of mints what the positions themselves make', () => {
    const positions = [
      { lower: -600, upper: 600, liquidity: 10n ** 21n },
      { lower: -600, upper: 60, liquidity: 7n },
      { lower: 120, upper: 600, liquidity: 9n },
    ]
    const empty = aTickPool([], getSqrtRatioAtTick(0))
    const minted = positions.reduce(
      (state, { lower, upper, liquidity }) =>
        uniswapV3.apply(state, mintLog(lower, upper, liquidity)),
      empty,
    )
    assert.deepEqual(minted, aTickPool(positions, getSqrtRatioAtTick(0)))
  })

  it('counts a position from its lower tick up to but not with its upper one', () => {
    const bare = { ...onePosition, liquidity: 0n }
    const liquidityAfter = (lower: number, upper: number) =>
      uniswapV3.apply(bare, mintLog(lower, upper, 7n)).liquidity
    assert.deepEqual([liquidityAfter(-60, 0), liquidityAfter(0, 60)], [0n, 7n])
  })

  it('is undone by burns of the same positions', () => {
    const minted = uniswapV3.apply(onePosition, mintLog(-120, 600, 5n))
    assert.equal(minted.liquidity, onePosition.liquidity + 5n)
    assert.deepEqual(uniswapV3.apply(minted, burnLog(-120, 600, 5n)), onePosition)
  })

  it('keeps a tick whose net is 0 as long as positions end on both sides of it', () => {
    const both = uniswapV3.apply(
      uniswapV3.apply(aTickPool([], getSqrtRatioAtTick(0)), mintLog(-60, 0, 5n)),
      mintLog(0, 60, 5n),
    )
    assert.deepEqual(both.ticks[1], { index: 0, liquidityNet: 0n, liquidityGross: 10n })
    // The price stands on the tick: the position that begins there is active, the one that ends is not.
    assert.equal(both.liquidity, 5n)
    const one = uniswapV3.apply(both, burnLog(0, 60, 5n))
    assert.deepEqual(one.ticks, ticksOf([{ lower: -60, upper: 0, liquidity: 5n }]))
  })

  it('returns the same state for a poke, another pool and another event', () => {
    const poke = burnLog(-600, 600, 0n)
    const elsewhere = { ...mintLog(-60, 60, 5n), address: tokenA } as const
    const other = { ...poke, topics: ['0x00'] } as const
    for (const log of [poke, elsewhere, other])
      assert.equal(uniswapV3.apply(onePosition, log), onePosition)
  })

  it('lists no tick outside a partial listing', () => {
    const partial: UniswapV3State = { ...onePosition, ticks: [], tickRange: [-300, 299] }
    const after = uniswapV3.apply(partial, mintLog(-120, 600, 5n))
    assert.deepEqual(after.ticks, [{ index: -120, liquidityNet: 5n, liquidityGross: 5n }])
    assert.equal(after.liquidity, partial.liquidity + 5n)
  })
})

describe('uniswapV3.discover', () => {
  const event = parseAbi([
    'event PoolCreated(address indexed token0, address indexed token1, uint24 indexed fee, int24 tickSpacing, address pool)',
  ])
  const created = (address: Hex): Log => ({
    address,
    topics: encodeEventTopics({
      abi: event,
      args: { token0: tokenA, token1: tokenB, fee: 3_000 },
    }) as Hex[],
    data: encodeAbiParameters([{ type: 'int24' }, { type: 'address' }], [60, poolA]),
  })

  it('names a new pool with its fee and spacing', () => {
    assert.deepEqual(uniswapV3.discover(created('0x1f98431c8ad98523631ae4a59f267346ea31f984')), {
      kind: 'uniswapV3',
      id: poolA,
      tokens: [tokenA, tokenB],
      exchange: 'uniswap_v3',
      feePips: 3_000,
      tickSpacing: 60,
    })
  })

  it('ignores the same log from a factory whose code it does not know', () => {
    assert.equal(uniswapV3.discover(created(tokenA)), undefined)
  })
})

describe('uniswapV3.snapshot', () => {
  const tokens = [tokenA, tokenB] as const
  const ref = { kind: 'uniswapV3', id: poolA, tokens }

  it('reads back any state, in three rounds and one that asks for a lens', () => {
    fc.assert(
      fc.property(anyPool, (pool) => {
        const { state, rounds } = readAll(uniswapV3.snapshot(ref), v3Answers(pool))
        assert.deepEqual(state, pool)
        assert.equal(rounds, 4)
      }),
      { numRuns: 40 },
    )
  })

  it('reads only the words asked for, and says which range they cover', () => {
    const wide = aTickPool(
      [
        { lower: -60_000, upper: 60_000, liquidity: 8n },
        { lower: -120, upper: 15_300, liquidity: 10n ** 21n },
      ],
      getSqrtRatioAtTick(60),
    )
    const reader = uniswapV3.snapshot(ref, { wordsEachSide: 0 })
    const { state, calls } = readAll(reader, v3Answers(wide))
    assert.deepEqual(state?.tickRange, [0, 15_359])
    assert.deepEqual(state?.ticks, wide.ticks.slice(2, 3))
    assert.equal(calls, 4 + 1 + 1 + 1)
  })

  it('finds nothing at an address without a pool, or with one that has no price yet', () => {
    assert.equal(readAll(uniswapV3.snapshot(ref), () => undefined).state, undefined)
    const unborn = { ...onePosition, sqrtPriceX96: 0n }
    assert.equal(readAll(uniswapV3.snapshot(ref), v3Answers(unborn)).state, undefined)
  })
})
