/** Laws of the V2 pair: the oracle is the pair's own acceptance condition. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import type { Hex } from '../../solver/core/hex.ts'
import { type PoolId, toPoolId } from '../../solver/pools/pool.ts'
import type { UniswapV2State } from '../../solver/pools/states.ts'
import { uniswapV2 } from '../../solver/pools/uniswapV2.ts'
import { curveOutput } from '../helpers/curveOutput.ts'
import { readAll } from '../helpers/fakePoolNode.ts'
import { aPair, poolA, tokenA, tokenB } from '../helpers/pools.ts'

const uint112Max = 2n ** 112n - 1n
const pips = 1_000_000n
const forward = { indexIn: 0, indexOut: 1 }
const backward = { indexIn: 1, indexOut: 0 }
const word = (value: bigint) => value.toString(16).padStart(64, '0')

/** The line of `UniswapV2Pair.swap` that decides: x * y, after the fee, must not shrink. */
function pairAccepts(pool: UniswapV2State, amountIn: bigint, amountOut: bigint): boolean {
  const [reserveIn, reserveOut] = pool.reserves
  if (amountOut <= 0n || amountOut >= reserveOut || reserveIn + amountIn > uint112Max) return false
  const adjustedIn = (reserveIn + amountIn) * pips - amountIn * BigInt(pool.feePips)
  return adjustedIn * (reserveOut - amountOut) >= reserveIn * reserveOut * pips
}

const anyReserve = fc.bigInt({ min: 1n, max: uint112Max })
const anyPool = fc
  .tuple(fc.tuple(anyReserve, anyReserve), fc.integer({ min: 0, max: 10_000 }))
  .map(([reserves, feePips]) => aPair(reserves, { feePips }))
/** Up to twice what a pair can hold, so that its ceiling is met too. */
const anyAmount = fc.bigInt({ min: 1n, max: 2n * uint112Max })

describe('uniswapV2.swapExactIn', () => {
  it('pays all that the pair would accept, to the wei', () => {
    fc.assert(
      fc.property(anyPool, anyAmount, (pool, offered) => {
        const swap = { ...forward, amountIn: offered }
        const { amountIn, amountOut } = uniswapV2.swapExactIn(pool, swap)
        assert.ok(amountIn <= offered)
        if (amountOut > 0n) assert.ok(pairAccepts(pool, amountIn, amountOut))
        assert.ok(!pairAccepts(pool, amountIn || offered, amountOut + 1n))
      }),
    )
  })

  it('takes nothing where it would pay nothing', () => {
    for (const before of [aPair([0n, 0n]), aPair([0n, 9n]), aPair([10n ** 9n, 1n])]) {
      const result = uniswapV2.swapExactIn(before, { ...forward, amountIn: 5n })
      assert.deepEqual(result, { amountIn: 0n, amountOut: 0n, gas: 0n, next: before })
    }
  })

  it('pays no more for an input in two swaps than in one', () => {
    // The first leg leaves its fee in the pair, so the second meets a worse price.
    fc.assert(
      fc.property(anyPool, anyAmount, anyAmount, (pool, first, second) => {
        const whole = uniswapV2.swapExactIn(pool, { ...forward, amountIn: first + second })
        const leg1 = uniswapV2.swapExactIn(pool, { ...forward, amountIn: first })
        const leg2 = uniswapV2.swapExactIn(leg1.next, { ...forward, amountIn: second })
        assert.ok(leg1.amountOut + leg2.amountOut <= whole.amountOut)
      }),
    )
  })

  it('keeps the books and never profits on a round trip', () => {
    fc.assert(
      fc.property(anyPool, anyAmount, (pool, offered) => {
        const there = uniswapV2.swapExactIn(pool, { ...forward, amountIn: offered })
        const back = uniswapV2.swapExactIn(there.next, { ...backward, amountIn: there.amountOut })
        assert.ok(back.amountOut <= there.amountIn)
        assert.deepEqual(back.next.reserves, [
          pool.reserves[0] + there.amountIn - back.amountOut,
          pool.reserves[1] - there.amountOut + back.amountIn,
        ])
      }),
    )
  })

  it('costs what the snapshot says where it says so', () => {
    const swap = { ...forward, amountIn: 1_000n }
    const hinted = aPair([10n ** 9n, 10n ** 9n], { gasHint: 71_234n })
    assert.equal(uniswapV2.swapExactIn(hinted, swap).gas, 71_234n)
    assert.ok(uniswapV2.swapExactIn(aPair([10n ** 9n, 10n ** 9n]), swap).gas > 0n)
  })
})

describe('uniswapV2.swapExactOut', () => {
  it('takes the least input that the pair would accept', () => {
    fc.assert(
      fc.property(anyPool, anyAmount, (pool, wanted) => {
        const swap = { ...forward, amountOut: wanted }
        const { amountIn, amountOut } = uniswapV2.swapExactOut(pool, swap)
        if (amountOut === 0n) return
        assert.ok(amountOut <= wanted)
        assert.ok(pairAccepts(pool, amountIn, amountOut))
        assert.ok(!pairAccepts(pool, amountIn - 1n, amountOut))
      }),
    )
  })

  it('takes nothing from an empty pair', () => {
    const result = uniswapV2.swapExactOut(aPair([0n, 0n]), { ...forward, amountOut: 5n })
    assert.deepEqual(result, { amountIn: 0n, amountOut: 0n, gas: 0n, next: aPair([0n, 0n]) })
  })
})

