/** What V4 adds to V3: fees of the protocol and of hooks, int128 amounts, one singleton's logs and storage. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { encodeAbiParameters, encodeEventTopics, parseAbi } from 'viem/utils'
import type { Log } from '../../solver/chain/block.ts'
import { type Address, type Hex, zeroAddress } from '../../solver/core/hex.ts'
import { getSqrtRatioAtTick } from '../../solver/pools/math/tickMath.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import type { UniswapV4State } from '../../solver/pools/states.ts'
import { uniswapV3 } from '../../solver/pools/uniswapV3.ts'
import { uniswapV4 } from '../../solver/pools/uniswapV4.ts'
import { readAll, storageAnswers, v4StorageOf } from '../helpers/fakePoolNode.ts'
import { aTickPool, randomTickPool, ticksOf, tokenA, tokenB, toV4 } from '../helpers/pools.ts'

const manager = '0x000000000004444c5dc75cb358380d2e3de08a90'
const numRuns = Math.min(500, Number(process.env['FC_NUM_RUNS'] ?? 500))
const forward = { indexIn: 0, indexOut: 1 }
const backward = { indexIn: 1, indexOut: 0 }
const v3 = aTickPool([{ lower: -600, upper: 600, liquidity: 10n ** 21n }], getSqrtRatioAtTick(0))
const pool = toV4(v3)
const anySwap = fc.tuple(
  fc.integer({ min: 0, max: 100_000 }).map(randomTickPool),
  fc.bigInt({ min: 1n, max: 10n ** 26n }),
  fc.constantFrom(forward, backward),
)
/** A hook address with one permission bit of the low fourteen. */
const hookWith = (bit: number): Address => `0x${(1 << bit).toString(16).padStart(40, '0')}`

describe('uniswapV4.swapExactIn', () => {
  it('gives what V3 gives at the same fee', () => {
    fc.assert(
      fc.property(anySwap, ([state, amount, way]) => {
        const ours = uniswapV4.swapExactIn(toV4(state), { ...way, amountIn: amount })
        const theirs = uniswapV3.swapExactIn(state, { ...way, amountIn: amount })
        assert.deepEqual([ours.amountIn, ours.amountOut], [theirs.amountIn, theirs.amountOut])
        assert.equal(ours.next.sqrtPriceX96, theirs.next.sqrtPriceX96)
      }),
      { numRuns },
    )
  })

  it('charges the protocol fee of its direction on top, less their product', () => {
    // 1,000 pips from token 0 to 1 and 200 back: 3,000 + 1,000 - 3 and 3,000 + 200 - 0.
    const charged = toV4(v3, { protocolFee: 1_000 | (200 << 12) })
    const swap = { amountIn: 10n ** 18n }
    const at = (feePips: number, way: typeof forward) =>
      uniswapV3.swapExactIn({ ...v3, feePips }, { ...way, ...swap }).amountOut
    assert.equal(
      uniswapV4.swapExactIn(charged, { ...forward, ...swap }).amountOut,
      at(3_997, forward),
    )
    assert.equal(
      uniswapV4.swapExactIn(charged, { ...backward, ...swap }).amountOut,
      at(3_200, backward),
    )
  })

  it('takes nothing from a pool whose hook acts on swaps', () => {
    for (const bit of [7, 6, 3, 2]) {
      const hooked = toV4(v3, { hooks: hookWith(bit) })
      const swap = { ...forward, amountIn: 10n ** 18n }
      const nothing = { amountIn: 0n, amountOut: 0n, gas: 0n, next: hooked }
      assert.deepEqual(uniswapV4.swapExactIn(hooked, swap), nothing)
      assert.deepEqual(uniswapV4.swapExactOut(hooked, { ...forward, amountOut: 5n }), nothing)
      assert.equal(uniswapV4.price(hooked, 0, 1), 0)
      assert.equal(uniswapV4.curve(hooked), undefined)
    }
  })

  it('trades with a hook that acts on liquidity or donations only', () => {
    for (const bit of [0, 1, 4, 5, 8, 9, 10, 11, 12, 13]) {
      const hooked = toV4(v3, { hooks: hookWith(bit) })
      const swap = { ...forward, amountIn: 10n ** 18n }
      assert.ok(uniswapV4.swapExactIn(hooked, swap).amountOut > 0n)
      assert.ok(uniswapV4.curve(hooked))
    }
  })

  it('pays nothing at a fee of 100 %, and refuses an exact output', () => {
    const greedy = toV4(v3, { feePips: 1_000_000 })
    const sold = uniswapV4.swapExactIn(greedy, { ...forward, amountIn: 10n ** 18n })
    assert.deepEqual([sold.amountIn, sold.amountOut], [10n ** 18n, 0n])
    assert.equal(uniswapV4.swapExactOut(greedy, { ...forward, amountOut: 5n }).amountIn, 0n)
    assert.equal(uniswapV4.curve(greedy), undefined)
  })

  it('takes nothing where an amount would not fit int128', () => {
    // At a tick of 600,000 one unit of token 0 is worth 10^26 of token 1.
    const steep = aTickPool(
      [{ lower: 599_940, upper: 600_060, liquidity: 2n ** 110n }],
      getSqrtRatioAtTick(600_000),
    )
    const swap = { ...forward, amountIn: 2n ** 80n }
    assert.ok(uniswapV3.swapExactIn(steep, swap).amountOut > 2n ** 127n)
    assert.equal(uniswapV4.swapExactIn(toV4(steep), swap).amountIn, 0n)
  })
})

