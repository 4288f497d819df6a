import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { keccak256, size } from 'viem/utils'
import { uniswapV2Deployments, uniswapV3Deployments } from '../../solver/chain/chains/mainnet.ts'
import { buildContracts, packageArtifact, permit2Code } from '../../solver/localnet/artifacts.ts'

describe('artifacts.packageArtifact', () => {
  it('reads the very code that mainnet’s pool addresses are derived from', () => {
    const pair = packageArtifact('@uniswap/v2-core/build/UniswapV2Pair.json')
    assert.equal(keccak256(pair.bytecode), uniswapV2Deployments[0].initCodeHash)
    const pool = packageArtifact(
      '@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json',
    )
    assert.equal(keccak256(pool.bytecode), uniswapV3Deployments[0].initCodeHash)
  })
})

describe('artifacts.permit2Code', () => {
  it('is as long as the code on mainnet', () => {
    assert.equal(size(permit2Code()), 9_152)
  })
})

describe('artifacts.buildContracts', () => {
  it('says when the compiler has nothing to show for a file', async () => {
    const asked = buildContracts(['localnet/NoSuchContract.sol'])
    await assert.rejects(asked, { code: 'localnet.build-failed' })
  })
})