describe('uniswapV2.price', () => {
  it('is what a small swap pays, to six digits', () => {
    const deep = aPair([3n * 10n ** 24n, 10n ** 24n])
    const swap = { ...forward, amountIn: 10n ** 15n }
    const paid = Number(uniswapV2.swapExactIn(deep, swap).amountOut) / Number(swap.amountIn)
    assert.ok(Math.abs(paid / uniswapV2.price(deep, 0, 1) - 1) < 1e-6)
  })

  it('is 0 where a side is empty', () => {
    assert.equal(uniswapV2.price(aPair([0n, 5n]), 0, 1), 0)
    assert.equal(uniswapV2.price(aPair([5n, 0n]), 0, 1), 0)
  })
})

describe('uniswapV2.apply', () => {
  const sync = (address: PoolId) => ({
    address,
    topics: uniswapV2.topics,
    data: `0x${word(7n)}${word(9n)}` as const,
  })

  it('takes the reserves of a Sync log from this pair', () => {
    assert.deepEqual(uniswapV2.apply(aPair([1n, 1n]), sync(poolA)).reserves, [7n, 9n])
  })

  it('returns the same state for a log from elsewhere', () => {
    const before = aPair([1n, 1n])
    assert.equal(uniswapV2.apply(before, sync(toPoolId('0xdead'))), before)
  })

  it('returns the same state for another event of this pair', () => {
    const before = aPair([1n, 1n])
    assert.equal(uniswapV2.apply(before, { ...sync(poolA), topics: ['0x00'] }), before)
  })
})

describe('uniswapV2.discover', () => {
  const topic = '0x0d3648bd0f6ba80134a33ba9275ac585d9d315f0ad8355cddefde31afa28d0e9'
  const created = (address: Hex) => ({
    address,
    topics: [topic, `0x${word(BigInt(tokenA))}`, `0x${word(BigInt(tokenB))}`] as const,
    data: `0x${word(BigInt(poolA))}${word(1n)}` as const,
  })

  it('names a new pair of Uniswap or Sushi, with its fee', () => {
    assert.deepEqual(uniswapV2.discover(created('0x5c69bee701ef814a2b6a3edd4b1652cb9cc5aa6f')), {
      kind: 'uniswapV2',
      id: poolA,
      tokens: [tokenA, tokenB],
      exchange: 'uniswap_v2',
      feePips: 3_000,
    })
    const sushi = uniswapV2.discover(created('0xc0aee478e3658e2610c5f7a4a2e1777ce9e4f2ac'))
    assert.equal(sushi?.exchange, 'sushiswap_v2')
  })

  it('ignores the same log from a factory whose code it does not know', () => {
    assert.equal(
      uniswapV2.discover(created('0x00000000000000000000000000000000000000ff')),
      undefined,
    )
  })
})

describe('uniswapV2.curve', () => {
  it('agrees with the exact amounts to nine digits', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 10n ** 20n, max: 10n ** 30n }),
        fc.bigInt({ min: 10n ** 20n, max: 10n ** 30n }),
        fc.bigInt({ min: 10n ** 16n, max: 10n ** 29n }),
        fc.boolean(),
        (reserve0, reserve1, amountIn, zeroForOne) => {
          const pair = aPair([reserve0, reserve1])
          const curve = uniswapV2.curve(pair)
          assert.ok(curve)
          const swap = zeroForOne ? forward : backward
          const { amountOut } = uniswapV2.swapExactIn(pair, { ...swap, amountIn })
          if (amountOut < 10n ** 11n) return
          const guessed = curveOutput(curve, zeroForOne, Number(amountIn))
          assert.ok(Math.abs(guessed / Number(amountOut) - 1) < 1e-9)
        },
      ),
    )
  })

  it('is absent where a side is empty', () => {
    assert.equal(uniswapV2.curve(aPair([0n, 5n])), undefined)
    assert.equal(uniswapV2.curve(aPair([5n, 0n])), undefined)
  })
})

describe('uniswapV2.snapshot', () => {
  const tokens = [tokenA, tokenB] as const
  const ref = { kind: 'uniswapV2', id: poolA, tokens, feePips: 2_500 }

  it('reads the reserves in one call', () => {
    const { state, rounds } = readAll(uniswapV2.snapshot(ref), ({ target, data }) => {
      assert.deepEqual([target, data], [poolA, '0x0902f1ac'])
      return `0x${word(5n)}${word(6n)}${word(1n)}`
    })
    assert.deepEqual(state, aPair([5n, 6n], { feePips: 2_500 }))
    assert.equal(rounds, 1)
  })

  it('finds nothing where the call fails or no code answers', () => {
    assert.equal(readAll(uniswapV2.snapshot(ref), () => undefined).state, undefined)
    assert.equal(readAll(uniswapV2.snapshot(ref), () => '0x').state, undefined)
  })
})
