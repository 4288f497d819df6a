/** The settlement's address follows from its code, and deploying twice is deploying once. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { type Address, zeroAddress } from '../../solver/core/hex.ts'
import { createAccounts } from '../../solver/localnet/accounts.ts'
import { buildContracts, ownArtifact } from '../../solver/localnet/artifacts.ts'
import type { Artifact } from '../../solver/localnet/node.ts'
import { type RunningNode, startNode } from '../../solver/localnet/runtime.ts'
import {
  deploymentOf,
  deploymentProxy,
  deploymentProxyCode,
  deploySettlement,
} from '../../solver/settle/deploy.ts'
import { codeOfError } from '../helpers/orders.ts'

describe('deploy.deploySettlement', () => {
  const { address: from, privateKey } = createAccounts().deployer
  let running: RunningNode
  let artifact: Artifact

  before(async function () {
    this.timeout(120_000)
    await buildContracts(['Settlement.sol'])
    artifact = ownArtifact('Settlement.sol', 'Settlement')
    running = await startNode({ accounts: [{ privateKey, balance: 10n ** 22n }] })
  })
  after(() => running.close())

  const codeAt = async (address: Address) =>
    String(await running.node.request({ method: 'eth_getCode', params: [address, 'latest'] }))

  it('says when the chain lacks the proxy', async () => {
    await running.node.request({ method: 'hardhat_setCode', params: [deploymentProxy, '0x'] })
    const deploy = () => deploySettlement(running.node, artifact, from)
    assert.equal(await codeOfError(deploy), 'settle.deployer-missing')
  })

  it('puts the settlement where its code says, once', async () => {
    const params = [deploymentProxy, deploymentProxyCode]
    await running.node.request({ method: 'hardhat_setCode', params })
    const { address } = deploymentOf(artifact)
    assert.equal(await codeAt(address), '0x')
    assert.equal(await deploySettlement(running.node, artifact, from), address)
    const nonce = await running.node.request({
      method: 'eth_getTransactionCount',
      params: [from, 'latest'],
    })
    // EIP-170: no chain takes more.
    const bytes = ((await codeAt(address)).length - 2) / 2
    assert.ok(bytes > 1_000 && bytes <= 24_576)
    assert.equal(await deploySettlement(running.node, artifact, from), address)
    const after = await running.node.request({
      method: 'eth_getTransactionCount',
      params: [from, 'latest'],
    })
    assert.equal(after, nonce)
  })

  it('gives another address to other code', () => {
    const other = { bytecode: `${artifact.bytecode}00` as const }
    assert.notEqual(deploymentOf(other).address, deploymentOf(artifact).address)
    assert.notEqual(deploymentOf(artifact).address, zeroAddress)
  })
})
