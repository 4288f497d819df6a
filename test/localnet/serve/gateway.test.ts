/** The public side: geth's pool rules, and nothing private to be seen. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { keccak256, numberToHex } from 'viem'
import type { Hex } from '../../../solver/core/hex.ts'
import { listen } from '../../../solver/localnet/serve/http.ts'
import type { ServedNode } from '../../../solver/localnet/serve/serve.ts'
import { nextBaseFee } from '../../../solver/submit/fees.ts'
import { ask, askRelay, localAccount, post, signed, startServed } from '../../helpers/served.ts'
import { createWatcher } from '../../helpers/watcher.ts'

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

describe('gateway.createGateway', () => {
  let served: ServedNode
  let close: () => Promise<void>
  before(async () => void ({ served, close } = await startServed()))
  after(() => close())

  it('shows every public transaction to a watcher and no private one', async () => {
    const watcher = await createWatcher(served)
    const publicRaw: Hex[] = []
    const privateRaw: Hex[] = []
    for (let block = 0; block < 10; block += 1) {
      const data = numberToHex(0xc0ffee00 + block, { size: 32 })
      publicRaw.push(await signed(localAccount(1), { nonce: block, data: `${data}01` }))
      privateRaw.push(await signed(localAccount(2), { nonce: block, data: `${data}02` }))
      const [shown, hidden] = [publicRaw.at(-1), privateRaw.at(-1)]
      await ask(served, 'eth_sendRawTransaction', shown)
      const sent = { txs: [hidden], blockNumber: numberToHex(block + 1) }
      await askRelay(served, 'eth_sendBundle', [sent])
      await askRelay(served, 'eth_callBundle', [{ ...sent, stateBlockNumber: 'latest' }])
      await watcher.ask(keccak256(hidden ?? '0x'))
      await watcher.poll()
      const nonce = await ask(served, 'eth_getTransactionCount', localAccount(2).address, 'pending')
      assert.equal(Number(nonce.result), block)
      assert.equal((await served.seal()).transactions.length, 2)
    }
    const hashes = (raws: readonly Hex[]) => raws.map((raw) => keccak256(raw))
    const calldata = (part: '01' | '02') =>
      publicRaw.map((_, block): Hex => `${numberToHex(0xc0ffee00 + block, { size: 32 })}${part}`)
    await watcher.close()
    assert.equal(watcher.sightings(hashes(publicRaw)), 10)
    assert.equal(watcher.sightings(calldata('01')), 10)
    assert.equal(watcher.sightings(hashes(privateRaw)), 0)
    assert.equal(watcher.sightings(calldata('02')), 0)
    assert.equal(watcher.total(), 10)
    const { sent, forgotten } = served.audit()
    assert.equal(forgotten, 0)
    assert.equal(
      sent.filter((text) => privateRaw.some((raw) => text.includes(raw.slice(2)))).length,
      0,
    )
  })

  it('is seen through when a relay leaks', async () => {
    const watcher = await createWatcher(served)
    served.setFault('leak')
    const raw = await signed(localAccount(3), { nonce: 0 })
    const head = BigInt(String((await ask(served, 'eth_blockNumber')).result))
    await askRelay(served, 'eth_sendBundle', [{ txs: [raw], blockNumber: numberToHex(head + 1n) }])
    await watcher.poll()
    served.setFault('none')
    await watcher.close()
    assert.equal(watcher.sightings([keccak256(raw)]), 1)
    await served.seal()
  })

  it('never lets a reader see the head go backwards while blocks are tried and sealed', async () => {
    const sealing = { done: false }
    const seen: number[] = []
    const reader = (async () => {
      while (!sealing.done) seen.push(Number((await ask(served, 'eth_blockNumber')).result))
    })()
    for (let block = 0; block < 15; block += 1) {
      const head = BigInt(String((await ask(served, 'eth_blockNumber')).result))
      const txs = [await signed(localAccount(4), { nonce: block })]
      const sent = { txs, blockNumber: numberToHex(head + 1n) }
      await Promise.all([
        askRelay(served, 'eth_callBundle', [{ ...sent, stateBlockNumber: 'latest' }]),
        askRelay(served, 'eth_sendBundle', [sent]),
      ])
      await served.seal()
    }
    sealing.done = true
    await reader
    assert.deepEqual(
      seen,
      seen.toSorted((a, b) => a - b),
    )
    assert.ok(new Set(seen).size > 1)
  })

  it('refuses the node’s test methods, signing and accounts', async () => {
    const refused = [
      'hardhat_setBalance',
      'evm_mine',
      'evm_snapshot',
      'anvil_reorg',
      'eth_sendTransaction',
      'eth_sign',
      'toString',
    ]
    for (const method of refused)
      assert.equal((await ask(served, method)).error?.code, -32601, method)
    assert.deepEqual((await ask(served, 'eth_accounts')).result, [])
  })

  it('answers batches in order, and revert bytes as data', async () => {
    const call = (id: number, method: string) => ({ jsonrpc: '2.0', id, method, params: [] })
    const body = JSON.stringify([call(1, 'eth_chainId'), call(2, 'net_version')])
    const response = await fetch(served.url, { method: 'POST', body })
    const answers = (await response.json()) as { id: number; result: string }[]
    assert.deepEqual(
      answers.map(({ id, result }) => [id, result]),
      [
        [1, '0x1'],
        [2, '1'],
      ],
    )
    const to = '0x00000000000000000000000000000000000000aa'
    const code = '0x631234567860e01b5f5260045ffd'
    await served.node.request({ method: 'hardhat_setCode', params: [to, code] })
    const { error } = await ask(served, 'eth_call', { to }, 'latest')
    assert.deepEqual([error?.code, error?.data], [3, '0x12345678'])
  })

  it('polls blocks and logs by filters of its own', async () => {
    const logger = '0x00000000000000000000000000000000000000cc'
    // LOG1 of nothing with topic 42.
    await served.node.request({ method: 'hardhat_setCode', params: [logger, '0x602a5f5fa100'] })
    const blocks = (await ask(served, 'eth_newBlockFilter')).result
    const logs = (await ask(served, 'eth_newFilter', { address: logger })).result
    const raw = await signed(localAccount(5), { nonce: 0, to: logger })
    await ask(served, 'eth_sendRawTransaction', raw)
    const sealed = await served.seal()
    assert.deepEqual((await ask(served, 'eth_getFilterChanges', blocks)).result, [sealed.hash])
    const found = (await ask(served, 'eth_getFilterChanges', logs)).result as {
      transactionHash: Hex
    }[]
    assert.deepEqual(
      found.map(({ transactionHash }) => transactionHash),
      [keccak256(raw)],
    )
    assert.deepEqual((await ask(served, 'eth_getFilterChanges', logs)).result, [])
    assert.equal((await ask(served, 'eth_uninstallFilter', logs)).result, true)
    assert.equal((await ask(served, 'eth_getFilterChanges', logs)).error?.code, -32000)
  })

  it('follows EIP-1559 to the wei from block to block', async () => {
    type Wire = Record<'baseFeePerGas' | 'gasUsed' | 'gasLimit', Hex>
    const latest = async () => {
      const wire = (await ask(served, 'eth_getBlockByNumber', 'latest', false)).result as Wire
      const { baseFeePerGas, gasUsed, gasLimit } = wire
      return {
        baseFeePerGas: BigInt(baseFeePerGas),
        gasUsed: BigInt(gasUsed),
        gasLimit: BigInt(gasLimit),
      }
    }
    for (let block = 0; block < 4; block += 1) {
      const parent = await latest()
      if (block % 2 === 0) {
        const raw = await signed(localAccount(6), { nonce: block / 2 })
        await ask(served, 'eth_sendRawTransaction', raw)
      }
      await served.seal()
      assert.equal((await latest()).baseFeePerGas, nextBaseFee(parent))
    }
  })
})

describe('subscriptions.createSubscriptions', () => {
  it('tells of new heads and logs over WebSocket, and stops when asked', async () => {
    const { served, close } = await startServed()
    const messages: { id?: number; result?: unknown; params?: { result: object } }[] = []
    const socket = new WebSocket(served.wsUrl)
    await new Promise((resolve) => socket.addEventListener('open', resolve))
    const arrived = (count: number) =>
      new Promise<void>((resolve) => {
        const check = () => messages.length >= count && resolve()
        socket.addEventListener('message', check)
        check()
      })
    socket.addEventListener('message', ({ data }) => messages.push(JSON.parse(String(data))))
    const send = (id: number, method: string, ...params: unknown[]) =>
      socket.send(JSON.stringify({ jsonrpc: '2.0', id, method, params }))
    const logger = '0x00000000000000000000000000000000000000cc'
    await served.node.request({ method: 'hardhat_setCode', params: [logger, '0x602a5f5fa100'] })
    send(1, 'eth_subscribe', 'newHeads')
    send(2, 'eth_subscribe', 'logs', { address: logger })
    send(3, 'eth_subscribe', 'everything')
    await arrived(3)
    assert.equal(messages.filter(({ id, result }) => id !== 3 && result !== undefined).length, 2)
    const raw = await signed(localAccount(1), { nonce: 0, to: logger })
    await post(
      served.url,
      JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_sendRawTransaction', params: [raw] }),
    )
    const sealed = await served.seal()
    await arrived(5)
    const [newHead, log] = messages.slice(3).map(({ params }) => params?.result)
    assert.deepEqual(
      [(newHead as { hash: Hex }).hash, (log as { address: Hex }).address],
      [sealed.hash, logger],
    )
    send(4, 'eth_unsubscribe', messages.find(({ id }) => id === 1)?.result)
    await arrived(6)
    assert.equal(messages[5]?.result, true)
    socket.close()
    await close()
  })
})

describe('serve.serveNode', () => {
  it('takes the next free port, and seals by itself when given a slot', async () => {
    const first = await startServed()
    const port = Number(new URL(first.served.url).port)
    const second = await startServed({ port, slotSeconds: 0.05 })
    try {
      assert.ok(Number(new URL(second.served.url).port) > port)
      const watcher = await createWatcher(second.served)
      const seen = await second.client.getBlockNumber()
      while ((await second.client.getBlockNumber()) < seen + 2n)
        await new Promise((resolve) => setTimeout(resolve, 20))
      await watcher.close()
    } finally {
      await second.close()
      await first.close()
    }
  })

  it('opens the test methods only when allowed to', async () => {
    const { served, close } = await startServed({ allowControl: true })
    const { result } = await ask(served, 'evm_mine')
    const head = await ask(served, 'eth_blockNumber')
    await close()
    assert.deepEqual([result, head.result], ['0x0', '0x1'])
  })
})

describe('http.listen', () => {
  it('says so when no port is left', async () => {
    const silent = () => Promise.resolve(undefined)
    // Taken by us, or by somebody else already.
    const first = await listen(silent, 65_535).catch(() => undefined)
    await assert.rejects(listen(silent, 65_535), { code: 'localnet.no-port' })
    await first?.close()
  })

  it('answers only POST, and no body above the limit', async () => {
    const server = await listen(() => Promise.resolve({ status: 200, body: '{}' }), 0)
    const url = `http://127.0.0.1:${server.port}`
    const statuses = [
      await fetch(url),
      await fetch(url, { method: 'POST', body: '{}' }),
      await fetch(url, { method: 'POST', body: 'x'.repeat(2_000_001) }),
    ].map(({ status }) => status)
    await server.close()
    assert.deepEqual(statuses, [405, 200, 413])
  })
})
