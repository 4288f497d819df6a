import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { parseAbi } from 'viem'
import { hexToBigInt } from 'viem/utils'
import { mainnet, mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import { type Address, type Hex, zeroAddress } from '../../solver/core/hex.ts'
import { startBalance } from '../../solver/localnet/accounts.ts'
import { ownArtifact } from '../../solver/localnet/artifacts.ts'
import { createLocalChain, type LocalChain } from '../../solver/localnet/chain.ts'
import { balanceOf } from '../../solver/localnet/fund.ts'
import { requestHex } from '../../solver/localnet/node.ts'
import { poolSeeds, startBaseFee, usdPrices } from '../../solver/localnet/pools.ts'
import { isPoolKind, moduleOf } from '../../solver/pools/index.ts'
import { isRouted, type RoutedState } from '../../solver/route/routed.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import { ask, readPool } from '../helpers/localnet.ts'

const factoryV2 = parseAbi(['function getPair(address, address) view returns (address)'])
const factoryV3 = parseAbi(['function getPool(address, address, uint24) view returns (address)'])
const view = parseAbi(['function getLiquidity(bytes32) view returns (uint128)'])
const extra: Address = '0x00000000000000000000000000000000000e17a5'

describe('chain.createLocalChain', () => {
  let chain: LocalChain
  let states: RoutedState[]
  const poolsOf = (kind: string) => chain.pools.filter((pool) => pool.kind === kind)

  before(async () => {
    chain = await createLocalChain()
    const read = await Promise.all(chain.pools.map((pool) => readPool(chain.provider, pool)))
    states = read.filter(isRouted)
  })
  after(() => chain.close())

  it('is Ethereum mainnet by its chain id', async () => {
    assert.equal(await chain.provider.request({ method: 'eth_chainId' }), '0x1')
  })

  it('has code at every canonical address', async () => {
    const tokens = Object.values(mainnetTokens).map(({ address }) => address)
    const contracts = Object.values(mainnet).filter((value) => typeof value === 'string')
    for (const address of [...tokens, ...contracts]) {
      const code = await requestHex(chain.provider, 'eth_getCode', [address, 'latest'])
      assert.ok(code.length > 100, address)
    }
  })

  it('has V2 pairs where mainnet’s factory and init hash put them', async () => {
    for (const { id, tokens } of poolsOf('uniswapV2')) {
      const pair = await ask(chain.provider, mainnet.uniswapV2Factory, factoryV2, 'getPair', tokens)
      assert.equal(String(pair).toLowerCase(), id)
    }
    // The pair of USDC and WETH on mainnet.
    const known = toPoolId('0xb4e16d0168e52d35cacd2c6185b44281ec28c9dc')
    assert.ok(chain.pools.some(({ id }) => id === known))
  })

  it('has V3 pools where mainnet’s factory and init hash put them', async () => {
    for (const { id, tokens, feePips } of poolsOf('uniswapV3')) {
      const key = [...tokens, feePips]
      const pool = await ask(chain.provider, mainnet.uniswapV3Factory, factoryV3, 'getPool', key)
      assert.equal(String(pool).toLowerCase(), id)
    }
    // The pool of USDC and WETH at 5 bps on mainnet.
    const known = toPoolId('0x88e6a0c2ddd26feeb64f039a2c41296fcb3f5640')
    assert.ok(chain.pools.some(({ id }) => id === known))
  })

  it('has V4 pools under mainnet’s ids, with liquidity', async () => {
    for (const { id } of poolsOf('uniswapV4')) {
      const lens = mainnet.uniswapV4StateView
      assert.ok(Number(await ask(chain.provider, lens, view, 'getLiquidity', [id])) > 0)
    }
    // The pool of ETH and USDC at 5 bps without hooks on mainnet.
    const known = toPoolId('0x21c67e77068de97969ba93d4aab21826d33ca12bb9f565d8496e8fda8a82ca27')
    assert.ok(chain.pools.some(({ id }) => id === known))
  })

  it('has at least 24 funded pools of three kinds, V3 in three tiers', () => {
    assert.ok(states.length >= 24)
    for (const state of states)
      assert.ok(
        state.kind === 'uniswapV2'
          ? state.reserves.every((reserve) => reserve > 0n)
          : state.liquidity > 0n,
      )
    assert.deepEqual(new Set(states.map(({ kind }) => kind)).size, 3)
    const fees = new Set(poolsOf('uniswapV3').map(({ feePips }) => feePips))
    for (const fee of [500, 3_000, 10_000]) assert.ok(fees.has(fee))
  })

  it('spreads the liquidity of every V3 pool over 10 to 40 positions', () => {
    for (const { positions } of poolSeeds.filter(({ kind }) => kind === 'uniswapV3'))
      assert.ok(positions >= 10 && positions <= 40)
    for (const state of states)
      if (state.kind === 'uniswapV3') assert.ok(state.ticks.length > 10, `${state.ticks.length}`)
  })

  it('prices every pool within 30 bps of the table, after its fee', () => {
    const usd = new Map(
      chain.tokens.map(({ address, symbol, decimals }) => [
        address,
        usdPrices[symbol as keyof typeof usdPrices] / 10 ** decimals,
      ]),
    )
    for (const state of states) {
      const [token0 = '0x', token1 = '0x'] = state.tokens
      const market = (usd.get(token0) ?? NaN) / (usd.get(token1) ?? NaN)
      const beforeFee = moduleOf(state).price(state, 0, 1) / (1 - state.feePips / 1_000_000)
      assert.ok(Math.abs(beforeFee / market - 1) < 0.003, `${state.id} ${beforeFee / market}`)
    }
  })

  it('names pools by kinds that the solver knows, and all their tokens', () => {
    const listed = new Set(chain.tokens.map(({ address }) => address))
    for (const { kind, tokens } of chain.pools)
      assert.ok(isPoolKind(kind) && tokens.every((token) => listed.has(token)))
  })

  it('starts at the base fee that it promises, and not in the future', async () => {
    const block = await chain.provider.request({
      method: 'eth_getBlockByNumber',
      params: ['latest', false],
    })
    const head = block as { baseFeePerGas: Hex; timestamp: Hex } // fields of every block
    assert.equal(hexToBigInt(head.baseFeePerGas), startBaseFee)
    assert.ok(Number(head.timestamp) * 1_000 <= Date.now())
  })

  it('mines on at the clock’s time', async () => {
    await chain.provider.request({ method: 'evm_mine' })
    const params = ['latest', false]
    const block = await chain.provider.request({ method: 'eth_getBlockByNumber', params })
    const { timestamp } = block as { timestamp: Hex } // a field of every block
    // A block is at least a second younger than its parent.
    assert.ok(Math.abs(Number(timestamp) * 1_000 - Date.now()) < 60_000)
  })

  it('gives everyone the same ether', async () => {
    for (const { address } of chain.accounts.all)
      assert.equal(await balanceOf(chain.provider, zeroAddress, address), startBalance)
  })

  it('mines only when told to', async () => {
    const head = () => chain.provider.request({ method: 'eth_blockNumber' })
    const [from, to] = [chain.accounts.owner(0).address, chain.accounts.owner(1).address]
    const [start, params] = [await head(), [{ from, to, value: '0x1' }]]
    await chain.provider.request({ method: 'eth_sendTransaction', params })
    assert.equal(await head(), start)
    await chain.provider.request({ method: 'evm_mine' })
    assert.equal(Number(await head()), Number(start) + 1)
  })

  it('gives the same market for a seed, and another for another', async () => {
    const artifact = ownArtifact('localnet/MintableToken.sol', 'MintableToken')
    const contracts = [{ address: extra, artifact, args: ['Extra', 'XTR', 3] }]
    const [same, other] = await Promise.all([
      createLocalChain({ contracts }),
      createLocalChain({ seed: 7 }),
    ])
    for (const [at, pool] of chain.pools.slice(8, 14).entries()) {
      assert.deepEqual(await readPool(same.provider, pool), states[at + 8])
      assert.notDeepEqual(await readPool(other.provider, pool), states[at + 8])
    }
    assert.equal(await ask(same.provider, extra, artifact.abi, 'decimals'), 3)
    await Promise.all([same.close(), other.close()])
  })
})
