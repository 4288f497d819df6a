import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { parseAbi } from 'viem'
import type { Address, Hex } from '../../solver/core/hex.ts'
import { createLocalChain, type LocalChain } from '../../solver/localnet/chain.ts'
import { deployAt } from '../../solver/localnet/deploy.ts'
import { requestHex } from '../../solver/localnet/node.ts'

const at: Address = '0x00000000000000000000000000000000000a7000'
const abi = parseAbi(['constructor()'])

describe('deploy.deployAt', () => {
  let chain: LocalChain
  before(async () => {
    chain = await createLocalChain()
    await chain.provider.request({ method: 'evm_setAutomine', params: [true] })
  })
  after(() => chain.close())

  const deploy = (bytecode: Hex) =>
    deployAt(chain.provider, chain.accounts.deployer.address, at, { abi, bytecode })

  it('keeps what the constructor stored, and starts the nonce at 1', async () => {
    // Stores 7 in slot 0 and returns the two bytes 0x3030 as its code.
    await deploy('0x60076000556130306000526002601ef3')
    const params = [at, '0x0', 'latest']
    assert.equal(Number(await requestHex(chain.provider, 'eth_getStorageAt', params)), 7)
    const nonce = await requestHex(chain.provider, 'eth_getTransactionCount', [at, 'latest'])
    assert.equal(nonce, '0x1')
  })

  it('tells of a constructor that reverts, and of one that returns no code', async () => {
    for (const bytecode of ['0x60006000fd', '0x60006000f3'] as const)
      await assert.rejects(deploy(bytecode), { code: 'localnet.set-up-failed' })
  })
})
