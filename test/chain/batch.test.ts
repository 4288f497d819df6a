/** Batched reads on Hardhat's EVM, in both forms, and against nodes that know only one. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import { network } from 'hardhat'
import { batchProgram, readCalls } from '../../solver/chain/batch.ts'
import type { Call } from '../../solver/chain/block.ts'
import type { ChainNode } from '../../solver/chain/client.ts'
import { toWord } from '../../solver/chain/quantity.ts'
import type { Address, Hex } from '../../solver/core/hex.ts'

/** Returns the word that it is given; reverts; burns all gas; says its gas. */
const echo: Address = '0x00000000000000000000000000000000000000e1'
const reverts: Address = '0x00000000000000000000000000000000000000e2'
const burns: Address = '0x00000000000000000000000000000000000000e3'
const saysGas: Address = '0x00000000000000000000000000000000000000e4'
const returnsMuch: Address = '0x00000000000000000000000000000000000000e5'
const nobody: Address = '0x00000000000000000000000000000000000000e6'
const codes: Readonly<Record<Address, Hex>> = {
  [echo]: '0x366000600037366000f3',
  [reverts]: '0x60aa60005260206000fd',
  [burns]: '0x5b600056',
  [saysGas]: '0x5a60005260206000f3',
  [returnsMuch]: '0x6108006000f3',
}

let node: ChainNode & { close(): Promise<void> }
before(async () => {
  const connection = await network.create('localnet')
  node = {
    request: ({ method, params }) =>
      connection.provider.request({ method, params: [...(params ?? [])] }),
    close: () => connection.close(),
  }
  for (const [address, code] of Object.entries(codes) as [Address, Hex][])
    await node.request({ method: 'hardhat_setCode', params: [address, code] })
})
after(() => node.close())

const call = (target: Address, data: Hex = '0x'): Call => ({ target, value: 0n, data })
const word = (value: number): Hex => toWord(BigInt(value))

describe('batch.readCalls', () => {
  for (const via of ['override', 'create'] as const) {
    it(`answers every call in its place (${via})`, async () => {
      const calls = Array.from({ length: 700 }, (_, index) => call(echo, word(index)))
      assert.deepEqual(
        await readCalls(node, calls, { via }),
        calls.map(({ data }) => data),
      )
    })

    it(`gives nothing for a revert, for burnt gas and for an address without code (${via})`, async () => {
      const calls = [reverts, burns, nobody].flatMap((target) => [call(echo, '0x07'), call(target)])
      assert.deepEqual(await readCalls(node, calls, { via }), [
        '0x07',
        undefined,
        '0x07',
        undefined,
        '0x07',
        undefined,
      ])
    })

    it(`gives every call the same gas, also behind calls that burn theirs (${via})`, async () => {
      const calls = [burns, burns, saysGas, burns, burns, saysGas].map((target) => call(target))
      const gas = (await readCalls(node, calls, { via })).filter((each) => each !== undefined)
      assert.equal(gas.length, 2)
      assert.equal(new Set(gas).size, 1)
      assert.ok(BigInt(gas[0] ?? 0) > 1_999_000n)
    })

    it(`takes answers that are longer together than one request may return (${via})`, async () => {
      const calls = Array.from({ length: 40 }, () => call(returnsMuch))
      const answers = await readCalls(node, calls, { via })
      assert.deepEqual(new Set(answers), new Set([`0x${'00'.repeat(2_048)}`]))
    })
  }

  it('needs one request for hundreds of calls where the node takes overrides', async () => {
    const requests: number[] = []
    const calls = Array.from({ length: 700 }, (_, index) => call(echo, word(index)))
    await readCalls(node, calls, { onRequest: (answered) => requests.push(answered) })
    assert.deepEqual(requests, [700])
  })

  it('reads a contract through a lens, which sees its storage', async () => {
    await node.request({
      method: 'hardhat_setStorageAt',
      params: [echo, '0x0', toWord(0xabcn)],
    })
    // sload(0), returned; then the contract itself again, with another lens in between.
    const lens = '0x60005460005260206000f3'
    const calls = [
      { ...call(echo), lens },
      call(echo, word(1)),
      { ...call(echo), lens: '0x60016000526020 6000f3'.replace(' ', '') as Hex },
      { ...call(reverts), lens },
    ] as const
    const answers = [word(0xabc), word(1), word(1), word(0)]
    assert.deepEqual(await readCalls(node, calls), answers)
    assert.deepEqual(await readCalls(node, calls, { via: 'create' }), [
      undefined,
      word(1),
      undefined,
      undefined,
    ])
  })

  it('asks a node that caps the gas of a call with less, and remembers', async () => {
    const asked: bigint[] = []
    const capped: ChainNode = {
      request: ({ method, params = [] }) => {
        const { gas } = params[0] as { gas: Hex }
        asked.push(BigInt(gas))
        if (BigInt(gas) > 2n ** 24n) return Promise.reject(new TypeError('gas above the cap'))
        return node.request({ method, params })
      },
    }
    for (let n = 0; n < 2; n++)
      assert.deepEqual(await readCalls(capped, [call(echo, '0x07')]), ['0x07'])
    assert.deepEqual(asked, [48_000_000n, 16_000_000n, 16_000_000n])
  })

  it('asks nothing for no calls', async () => {
    const silent = { request: () => Promise.reject(new TypeError('asked')) }
    assert.deepEqual(await readCalls(silent, []), [])
  })

  it('works on a node that ignores overrides', async () => {
    const ignoring: ChainNode = {
      request: ({ method, params = [] }) => node.request({ method, params: params.slice(0, 2) }),
    }
    assert.deepEqual(await readCalls(ignoring, [call(echo, '0x07')]), ['0x07'])
  })

  it('works on a node that refuses overrides', async () => {
    const refusing: ChainNode = {
      request: ({ method, params = [] }) =>
        params.length > 2
          ? Promise.reject(new TypeError('too many arguments, want at most 2'))
          : node.request({ method, params }),
    }
    assert.deepEqual(await readCalls(refusing, [call(echo, '0x07')]), ['0x07'])
  })

  it('halves what a node refuses, and throws what it says to a single call', async () => {
    const sizes: number[] = []
    const small: ChainNode = {
      request: ({ method, params = [] }) => {
        const { data } = params[0] as { data: Hex }
        sizes.push((data.length - 2) / 2 / 54)
        if (data.length > 5_000) return Promise.reject(new TypeError('too large'))
        return node.request({ method, params })
      },
    }
    const calls = Array.from({ length: 200 }, (_, index) => call(echo, word(index)))
    assert.deepEqual(
      await readCalls(small, calls),
      calls.map(({ data }) => data),
    )
    // Once more with less gas, since that may have been what it refused.
    assert.deepEqual(sizes, [200, 200, 100, 50, 25, 25, 25, 25, 25, 25, 25, 25])
    const deaf = { request: () => Promise.reject(new TypeError('no')) }
    await assert.rejects(readCalls(deaf, calls), TypeError)
  })

  it('refuses an answer that is not the program’s', async () => {
    for (const answer of ['0x02', '0x010005aa', 7]) {
      const lying = { request: () => Promise.resolve(answer) }
      await assert.rejects(readCalls(lying, [call(echo)]), { code: 'chain.bad-answer' })
    }
  })
})

