/** A malformed order never reaches a key. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { hashOrder } from '../../solver/intents/eip712.ts'
import { signOrder } from '../../solver/intents/sign.ts'
import { anOrder, codeOfError, domain } from '../helpers/orders.ts'

describe('sign.signOrder', () => {
  it('gives order, digest, domain, funding and what the signer returned', async () => {
    const signed = await signOrder(anOrder(), domain, 'permit2', () => Promise.resolve('0xab'))
    assert.deepEqual(signed, {
      order: anOrder(),
      digest: hashOrder(anOrder(), domain),
      chainId: domain.chainId,
      settlement: domain.settlement,
      funding: 'permit2',
      signature: '0xab',
    })
  })

  it('shows the signer the struct that its funding is checked by', async () => {
    const shown: string[] = []
    for (const funding of ['allowance', 'permit2'] as const)
      await signOrder(anOrder(), domain, funding, ({ primaryType, domain: { name, chainId } }) => {
        assert.equal(typeof chainId, 'number')
        shown.push(`${name} ${primaryType}`)
        return Promise.resolve('0x')
      })
    assert.deepEqual(shown, ['isoprice Order', 'Permit2 PermitWitnessTransferFrom'])
  })

  it('does not ask the signer for a malformed order', async () => {
    let asked = 0
    const sign = () => {
      asked += 1
      return Promise.resolve('0x' as const)
    }
    const attempt = () => signOrder(anOrder({ amount: 0n }), domain, 'allowance', sign)
    assert.equal(await codeOfError(attempt), 'intents.amount-zero')
    assert.equal(asked, 0)
  })
})
