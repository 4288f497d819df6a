import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { createAccounts, ownerCount } from '../../solver/localnet/accounts.ts'

describe('accounts.createAccounts', () => {
  it('gives everyone a key of their own, the same each time', () => {
    const { all } = createAccounts()
    assert.equal(new Set(all.map(({ address }) => address)).size, all.length)
    assert.deepEqual(createAccounts().all, all)
  })

  it('keeps off the usual first address of the test words', () => {
    const usual = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266'
    assert.ok(createAccounts().all.every(({ address }) => address !== usual))
  })

  it('knows as many owners as it says', () => {
    const accounts = createAccounts()
    assert.notEqual(accounts.owner(0).address, accounts.deployer.address)
    assert.equal(accounts.owner(ownerCount - 1).address.length, 42)
    for (const index of [-1, ownerCount, 0.5])
      assert.throws(() => accounts.owner(index), { code: 'localnet.unknown-owner' })
  })
})
