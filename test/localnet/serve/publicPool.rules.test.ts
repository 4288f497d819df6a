/** The public pool as callers of the public side meet it: geth's rules and geth's words. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { keccak256, numberToHex } from 'viem'
import type { Hex } from '../../../solver/core/hex.ts'
import type { ServedNode } from '../../../solver/localnet/serve/serve.ts'
import { ask, askRelay, localAccount, signed, startServed } from '../../helpers/served.ts'

const gwei = 10n ** 9n

describe('publicPool.createPublicPool', () => {
  let served: ServedNode
  let close: () => Promise<void>
  before(async () => void ({ served, close } = await startServed()))
  after(() => close())
  const send = async (raw: Hex) => (await ask(served, 'eth_sendRawTransaction', raw)).error?.message

  it('takes a replacement only for a tenth more on both fee fields', async () => {
    const account = localAccount(1)
    const priced = (tip: bigint, maxFee: bigint) => signed(account, { nonce: 0, tip, maxFee })
    assert.equal(await send(await priced(gwei, 100n * gwei)), undefined)
    const cheap = [await priced(2n * gwei, 109n * gwei), await priced(gwei, 200n * gwei)]
    for (const raw of cheap) assert.equal(await send(raw), 'replacement transaction underpriced')
    const best = await priced((gwei * 11n) / 10n, 110n * gwei)
    assert.equal(await send(best), undefined)
    assert.equal(await send(best), 'already known')
    assert.deepEqual((await served.seal()).transactions, [keccak256(best)])
  })

  it('queues behind a nonce gap and counts only what is executable', async () => {
    const account = localAccount(2)
    await send(await signed(account, { nonce: 1 }))
    const { queued } = served.pending()
    const count = (await ask(served, 'eth_getTransactionCount', account.address, 'pending')).result
    assert.deepEqual([queued, count], [1, '0x0'])
    assert.deepEqual((await served.seal()).transactions, [])
    await send(await signed(account, { nonce: 0 }))
    const filled = await ask(served, 'eth_getTransactionCount', account.address, 'pending')
    assert.equal(filled.result, '0x2')
    assert.equal((await served.seal()).transactions.length, 2)
  })

  it('holds 16 transactions of one account', async () => {
    const account = localAccount(3)
    for (let nonce = 0; nonce < 16; nonce += 1)
      assert.equal(await send(await signed(account, { nonce })), undefined)
    assert.equal(await send(await signed(account, { nonce: 16 })), 'account limit exceeded')
    assert.equal((await served.seal()).transactions.length, 16)
  })

  it('parks a transaction below the base fee and mines it when the fee has fallen', async () => {
    const account = localAccount(4)
    const block = (await ask(served, 'eth_getBlockByNumber', 'latest', false)).result
    const { baseFeePerGas } = block as { baseFeePerGas: Hex }
    const maxFee = (BigInt(baseFeePerGas) * 7n) / 10n
    await send(await signed(account, { nonce: 0, tip: 1n, maxFee }))
    assert.deepEqual((await served.seal()).transactions, [])
    assert.equal(served.pending().public, 1)
    for (let sealed = 0; sealed < 4; sealed += 1) await served.seal()
    assert.equal(served.pending().public, 0)
  })

  it('refuses spent nonces, empty purses, little gas and inverted fees in geth’s words', async () => {
    const account = localAccount(1)
    const refusals = [
      await send(await signed(account, { nonce: 0 })),
      await send(await signed(account, { nonce: 1, value: 10n ** 30n })),
      await send(await signed(account, { nonce: 1, gas: 20_999n })),
    ]
    assert.match(refusals[0] ?? '', /^nonce too low/)
    assert.match(refusals[1] ?? '', /^insufficient funds/)
    assert.equal(refusals[2], 'intrinsic gas too low')
  })

  it('forgets a transaction that its sender can no longer pay', async () => {
    const account = localAccount(5)
    await send(await signed(account, { nonce: 1, value: 9_000n * 10n ** 18n }))
    const spend = await signed(account, { nonce: 0, value: 5_000n * 10n ** 18n })
    const blockNumber = numberToHex(
      BigInt(String((await ask(served, 'eth_blockNumber')).result)) + 1n,
    )
    await askRelay(served, 'eth_sendBundle', [{ txs: [spend], blockNumber }])
    assert.deepEqual((await served.seal()).transactions, [keccak256(spend)])
    assert.deepEqual(served.pending(), { bundles: 0, public: 0, queued: 0 })
  })
})
