/** Vectors: github.com/flashbots/go-utils, signature/signature_test.go (signed by MetaMask, cast, ethers). */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import { toBytes } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import type { Address } from '../../solver/core/hex.ts'
import { signFlashbotsHeader, verifyFlashbotsHeader } from '../../solver/submit/flashbotsHeader.ts'

/** The key of a public book: known to everybody. */
const key = privateKeyToAccount(
  '0xfad9c8855b740a0b7ed4c221dbad0f33a83a49cad6b3fe8d5817ac83d38b6a19',
)
const hello = toBytes('Hello')
const vectors = {
  metaMask:
    '0x4bE0Cd2553356b4ABb8b6a1882325dAbC8d3013D:0xbf36915334f8fa93894cd54d491c31a89dbf917e9a4402b2779b73d21ecf46e36ff07db2bef6d10e92c99a02c1c5ea700b0b674dfa5d3ce9220822a7ebcc17101b',
  cast: '0x2485Aaa7C5453e04658378358f5E028150Dc7606:0xff2aa92eb8d8c2ca04f1755a4ddbff4bda6a5c9cefc8b706d5d8a21d3aa6fe7a20d3ec062fb5a4c1656fd2c14a8b33ca378b830d9b6168589bfee658e83745cc1b',
  ethers:
    '0x96216849c49358B10257cb55b28eA603c874b05E:0x1446053488f02d460c012c84c4091cd5054d98c6cfca01b65f6c1a72773e80e60b8a4931aeee7ed18ce3adb45b2107e8c59e25556c1f871a8334e30e5bddbed21c',
}
const badHeader = { code: 'submit.bad-header' }

describe('flashbotsHeader.signFlashbotsHeader', () => {
  it('signs as cast and ethers do, byte for byte', async () => {
    assert.equal(await signFlashbotsHeader('Hello', key), vectors.ethers)
  })
})

describe('flashbotsHeader.verifyFlashbotsHeader', () => {
  it('recovers the signers of MetaMask, cast and ethers', async () => {
    for (const header of Object.values(vectors))
      assert.equal(
        await verifyFlashbotsHeader(hello, header),
        header.split(':')[0]?.toLowerCase() as Address,
      )
  })

  it('compares addresses without regard to case, and takes a recovery byte of 0 or 1', async () => {
    const lower = vectors.ethers.toLowerCase()
    assert.equal(await verifyFlashbotsHeader(hello, lower), key.address.toLowerCase())
    const raw = vectors.ethers.replace(/1c$/, '01')
    assert.equal(await verifyFlashbotsHeader(hello, raw), key.address.toLowerCase())
  })

  it('refuses a header that is missing, cut, longer, or of another form', async () => {
    const { ethers } = vectors
    const [address, signature] = ethers.split(':')
    const headers = [undefined, '', 'invalid', `${ethers}deadbeef`, ethers.slice(0, -8)]
    headers.push(`${ethers}:x`, `:${signature}`, `${address}:`, ethers.replace(/1c$/, '1d'))
    headers.push(`${address}:0x${'ff'.repeat(64)}1b`, `${address}:0x${'00'.repeat(64)}1b`)
    for (const header of headers)
      await assert.rejects(verifyFlashbotsHeader(hello, header), badHeader, String(header))
  })

  it('refuses another stated address', async () => {
    const [, signature] = vectors.ethers.split(':')
    const [other] = vectors.cast.split(':')
    await assert.rejects(verifyFlashbotsHeader(hello, `${other}:${signature}`), badHeader)
  })

  it('refuses every body but the one that was signed', async () => {
    const body = fc.string({ minLength: 1 })
    const tampered = fc.asyncProperty(
      body,
      fc.nat(),
      fc.nat({ max: 254 }),
      async (text, at, by) => {
        const header = await signFlashbotsHeader(text, key)
        const bytes = toBytes(text)
        assert.equal(await verifyFlashbotsHeader(bytes, header), key.address.toLowerCase())
        const index = at % bytes.length
        bytes[index] = ((bytes[index] ?? 0) + 1 + by) % 256
        await assert.rejects(verifyFlashbotsHeader(bytes, header), badHeader)
      },
    )
    // Each run signs once and recovers twice; the law has no corner that more runs would find.
    await fc.assert(tampered, { numRuns: 40 })
  })

  it('refuses a body that was serialised again', async () => {
    const body = '{"id":1, "method":"eth_sendBundle"}'
    const header = await signFlashbotsHeader(body, key)
    const again = toBytes(JSON.stringify(JSON.parse(body)))
    await assert.rejects(verifyFlashbotsHeader(again, header), badHeader)
  })
})
