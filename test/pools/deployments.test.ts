/** The constants of the pure room against the chain's own table and against the ABI's names. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { keccak256, toEventSelector, toFunctionSelector, toHex } from 'viem/utils'
import { mainnet, mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import type { Call } from '../../solver/chain/block.ts'
import { packageArtifact } from '../../solver/localnet/artifacts.ts'
import {
  uniswapV2Deployments,
  v2Factories,
  v3Factories,
  v4PoolManager,
} from '../../solver/pools/deployments.ts'
import { poolModules } from '../../solver/pools/index.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import { uniswapV3 } from '../../solver/pools/uniswapV3.ts'
import { slot0Of } from '../../solver/pools/v4Storage.ts'
import { uniswapV4 } from '../../solver/pools/uniswapV4.ts'
import { uniswapV2Address, uniswapV3Address } from '../../solver/settle/poolAddress.ts'
import { readAll, v3Answers } from '../helpers/fakePoolNode.ts'
import { aTickPool, poolA, tokenA, tokenB } from '../helpers/pools.ts'

const usdc = mainnetTokens.USDC.address
const usdt = mainnetTokens.USDT.address
const dai = mainnetTokens.DAI.address
const weth = mainnetTokens.WETH.address

/** A recorded pool of every factory: its address is what the row's factory, hash and these tokens give. */
const recordedPairs = {
  // USDC/WETH of mainnet block 12459406
  uniswap_v2: [usdc, weth, '0xb4e16d0168e52d35cacd2c6185b44281ec28c9dc'],
  sushiswap_v2: [usdc, weth, '0x397ff1542f962076d0bfe58ea045ffa2d347aca0'],
  // WETH/USDT as gathered by a solver competition in September 2023
  pancakeswap_v2: [weth, usdt, '0x17c1ae82d99379240059940093762c5e4539aba5'],
  // of blocks 15274915 and 16257471
  shibaswap_v2: [
    '0x9813037ee2218799597d83d4a5b6f3b6778218d9',
    weth,
    '0xefb47fcfcad4f96c83d4ca676842fb03ef20a477',
  ],
  defiswap_v2: [
    '0xa0b73e1ff0b80914ab6fe0444e65848c4c34450b',
    weth,
    '0x9ef7e917fb41cc02f78a5c99b42f497ed8979350',
  ],
} as const
const recordedPools = {
  uniswap_v3: [usdc, weth, 500, '0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640'],
  // of blocks 24628607 and 24647140
  sushiswap_v3: [dai, weth, 3_000, '0x769db46f39c42ee7ad5f71f4167c47edd281e767'],
  pancakeswap_v3: [weth, usdt, 500, '0x6ca298d2983ab03aa1da7679389d955a4efee15c'],
} as const

describe('deployments', () => {
  it('each give the address of a recorded pair', () => {
    const derived = v2Factories.map((row) => {
      const [token0, token1] = recordedPairs[row.exchange as keyof typeof recordedPairs]
      return [row.exchange, uniswapV2Address({ ...row, row: 0 }, token0, token1)]
    })
    assert.deepEqual(
      derived,
      v2Factories.map(({ exchange }) => [
        exchange,
        recordedPairs[exchange as keyof typeof recordedPairs][2],
      ]),
    )
  })

  it('each give the address of a recorded pool with ticks', () => {
    for (const row of v3Factories) {
      const creator = { ...row, row: 0, factory: row.deployer ?? row.factory }
      const [token0, token1, fee, pool] = recordedPools[row.exchange as keyof typeof recordedPools]
      assert.equal(uniswapV3Address(creator, token0, token1, fee), pool)
    }
    assert.equal(v3Factories.length, Object.keys(recordedPools).length)
  })

  it('have the hash of the creation code that the npm package carries', () => {
    const code = packageArtifact(
      '@pancakeswap/v3-core/artifacts/contracts/PancakeV3Pool.sol/PancakeV3Pool.json',
    ).bytecode
    const pancake = v3Factories.find(({ exchange }) => exchange === 'pancakeswap_v3')
    assert.equal(keccak256(code), pancake?.initCodeHash)
  })

  it('include what the settlement derives, at the addresses of the chain', () => {
    for (const { exchange } of uniswapV2Deployments)
      assert.ok(v2Factories.some((row) => row.exchange === exchange))
    assert.equal(v2Factories[0]?.factory, mainnet.uniswapV2Factory)
    assert.equal(v3Factories[0]?.factory, mainnet.uniswapV3Factory)
    assert.equal(v4PoolManager.factory, mainnet.uniswapV4PoolManager)
  })

  it('name each factory and each exchange once', () => {
    const rows = [...v2Factories, ...v3Factories]
    assert.equal(new Set(rows.map(({ factory }) => factory)).size, rows.length)
    assert.equal(new Set(rows.map(({ exchange }) => exchange)).size, rows.length)
  })

  it('ask for a fee by the selector of its view', () => {
    const selectors = v2Factories.flatMap(({ feeCall }) => feeCall?.selector ?? [])
    assert.deepEqual(
      selectors,
      ['totalFee()', 'totalFeeBasisPoint()'].map((view) => toFunctionSelector(view)),
    )
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
        'Swap(address,address,int256,int256,uint160,uint128,int24,uint128,uint128)',
        'Mint(address,address,int24,int24,uint128,uint256,uint256)',
        'Burn(address,int24,int24,uint128,uint256,uint256)',
        'SetFee(uint24,uint24)',
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
      // A lens has no selector: its own code stands in for the pool's.
      if (call.lens === undefined) seen.add(call.data.slice(0, 10))
      return answer(call)
    })
    const views = [
      'slot0()',
      'liquidity()',
      'tickSpacing()',
      'fee()',
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
