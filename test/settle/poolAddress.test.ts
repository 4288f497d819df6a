/** Golden vectors: pools of Ethereum mainnet, as their factories' PairCreated and PoolCreated logs name them. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import { venues } from '../../solver/engine/settleSolution.ts'
import { sortTokens, uniswapV2Address, uniswapV3Address } from '../../solver/settle/poolAddress.ts'

const { WETH, USDC, USDT, DAI, WBTC } = mainnetTokens

describe('poolAddress.uniswapV2Address', () => {
  it('is the address of mainnet pairs, whatever the order of the tokens', () => {
    const [uniswap, sushi] = venues.uniswapV2
    assert.ok(uniswap !== undefined && sushi !== undefined)
    const pairs = [
      [uniswap, USDC, WETH, '0xb4e16d0168e52d35cacd2c6185b44281ec28c9dc'],
      [uniswap, WETH, USDT, '0x0d4a11d5eeaac28ec3f61d100daf4d40471f1852'],
      [uniswap, DAI, WETH, '0xa478c2975ab1ea89e8196811f51a7b7ade33eb11'],
      [sushi, USDC, WETH, '0x397ff1542f962076d0bfe58ea045ffa2d347aca0'],
    ] as const
    for (const [deployment, x, y, expected] of pairs) {
      assert.equal(uniswapV2Address(deployment, x.address, y.address), expected)
      assert.equal(uniswapV2Address(deployment, y.address, x.address), expected)
    }
  })
})

describe('poolAddress.uniswapV3Address', () => {
  it('is the address of mainnet pools, by their fee', () => {
    const [uniswap] = venues.uniswapV3
    assert.ok(uniswap !== undefined)
    const pools = [
      [USDC, WETH, 500, '0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640'],
      [USDC, WETH, 3_000, '0x8ad599c3a0ff1de082011efddc58f1908eb6e6d8'],
      [WBTC, WETH, 3_000, '0xcbcdf9626bc03e24f779434178a73a0b4bad62ed'],
    ] as const
    for (const [x, y, fee, expected] of pools) {
      assert.equal(uniswapV3Address(uniswap, x.address, y.address, fee), expected)
      assert.equal(uniswapV3Address(uniswap, y.address, x.address, fee), expected)
    }
  })
})

describe('poolAddress.sortTokens', () => {
  it('puts the lower address first', () => {
    assert.deepEqual(sortTokens(WETH.address, USDC.address), [USDC.address, WETH.address])
    assert.deepEqual(sortTokens(USDC.address, WETH.address), [USDC.address, WETH.address])
  })
})
