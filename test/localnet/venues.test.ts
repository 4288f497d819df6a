import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { type Abi, parseAbi } from 'viem'
import { encodeFunctionData } from 'viem/utils'
import { mainnet, mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import type { Address } from '../../solver/core/hex.ts'
import { startBalance } from '../../solver/localnet/accounts.ts'
import { createLocalChain, type LocalChain } from '../../solver/localnet/chain.ts'
import { balanceOf } from '../../solver/localnet/fund.ts'
import { moduleOf, type PoolState } from '../../solver/pools/index.ts'
import { ask, readPool, sendInBlock } from '../helpers/localnet.ts'

const { WETH, USDC } = mainnetTokens
const sold = 3_141_592_653_589_793_238n

describe('venues.deployVenues', () => {
  let chain: LocalChain
  before(async () => {
    chain = await createLocalChain()
  })
  after(() => chain.close())

  /** The first pool of a kind and fee that trades USDC for WETH, or for ether. */
  async function poolOf(kind: PoolState['kind'], feePips: number): Promise<PoolState> {
    const ref = chain.pools.find((pool) => pool.kind === kind && pool.feePips === feePips)
    assert.ok(ref !== undefined && ref.tokens.includes(USDC.address))
    return readPool(chain.provider, ref)
  }

  function amountOut(state: PoolState, token: Address): bigint {
    const indexIn = state.tokens.indexOf(token)
    const swap = { indexIn, indexOut: 1 - indexIn, amountIn: sold }
    return moduleOf(state).swapExactIn(state, swap).amountOut
  }

  const read = (to: Address, abi: Abi, name: string, args: readonly unknown[] = []) =>
    ask(chain.provider, to, abi, name, args)

  it('has a Permit2 with mainnet’s domain', async () => {
    const abi = parseAbi(['function DOMAIN_SEPARATOR() view returns (bytes32)'])
    const separator = '0x866a5aba21966af95d6c7ab78eb2b2fc913915c28be3b9aa07cc04ff903e3f28'
    assert.equal(await read(mainnet.permit2, abi, 'DOMAIN_SEPARATOR'), separator)
  })

  it('has a Multicall3 that answers for the chain', async () => {
    const abi = parseAbi([
      'function getChainId() view returns (uint256)',
      'function getEthBalance(address) view returns (uint256)',
    ])
    assert.equal(await read(mainnet.multicall3, abi, 'getChainId'), 1n)
    const { address } = chain.accounts.owner(5)
    assert.equal(await read(mainnet.multicall3, abi, 'getEthBalance', [address]), startBalance)
  })

  it('has peripheries that know the factories and WETH of mainnet', async () => {
    const getters = parseAbi([
      'function factory() view returns (address)',
      'function factoryV2() view returns (address)',
      'function positionManager() view returns (address)',
      'function poolManager() view returns (address)',
      'function WETH() view returns (address)',
      'function WETH9() view returns (address)',
    ])
    const expected: [Address, string, Address][] = [
      [mainnet.uniswapV2Router, 'factory', mainnet.uniswapV2Factory],
      [mainnet.uniswapV2Router, 'WETH', WETH.address],
      [mainnet.uniswapV3PositionManager, 'factory', mainnet.uniswapV3Factory],
      [mainnet.uniswapV3QuoterV2, 'factory', mainnet.uniswapV3Factory],
      [mainnet.uniswapV3QuoterV2, 'WETH9', WETH.address],
      [mainnet.uniswapV3SwapRouter02, 'factory', mainnet.uniswapV3Factory],
      [mainnet.uniswapV3SwapRouter02, 'factoryV2', mainnet.uniswapV2Factory],
      [mainnet.uniswapV3SwapRouter02, 'positionManager', mainnet.uniswapV3PositionManager],
      [mainnet.uniswapV4Quoter, 'poolManager', mainnet.uniswapV4PoolManager],
      [mainnet.uniswapV4StateView, 'poolManager', mainnet.uniswapV4PoolManager],
    ]
    for (const [at, getter, address] of expected)
      assert.equal(String(await read(at, getters, getter)).toLowerCase(), address)
  })

  it('has a V2 router that quotes what our maths says', async () => {
    const abi = parseAbi([
      'function getAmountsOut(uint256, address[]) view returns (uint256[] amounts)',
    ])
    const path = [WETH.address, USDC.address]
    const amounts = await read(mainnet.uniswapV2Router, abi, 'getAmountsOut', [sold, path])
    const pair = await poolOf('uniswapV2', 3_000)
    assert.deepEqual(amounts, [sold, amountOut(pair, WETH.address)])
  })

  it('has a QuoterV2 that quotes what our maths says', async () => {
    const abi = parseAbi([
      'struct Params { address tokenIn; address tokenOut; uint256 amountIn; uint24 fee; uint160 limit; }',
      'function quoteExactInputSingle(Params) returns (uint256, uint160, uint32, uint256)',
    ])
    const [tokenIn, tokenOut] = [WETH.address, USDC.address]
    const params = { tokenIn, tokenOut, amountIn: sold, fee: 500, limit: 0n }
    const quote = await read(mainnet.uniswapV3QuoterV2, abi, 'quoteExactInputSingle', [params])
    const pool = await poolOf('uniswapV3', 500)
    assert.equal((quote as readonly bigint[])[0], amountOut(pool, WETH.address))
  })

  it('has a V4 quoter that quotes ether as our maths does', async () => {
    const abi = parseAbi([
      'struct Key { address currency0; address currency1; uint24 fee; int24 tickSpacing; address hooks; }',
      'struct Params { Key poolKey; bool zeroForOne; uint128 exactAmount; bytes hookData; }',
      'function quoteExactInputSingle(Params) returns (uint256, uint256)',
    ])
    const pool = await poolOf('uniswapV4', 500)
    assert.ok(pool.kind === 'uniswapV4')
    const { poolKey } = pool
    const params = { poolKey, zeroForOne: true, exactAmount: sold, hookData: '0x' }
    const quote = await read(mainnet.uniswapV4Quoter, abi, 'quoteExactInputSingle', [params])
    assert.equal((quote as readonly bigint[])[0], amountOut(pool, poolKey.currency0))
  })

  it('has a SwapRouter02 that pays what our maths says, in a block', async () => {
    const abi = parseAbi([
      'struct Params { address tokenIn; address tokenOut; uint24 fee; address recipient; uint256 amountIn; uint256 amountOutMinimum; uint160 limit; }',
      'function exactInputSingle(Params) payable returns (uint256)',
    ])
    const owner = chain.accounts.owner(2).address
    const expected = amountOut(await poolOf('uniswapV3', 500), WETH.address)
    const [tokenIn, tokenOut] = [WETH.address, USDC.address]
    const rest = { amountIn: sold, amountOutMinimum: expected, limit: 0n }
    const params = { tokenIn, tokenOut, fee: 500, recipient: owner, ...rest }
    const data = encodeFunctionData({ abi, functionName: 'exactInputSingle', args: [params] })
    const swap = { to: mainnet.uniswapV3SwapRouter02, data, value: `0x${sold.toString(16)}` }
    assert.ok(await sendInBlock(chain.provider, owner, swap))
    assert.equal(await balanceOf(chain.provider, USDC.address, owner), expected)
  })

  it('has a position manager that mints in the funded pools', async () => {
    const abi = parseAbi([
      'struct Params { address token0; address token1; uint24 fee; int24 lower; int24 upper; uint256 amount0; uint256 amount1; uint256 min0; uint256 min1; address recipient; uint256 deadline; }',
      'function mint(Params) payable returns (uint256, uint128, uint256, uint256)',
    ])
    const approvals = parseAbi(['function approve(address, uint256)'])
    const owner = chain.accounts.owner(3).address
    const to = mainnet.uniswapV3PositionManager
    for (const token of [USDC.address, WETH.address]) {
      await chain.fund(owner, token, 10n ** 18n)
      const args = [to, 10n ** 18n] as const
      const data = encodeFunctionData({ abi: approvals, functionName: 'approve', args })
      assert.ok(await sendInBlock(chain.provider, owner, { to: token, data }))
    }
    const before = await poolOf('uniswapV3', 3_000)
    assert.ok(before.kind === 'uniswapV3')
    const [lower, upper] = [
      before.tick - (before.tick % 60) - 600,
      before.tick - (before.tick % 60) + 600,
    ]
    const amounts = { amount0: 10n ** 18n, amount1: 10n ** 18n, min0: 0n, min1: 0n }
    const pair = { token0: USDC.address, token1: WETH.address, fee: 3_000, lower, upper }
    const params = { ...pair, ...amounts, recipient: owner, deadline: 2n ** 40n }
    const data = encodeFunctionData({ abi, functionName: 'mint', args: [params] })
    assert.ok(await sendInBlock(chain.provider, owner, { to, data }))
    const after = await poolOf('uniswapV3', 3_000)
    assert.ok(after.kind === 'uniswapV3' && after.liquidity > before.liquidity)
  })
})
