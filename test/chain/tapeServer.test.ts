/** A tape as a node: what it answers, and how it refuses what it does not hold. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { connect } from '../../solver/chain/client.ts'
import { toWord } from '../../solver/chain/quantity.ts'
import { serveTape, tapeAnswers } from '../../solver/chain/tapeServer.ts'
import { forkAt } from '../helpers/fork.ts'
import { aTape, slotReader, slotReaderCode } from '../helpers/tapes.ts'

const other = '0x00000000000000000000000000000000000000ff'

describe('tapeServer.tapeAnswers', () => {
  const answer = tapeAnswers(aTape())
  const lenient = tapeAnswers(aTape(), { absent: 'zero' })
  const here = '0x15ef3c0'

  it('answers what is on the tape, at its block by number, hash or name', () => {
    for (const tag of [here, 'latest', { blockHash: toWord(0xb10cn) }, { blockNumber: here }]) {
      assert.equal(answer('eth_getBalance', [slotReader, tag]), '0x7')
      assert.equal(answer('eth_getTransactionCount', [slotReader, tag]), '0x1')
      assert.equal(answer('eth_getCode', [slotReader, tag]), slotReaderCode)
      assert.equal(answer('eth_getStorageAt', [slotReader, '0x5', tag]), toWord(55n))
    }
    const info = answer('eth_getAccountInfo', [slotReader, here])
    assert.deepEqual(info, { balance: '0x7', nonce: '0x1', code: slotReaderCode })
  })

  it('takes an address in either case', () => {
    assert.equal(answer('eth_getBalance', [slotReader.replace('d7', 'D7'), here]), '0x7')
  })

  it('refuses a slot that is not on the tape, and names account and slot', () => {
    const refused = { code: 'chain.off-tape', facts: { account: slotReader, slot: toWord(6n) } }
    assert.throws(() => answer('eth_getStorageAt', [slotReader, '0x6', here]), refused)
  })

  it('refuses an account that is not on the tape, and names it', () => {
    for (const method of ['eth_getBalance', 'eth_getCode', 'eth_getTransactionCount'])
      assert.throws(() => answer(method, [other, here]), {
        code: 'chain.off-tape',
        facts: { account: other },
      })
  })

  it('answers zero for both where it was told to', () => {
    assert.equal(lenient('eth_getStorageAt', [slotReader, '0x6', here]), toWord(0n))
    assert.equal(lenient('eth_getBalance', [other, here]), '0x0')
    assert.equal(lenient('eth_getCode', [other, here]), '0x')
  })

  it('refuses the state of another block, also where absent is zero', () => {
    for (const tag of ['0x15ef3bf', '0x15ef3c1', 'earliest', { blockHash: toWord(1n) }])
      assert.throws(() => lenient('eth_getBalance', [slotReader, tag]), { code: 'chain.off-tape' })
  })

  it('gives its block, hashes of earlier ones that it holds, and nothing of later ones', () => {
    const block = answer('eth_getBlockByNumber', [here, false]) as { hash: string }
    assert.equal(block.hash, toWord(0xb10cn))
    const parent = answer('eth_getBlockByNumber', ['0x15ef3bf', false]) as { hash: string }
    assert.equal(parent.hash, toWord(0xb10bn))
    assert.equal(answer('eth_getBlockByNumber', ['0x15ef3c1', false]), null)
    assert.equal(answer('eth_getBlockByHash', [toWord(3n), false]), null)
    assert.throws(() => answer('eth_getBlockByNumber', ['0x1', false]), { code: 'chain.off-tape' })
  })

  it('refuses calls and logs: it holds state', () => {
    for (const method of ['eth_call', 'eth_getLogs', 'eth_sendRawTransaction', 'toString'])
      assert.throws(() => answer(method, []), { code: 'chain.tape-method' })
  })
})

describe('tapeServer.serveTape', () => {
  it('serves plain clients, batches too', async () => {
    const server = await serveTape(aTape())
    const client = await connect({ urls: [server.url], chainId: 1, retries: 0 })
    assert.equal(await client.viem.getBalance({ address: slotReader }), 7n)
    const body = [1, 2].map((id) => ({
      jsonrpc: '2.0',
      id,
      method: 'eth_getStorageAt',
      params: [slotReader, `0x${id + 4}`, 'latest'],
    }))
    const response = await fetch(server.url, { method: 'POST', body: JSON.stringify(body) })
    const [first, second] = (await response.json()) as {
      result?: string
      error?: { message: string }
    }[]
    assert.equal(first?.result, toWord(55n))
    assert.match(second?.error?.message ?? '', /account 0x0+51d7, slot 0x0+6/)
    await server.close()
  })

  it('answers what is not JSON with an error', async () => {
    const server = await serveTape(aTape())
    for (const body of ['{', '7', 'null', '[null]']) {
      const response = await fetch(server.url, { method: 'POST', body })
      assert.match(await response.text(), /"error"/)
    }
    await server.close()
  })

  it('refuses a port that is taken', async () => {
    const server = await serveTape(aTape())
    const port = Number(new URL(server.url).port)
    await assert.rejects(serveTape(aTape(), { port }), { code: 'chain.port-taken' })
    await server.close()
  })

  it('carries a fork: reads on the tape are right, reads off it fail and name the slot', async () => {
    const accounts = { ...aTape().accounts }
    const lenient = await serveTape({ ...aTape(), accounts }, { absent: 'zero' })
    const fork = await forkAt(lenient.url, lenient.blockNumber)
    const read = (slot: bigint) =>
      fork.request({
        method: 'eth_call',
        params: [{ to: slotReader, data: toWord(slot) }, 'latest'],
      })
    assert.equal(await read(5n), toWord(55n))
    assert.equal(await read(6n), toWord(0n))
    const asked = lenient.asked.get('eth_getStorageAt')
    assert.equal(await read(5n), toWord(55n))
    assert.equal(lenient.asked.get('eth_getStorageAt'), asked)
    await fork.close()
    await lenient.close()
  })
})
