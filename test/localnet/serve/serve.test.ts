/** The servers of a local chain: ports, slots, WebSocket. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import type { Hex } from '../../../solver/core/hex.ts'
import { listen } from '../../../solver/localnet/serve/http.ts'
import { ask, localAccount, post, signed, startServed } from '../../helpers/served.ts'

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
      const seen = await second.client.getBlockNumber()
      while ((await second.client.getBlockNumber()) < seen + 2n)
        await new Promise((resolve) => setTimeout(resolve, 20))
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
