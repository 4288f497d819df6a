/** A settlement on its way when relays, the node, the purse or the keys are wrong. */
import assert from 'node:assert/strict'
import { it } from 'mocha'
import { createPublicClient, http, keccak256 } from 'viem'
import { createMemoryOutbox } from '../../solver/submit/outbox.ts'
import { signed } from '../helpers/served.ts'
import {
  describeSubmitting,
  gwei,
  settlement,
  signer,
  signerAddress,
} from '../helpers/submitting.ts'
import { createWatcher } from '../helpers/watcher.ts'

describeSubmitting('submitter.createSubmitter under faults', (line) => {
  const faults = [
    ['429', 'submit.relay-busy'],
    ['echo', 'submit.relay-rejected'],
    ['5xx', 'submit.relay-down'],
    ['hang', 'submit.relay-timeout'],
    ['malformed', 'submit.relay-malformed'],
  ] as const
  for (const [fault, code] of faults)
    it(`ends with ${code} when the relay's fault is ${fault}, and shows nothing in public`, async () => {
      const watcher = await createWatcher(line.served, 5)
      const nonce = await line.sealedNonce()
      line.served.setFault(fault)
      const patience = { timeoutMs: fault === 'hang' ? 100 : 10_000, retries: 0 }
      await assert.rejects(line.paced({ patience }).submit(settlement), { code })
      await watcher.close()
      assert.equal(watcher.total(), 0)
      assert.equal(await line.sealedNonce(), nonce)
    })

  it('believes the chain, not a relay that acknowledges another bundle', async () => {
    line.served.setFault('wrong-hash')
    const { outcome } = await line.paced().submit(settlement)
    assert.equal(outcome.status, 'included')
  })

  it('needs one working relay', async () => {
    line.served.setFault('5xx', 0)
    const { outcome, events } = await line.sealing(line.make().submit(settlement))
    assert.equal(outcome.status, 'included')
    assert.deepEqual(events.map(({ kind }) => kind).sort(), ['refused', 'sent'])
  })

  it('ends with submit.no-relay when each relay fails for its own reason', async () => {
    line.served.setFault('429', 0)
    line.served.setFault('echo', 1)
    await assert.rejects(line.make().submit(settlement), { code: 'submit.no-relay' })
  })

  it('goes on with the next settlement after one that failed', async () => {
    const submitter = line.make()
    line.served.setFault('429', 0)
    line.served.setFault('429', 1)
    await assert.rejects(submitter.submit(settlement), { code: 'submit.relay-busy' })
    line.heal()
    const { outcome } = await line.sealing(submitter.submit(settlement))
    assert.equal(outcome.status, 'included')
  })

  it('stops when somebody else uses its nonce', async () => {
    line.served.setFault('drop')
    const competitor = await signed(signer, { nonce: await line.sealedNonce(), tip: 9n * gwei })
    let published = false
    const onEvent = ({ kind }: { kind: string }) => {
      if (kind !== 'sent' || published) return
      published = true
      const params = [competitor]
      const body = JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'eth_sendRawTransaction',
        params,
      })
      void fetch(line.served.url, { method: 'POST', body }).then(() => line.served.seal())
    }
    const kept = createMemoryOutbox()
    const submitted = line.paced({ onEvent, outbox: kept }).submit(settlement)
    await assert.rejects(submitted, { code: 'submit.nonce-taken' })
    assert.ok(await line.client.getTransactionReceipt({ hash: keccak256(competitor) }))
  })

  it('stops before it signs when funds, fees or the chain are wrong', async () => {
    const poor = { ...settlement, gasLimit: 10n ** 16n }
    await assert.rejects(line.make().submit(poor), { code: 'submit.underfunded' })
    await assert.rejects(line.make({}, { feeCap: 1n }).submit(settlement), {
      code: 'submit.fee-cap',
    })
    const surplus = { surplusWei: 1n, shareBps: 5_000 }
    await assert.rejects(line.make({}, { surplus }).submit(settlement), { code: 'submit.fee-cap' })
    await assert.rejects(line.make({}, { chainId: 5 }).submit(settlement), {
      code: 'submit.wrong-chain',
    })
    assert.equal(line.served.pending().bundles, 0)
  })

  it('says that the head stands still instead of waiting for ever', async () => {
    const submitted = line.make({}, { stallMs: 30 }).submit(settlement)
    await assert.rejects(submitted, { code: 'submit.head-stalled', retryable: true })
    await line.served.seal()
  })

  it('refuses a relay key that holds funds, and no relay at all', () => {
    assert.throws(() => line.make({ relaySigner: signer }), { code: 'submit.same-key' })
    assert.throws(() => line.make({ relays: [] }), { code: 'submit.no-relay' })
  })

  it('asks the node for nothing that sends, and names no hash before it is mined', async () => {
    const bodies: string[] = []
    const onFetchRequest = async (request: Request) => void bodies.push(await request.text())
    const transport = http(line.served.url, { onFetchRequest })
    const recorded = createPublicClient({ cacheTime: 0, transport })
    const kept = createMemoryOutbox()
    let asked = 0
    const onEvent = () => void (asked = bodies.length)
    const work = line.make({ client: recorded, outbox: kept, onEvent }).submit(settlement)
    const { nonce } = await line.sealing(work)
    const [entry] = await kept.signedFor(signerAddress, nonce)
    assert.deepEqual(
      bodies.filter((body) => /"eth_(send|sign)/.test(body)),
      [],
    )
    assert.ok(asked > 0)
    const naming = bodies.findIndex((body) => body.includes(entry?.transactionHash ?? 'none'))
    assert.ok(naming > asked - 1)
  })

  it('hides the node’s URL and texts when it is down', async () => {
    const transport = http('http://127.0.0.1:1/secret-key', { retryCount: 0 })
    const submitted = line.make({ client: createPublicClient({ transport }) }).submit(settlement)
    const error = await submitted.then(
      () => new Error('it was submitted'),
      (thrown: Error) => thrown,
    )
    assert.equal((error as Error & { code?: string }).code, 'submit.node-down')
    assert.ok(!`${error.message} ${error.stack} ${String(error.cause)}`.includes('secret-key'))
  })
})
