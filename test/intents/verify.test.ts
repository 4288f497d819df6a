/** The settlement's own checks, made before anything is sent. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import type { Hex } from '../../solver/core/hex.ts'
import type { SignedOrder } from '../../solver/intents/order.ts'
import { signerOf, signOrder } from '../../solver/intents/sign.ts'
import { expandSignature, recoverSigner, requireFillable } from '../../solver/intents/verify.ts'
import { anOrder, codeOfError, domain, ownerAccount, ownerAddress } from '../helpers/orders.ts'

const context = { ...domain, now: 1_760_000_000 }
const curveOrder = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const sign = signerOf(ownerAccount)
const word = (value: bigint) => value.toString(16).padStart(64, '0')

/** r, s and v of a signature in 65 bytes. */
function parts(signature: Hex) {
  const s = BigInt(`0x${signature.slice(66, 130)}`)
  return { r: signature.slice(2, 66), s, v: Number.parseInt(signature.slice(130), 16) }
}

function compact(signature: Hex): Hex {
  const { r, s, v } = parts(signature)
  return `0x${r}${word(s | (BigInt(v - 27) << 255n))}`
}

const codeFor = (
  signed: SignedOrder,
  changes: Partial<Parameters<typeof requireFillable>[1]> = {},
) => codeOfError(() => requireFillable(signed, { ...context, ...changes }))

describe('verify.requireFillable', () => {
  it("passes the owner's signature in 65 and in 64 bytes, for both fundings", async () => {
    for (const funding of ['allowance', 'permit2'] as const) {
      const signed = await signOrder(anOrder(), domain, funding, sign)
      assert.equal(await codeFor(signed), undefined)
      assert.equal(await codeFor({ ...signed, signature: compact(signed.signature) }), undefined)
    }
  })

  it('refuses the twins of a signature', async () => {
    const signed = await signOrder(anOrder(), domain, 'allowance', sign)
    const { r, s, v } = parts(signed.signature)
    const other = v === 27 ? 28 : 27
    const twins: readonly Hex[] = [
      `0x${r}${word(curveOrder - s)}${other.toString(16)}`,
      `0x${r}${word(s)}${other.toString(16)}`,
      `0x${r}${word(s)}0${v - 27}`,
      `0x${r}${word(s)}${v.toString(16)}00`,
      `0x${r}${word(0n)}${v.toString(16)}`,
      `0x${'f'.repeat(64)}${word(s)}${v.toString(16)}`,
      '0x',
    ]
    for (const signature of twins)
      assert.equal(await codeFor({ ...signed, signature }), 'intents.signature-invalid')
  })

  it('refuses the signature of another key, order or funding', async () => {
    const signed = await signOrder(anOrder(), domain, 'allowance', sign)
    const stranger = signerOf(privateKeyToAccount(generatePrivateKey()))
    const foreign = await signOrder(anOrder(), domain, 'allowance', stranger)
    assert.equal(await codeFor(foreign), 'intents.signature-invalid')
    assert.equal(await codeFor({ ...signed, funding: 'permit2' }), 'intents.signature-invalid')
    const other = await signOrder(anOrder({ nonce: 8n }), domain, 'allowance', sign)
    const swapped = { ...other, signature: signed.signature }
    assert.equal(await codeFor(swapped), 'intents.signature-invalid')
    const changed = { ...signed, order: anOrder({ nonce: 8n }) }
    assert.equal(await codeFor(changed), 'intents.digest-mismatch')
  })

  it('refuses another chain or contract', async () => {
    const signed = await signOrder(anOrder(), domain, 'allowance', sign)
    assert.equal(await codeFor(signed, { chainId: 5 }), 'intents.wrong-chain')
    assert.equal(await codeFor(signed, { settlement: ownerAddress }), 'intents.wrong-chain')
  })

  it('passes the last second of validTo and refuses the next', async () => {
    const signed = await signOrder(anOrder(), domain, 'allowance', sign)
    const { validTo } = signed.order
    assert.equal(await codeFor(signed, { now: validTo }), undefined)
    assert.equal(await codeFor(signed, { now: validTo + 1 }), 'intents.expired')
  })

  it('refuses a used nonce when the chain can be asked', async () => {
    const signed = await signOrder(anOrder(), domain, 'allowance', sign)
    const asked: unknown[] = []
    const isNonceUsed = (order: unknown, funding: unknown) => {
      asked.push(order, funding)
      return Promise.resolve(true)
    }
    assert.equal(await codeFor(signed, { isNonceUsed }), 'intents.nonce-used')
    assert.deepEqual(asked, [signed.order, 'allowance'])
  })

  it('asks a contract for its word when no key signed', async () => {
    const signed = await signOrder(anOrder(), domain, 'allowance', sign)
    const wallet = { ...signed, signature: '0xabcdef' as const }
    assert.equal(await codeFor(wallet), 'intents.signature-invalid')
    for (const answer of [true, false]) {
      const isContractSignature = () => Promise.resolve(answer)
      const expected = answer ? undefined : 'intents.signature-invalid'
      assert.equal(await codeFor(wallet, { isContractSignature }), expected)
    }
  })
})

describe('verify.recoverSigner', () => {
  it('names the account that signed, and nobody for other bytes', async () => {
    const signed = await signOrder(anOrder(), domain, 'allowance', sign)
    assert.equal(await recoverSigner(signed), ownerAddress)
    assert.equal(await recoverSigner({ ...signed, signature: '0x00' }), undefined)
  })
})

describe('verify.expandSignature', () => {
  it('gives 65 bytes for the 64 of EIP-2098, and the same for 65', async () => {
    const { signature } = await signOrder(anOrder(), domain, 'allowance', sign)
    assert.equal(expandSignature(signature), signature)
    assert.equal(expandSignature(compact(signature)), signature)
  })
})
