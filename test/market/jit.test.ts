/** Liquidity that is minted and burnt within one block: it served one swap, and never counts as depth. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import type { Log } from '../../solver/chain/block.ts'
import { toWord } from '../../solver/chain/quantity.ts'
import type { Hex } from '../../solver/core/hex.ts'
import type { Token } from '../../solver/core/token.ts'
import { createMarket } from '../../solver/market/market.ts'
import { nativeDepthOf, priceTokens } from '../../solver/market/prices.ts'
import type { MarketView } from '../../solver/market/view.ts'
import type { PoolState } from '../../solver/pools/index.ts'
import { v4PoolManager } from '../../solver/pools/deployments.ts'
import type { UniswapV3State } from '../../solver/pools/states.ts'
import { uniswapV3 } from '../../solver/pools/uniswapV3.ts'
import { uniswapV4 } from '../../solver/pools/uniswapV4.ts'
import { hashOf } from '../helpers/fakeNode.ts'
import { aTickPool, type Position, tokenA, tokenB, toV4 } from '../helpers/pools.ts'

const v3Topics: readonly Hex[] = uniswapV3.topics
const [, v3Swap = '0x', , v3Mint = '0x', v3Burn = '0x'] = v3Topics
const q96 = 2n ** 96n
const start = { number: 100n, hash: hashOf(1), parentHash: hashOf(0), timestamp: 1_700_000_000n }
const next = { number: 101n, hash: hashOf(2), parentHash: hashOf(1), timestamp: 1_700_000_012n }
const tokens = new Map(
  ([tokenA, tokenB] as const).map((address): [Hex, Token] => [
    address,
    { address, symbol: '', decimals: 18, priceWei: 10n ** 18n },
  ]),
)

const words = (...values: readonly bigint[]): Hex =>
  `0x${values.map((value) => toWord(BigInt.asUintN(256, value)).slice(2)).join('')}`
const topicOf = (value: number) => toWord(BigInt.asUintN(256, BigInt(value)))

function v3Liquidity(topic: Hex, { lower, upper, liquidity }: Position): Log {
  const data = topic === v3Mint ? words(0n, liquidity, 0n, 0n) : words(liquidity, 0n, 0n)
  const topics = [topic, toWord(0n), topicOf(lower), topicOf(upper)]
  return { address: standing.id, topics, data }
}

function v3SwapLog({ sqrtPriceX96, liquidity, tick }: UniswapV3State): Log {
  const data = words(0n, 0n, sqrtPriceX96, liquidity, BigInt(tick))
  return { address: standing.id, topics: [v3Swap, toWord(0n), toWord(0n)], data }
}

/** The position that stays: wide, so that no swap here leaves it. */
const stays: Position = { lower: -60_000, upper: 60_000, liquidity: 10n ** 21n }
const standing = aTickPool([stays], q96)

function viewOf(...pools: readonly PoolState[]): MarketView {
  return { chainId: 1, block: start, tokens, pools: new Map(pools.map((each) => [each.id, each])) }
}

/** The pool after a block with `logs`. */
function afterBlock(state: PoolState, logs: readonly Log[]): PoolState {
  const market = createMarket(viewOf(state))
  market.apply({ kind: 'block', block: next, logs })
  const held = market.view().pools.get(state.id)
  assert.ok(held)
  return held
}

/** Positions around the price, as whoever has seen the swap coming would place them. */
const passing = fc.record({
  lower: fc.integer({ min: -50, max: -1 }).map((step) => 60 * step),
  upper: fc.integer({ min: 1, max: 50 }).map((step) => 60 * step),
  liquidity: fc.bigInt({ min: 10n ** 22n, max: 10n ** 26n }),
})
const swaps = fc.record({
  amountIn: fc.bigInt({ min: 1n, max: 10n ** 22n }),
  indexIn: fc.constantFrom(0, 1),
})

describe('market.createMarket with liquidity of one block', () => {
  it('has the depth of a block without it, on Uniswap V3', () => {
    fc.assert(
      fc.property(passing, swaps, (position, { amountIn, indexIn }) => {
        const deep = aTickPool([stays, position], q96)
        const { next: swapped } = uniswapV3.swapExactIn(deep, {
          indexIn,
          indexOut: 1 - indexIn,
          amountIn,
        })
        const [mint, burn] = [v3Mint, v3Burn].map((topic) => v3Liquidity(topic, position))
        assert.ok(mint && burn)
        const logs = [mint, v3SwapLog(swapped), burn]
        const held = afterBlock(standing, logs)
        const without = aTickPool([stays], swapped.sqrtPriceX96)
        assert.deepEqual(held, { ...without, tick: swapped.tick })
        assert.equal(nativeDepthOf(held, tokens), nativeDepthOf(without, tokens))
        // The control: what is not burnt does count, while the price is within it.
        if (swapped.tick <= position.lower || swapped.tick >= position.upper - 1) return
        const kept = afterBlock(standing, logs.slice(0, 2))
        assert.ok((nativeDepthOf(kept, tokens) ?? 0) > (nativeDepthOf(held, tokens) ?? 0))
      }),
    )
  })

  it('has the depth of a block without it, on Uniswap V4', () => {
    const [, , modify] = uniswapV4.topics
    const pool = toV4(standing)
    const change = ({ lower, upper, liquidity }: Position, sign: bigint): Log => ({
      address: v4PoolManager.factory,
      topics: [modify ?? '0x', pool.id, toWord(0n)],
      data: words(BigInt(lower), BigInt(upper), sign * liquidity, 0n),
    })
    fc.assert(
      fc.property(passing, (position) => {
        const held = afterBlock(pool, [change(position, 1n), change(position, -1n)])
        assert.deepEqual(held, pool)
        const kept = afterBlock(pool, [change(position, 1n)])
        assert.ok((nativeDepthOf(kept, tokens) ?? 0) > (nativeDepthOf(pool, tokens) ?? 0))
      }),
    )
  })

  it('does not let it choose the pool that prices a token', () => {
    const [weth, tail] = [tokenA, tokenB] as const
    const rival = {
      ...aTickPool([{ ...stays, liquidity: 2n * stays.liquidity }], q96),
      id: `${standing.id.slice(0, -1)}2` as typeof standing.id,
    }
    const position: Position = { lower: -600, upper: 600, liquidity: 10n ** 26n }
    const market = createMarket({ ...viewOf(standing, rival), wrappedNative: weth })
    const logs = [v3Mint, v3Burn].map((topic) => v3Liquidity(topic, position))
    const source = () => priceTokens(market.view()).get(tail)?.pricePool
    market.apply({ kind: 'block', block: next, logs })
    assert.equal(source(), rival.id)
    // The control: left in place it is the deepest.
    const later = { ...next, number: 102n, hash: hashOf(3), parentHash: next.hash }
    market.apply({ kind: 'block', block: later, logs: logs.slice(0, 1) })
    assert.equal(source(), standing.id)
  })
})
