/** The bundle client: exact requests, coded errors, and nothing secret in any of them. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { concatHex, keccak256 } from 'viem'
import type { Hex } from '../../solver/core/hex.ts'
import type { RelayFault } from '../../solver/localnet/serve/faults.ts'
import { listen } from '../../solver/localnet/serve/http.ts'
import type { ServedNode } from '../../solver/localnet/serve/serve.ts'
import { bundleHash, createBundleChannel, createBundleClient } from '../../solver/submit/bundle.ts'
import { verifyFlashbotsHeader } from '../../solver/submit/flashbotsHeader.ts'
import { localAccount, relayKey, signed, startServed } from '../helpers/served.ts'

const patience = { timeoutMs: 10_000, retries: 1, retryDelayMs: 5 }
const uuid4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** A relay that keeps each request and answers with what `answer` makes of it. */
async function recordingRelay(answer: (request: { id: number; params: unknown[] }) => unknown) {
  const requests: { text: string; signature: string }[] = []
  const server = await listen(async ({ body, headers }) => {
    const text = new TextDecoder().decode(body)
    requests.push({ text, signature: String(headers['x-flashbots-signature']) })
    const made = answer(JSON.parse(text) as { id: number; params: unknown[] })
    return { status: 200, body: typeof made === 'string' ? made : JSON.stringify(made) }
  }, 0)
  const url = `http://127.0.0.1:${server.port}`
  return { url, requests, close: () => server.close() }
}

