/** The recorder: what is read through it comes back from the tape alone. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { connect } from '../../solver/chain/client.ts'
import { toWord } from '../../solver/chain/quantity.ts'
import { recordTape, startRecorder } from '../../solver/chain/record.ts'
import { parseTape } from '../../solver/chain/tape.ts'
import { serveTape } from '../../solver/chain/tapeServer.ts'
import { forkAt } from '../helpers/fork.ts'
import { anAccount, aTape, slotReader } from '../helpers/tapes.ts'

/** An upstream that knows everything, zero where nothing was written. */
async function anUpstream() {
  const storage = { [toWord(5n)]: toWord(55n), [toWord(6n)]: toWord(66n) }
  const tape = aTape({ accounts: { [slotReader]: anAccount({ storage }) } })
  const server = await serveTape(tape, { absent: 'zero' })
  const node = await connect({ urls: [server.url], chainId: 1, retries: 0 })
  return { node, server }
}

async function readSlot(url: string, blockNumber: bigint, slot: bigint): Promise<unknown> {
  const fork = await forkAt(url, blockNumber)
  try {
    const call = { to: slotReader, data: toWord(slot) }
    return await fork.request({ method: 'eth_call', params: [call, 'latest'] })
  } finally {
    await fork.close()
  }
}

describe('record.recordTape', () => {
  it('keeps what a fork read, so that the same fork runs from the tape alone', async () => {
    const { node, server } = await anUpstream()
    const tape = await recordTape(node, async (url, blockNumber) => {
      assert.equal(await readSlot(url, blockNumber, 5n), toWord(55n))
    })
    await server.close()
    assert.deepEqual(tape.accounts[slotReader], aTape().accounts[slotReader])
    assert.deepEqual(parseTape(JSON.stringify(tape), 'tape'), tape)
    const replay = await serveTape(tape)
    assert.equal(await readSlot(replay.url, replay.blockNumber, 5n), toWord(55n))
    await assert.rejects(readSlot(replay.url, replay.blockNumber, 6n), /slot 0x0+6/)
    await replay.close()
  })

  it('keeps a slot that is zero, which is not the same as one that was not read', async () => {
    const { node, server } = await anUpstream()
    const tape = await recordTape(node, async (url, blockNumber) => {
      await readSlot(url, blockNumber, 9n)
    })
    assert.deepEqual(tape.accounts[slotReader]?.storage, { [toWord(9n)]: toWord(0n) })
    await server.close()
  })

  it('ends its server when the steps fail', async () => {
    const { node, server } = await anUpstream()
    let seen = ''
    const failing = recordTape(node, (url) => {
      seen = url
      return Promise.reject(new TypeError('the steps failed'))
    })
    await assert.rejects(failing, TypeError)
    await assert.rejects(connect({ urls: [seen], retries: 0 }), { code: 'chain.unreachable' })
    await server.close()
  })
})

describe('record.startRecorder', () => {
  it('asks the upstream once for what is read twice', async () => {
    const { node, server } = await anUpstream()
    const recorder = await startRecorder(node)
    const client = await connect({ urls: [recorder.url], retries: 0 })
    const read = () => client.viem.getStorageAt({ address: slotReader, slot: '0x5' })
    assert.equal(await read(), toWord(55n))
    assert.equal(await read(), toWord(55n))
    assert.equal(server.asked.get('eth_getStorageAt'), 1)
    await recorder.close()
    await server.close()
  })

  it('does not pass on calls: their answers would be missing from the tape', async () => {
    const { node, server } = await anUpstream()
    const recorder = await startRecorder(node)
    const client = await connect({ urls: [recorder.url], retries: 0 })
    await assert.rejects(client.request({ method: 'eth_call', params: [{}, 'latest'] }), {
      code: 'chain.refused',
    })
    await recorder.close()
    await server.close()
  })

  it('refuses a block that the upstream does not have', async () => {
    const { node, server } = await anUpstream()
    await assert.rejects(startRecorder(node, { blockNumber: 99_000_000n }), {
      code: 'chain.bad-answer',
    })
    await server.close()
  })
})
