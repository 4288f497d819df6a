/** Reference prices. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { mainnet } from '../../solver/chain/chains/mainnet.ts'
import { type Address, zeroAddress } from '../../solver/core/hex.ts'
import type { Token } from '../../solver/core/token.ts'
import { depthOf, priceTokens, smoothDepthOf } from '../../solver/market/prices.ts'
import type { PoolState } from '../../solver/pools/index.ts'
import { type SmoothCurve, toPoolId } from '../../solver/pools/pool.ts'
import type { UniswapV2State } from '../../solver/pools/states.ts'
import { uniswapV2 } from '../../solver/pools/uniswapV2.ts'
import { aPair, randomTickPool } from '../helpers/pools.ts'

const weth = mainnet.wrappedNative
const usdc: Address = '0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48'
const tail: Address = '0x0000000000000000000000000000000000000a11'
const wad = 10n ** 18n

const tokens = new Map<Address, Token>(
  [weth, usdc, tail, zeroAddress].map((address) => [address, { address, symbol: '', decimals: 6 }]),
)

function pair(
  id: number,
  pairTokens: readonly Address[],
  reserves: readonly [bigint, bigint],
): UniswapV2State {
  return aPair(reserves, { id: toPoolId(`0x${String(id).repeat(40)}`), tokens: pairTokens })
}

const block = { number: 7n, hash: '0x', parentHash: '0x', timestamp: 1n } as const
const viewOf = (pools: readonly PoolState[], wrappedNative: Address | undefined = weth) => ({
  block,
  tokens,
  pools: new Map(pools.map((state) => [state.id, state])),
  wrappedNative,
})
const priceOf = (pools: readonly PoolState[], token: Address) =>
  priceTokens(viewOf(pools)).get(token)?.priceWei

/** Equal to nine digits. */
function near(actual: bigint | undefined, expected: number): void {
  assert.ok(actual !== undefined)
  assert.ok(Math.abs(Number(actual) / expected - 1) < 1e-9, `${actual} is not near ${expected}`)
}

describe('prices.priceTokens', () => {
  const deep = pair(1, [usdc, weth], [3_000_000n * 10n ** 6n, 1_000n * wad])

  it('prices the wrapped and the native currency at one', () => {
    assert.equal(priceOf([], weth), wad)
    assert.equal(priceOf([], zeroAddress), wad)
  })

  it('gives wei for 10^18 base units, whatever the decimals', () => {
    near(priceOf([deep], usdc), (1_000 / 3_000_000) * 1e18 * 1e12)
  })

  it('prices the token on either side of a pair', () => {
    const other = pair(2, [tail, weth], [5n * wad, 10n * wad])
    const mirrored = pair(3, [zeroAddress, tail], [10n * wad, 5n * wad])
    near(priceOf([other], tail), 2e18)
    near(priceOf([mirrored], tail), 2e18)
  })

  it('believes the deepest pool', () => {
    const shallow = pair(4, [usdc, weth], [10n ** 6n, wad])
    for (const pools of [
      [deep, shallow],
      [shallow, deep],
    ])
      near(priceOf(pools, usdc), (1_000 / 3_000_000) * 1e18 * 1e12)
  })

  it('prices a token that trades against a priced token only', () => {
    const hop = pair(5, [tail, usdc], [1_000n * wad, 3_000n * 10n ** 6n])
    near(priceOf([hop, deep], tail), 1e15)
  })

  it('leaves a token that no pool prices, and one with an empty pool, as it was', () => {
    const empty = pair(6, [tail, weth], [0n, wad])
    assert.equal(priceOf([deep, empty], tail), undefined)
  })

  it('changes nothing where the wrapped currency is unknown', () => {
    const { wrappedNative: _, ...view } = viewOf([deep])
    assert.equal(priceTokens(view), tokens)
  })

  it('says from which pool and block a price came', () => {
    const { priceFrom, pricePool, priceBlock } = priceTokens(viewOf([deep])).get(usdc) ?? {}
    assert.deepEqual([priceFrom, pricePool, priceBlock], ['pool', deep.id, 7n])
  })

  it('keeps an old price and its block where no pool prices the token any more', () => {
    const priced = priceTokens(viewOf([deep]))
    const later = { ...viewOf([]), block: { ...block, number: 9n }, tokens: priced }
    assert.deepEqual(priceTokens(later).get(usdc), priced.get(usdc))
  })
})

describe('prices.smoothDepthOf', () => {
  it('is what the pool pays until its price has fallen by a quarter, as for segments', () => {
    // A constant product without a fee: paid = y x / (1 + x), slope = 1 / (1 + x)^2 of the start's.
    const curve: SmoothCurve = {
      shape: 'smooth',
      out: (_in, _out, size) => (1e6 * size) / (1e6 + size),
      slope: (_in, _out, size) => 1 / (1 + size / 1e6) ** 2,
      mostIn: () => 1e18,
    }
    const depth = smoothDepthOf(curve, { index: 0, indexBase: 1 })
    assert.ok(Math.abs(depth / (1e6 * (1 - 1 / Math.sqrt(1.25))) - 1) < 1e-4)
  })

  it('is nothing for a pool that takes nothing', () => {
    const curve: SmoothCurve = {
      shape: 'smooth',
      out: () => 0,
      slope: () => 0,
      mostIn: () => 0,
    }
    assert.equal(smoothDepthOf(curve, { index: 0, indexBase: 1 }), 0)
  })
})

describe('prices.depthOf', () => {
  it('is what a pool pays until its price has moved by a quarter', () => {
    const state = aPair([10n ** 24n, 4n * 10n ** 24n], { feePips: 0 })
    const curve = uniswapV2.curve(state)
    assert.ok(curve)
    // Constant product: price down by 1.25 pays y (1 - 1/sqrt(1.25)).
    assert.ok(Math.abs(depthOf(curve, 1) / (4e24 * (1 - 1 / Math.sqrt(1.25))) - 1) < 1e-9)
    assert.ok(Math.abs(depthOf(curve, 0) / (1e24 * (1 - 1 / Math.sqrt(1.25))) - 1) < 1e-9)
  })

  it('counts only the liquidity that is there', async () => {
    const { uniswapV3 } = await import('../../solver/pools/uniswapV3.ts')
    const curve = uniswapV3.curve({
      ...randomTickPool(5),
      liquidity: 10n ** 18n,
      ticks: [],
      singleRange: true,
    })
    assert.ok(curve)
    const { sqrtPrice, bounds } = curve
    const [low = 0, high = 0] = bounds
    assert.ok(
      Math.abs(depthOf(curve, 1) / (1e18 * (sqrtPrice - low)) - 1) < 1e-6 || sqrtPrice === low,
    )
    assert.ok(Math.abs(depthOf(curve, 0) / (1e18 * (1 / sqrtPrice - 1 / high)) - 1) < 1e-6)
  })
})
