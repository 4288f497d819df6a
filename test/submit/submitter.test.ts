/** One settlement on its way: inclusion, raises, deadlines, and nothing in public. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'mocha'
import { parseTransaction } from 'viem'
import { createMemoryOutbox } from '../../solver/submit/outbox.ts'
import {
  describeSubmitting,
  gwei,
  reverting,
  settlement,
  signerAddress,
} from '../helpers/submitting.ts'
import { createWatcher } from '../helpers/watcher.ts'

describeSubmitting('submitter.createSubmitter', (line) => {
  it('gets a settlement into the next block, unseen before', async () => {
    const watcher = await createWatcher(line.served, 2)
    const head = await line.client.getBlockNumber()
    const { outcome, nonce, events } = await line.sealing(line.make().submit(settlement), 2)
    await watcher.close()
    const entry = (await line.outbox.signedFor(signerAddress, nonce))[0]
    assert.equal(outcome.status, 'included')
    assert.equal(outcome.status === 'included' && outcome.blockNumber, head + 1n)
    assert.equal(outcome.status === 'included' && outcome.transactionHash, entry?.transactionHash)
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['sent', 'sent'],
    )
    assert.equal(watcher.sightings([entry?.transactionHash ?? '0x', settlement.data]), 0)
    assert.equal(watcher.total(), 0)
  })

  it('signs one transaction, and keeps the bytes before it sends them', async () => {
    const kept = createMemoryOutbox()
    const order: string[] = []
    const watched = {
      ...kept,
      put: (entry: Parameters<typeof kept.put>[0]) => {
        order.push(`kept, ${line.served.pending().bundles} at the relays`)
        return kept.put(entry)
      },
    }
    const { nonce } = await line.sealing(line.make({ outbox: watched }).submit(settlement))
    const entries = await kept.signedFor(signerAddress, nonce)
    assert.equal(entries.length, 1)
    assert.deepEqual(order, ['kept, 0 at the relays'])
    assert.equal(await line.sealedNonce(), Number(nonce) + 1)
  })

  it('raises the tip by 15 % a block with the same nonce, and reports a miss at the deadline', async () => {
    line.served.setFault('drop')
    const kept = createMemoryOutbox()
    const before = await line.sealedNonce()
    const { outcome, nonce, events } = await line.paced({ outbox: kept }).submit(settlement)
    assert.equal(outcome.status, 'missed')
    assert.equal(events.filter(({ kind }) => kind === 'missed').length, 3)
    const entries = await kept.signedFor(signerAddress, nonce)
    const fields = entries.map(({ transaction }) => parseTransaction(transaction))
    const tips = fields.map(({ maxPriorityFeePerGas }) => maxPriorityFeePerGas)
    assert.deepEqual(tips, [gwei, 1_150_000_000n, 1_322_500_000n])
    assert.ok(fields.every((each) => (each.nonce ?? 0) === before))
    assert.equal(await line.sealedNonce(), before)
  })

  it('is included in a later block with a raised tip when the first is missed', async () => {
    line.served.setFault('drop')
    let rounds = 0
    const onEvent = ({ kind }: { kind: string }) => {
      if (kind !== 'sent') return
      rounds += 1
      if (rounds === 1) line.served.setFault('none')
      line.sealSoon()
    }
    const { outcome, nonce } = await line.paced({ onEvent }).submit(settlement)
    assert.equal(outcome.status, 'included')
    const entries = await line.outbox.signedFor(signerAddress, nonce)
    const raised = entries.at(-1)
    const found = await line.client.getTransaction({ hash: raised?.transactionHash ?? '0x' })
    assert.equal(found.maxPriorityFeePerGas, 1_150_000_000n)
  })

  it('asks for a simulation on each head, and drops the settlement at the second no', async () => {
    const heads: bigint[] = []
    const head = await line.client.getBlockNumber()
    const { outcome, events } = await line.paced().submit(settlement, (_, { number }) => {
      heads.push(number)
      return Promise.resolve(false)
    })
    assert.equal(outcome.status, 'missed')
    assert.deepEqual(heads, [head, head + 1n])
    assert.equal(events.filter(({ kind }) => kind === 'sent').length, 0)
  })

  it('goes on with the next block when the first was sealed before the bundle arrived', async () => {
    const heads: bigint[] = []
    const onEvent = ({ kind }: { kind: string }) => void (kind === 'sent' && line.sealSoon())
    const submitted = line.paced({ onEvent }).submit(settlement, async (_, { number }) => {
      heads.push(number)
      if (heads.length === 1) await line.served.seal()
      return true
    })
    const { outcome, events } = await submitted
    assert.equal(outcome.status, 'included')
    assert.deepEqual(events.map(({ kind }) => kind).slice(0, 2), ['refused', 'missed'])
  })

  it('never lets a settlement that reverts be mined', async () => {
    const { outcome } = await line.paced().submit(reverting)
    assert.equal(outcome.status, 'missed')
  })

  it('reports what the chain says of a transaction that a builder mined reverted', async () => {
    // A builder that mines reverts, played by publishing the raw bytes.
    const kept = createMemoryOutbox()
    line.served.setFault('leak')
    const { outcome } = await line.paced({ outbox: kept }).submit(reverting)
    assert.equal(outcome.status, 'reverted')
  })

  it('gives settlements of one account their nonces one after the other', async () => {
    const submitter = line.make()
    const both = Promise.all([submitter.submit(settlement), submitter.submit(settlement)])
    const [first, second] = await line.sealing(both)
    assert.equal(second.nonce, first.nonce + 1n)
    assert.equal(second.outcome.status, 'included')
  })
})

describe('the room submit', () => {
  it('knows no way into a public mempool', () => {
    const folder = new URL('../../solver/submit/', import.meta.url)
    const sources = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'))
    assert.ok(sources.length > 5)
    const sends =
      /eth_sendRawTransaction|eth_sendTransaction|sendRawTransaction\(|createWalletClient/
    assert.deepEqual(
      sources.filter((source) => sends.test(source)),
      [],
    )
  })
})
