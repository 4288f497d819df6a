/** The relay's door: who may speak, what is a request, and whose bundle is whose. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { concatHex, keccak256, numberToHex } from 'viem'
import type { Hex } from '../../../solver/core/hex.ts'
import type { ServedNode } from '../../../solver/localnet/serve/serve.ts'
import { signFlashbotsHeader } from '../../../solver/submit/flashbotsHeader.ts'
import {
  ask,
  askRelay,
  localAccount,
  post,
  relayKey,
  signed,
  startServed,
} from '../../helpers/served.ts'

const uuid = '0a8b1c2d-3e4f-4a5b-8c6d-7e8f9a0b1c2d'
const otherKey = localAccount(18)
const alice = localAccount(1)

describe('relay.answerRelay', () => {
  let served: ServedNode
  let close: () => Promise<void>
  before(async () => void ({ served, close } = await startServed()))
  after(() => close())

  const head = async () => BigInt(String((await ask(served, 'eth_blockNumber')).result))
  const next = async () => numberToHex((await head()) + 1n)
  const nonceOf = async (account: { address: Hex }) =>
    Number((await ask(served, 'eth_getTransactionCount', account.address)).result)
  const aTransaction = async (more = {}) => signed(alice, { nonce: await nonceOf(alice), ...more })
  const aBundle = async (more = {}) => ({
    txs: [await aTransaction()],
    blockNumber: await next(),
    ...more,
  })
  const refused = async (method: string, param: unknown) =>
    (await askRelay(served, method, [param])).error?.code

  it('refuses a request without a header, with a foreign one, or over other bytes', async () => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_sendBundle', params: [] })
    const header = await signFlashbotsHeader(body, relayKey)
    const stolen = header.replace(relayKey.address, otherKey.address)
    const spaced = `${body} `
    const attempts = [
      post(served.relayUrl, body),
      post(served.relayUrl, body, { 'X-Flashbots-Signature': stolen }),
      post(served.relayUrl, spaced, { 'X-Flashbots-Signature': header }),
    ]
    for (const { status, error } of await Promise.all(attempts))
      assert.deepEqual([status, error?.code], [403, -32600])
  })

  it('refuses batches, broken requests and unknown methods with the codes of JSON-RPC', async () => {
    const send = async (body: string) => {
      const header = await signFlashbotsHeader(body, relayKey)
      return (await post(served.relayUrl, body, { 'X-Flashbots-Signature': header })).error?.code
    }
    assert.equal(await send('{'), -32700)
    assert.equal(
      await send('[{"jsonrpc":"2.0","id":1,"method":"eth_sendBundle","params":[]}]'),
      -32600,
    )
    assert.equal(await send('{"id":1,"method":"eth_sendBundle"}'), -32600)
    assert.equal(await refused('eth_sendRawTransaction', '0x00'), -32601)
    assert.equal(await refused('constructor', {}), -32601)
    assert.equal(await refused('eth_sendBundle', {}), -32602)
  })

  it('refuses more than 100 transactions, and more than 300,000 bytes', async () => {
    const one = await aTransaction()
    const many = { txs: Array.from({ length: 101 }, () => one), blockNumber: await next() }
    assert.equal(await refused('eth_sendBundle', many), -32602)
    const data: Hex = `0x${'00'.repeat(150_001)}`
    const large = await aTransaction({ data, gas: 10_000_000n })
    assert.equal(await refused('eth_sendBundle', await aBundle({ txs: [large, large] })), -32602)
  })

  it('takes only hex blocks above the head', async () => {
    for (const blockNumber of [null, '0x', 5, '5', '0x01', '0xzz'])
      assert.equal(await refused('eth_sendBundle', await aBundle({ blockNumber })), -32602)
    const past = numberToHex(await head())
    assert.equal(await refused('eth_sendBundle', await aBundle({ blockNumber: past })), -32000)
    const far = numberToHex((await head()) + 26n)
    assert.equal(await refused('eth_sendBundle', await aBundle({ blockNumber: far })), -32000)
  })

  it('refuses transactions of another chain and bytes that are none', async () => {
    const foreign = await alice.signTransaction({
      type: 'eip1559',
      chainId: 5,
      gas: 21_000n,
      nonce: 0,
    })
    assert.equal(await refused('eth_sendBundle', await aBundle({ txs: [foreign] })), -32000)
    assert.equal(await refused('eth_sendBundle', await aBundle({ txs: ['0x1234'] })), -32602)
  })

  it('names a bundle by the hash of its transaction hashes', async () => {
    const txs = [await aTransaction(), await signed(localAccount(2), { nonce: 0 })]
    const answer = await askRelay(served, 'eth_sendBundle', [await aBundle({ txs })])
    const expected = keccak256(concatHex(txs.map((tx) => keccak256(tx))))
    assert.deepEqual(answer.result, { bundleHash: expected })
    await served.seal()
  })

  it('replaces and cancels by uuid, for the key that sent it and no other', async () => {
    const first = await aBundle({ replacementUuid: uuid })
    await askRelay(served, 'eth_sendBundle', [first])
    const foreign = await askRelay(
      served,
      'eth_cancelBundle',
      [{ replacementUuid: uuid }],
      otherKey,
    )
    assert.deepEqual(foreign.result, { bundleHashes: [] })
    assert.equal(served.pending().bundles, 1)
    const txs = [await aTransaction({ value: 2n })]
    await askRelay(served, 'eth_sendBundle', [{ ...first, txs }])
    assert.equal(served.pending().bundles, 1)
    const own = await askRelay(served, 'eth_cancelBundle', [{ replacementUuid: uuid }])
    assert.equal((own.result as { bundleHashes: Hex[] }).bundleHashes.length, 1)
    assert.deepEqual((await served.seal()).transactions, [])
  })

  it('lets the highest replacement nonce win, and an empty bundle cancel', async () => {
    const replacementUuid = uuid.replace('0a8b', 'ffff')
    const newest = await aTransaction({ value: 7n })
    const sends = [{ txs: [newest], replacementNonce: 2 }, { replacementNonce: 1 }]
    for (const more of sends)
      await askRelay(served, 'eth_sendBundle', [await aBundle({ replacementUuid, ...more })])
    assert.deepEqual((await served.seal()).transactions, [keccak256(newest)])
    await askRelay(served, 'eth_sendBundle', [await aBundle({ replacementUuid })])
    await askRelay(served, 'eth_sendBundle', [{ txs: [], replacementUuid }])
    assert.deepEqual((await served.seal()).transactions, [])
  })

  it('includes a bundle only in its block', async () => {
    const blockNumber = numberToHex((await head()) + 2n)
    const bundle = await aBundle({ blockNumber })
    await askRelay(served, 'eth_sendBundle', [bundle])
    assert.deepEqual((await served.seal()).transactions, [])
    assert.equal((await served.seal()).transactions.length, 1)
  })

  it('shows the fate of a bundle to its sender alone', async () => {
    const bundle = await aBundle()
    const { result } = await askRelay(served, 'eth_sendBundle', [bundle])
    const question = [{ ...(result as object), blockNumber: bundle.blockNumber }]
    await served.seal()
    type Stats = { isSimulated: boolean; sealedByBuildersAt?: unknown[] }
    const stats = (await askRelay(served, 'flashbots_getBundleStatsV2', question)).result as Stats
    assert.equal(stats.isSimulated, true)
    assert.equal(stats.sealedByBuildersAt?.length, 1)
    const foreign = await askRelay(served, 'flashbots_getBundleStatsV2', question, otherKey)
    assert.deepEqual(foreign.result, { isSimulated: false })
  })

  it('keeps a private transaction for 25 blocks, asks for a tip, and cancels for its own key', async () => {
    const free = await aTransaction({ tip: 0n })
    assert.equal(await refused('eth_sendPrivateTransaction', { tx: free }), -32000)
    const tx = await signed(alice, { nonce: (await nonceOf(alice)) + 1 })
    const sent = await askRelay(served, 'eth_sendPrivateTransaction', [{ tx }])
    assert.equal(sent.result, keccak256(tx))
    for (let block = 0; block < 3; block += 1)
      assert.deepEqual((await served.seal()).transactions, [])
    await askRelay(served, 'eth_sendPrivateRawTransaction', [await aTransaction()])
    // The gap closes inside one block only if both fit: the second one waits for the next.
    const mined = [...(await served.seal()).transactions, ...(await served.seal()).transactions]
    assert.ok(mined.includes(keccak256(tx)))

    const again = await aTransaction()
    await askRelay(served, 'eth_sendPrivateTransaction', [{ tx: again }])
    const question = [{ txHash: keccak256(again) }]
    const foreign = await askRelay(served, 'eth_cancelPrivateTransaction', question, otherKey)
    assert.equal(foreign.result, false)
    const own = await askRelay(served, 'eth_cancelPrivateTransaction', question)
    assert.equal(own.result, true)
    assert.deepEqual((await served.seal()).transactions, [])
  })
})

describe('relay.answerRelay in the BuilderNet dialect', () => {
  it('takes a missing, null or empty block as the next one, and an alias of the uuid', async () => {
    const { served, close } = await startServed({ relays: ['buildernet'] })
    try {
      for (const [nonce, block] of [{}, { blockNumber: null }, { blockNumber: '0x' }].entries()) {
        const txs = [await signed(alice, { nonce })]
        await askRelay(served, 'eth_sendBundle', [{ txs, uuid: 'any name', ...block }])
        assert.deepEqual((await served.seal()).transactions, [keccak256(txs[0] as Hex)])
      }
    } finally {
      await close()
    }
  })
})

describe('simulateBundle.simulateBundle', () => {
  let served: ServedNode
  let close: () => Promise<void>
  before(async () => {
    ;({ served, close } = await startServed())
    const code = (address: string, bytes: string) =>
      served.node.request({ method: 'hardhat_setCode', params: [address, bytes] })
    await code('0x00000000000000000000000000000000000000aa', '0x631234567860e01b5f5260045ffd')
    await code('0x00000000000000000000000000000000000000bb', '0x5f5f5f5f34415af100')
  })
  after(() => close())

  type Simulated = {
    coinbaseDiff: string
    gasFees: string
    ethSentToCoinbase: string
    totalGasUsed: number
    results: Record<string, unknown>[]
  }
  const simulate = async (txs: readonly Hex[], more = {}) => {
    const call = { txs, blockNumber: '0x1', stateBlockNumber: 'latest', ...more }
    return askRelay(served, 'eth_callBundle', [call])
  }

  it('tells tips from direct payments, transaction by transaction', async () => {
    const to = '0x00000000000000000000000000000000000000bb'
    const txs = [
      await signed(alice, { nonce: 0, tip: 5n, gas: 21_000n }),
      await signed(localAccount(2), { nonce: 0, tip: 7n, to, value: 1_000n }),
    ]
    const { result } = await simulate(txs)
    const { coinbaseDiff, gasFees, ethSentToCoinbase, results } = result as Simulated
    assert.deepEqual(
      results.map((each) => each['ethSentToCoinbase']),
      ['0', '1000'],
    )
    assert.equal(ethSentToCoinbase, '1000')
    assert.equal(BigInt(coinbaseDiff), BigInt(gasFees) + 1_000n)
    assert.equal(results[0]?.['coinbaseDiff'], '105000')
  })

  it('gives the revert bytes of a transaction that fails', async () => {
    const to = '0x00000000000000000000000000000000000000aa'
    const { result } = await simulate([await signed(alice, { nonce: 0, to })])
    const [only] = (result as Simulated).results
    assert.deepEqual([only?.['error'], only?.['revert']], ['execution reverted', '0x12345678'])
  })

  it('refuses what cannot be mined, other states than the head, and times in the past', async () => {
    const gap = await simulate([await signed(alice, { nonce: 4 })])
    const fine = await signed(alice, { nonce: 0 })
    const codes = [
      gap,
      await simulate([fine], { stateBlockNumber: '0x7' }),
      await simulate([fine], { blockNumber: '0x0' }),
      await simulate([fine], { timestamp: 1 }),
    ].map(({ error }) => error?.code)
    assert.deepEqual(codes, [-32000, -32602, -32602, -32602])
  })

  it('leaves the head, the state and the pools as they were', async () => {
    const state = async () => [
      (await ask(served, 'eth_getBlockByNumber', 'latest', false)).result,
      (await ask(served, 'eth_getBalance', alice.address)).result,
      served.pending(),
    ]
    const before = await state()
    await simulate([await signed(alice, { nonce: 0 })], { blockNumber: '0x4' })
    assert.deepEqual(await state(), before)
  })
})