describe('bundle.createBundleClient', () => {
  let served: ServedNode
  let close: () => Promise<void>
  let raw: Hex
  before(async () => {
    ;({ served, close } = await startServed())
    raw = await signed(localAccount(1), { nonce: 0, data: `0x${'c0de'.repeat(40)}` })
  })
  after(() => close())
  const client = (url = served.relayUrl, timeoutMs = patience.timeoutMs) =>
    createBundleClient({ name: 'local', url }, relayKey, { ...patience, timeoutMs })
  const sendUnder = async (fault: RelayFault) => {
    served.setFault(fault)
    try {
      const timeoutMs = fault === 'hang' ? 100 : undefined
      return await client(undefined, timeoutMs).sendBundle({ txs: [raw], blockNumber: 1n })
    } finally {
      served.setFault('none')
    }
  }

  it('sends the documented parameters and no others, signed over the exact bytes', async () => {
    const hash = bundleHash([raw])
    const relay = await recordingRelay(({ id }) => ({
      jsonrpc: '2.0',
      id,
      result: { bundleHash: hash },
    }))
    const bundle = { txs: [raw], blockNumber: 255n, minTimestamp: 5, maxTimestamp: 9 }
    await client(relay.url).sendBundle(bundle)
    await client(relay.url).sendBundle({ txs: [raw], blockNumber: 1n })
    await relay.close()
    const [first, second] = relay.requests.map(({ text }) => JSON.parse(text) as object)
    const envelope = { jsonrpc: '2.0', id: 1, method: 'eth_sendBundle' }
    assert.deepEqual(first, { ...envelope, params: [{ ...bundle, blockNumber: '0xff' }] })
    assert.deepEqual(second, { ...envelope, params: [{ txs: [raw], blockNumber: '0x1' }] })
    for (const { text, signature } of relay.requests) {
      const signer = await verifyFlashbotsHeader(new TextEncoder().encode(text), signature)
      assert.equal(signer, relayKey.address.toLowerCase())
    }
  })

  it('gives the hash that the relay and the formula agree on', async () => {
    assert.equal(await sendUnder('none'), keccak256(concatHex([keccak256(raw)])))
  })

  it('reads a simulation in integers', async () => {
    const simulation = await client().callBundle({
      txs: [raw],
      blockNumber: 1n,
      stateBlockNumber: 'latest',
    })
    assert.equal(simulation.results[0]?.txHash, keccak256(raw))
    assert.equal(simulation.coinbaseDiffWei, simulation.totalGasUsed * 10n ** 9n)
    assert.equal(simulation.stateBlockNumber, 0n)
  })

  it('cancels what it sent', async () => {
    const replacementUuid = '0a8b1c2d-3e4f-4a5b-8c6d-7e8f9a0b1c2d'
    await client().sendBundle({ txs: [raw], blockNumber: 2n, replacementUuid })
    const { bundles } = served.pending()
    await client().cancelBundle(replacementUuid)
    assert.equal(served.pending().bundles, bundles - 1)
  })

  const codes: Partial<Record<RelayFault, string>> = {
    '429': 'submit.relay-busy',
    '5xx': 'submit.relay-down',
    hang: 'submit.relay-timeout',
    malformed: 'submit.relay-malformed',
    'wrong-hash': 'submit.relay-wrong-hash',
    echo: 'submit.relay-rejected',
  }
  for (const [fault, code] of Object.entries(codes))
    it(`answers the relay fault ${fault} with ${code}, a hint, and none of the secrets`, async () => {
      const error = await sendUnder(fault as RelayFault).then(
        assert.fail,
        (thrown: Error) => thrown,
      )
      const { code: seen, hint } = error as Error & { code: string; hint: string }
      assert.equal(seen, code)
      assert.ok(hint.length > 10)
      const shown = `${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`
      assert.ok(!shown.includes('c0dec0de'), 'calldata')
      assert.ok(!shown.includes(keccak256(raw).slice(2)), 'transaction hash')
      assert.ok(!shown.includes('http'), 'relay URL')
    })

  it('answers a closed port with submit.relay-down', async () => {
    const relay = await recordingRelay(() => '')
    await relay.close()
    const bundle = { txs: [raw], blockNumber: 1n }
    await assert.rejects(client(relay.url).sendBundle(bundle), { code: 'submit.relay-down' })
  })

  it('tries a failing relay again, but takes a plain no for an answer', async () => {
    let failures = 1
    const relay = await recordingRelay(({ id }) => {
      if (failures-- > 0) return { jsonrpc: '2.0', id, error: { code: -32000, message: 'no' } }
      return { jsonrpc: '2.0', id, result: { bundleHash: bundleHash([raw]) } }
    })
    const bundle = { txs: [raw], blockNumber: 1n }
    await assert.rejects(client(relay.url).sendBundle(bundle), { code: 'submit.relay-rejected' })
    assert.equal(relay.requests.length, 1)
    await relay.close()
    served.setFault('5xx')
    setTimeout(() => served.setFault('none'), 2)
    const patient = createBundleClient({ name: 'local', url: served.relayUrl }, relayKey, {
      retries: 5,
      retryDelayMs: 20,
    })
    assert.equal(await patient.sendBundle(bundle), bundleHash([raw]))
  })

  it('refuses answers to other requests, without a result, and endless ones', async () => {
    const answers = [
      { jsonrpc: '2.0', id: 77, result: { bundleHash: bundleHash([raw]) } },
      { jsonrpc: '2.0', id: 1 },
      JSON.stringify({ jsonrpc: '2.0', id: 1, result: 'x'.repeat(1_100_000) }),
      '[]',
    ]
    for (const answer of answers) {
      const relay = await recordingRelay(() => answer)
      const sent = client(relay.url).sendBundle({ txs: [raw], blockNumber: 1n })
      await assert.rejects(sent, { code: 'submit.relay-malformed' })
      await relay.close()
    }
  })

  it('follows no redirect', async () => {
    const elsewhere = await recordingRelay(() => '{}')
    const { createServer } = await import('node:http')
    const server = createServer((_, response) =>
      response.writeHead(307, { Location: elsewhere.url }).end(),
    )
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const sent = client(`http://127.0.0.1:${port}`).sendBundle({ txs: [raw], blockNumber: 1n })
    await assert.rejects(sent, { code: 'submit.relay-down' })
    assert.equal(elsewhere.requests.length, 0)
    server.close()
    server.closeAllConnections()
    await elsewhere.close()
  })

  it('refuses a relay that strangers on the way could read', () => {
    for (const url of ['http://relay.example', 'ftp://127.0.0.1', 'ws://127.0.0.1:1', 'relay', ''])
      assert.throws(() => client(url), { code: 'submit.insecure-relay' }, url)
    for (const url of ['https://relay.example', 'http://127.0.0.1:1', 'http://localhost'])
      client(url)
  })
})

describe('bundle.createBundleChannel', () => {
  it('is private and sends under a fresh uuid each time', async () => {
    const raw = await signed(localAccount(1), { nonce: 0 })
    const relay = await recordingRelay(({ id }) => ({
      jsonrpc: '2.0',
      id,
      result: { bundleHash: bundleHash([raw]) },
    }))
    const client = createBundleClient({ name: 'recorder', url: relay.url }, relayKey, patience)
    const channel = createBundleChannel(client)
    const first = await channel.send(raw, 7n)
    await channel.send(raw, 8n)
    await relay.close()
    assert.equal(channel.private, true)
    assert.deepEqual([first.channel, first.targetBlock], ['recorder', 7n])
    assert.equal(first.transactionHash, keccak256(raw))
    const uuids = relay.requests.map(({ text }) => /"replacementUuid":"([^"]+)"/.exec(text)?.[1])
    assert.equal(new Set(uuids).size, 2)
    for (const uuid of uuids) assert.match(uuid ?? '', uuid4)
    // Nothing of ours is ever listed as allowed to revert.
    assert.ok(relay.requests.every(({ text }) => !text.includes('revertingTxHashes')))
  })
})
