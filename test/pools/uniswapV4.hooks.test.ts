/** Which V4 pools are left alone for their hook, over all 16,384 combinations of permissions in its address. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import type { Address } from '../../solver/core/hex.ts'
import { hookActsOnSwaps, uniswapV4 } from '../../solver/pools/uniswapV4.ts'
import type { UniswapV4State } from '../../solver/pools/states.ts'
import { aTickPool, toV4 } from '../helpers/pools.ts'

/** Bits of a hook's address, as v4-core's Hooks library names them. */
const flags = {
  afterRemoveLiquidityReturnsDelta: 1 << 0,
  afterAddLiquidityReturnsDelta: 1 << 1,
  afterSwapReturnsDelta: 1 << 2,
  beforeSwapReturnsDelta: 1 << 3,
  afterDonate: 1 << 4,
  beforeDonate: 1 << 5,
  afterSwap: 1 << 6,
  beforeSwap: 1 << 7,
  afterRemoveLiquidity: 1 << 8,
  beforeRemoveLiquidity: 1 << 9,
  afterAddLiquidity: 1 << 10,
  beforeAddLiquidity: 1 << 11,
  afterInitialize: 1 << 12,
  beforeInitialize: 1 << 13,
} as const
const swapFlags = ['beforeSwap', 'afterSwap', 'beforeSwapReturnsDelta', 'afterSwapReturnsDelta']
const combinations = Array.from({ length: 1 << 14 }, (_, bits) => bits)
const hookOf = (bits: number): Address =>
  `0x${((0xabcdefn << 136n) | BigInt(bits)).toString(16).padStart(40, '0')}`
const base = toV4(aTickPool([{ lower: -600, upper: 600, liquidity: 10n ** 18n }], 2n ** 96n))
const swap = { indexIn: 0, indexOut: 1 }

function withHook(bits: number, fee: number = base.poolKey.fee): UniswapV4State {
  const hooks = hookOf(bits)
  return { ...base, hooks, poolKey: { ...base.poolKey, hooks, fee } }
}

function namesOf(bits: number): string[] {
  return Object.entries(flags).flatMap(([name, bit]) => ((bits & bit) === 0 ? [] : [name]))
}

describe('uniswapV4.hookActsOnSwaps', () => {
  it('is true exactly where one of the four swap permissions is given', () => {
    for (const bits of combinations) {
      const expected = namesOf(bits).some((name) => swapFlags.includes(name))
      assert.equal(hookActsOnSwaps(hookOf(bits)), expected, namesOf(bits).join(' '))
    }
  })

  it('looks at no other bit of the address', () => {
    assert.equal(hookActsOnSwaps(`0x${'f'.repeat(36)}3f33`), false)
    assert.equal(hookActsOnSwaps(`0x${'0'.repeat(36)}0000`), false)
  })
})

describe('a uniswapV4 pool with a hook', () => {
  it('trades exactly where the hook has no part in swaps: both ways of asking, price and curve', () => {
    for (const bits of combinations) {
      const pool = withHook(bits)
      const trades = !hookActsOnSwaps(pool.hooks)
      const sold = uniswapV4.swapExactIn(pool, { ...swap, amountIn: 1_000n })
      const bought = uniswapV4.swapExactOut(pool, { ...swap, amountOut: 900n })
      assert.deepEqual([sold.amountIn, bought.amountOut], trades ? [1_000n, 900n] : [0n, 0n])
      assert.equal(uniswapV4.price(pool, 0, 1) > 0, trades)
      assert.equal(uniswapV4.curve(pool) !== undefined, trades)
    }
  })

  it('that may name a fee before each swap is left alone, whatever fee is stored', () => {
    const pool = withHook(flags.beforeSwap, 8_388_608)
    assert.equal(uniswapV4.swapExactIn(pool, { ...swap, amountIn: 1_000n }).amountIn, 0n)
  })
})

describe('uniswapV4.drifts', () => {
  it('is true for a dynamic fee, which the hook may set without a log, and for no other', () => {
    assert.equal(uniswapV4.drifts(withHook(flags.afterInitialize, 8_388_608)), true)
    assert.equal(uniswapV4.drifts(withHook(flags.afterInitialize, 3_000)), false)
    assert.equal(uniswapV4.drifts(base), false)
  })

  it('is false for a pool that is left alone anyway', () => {
    assert.equal(uniswapV4.drifts(withHook(flags.beforeSwap, 8_388_608)), false)
  })
})
