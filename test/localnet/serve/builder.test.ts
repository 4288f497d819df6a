/** Blocks as the local builder makes them: bundles whole and first, by what they pay. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { keccak256, numberToHex } from 'viem'
import type { Hex } from '../../../solver/core/hex.ts'
import type { ServedNode } from '../../../solver/localnet/serve/serve.ts'
import { ask, askRelay, localAccount, signed, startServed } from '../../helpers/served.ts'

/** Reverts always. */
const reverter: Hex = '0x00000000000000000000000000000000000000aa'
/** Pays the call's value to the block's beneficiary: `call(gas, coinbase, callvalue, 0, 0, 0, 0)`. */
const briber: Hex = '0x00000000000000000000000000000000000000bb'
/** The same, but only for the first call of a block. */
const firstBriber: Hex = '0x00000000000000000000000000000000000000dd'
const setUp = {
  [reverter]: '0x5f5ffd',
  [briber]: '0x5f5f5f5f34415af100',
  [firstBriber]: '0x4354600e575f5f5f5f34415af1505b600143550000',
}

describe('builder.sealBlock', () => {
  let served: ServedNode
  let close: () => Promise<void>
  before(async () => {
    ;({ served, close } = await startServed())
    for (const [address, code] of Object.entries(setUp))
      await served.node.request({ method: 'hardhat_setCode', params: [address, code] })
  })
  after(() => close())

  const [alice, bob, carol] = [localAccount(1), localAccount(2), localAccount(3)]
  const nonceOf = async (account: { address: Hex }) =>
    Number((await ask(served, 'eth_getTransactionCount', account.address)).result)
  const next = async () =>
    numberToHex(BigInt(String((await ask(served, 'eth_blockNumber')).result)) + 1n)
  const bundle = async (txs: readonly Hex[], more = {}) => {
    const sent = { txs, blockNumber: await next(), ...more }
    const answer = await askRelay(served, 'eth_sendBundle', [sent])
    assert.equal(answer.error, undefined)
    return (answer.result as { bundleHash: Hex }).bundleHash
  }

  it('keeps a bundle contiguous and in its order, whatever its members pay', async () => {
    const cheap = await signed(alice, { nonce: await nonceOf(alice), tip: 1n })
    const dear = await signed(bob, { nonce: await nonceOf(bob), tip: 10n ** 10n })
    const rich = await signed(carol, { nonce: await nonceOf(carol), tip: 5n * 10n ** 10n })
    await bundle([cheap, dear])
    await ask(served, 'eth_sendRawTransaction', rich)
    const block = await served.seal()
    assert.deepEqual(
      block.transactions,
      [cheap, dear, rich].map((raw) => keccak256(raw)),
    )
  })

  it('takes the bundle that pays more per gas first', async () => {
    const low = await signed(alice, { nonce: await nonceOf(alice), tip: 10n ** 9n })
    const high = await signed(bob, { nonce: await nonceOf(bob), tip: 2n * 10n ** 9n })
    const hashes = [await bundle([low]), await bundle([high])]
    assert.deepEqual((await served.seal()).bundles, hashes.toReversed())
  })

  it('counts a direct payment to the beneficiary like a tip', async () => {
    const tipped = await signed(alice, { nonce: await nonceOf(alice), tip: 10n ** 9n })
    const paid = await signed(bob, {
      nonce: await nonceOf(bob),
      tip: 1n,
      to: briber,
      value: 10n ** 15n,
    })
    const hashes = [await bundle([tipped]), await bundle([paid])]
    assert.deepEqual((await served.seal()).bundles, hashes.toReversed())
  })

  it('drops a whole bundle when one member reverts', async () => {
    const fine = await signed(alice, { nonce: await nonceOf(alice) })
    const bad = await signed(bob, { nonce: await nonceOf(bob), to: reverter })
    const hash = await bundle([fine, bad])
    const block = await served.seal()
    assert.deepEqual(block.transactions, [])
    assert.deepEqual(block.dropped, [{ bundle: hash, reason: 'execution reverted' }])
  })

  it('lets a listed member revert', async () => {
    const fine = await signed(alice, { nonce: await nonceOf(alice) })
    const bad = await signed(bob, { nonce: await nonceOf(bob), to: reverter })
    await bundle([fine, bad], { revertingTxHashes: [keccak256(bad)] })
    assert.deepEqual((await served.seal()).transactions, [keccak256(fine), keccak256(bad)])
  })

  it('drops a bundle when a member reverts that is not the listed one', async () => {
    const listed = await signed(alice, { nonce: await nonceOf(alice), to: reverter })
    const other = await signed(bob, { nonce: await nonceOf(bob), to: reverter })
    await bundle([listed, other], { revertingTxHashes: [keccak256(listed)] })
    assert.deepEqual((await served.seal()).transactions, [])
  })

  it('drops a bundle that pays only when it is first, behind a better one', async () => {
    const paying = async (account: typeof alice, value: bigint) =>
      signed(account, { nonce: await nonceOf(account), tip: 1n, to: firstBriber, value })
    const best = await bundle([await paying(alice, 2n * 10n ** 15n)])
    const second = await bundle([await paying(bob, 10n ** 15n)])
    const block = await served.seal()
    assert.deepEqual(block.bundles, [best])
    assert.deepEqual(block.dropped, [{ bundle: second, reason: 'pays less once merged' }])
  })

  it('leaves out a droppable member that would revert, and keeps the rest', async () => {
    const fine = await signed(alice, { nonce: await nonceOf(alice) })
    const bad = await signed(bob, { nonce: await nonceOf(bob), to: reverter })
    await bundle([bad, fine], { droppingTxHashes: [keccak256(bad)] })
    assert.deepEqual((await served.seal()).transactions, [keccak256(fine)])
  })

  it('drops bundles with a nonce gap, without funds, or below the base fee, and says why', async () => {
    const gap = await signed(alice, { nonce: (await nonceOf(alice)) + 5 })
    const poor = await signed(bob, { nonce: await nonceOf(bob), value: 10n ** 30n })
    const cheap = await signed(carol, { nonce: await nonceOf(carol), tip: 1n, maxFee: 2n })
    for (const raw of [gap, poor, cheap]) await bundle([raw])
    const block = await served.seal()
    assert.deepEqual(block.transactions, [])
    assert.equal(block.dropped.length, 3)
  })

  it('takes only the better of two bundles that use one account nonce', async () => {
    const nonce = await nonceOf(alice)
    const low = await bundle([await signed(alice, { nonce, tip: 10n ** 9n })])
    const high = await bundle([await signed(alice, { nonce, tip: 3n * 10n ** 9n })])
    const block = await served.seal()
    assert.deepEqual(block.bundles, [high])
    const reason = 'its account nonce is used by a better bundle'
    assert.deepEqual(block.dropped, [{ bundle: low, reason }])
  })

  it('includes a bundle only within its timestamps, both ends included', async () => {
    const head = (await served.seal()).timestamp
    const raw = await signed(alice, { nonce: await nonceOf(alice) })
    const at = Number(head) + 12
    await bundle([raw], { minTimestamp: at + 1 })
    assert.deepEqual((await served.seal({ timestamp: BigInt(at) })).bundles, [])
    await bundle([raw], { maxTimestamp: at + 11 })
    assert.deepEqual((await served.seal({ timestamp: BigInt(at + 12) })).bundles, [])
    const both = { minTimestamp: at + 24, maxTimestamp: at + 24 }
    const hash = await bundle([raw], both)
    assert.deepEqual((await served.seal({ timestamp: BigInt(at + 24) })).bundles, [hash])
  })

  it('drops a bundle whose sender can pay for each member but not for both', async () => {
    const erin = localAccount(5)
    const value = 6_000n * 10n ** 18n
    const txs = [await signed(erin, { nonce: 0, value }), await signed(erin, { nonce: 1, value })]
    const call = { txs, blockNumber: await next(), stateBlockNumber: 'latest' }
    const { error } = await askRelay(served, 'eth_callBundle', [call])
    assert.equal(error?.code, -32000)
    await bundle(txs)
    const fine = await bundle([await signed(alice, { nonce: await nonceOf(alice) })])
    const block = await served.seal()
    assert.deepEqual([block.bundles, block.dropped.length], [[fine], 1])
  })

  it('leaves the node’s own mempool empty', async () => {
    // Each is payable alone, so the pool takes both; after the first the second is not.
    const dave = localAccount(4)
    const value = 6_000n * 10n ** 18n
    for (const nonce of [0, 1])
      await ask(served, 'eth_sendRawTransaction', await signed(dave, { nonce, value }))
    assert.equal(served.pending().public, 2)
    assert.equal((await served.seal()).transactions.length, 1)
    assert.equal(served.pending().public, 0)
    const pool = await served.node.request({ method: 'eth_pendingTransactions', params: [] })
    assert.deepEqual(pool, [])
  })
})

describe('builder.sealBlock over a node that mines by fee', () => {
  it('leaves a bundle out rather than break its order, and keeps public ones from its top', async () => {
    const { served, close } = await startServed({}, 'priority')
    const [alice, bob, carol] = [localAccount(1), localAccount(2), localAccount(3)]
    const cheap = await signed(alice, { nonce: 0, tip: 1n })
    const dear = await signed(bob, { nonce: 0, tip: 10n ** 10n })
    const front = await signed(carol, { nonce: 0, tip: 5n * 10n ** 10n })
    await askRelay(served, 'eth_sendBundle', [{ txs: [cheap, dear], blockNumber: '0x1' }])
    const first = await served.seal()
    await askRelay(served, 'eth_sendBundle', [{ txs: [dear], blockNumber: '0x2' }])
    await ask(served, 'eth_sendRawTransaction', front)
    const second = await served.seal()
    const third = await served.seal()
    await close()
    assert.deepEqual([first.transactions, first.dropped.length], [[], 1])
    assert.deepEqual(second.transactions, [keccak256(dear)])
    assert.deepEqual(third.transactions, [keccak256(front)])
  })
})
