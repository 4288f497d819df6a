/** The constants of the pure room against the chain's own table and against the ABI's names. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { keccak256, toEventSelector, toFunctionSelector, toHex } from 'viem/utils'
import {
  mainnet,
  uniswapV2Deployments,
  uniswapV3Deployments,
} from '../../solver/chain/chains/mainnet.ts'
import type { Call } from '../../solver/chain/block.ts'
import { v2Factories, v3Factories, v4PoolManager } from '../../solver/pools/deployments.ts'
import { poolModules } from '../../solver/pools/index.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import { uniswapV3 } from '../../solver/pools/uniswapV3.ts'
import { slot0Of } from '../../solver/pools/v4Storage.ts'
import { uniswapV4 } from '../../solver/pools/uniswapV4.ts'
import { readAll, v3Answers } from '../helpers/fakePoolNode.ts'
import { aTickPool, poolA, tokenA, tokenB } from '../helpers/pools.ts'

describe('deployments', () => {
  it('name the factories that the chain names, with the same fees', () => {
    assert.deepEqual(
      v2Factories,
      uniswapV2Deployments.map(({ name, factory, feePips }) => ({
        exchange: name,
        factory,
        feePips,
      })),
    )
    assert.deepEqual(
      v3Factories,
      uniswapV3Deployments.map(({ name, factory }) => ({ exchange: name, factory })),
    )
    assert.equal(v4PoolManager.factory, mainnet.uniswapV4PoolManager)
  })
})

describe('topics', () => {
  it('are the hashes of the events that change a state', () => {
    assert.deepEqual(poolModules.uniswapV2.topics, [toEventSelector('Sync(uint112,uint112)')])
    assert.deepEqual(
      poolModules.uniswapV3.topics,
      [
        'Initialize(uint160,int24)',
        'Swap(address,address,int256,int256,uint160,uint128,int24)',
        'Mint(address,address,int24,int24,uint128,uint256,uint256)',
        'Burn(address,int24,int24,uint128,uint256,uint256)',
      ].map((event) => toEventSelector(event)),
    )
    assert.deepEqual(
      poolModules.uniswapV4.topics,
      [
        'Initialize(bytes32,address,address,uint24,int24,address,uint160,int24)',
        'Swap(bytes32,address,int128,int128,uint160,uint128,int24,uint24)',
        'ModifyLiquidity(bytes32,address,int24,int24,int256,bytes32)',
        'ProtocolFeeUpdated(bytes32,uint24)',
      ].map((event) => toEventSelector(event)),
    )
  })
})

describe('snapshot calls', () => {
  it('of V3 carry the selectors of its views', () => {
    const pool = aTickPool([{ lower: -60, upper: 60, liquidity: 5n }], 2n ** 96n)
    const seen = new Set<string>()
    const answer = v3Answers(pool)
    const reader = uniswapV3.snapshot({ kind: 'uniswapV3', id: poolA, tokens: [tokenA, tokenB] })
    readAll(reader, (call: Call) => {
      seen.add(call.data.slice(0, 10))
      return answer(call)
    })
    const views = [
      'slot0()',
      'liquidity()',
      'fee()',
      'tickSpacing()',
      'tickBitmap(int16)',
      'ticks(int24)',
    ]
    assert.deepEqual(
      [...seen],
      views.map((view) => toFunctionSelector(view)),
    )
  })

  it('of V4 read the slot of its pool from the singleton', () => {
    const id = toPoolId(poolA.padEnd(66, '0'))
    const reader = uniswapV4.snapshot({
      kind: 'uniswapV4',
      id,
      tokens: [tokenA, tokenB],
      feePips: 500,
      tickSpacing: 10,
    })
    const first = reader.next()
    assert.ok(first.done !== true)
    const [call] = first.value
    assert.equal(call?.target, mainnet.uniswapV4PoolManager)
    assert.equal(call.data.slice(0, 10), toFunctionSelector('extsload(bytes32[])'))
    const slot = keccak256(`0x${id.slice(2)}${toHex(6, { size: 32 }).slice(2)}`)
    assert.equal(slot0Of(id), BigInt(slot))
    assert.ok(call.data.includes(slot.slice(2)))
  })
})
