/** Pools from factory logs. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { mainnet } from '../../solver/chain/chains/mainnet.ts'
import type { Log } from '../../solver/chain/block.ts'
import { toWord } from '../../solver/chain/quantity.ts'
import type { Address } from '../../solver/core/hex.ts'
import { discoverPools } from '../../solver/market/discover.ts'
import { tokenA, tokenB } from '../helpers/pools.ts'

/** keccak256("PoolCreated(address,address,uint24,int24,address)") */
const poolCreated = '0x783cca1c0412dd0d695e784568c96da2e9c22ff989357a2e8b1d9b2b4e6b7118'
const pool: Address = '0x00000000000000000000000000000000000000e1'

function v3Created(factory: Address): Log {
  return {
    address: factory,
    topics: [poolCreated, toWord(BigInt(tokenA)), toWord(BigInt(tokenB)), toWord(3_000n)],
    data: `${toWord(60n)}${toWord(BigInt(pool)).slice(2)}` as Log['data'],
  }
}

describe('discover.discoverPools', () => {
  it('finds a pool once, with what its creation says', () => {
    const log = v3Created(mainnet.uniswapV3Factory)
    const refs = discoverPools([log, log])
    assert.equal(refs.length, 1)
    assert.deepEqual(refs[0], {
      kind: 'uniswapV3',
      id: pool,
      tokens: [tokenA, tokenB],
      exchange: 'uniswap_v3',
      feePips: 3_000,
      tickSpacing: 60,
    })
  })

  it('believes no factory that it does not know', () => {
    assert.deepEqual(discoverPools([v3Created(pool)]), [])
  })
})