describe('batch.readCalls of a contract that returns too much', () => {
  /** `bytes` of memory that begin with what would parse as eight answers of 0x07. */
  const liar = (bytes: number): Hex =>
    `0x7f${'01000107'.repeat(8)}60005262${bytes.toString(16).padStart(6, '0')}6000f3`
  for (const via of ['override', 'create'] as const)
    it(`gives nothing for 65,536 bytes and more, and leaves the others their answers (${via})`, async () => {
      const plain = (bytes: number): Hex => `0x62${bytes.toString(16).padStart(6, '0')}6000f3`
      for (const bytes of [65_536, 65_537, 70_000, 131_072]) {
        for (const code of [plain(bytes), liar(bytes)]) {
          await node.request({ method: 'hardhat_setCode', params: [nobody, code] })
          const calls = [
            call(echo, word(1)),
            call(nobody),
            call(echo, word(2)),
            call(echo, word(3)),
          ]
          assert.deepEqual(await readCalls(node, calls, { via }), [
            word(1),
            undefined,
            word(2),
            word(3),
          ])
        }
      }
      await node.request({ method: 'hardhat_setCode', params: [nobody, '0x'] })
    })

  it('takes an answer of 65,535 bytes', async () => {
    await node.request({ method: 'hardhat_setCode', params: [nobody, '0x61ffff6000f3'] })
    const answers = await readCalls(node, [call(nobody), call(echo, word(4))])
    assert.deepEqual(answers, [`0x${'00'.repeat(65_535)}`, word(4)])
    await node.request({ method: 'hardhat_setCode', params: [nobody, '0x'] })
  })
})

describe('batch.batchProgram', () => {
  it('jumps only to places where it may land', () => {
    for (const via of ['override', 'create'] as const) {
      const bytes = Buffer.from(batchProgram(via), 'hex')
      const lands = jumpDestinations(bytes)
      for (const [at, byte] of bytes.entries())
        if ((byte === 0x56 || byte === 0x57) && bytes[at - 2] === 0x60)
          assert.ok(lands.has(bytes[at - 1] ?? -1), `jump at ${at}`)
    }
  })
})

function jumpDestinations(code: Uint8Array): Set<number> {
  const found = new Set<number>()
  for (let at = 0; at < code.length; at++) {
    const byte = code[at] ?? 0
    if (byte === 0x5b) found.add(at)
    if (byte >= 0x60 && byte <= 0x7f) at += byte - 0x5f
  }
  return found
}