const events = parseAbi([
  'event Initialize(bytes32 indexed id, address indexed currency0, address indexed currency1, uint24 fee, int24 tickSpacing, address hooks, uint160 sqrtPriceX96, int24 tick)',
  'event Swap(bytes32 indexed id, address indexed sender, int128 amount0, int128 amount1, uint160 sqrtPriceX96, uint128 liquidity, int24 tick, uint24 fee)',
  'event ModifyLiquidity(bytes32 indexed id, address indexed sender, int24 tickLower, int24 tickUpper, int256 liquidityDelta, bytes32 salt)',
  'event ProtocolFeeUpdated(bytes32 indexed id, uint24 protocolFee)',
])
type EventName = 'Initialize' | 'Swap' | 'ModifyLiquidity' | 'ProtocolFeeUpdated'

function aLog(eventName: EventName, types: string[], values: unknown[], id: Hex = pool.id): Log {
  // viem types the arguments by event; here one helper makes all four.
  const args = { id, sender: tokenA, currency0: tokenA, currency1: tokenB }
  const topics = encodeEventTopics({ abi: events, eventName, args }) as Hex[]
  const data = encodeAbiParameters(
    types.map((type) => ({ type })),
    values as never,
  )
  return { address: manager, topics, data }
}

const swapTypes = ['int128', 'int128', 'uint160', 'uint128', 'int24', 'uint24']
const swapLog = (next: UniswapV4State, amounts: readonly [bigint, bigint], fee: number) =>
  aLog('Swap', swapTypes, [...amounts, next.sqrtPriceX96, next.liquidity, next.tick, fee])
const liquidityLog = (lower: number, upper: number, delta: bigint) =>
  aLog(
    'ModifyLiquidity',
    ['int24', 'int24', 'int256', 'bytes32'],
    [lower, upper, delta, `0x${'0'.repeat(64)}`],
  )

describe('uniswapV4.apply', () => {
  it('takes price, liquidity and tick of a Swap log', () => {
    const { next } = uniswapV4.swapExactIn(pool, { ...forward, amountIn: 10n ** 18n })
    assert.deepEqual(uniswapV4.apply(pool, swapLog(next, [-5n, 4n], 3_000)), next)
  })

  it('learns a dynamic fee from a swap, without the protocol part of its direction', () => {
    const dynamic = toV4(v3, {
      protocolFee: 1_000 | (200 << 12),
      poolKey: { ...pool.poolKey, fee: 8_388_608 },
    })
    // 4,500 + 1,000 - 4 and 4,500 + 200 - 0.
    assert.equal(uniswapV4.apply(dynamic, swapLog(dynamic, [-5n, 4n], 5_496)).feePips, 4_500)
    assert.equal(uniswapV4.apply(dynamic, swapLog(dynamic, [4n, -5n], 4_700)).feePips, 4_500)
  })

  it('keeps a fixed fee whatever a swap was charged', () => {
    assert.equal(uniswapV4.apply(pool, swapLog(pool, [-5n, 4n], 9_999)).feePips, 3_000)
  })

  it('makes of liquidity changes what the positions themselves make, and undoes them', () => {
    const grown = uniswapV4.apply(pool, liquidityLog(-120, 600, 7n))
    const both = [
      { lower: -600, upper: 600, liquidity: 10n ** 21n },
      { lower: -120, upper: 600, liquidity: 7n },
    ]
    assert.deepEqual(grown.ticks, ticksOf(both))
    assert.equal(grown.liquidity, 10n ** 21n + 7n)
    assert.deepEqual(uniswapV4.apply(grown, liquidityLog(-120, 600, -7n)), pool)
  })

  it('takes a new protocol fee', () => {
    const log = aLog('ProtocolFeeUpdated', ['uint24'], [123 | (45 << 12)])
    assert.equal(uniswapV4.apply(pool, log).protocolFee, 123 | (45 << 12))
  })

  it('returns the same state for another pool, another contract and another event', () => {
    const log = swapLog(pool, [-5n, 4n], 3_000)
    const [topic = '0x'] = log.topics
    const otherPool = { ...log, topics: [topic, `0x${'9'.repeat(64)}`] as const }
    const otherContract = { ...log, address: tokenA } as const
    const otherEvent = { ...log, topics: ['0x00', pool.id] as const }
    for (const each of [otherPool, otherContract, otherEvent])
      assert.equal(uniswapV4.apply(pool, each), pool)
  })
})

