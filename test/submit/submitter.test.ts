/** One settlement on its way: inclusion, raises, deadlines, faults, and nothing in public. */
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, afterEach, before, describe, it } from 'mocha'
import { createPublicClient, http, keccak256, type PublicClient, parseTransaction } from 'viem'
import type { Hex } from '../../solver/core/hex.ts'
import type { ServedNode } from '../../solver/localnet/serve/serve.ts'
import type { Settlement } from '../../solver/settle/settlement.ts'
import { createMemoryOutbox } from '../../solver/submit/outbox.ts'
import { createSubmitter, type SubmitterOptions } from '../../solver/submit/submitter.ts'
import { localAccount, relayKey, signed, startServed, until } from '../helpers/served.ts'
import { createWatcher } from '../helpers/watcher.ts'

const gwei = 10n ** 9n
const data: Hex = `0x${'5e771e'.repeat(12)}`
const settlement: Settlement = {
  to: '0x00000000000000000000000000000000000000cc',
  data,
  gasLimit: 100_000n,
  expected: [],
}
const reverting: Settlement = { ...settlement, to: '0x00000000000000000000000000000000000000aa' }

describe('submitter.createSubmitter', () => {
  let served: ServedNode
  let client: PublicClient
  let close: () => Promise<void>
  before(async () => {
    ;({ served, client, close } = await startServed({ relays: ['flashbots', 'flashbots'] }))
    const params = [reverting.to, '0x5f5ffd']
    await served.node.request({ method: 'hardhat_setCode', params })
  })
  const heal = () => [0, 1].forEach((relay) => served.setFault('none', relay))
  afterEach(async () => {
    heal()
    // A block that a finished test asked for must not surprise the next one.
    await Promise.all(asked.splice(0))
  })
  after(() => close())

  const signer = localAccount(1)
  const outbox = createMemoryOutbox()
  const asked: Promise<unknown>[] = []
  /** Seals a block a little later: the submitter is still at work when it hears of an event. */
  const sealSoon = () => {
    const later = new Promise((resolve) => setTimeout(resolve, 15))
    asked.push(later.then(() => served.seal()))
  }
  const make = (more: Partial<SubmitterOptions> = {}, limits = {}) => {
    const relays = served.relayUrls.map((url, index) => ({ name: `relay${index}`, url }))
    const patience = { timeoutMs: 10_000, retries: 0 }
    const ours = {
      chainId: 1,
      tip: gwei,
      feeCap: 500n * gwei,
      pollMs: 5,
      stallMs: 20_000,
      ...limits,
    }
    return createSubmitter({
      client,
      relays,
      signer,
      relaySigner: relayKey,
      patience,
      outbox,
      limits: ours,
      ...more,
    })
  }
  /** Seals a block whenever `waiting` bundles wait for it, until `work` is done. */
  const sealing = async <value>(work: Promise<value>, waiting = 1): Promise<value> => {
    const state = { done: false }
    const settled = work.finally(() => (state.done = true)).catch(() => undefined)
    for (let sealed = 0; sealed < 10 && !state.done; sealed += 1) {
      await until(() => state.done || served.pending().bundles >= waiting)
      if (!state.done) await served.seal()
    }
    await settled
    return work
  }
  /** Seals empty blocks at the submitter's pace: one per event. */
  const paced = (more: Partial<SubmitterOptions> = {}, limits = {}) =>
    make(
      {
        onEvent: ({ kind }) => {
          if (kind === 'sent' || kind === 'refused' || kind === 'simulation-failed') sealSoon()
        },
        relays: [{ name: 'relay0', url: served.relayUrl }],
        ...more,
      },
      limits,
    )
  const sealedNonce = () => client.getTransactionCount({ address: signer.address })
  const mined = async (nonce: bigint) => {
    const [entry] = await outbox.signedFor(signer.address.toLowerCase() as Hex, nonce)
    return entry
  }

  it('gets a settlement into the next block, unseen before', async () => {
    const watcher = await createWatcher(served, 2)
    const head = await client.getBlockNumber()
    const { outcome, nonce, events } = await sealing(make().submit(settlement), 2)
    await watcher.close()
    const entry = await mined(nonce)
    assert.equal(outcome.status, 'included')
    assert.equal(outcome.status === 'included' && outcome.blockNumber, head + 1n)
    assert.equal(outcome.status === 'included' && outcome.transactionHash, entry?.transactionHash)
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['sent', 'sent'],
    )
    assert.equal(watcher.sightings([entry?.transactionHash ?? '0x', data]), 0)
    assert.equal(watcher.total(), 0)
  })

  it('signs one transaction, and keeps the bytes before it sends them', async () => {
    const kept = createMemoryOutbox()
    const order: string[] = []
    const watched = {
      ...kept,
      put: (entry: Parameters<typeof kept.put>[0]) => {
        order.push(`kept, ${served.pending().bundles} at the relays`)
        return kept.put(entry)
      },
    }
    const { nonce } = await sealing(make({ outbox: watched }).submit(settlement))
    const entries = await kept.signedFor(signer.address.toLowerCase() as Hex, nonce)
    assert.equal(entries.length, 1)
    assert.deepEqual(order, ['kept, 0 at the relays'])
    assert.equal(await sealedNonce(), Number(nonce) + 1)
  })

  it('raises the tip by 15 % a block with the same nonce, and reports a miss at the deadline', async () => {
    served.setFault('drop')
    const kept = createMemoryOutbox()
    const before = await sealedNonce()
    const { outcome, nonce, events } = await paced({ outbox: kept }).submit(settlement)
    assert.equal(outcome.status, 'missed')
    assert.equal(events.filter(({ kind }) => kind === 'missed').length, 3)
    const entries = await kept.signedFor(signer.address.toLowerCase() as Hex, nonce)
    const fields = entries.map(({ transaction }) => parseTransaction(transaction))
    const tips = fields.map(({ maxPriorityFeePerGas }) => maxPriorityFeePerGas)
    assert.deepEqual(tips, [gwei, 1_150_000_000n, 1_322_500_000n])
    assert.ok(fields.every((each) => (each.nonce ?? 0) === before))
    assert.equal(await sealedNonce(), before)
  })

  it('is included in a later block with a raised tip when the first is missed', async () => {
    served.setFault('drop')
    let rounds = 0
    const onEvent = ({ kind }: { kind: string }) => {
      if (kind !== 'sent') return
      rounds += 1
      if (rounds === 1) served.setFault('none')
      sealSoon()
    }
    const { outcome, nonce } = await paced({ onEvent }).submit(settlement)
    assert.equal(outcome.status, 'included')
    const entries = await outbox.signedFor(signer.address.toLowerCase() as Hex, nonce)
    const raised = entries.at(-1)
    const found = await client.getTransaction({ hash: raised?.transactionHash ?? '0x' })
    assert.equal(found.maxPriorityFeePerGas, 1_150_000_000n)
  })

  it('asks for a simulation on each head, and drops the settlement at the second no', async () => {
    const heads: bigint[] = []
    const head = await client.getBlockNumber()
    const { outcome, events } = await paced().submit(settlement, (_, { number }) => {
      heads.push(number)
      return Promise.resolve(false)
    })
    assert.equal(outcome.status, 'missed')
    assert.deepEqual(heads, [head, head + 1n])
    assert.equal(events.filter(({ kind }) => kind === 'sent').length, 0)
  })

  it('goes on with the next block when the first was sealed before the bundle arrived', async () => {
    const heads: bigint[] = []
    const onEvent = ({ kind }: { kind: string }) => void (kind === 'sent' && sealSoon())
    const submitted = paced({ onEvent }).submit(settlement, async (_, { number }) => {
      heads.push(number)
      if (heads.length === 1) await served.seal()
      return true
    })
    const { outcome, events } = await submitted
    assert.equal(outcome.status, 'included')
    assert.deepEqual(events.map(({ kind }) => kind).slice(0, 2), ['refused', 'missed'])
  })

  it('never lets a settlement that reverts be mined', async () => {
    const { outcome } = await paced().submit(reverting)
    assert.equal(outcome.status, 'missed')
  })

  it('reports what the chain says of a transaction that a builder mined reverted', async () => {
    // A builder that mines reverts, played by publishing the raw bytes.
    const kept = createMemoryOutbox()
    served.setFault('leak')
    const { outcome } = await paced({ outbox: kept }).submit(reverting)
    assert.equal(outcome.status, 'reverted')
  })

  const faults = [
    ['429', 'submit.relay-busy'],
    ['echo', 'submit.relay-rejected'],
    ['5xx', 'submit.relay-down'],
    ['hang', 'submit.relay-timeout'],
    ['malformed', 'submit.relay-malformed'],
  ] as const
  for (const [fault, code] of faults)
    it(`ends with ${code} when the relay's fault is ${fault}, and shows nothing in public`, async () => {
      const watcher = await createWatcher(served, 5)
      const nonce = await sealedNonce()
      served.setFault(fault)
      const patience = { timeoutMs: fault === 'hang' ? 100 : 10_000, retries: 0 }
      await assert.rejects(paced({ patience }).submit(settlement), { code })
      await watcher.close()
      assert.equal(watcher.total(), 0)
      assert.equal(await sealedNonce(), nonce)
    })

  it('believes the chain, not a relay that acknowledges another bundle', async () => {
    served.setFault('wrong-hash')
    const { outcome } = await paced().submit(settlement)
    assert.equal(outcome.status, 'included')
  })

  it('needs one working relay', async () => {
    served.setFault('5xx', 0)
    const { outcome, events } = await sealing(make().submit(settlement))
    assert.equal(outcome.status, 'included')
    assert.deepEqual(events.map(({ kind }) => kind).sort(), ['refused', 'sent'])
  })

  it('ends with submit.no-relay when each relay fails for its own reason', async () => {
    served.setFault('429', 0)
    served.setFault('echo', 1)
    await assert.rejects(make().submit(settlement), { code: 'submit.no-relay' })
  })

  it('gives settlements of one account their nonces one after the other', async () => {
    const submitter = make()
    const both = Promise.all([submitter.submit(settlement), submitter.submit(settlement)])
    const [first, second] = await sealing(both)
    assert.equal(second.nonce, first.nonce + 1n)
    assert.equal(second.outcome.status, 'included')
  })

  it('goes on with the next settlement after one that failed', async () => {
    const submitter = make()
    served.setFault('429', 0)
    served.setFault('429', 1)
    await assert.rejects(submitter.submit(settlement), { code: 'submit.relay-busy' })
    heal()
    const { outcome } = await sealing(submitter.submit(settlement))
    assert.equal(outcome.status, 'included')
  })

  it('stops when somebody else uses its nonce', async () => {
    served.setFault('drop')
    const competitor = await signed(signer, { nonce: await sealedNonce(), tip: 9n * gwei })
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
      void fetch(served.url, { method: 'POST', body }).then(() => served.seal())
    }
    const kept = createMemoryOutbox()
    const submitted = paced({ onEvent, outbox: kept }).submit(settlement)
    await assert.rejects(submitted, { code: 'submit.nonce-taken' })
    assert.ok(await client.getTransactionReceipt({ hash: keccak256(competitor) }))
  })

  it('stops before it signs when funds, fees or the chain are wrong', async () => {
    const poor = { ...settlement, gasLimit: 10n ** 16n }
    await assert.rejects(make().submit(poor), { code: 'submit.underfunded' })
    await assert.rejects(make({}, { feeCap: 1n }).submit(settlement), { code: 'submit.fee-cap' })
    const surplus = { surplusWei: 1n, shareBps: 5_000 }
    await assert.rejects(make({}, { surplus }).submit(settlement), { code: 'submit.fee-cap' })
    await assert.rejects(make({}, { chainId: 5 }).submit(settlement), {
      code: 'submit.wrong-chain',
    })
    assert.equal(served.pending().bundles, 0)
  })

  it('says that the head stands still instead of waiting for ever', async () => {
    const submitted = make({}, { stallMs: 30 }).submit(settlement)
    await assert.rejects(submitted, { code: 'submit.head-stalled', retryable: true })
    await served.seal()
  })

  it('refuses a relay key that holds funds, and no relay at all', () => {
    assert.throws(() => make({ relaySigner: signer }), { code: 'submit.same-key' })
    assert.throws(() => make({ relays: [] }), { code: 'submit.no-relay' })
  })

  it('asks the node for nothing that sends, and names no hash before it is mined', async () => {
    const bodies: string[] = []
    const onFetchRequest = async (request: Request) => void bodies.push(await request.text())
    const transport = http(served.url, { onFetchRequest })
    const recorded = createPublicClient({ cacheTime: 0, transport })
    const kept = createMemoryOutbox()
    let asked = 0
    const onEvent = () => void (asked = bodies.length)
    const work = make({ client: recorded, outbox: kept, onEvent }).submit(settlement)
    const { nonce } = await sealing(work)
    const [entry] = await kept.signedFor(signer.address.toLowerCase() as Hex, nonce)
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
    const submitted = make({ client: createPublicClient({ transport }) }).submit(settlement)
    const error = await submitted.then(
      () => new Error('it was submitted'),
      (thrown: Error) => thrown,
    )
    assert.equal((error as Error & { code?: string }).code, 'submit.node-down')
    assert.ok(!`${error.message} ${error.stack} ${String(error.cause)}`.includes('secret-key'))
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
