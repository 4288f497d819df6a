/** States that no contract of a kind can have: kept out, whoever says them. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { formatSnapshot, parseSnapshot } from '../../solver/market/codec.ts'
import { toSnapshot } from '../../solver/market/snapshot.ts'
import { isSound, isSoundAfter } from '../../solver/market/sound.ts'
import type { Address } from '../../solver/core/hex.ts'
import type { Token } from '../../solver/core/token.ts'
import type { PoolState } from '../../solver/pools/index.ts'
import { aPair, aTickPool, randomTickPool, tokenA, tokenB, toV4 } from '../helpers/pools.ts'

const v3 = randomTickPool(7)

describe('sound.isSound', () => {
  it('takes what the readers make of honest pools', () => {
    for (const state of [aPair([1n, 2n]), v3, toV4(v3)]) assert.equal(isSound(state), true)
  })

  it('refuses reserves above uint112, prices off their tick, one token twice, tokens out of order', () => {
    const bad: PoolState[] = [
      aPair([2n ** 112n, 1n]),
      { ...v3, sqrtPriceX96: 1_000n },
      { ...v3, tickSpacing: 779_264 },
      aPair([1n, 1n], { tokens: [tokenA, tokenA] }),
      aPair([1n, 1n], { tokens: [tokenB, tokenA] }),
      aPair([1n, 1n], { tokens: [] }),
    ]
    for (const state of bad) assert.equal(isSound(state), false)
  })

  it('takes a V4 pool whose static fee is the whole input, and files take it too', () => {
    const dear = toV4(v3, { feePips: 1_000_000 })
    assert.equal(isSound(dear), true)
    const token = (address: typeof tokenA | typeof tokenB) => ({
      address,
      symbol: '',
      decimals: 18,
    })
    const view = {
      chainId: 1,
      tokens: new Map<Address, Token>([
        [tokenA, token(tokenA)],
        [tokenB, token(tokenB)],
      ]),
      pools: new Map([[dear.id, dear]]),
    }
    assert.deepEqual(parseSnapshot(formatSnapshot(toSnapshot(view))).view.pools, view.pools)
  })
})

describe('sound.isSoundAfter', () => {
  it('sees a price beyond the ticks and a liquidity below 0', () => {
    const pool = aTickPool([{ lower: -60, upper: 60, liquidity: 5n }], 2n ** 96n)
    assert.equal(isSoundAfter(pool), true)
    assert.equal(isSoundAfter({ ...pool, sqrtPriceX96: 1n }), false)
    assert.equal(isSoundAfter({ ...pool, liquidity: -1n }), false)
  })
})
