/** The public side: what everybody may read, and nothing private to be seen. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { keccak256, numberToHex } from 'viem'
import type { Hex } from '../../../solver/core/hex.ts'
import type { ServedNode } from '../../../solver/localnet/serve/serve.ts'
import { nextBaseFee } from '../../../solver/core/baseFee.ts'
import { ask, askRelay, localAccount, signed, startServed } from '../../helpers/served.ts'
import { createWatcher } from '../../helpers/watcher.ts'

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
