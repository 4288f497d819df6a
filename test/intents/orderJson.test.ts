/** Orders as JSON: what goes out comes back, and everything else is refused by name. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import {
  orderToJson,
  parseOrder,
  parseSignedOrder,
  signedOrderToJson,
} from '../../solver/intents/orderJson.ts'
import { signerOf, signOrder } from '../../solver/intents/sign.ts'
import { anOrder, anyOrder, codeOfError, domain, ownerAccount } from '../helpers/orders.ts'

const through = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('orderJson.parseOrder', () => {
  it('gives back every order that went out', () => {
    fc.assert(
      fc.property(anyOrder, (order) => {
        assert.deepEqual(parseOrder(through(orderToJson(order))), order)
      }),
    )
  })

  it('takes checksummed addresses and gives lower-case ones', () => {
    const json = { ...orderToJson(anOrder()), owner: ownerAccount.address }
    assert.equal(parseOrder(json).owner, anOrder().owner)
  })

  it('refuses a missing field, each by name', async () => {
    for (const name of Object.keys(anOrder())) {
      const json: Record<string, unknown> = orderToJson(anOrder())
      delete json[name]
      assert.equal(await codeOfError(() => parseOrder(json)), 'intents.field-missing')
    }
  })

  it('refuses a field that no order has', async () => {
    const json = { ...orderToJson(anOrder()), amout: '1' }
    assert.equal(await codeOfError(() => parseOrder(json)), 'intents.field-unknown')
  })

  it('refuses what is not of its form', async () => {
    const wrong: readonly Record<string, unknown>[] = [
      { amount: 1 },
      { amount: '1.5' },
      { amount: '-1' },
      { amount: '0x10' },
      { amount: '01' },
      { amount: '' },
      { amount: '9'.repeat(79) },
      { owner: '0x12' },
      { owner: null },
      { validTo: '1760000000' },
      { validTo: -1 },
      { flags: {} },
    ]
    for (const changes of wrong) {
      const json = { ...orderToJson(anOrder()), ...changes }
      assert.equal(await codeOfError(() => parseOrder(json)), 'intents.field-malformed')
    }
    for (const json of [null, [], 'order', 7, undefined])
      assert.equal(await codeOfError(() => parseOrder(json)), 'intents.field-malformed')
  })
})

describe('orderJson.parseSignedOrder', () => {
  it('gives back a signed order', async () => {
    const signed = await signOrder(anOrder(), domain, 'permit2', signerOf(ownerAccount))
    assert.deepEqual(parseSignedOrder(through(signedOrderToJson(signed))), signed)
  })

  it('refuses the digest of another order', async () => {
    const signed = await signOrder(anOrder(), domain, 'allowance', signerOf(ownerAccount))
    const json = signedOrderToJson(signed)
    const other = { ...json, order: { ...json.order, nonce: '8' } }
    assert.equal(await codeOfError(() => parseSignedOrder(other)), 'intents.digest-mismatch')
    const elsewhere = { ...json, chainId: 5 }
    assert.equal(await codeOfError(() => parseSignedOrder(elsewhere)), 'intents.digest-mismatch')
  })

  it('refuses what the settlement would refuse', async () => {
    const signed = await signOrder(anOrder(), domain, 'allowance', signerOf(ownerAccount))
    const json = signedOrderToJson(signed)
    const zero = { ...json, order: { ...json.order, amount: '0' } }
    assert.equal(await codeOfError(() => parseSignedOrder(zero)), 'intents.amount-zero')
  })

  it('refuses an unknown funding and a signature that is no hex', async () => {
    const signed = await signOrder(anOrder(), domain, 'allowance', signerOf(ownerAccount))
    for (const changes of [{ funding: 'gift' }, { signature: '0x1' }, { signature: 7 }]) {
      const json = { ...signedOrderToJson(signed), ...changes }
      assert.equal(await codeOfError(() => parseSignedOrder(json)), 'intents.field-malformed')
    }
  })
})