describe('uniswapV4.discover', () => {
  const types = ['uint24', 'int24', 'address', 'uint160', 'int24']
  const log = aLog('Initialize', types, [500, 10, hookWith(13), 2n ** 96n, 0])

  it('names a new pool with its key', () => {
    assert.deepEqual(uniswapV4.discover(log), {
      kind: 'uniswapV4',
      id: pool.id,
      tokens: [tokenA, tokenB],
      exchange: 'uniswap_v4',
      feePips: 500,
      tickSpacing: 10,
      hooks: hookWith(13),
    })
  })

  it('ignores the same log from any other contract', () => {
    assert.equal(uniswapV4.discover({ ...log, address: tokenA }), undefined)
  })
})

describe('uniswapV4.snapshot', () => {
  const tokens = [tokenA, tokenB] as const
  const refOf = ({ id, poolKey }: UniswapV4State) => {
    const { fee: feePips, tickSpacing, hooks } = poolKey
    return { kind: 'uniswapV4', id, tokens, feePips, tickSpacing, hooks }
  }

  it('reads back any state, fees included, in three rounds', () => {
    const anyState = fc
      .tuple(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0, max: 2 ** 24 - 1 }))
      .map(([seed, protocolFee]) => toV4(randomTickPool(seed), { protocolFee, feePips: 777 }))
    fc.assert(
      fc.property(anyState, (state) => {
        const answers = storageAnswers(v4StorageOf(state))
        const read = readAll(uniswapV4.snapshot(refOf(state), { wordsEachSide: 8 }), answers)
        const { tickRange, ...rest } = read.state ?? state
        const [low, high] = tickRange ?? [-Infinity, Infinity]
        const inRange = state.ticks.filter(({ index }) => index >= low && index <= high)
        assert.deepEqual(rest, { ...state, ticks: inRange })
        assert.equal(read.rounds, 3)
      }),
      { numRuns: 40 },
    )
  })

  it('reads a whole pool in calls of at most 500 slots', () => {
    const fine = toV4(v3, { poolKey: { ...pool.poolKey, tickSpacing: 10 }, tickSpacing: 10 })
    const read = readAll(uniswapV4.snapshot(refOf(fine)), storageAnswers(v4StorageOf(fine)))
    assert.deepEqual(read.state, fine)
    // 694 words of the bitmap, in two calls.
    assert.equal(read.calls, 1 + 2 + 1)
  })

  it('finds nothing where the manager has no such pool, or the key is unknown', () => {
    const nowhere = { ...refOf(pool), id: toPoolId(`0x${'7'.repeat(64)}`) }
    const answers = storageAnswers(v4StorageOf(pool))
    assert.equal(readAll(uniswapV4.snapshot(nowhere), answers).state, undefined)
    const { kind, id } = pool
    assert.equal(readAll(uniswapV4.snapshot({ kind, id, tokens }), answers).state, undefined)
    assert.equal(readAll(uniswapV4.snapshot(refOf(pool)), () => undefined).state, undefined)
  })

  it('takes a pool without hooks for one when the reference names none', () => {
    const { hooks, ...ref } = refOf(pool)
    assert.equal(hooks, zeroAddress)
    const read = readAll(uniswapV4.snapshot(ref), storageAnswers(v4StorageOf(pool)))
    assert.deepEqual(read.state, pool)
  })
})
