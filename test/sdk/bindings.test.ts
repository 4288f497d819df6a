/** What may be signed, without a server: every field of the typed data is bound to the request. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { hashTypedData } from 'viem'
import { toJson } from '../../solver/core/units.ts'
import { max, mulDivDown } from '../../solver/core/rounding.ts'
import { fundingTypedData, hashOrder } from '../../solver/intents/eip712.ts'
import type { Funding } from '../../solver/intents/order.ts'
import { type BoundRequest, bindOrder, type Offer } from '../../sdk/index.ts'
import { anyAddress, anyOrder, codeOfError, domain } from '../helpers/orders.ts'
import { type Json, valueAt, withValue } from './world.ts'

const now = 1_760_000_000
const validForSeconds = 300

/** An honest server's offer for a random order, in either way of funding. */
const anyOffer = fc
  .record({
    order: anyOrder,
    buyAmount: fc.bigInt({ min: 1n, max: 2n ** 127n }),
    slippageBps: fc.integer({ min: 0, max: 9_000 }),
    funding: fc.constantFrom<Funding>('allowance', 'permit2'),
    late: fc.integer({ min: 0, max: validForSeconds }),
  })
  .map(({ order, buyAmount, slippageBps, funding, late }) => {
    const limit = max(1n, mulDivDown(buyAmount, BigInt(10_000 - slippageBps), 10_000n))
    const { owner, receiver, sellToken, buyToken, amount, nonce } = order
    const auctioneer = '0x0000000000000000000000000000000000000000' as const
    const signed = {
      owner,
      receiver,
      sellToken,
      buyToken,
      amount,
      nonce,
      auctioneer,
      limitStart: limit,
      limitEnd: limit,
      decayStart: now - late,
      decayEnd: now - late,
      validTo: now - late + validForSeconds,
      flags: receiver === owner ? 0 : 1,
    }
    const request: BoundRequest = {
      chainId: domain.chainId,
      sellToken,
      buyToken,
      slippageBps,
      funding,
      validForSeconds,
      receiver,
      taker: owner,
      sellAmount: amount,
      buyAmount: undefined,
      gasPriceWei: undefined,
      minBuyAmount: undefined,
      maxSellAmount: undefined,
    }
    const price = { sellToken, buyToken, slippageBps, sellAmount: amount, buyAmount }
    const intent = JSON.parse(toJson(fundingTypedData(signed, domain, funding))) as Json
    const offer: Offer = { request, price: { ...price, minBuyAmount: limit }, intent }
    return { offer, signed }
  })

const expectation = { settlement: domain.settlement, now }

/** Dotted paths of all values that are no objects. */
function leavesOf(json: unknown, path = ''): string[] {
  if (typeof json !== 'object' || json === null) return [path]
  return Object.entries(json).flatMap(([name, value]) =>
    leavesOf(value, path === '' ? name : `${path}.${name}`),
  )
}

describe('sdk.bindOrder', () => {
  it('gives exactly the order that an honest server offers, whatever the case of its addresses', () => {
    fc.assert(
      fc.property(anyOffer, fc.boolean(), ({ offer, signed }, isUpper) => {
        const text = JSON.stringify(offer.intent)
        const shown = text.replace(/0x[0-9a-f]{40}/g, (each) => `0x${each.slice(2).toUpperCase()}`)
        const intent: unknown = JSON.parse(isUpper ? shown : text)
        const { order, domain: bound } = bindOrder({ ...offer, intent }, expectation)
        assert.deepEqual(order, signed)
        assert.equal(hashOrder(order, bound), hashOrder(signed, domain))
      }),
    )
  })

  it('refuses a change of any value but those that a request leaves open', async () => {
    const open = /(nonce|decayStart|decayEnd|validTo|deadline)$/
    await fc.assert(
      fc.asyncProperty(anyOffer, fc.nat(), anyAddress, async ({ offer }, pick, other) => {
        const leaves = leavesOf(offer.intent).filter((path) => !open.test(path))
        const path = leaves[pick % leaves.length] ?? ''
        const value = valueAt(offer.intent, path)
        const changed = typeof value === 'number' ? value + 1 : value === other ? '0x' : other
        const intent = withValue(offer.intent as Json, path, changed)
        const code = await codeOfError(() => bindOrder({ ...offer, intent }, expectation))
        assert.match(String(code), /^sdk\.(mismatch|bad-answer)$/, path)
      }),
    )
  })

  it('takes over an open value only where the digest of what is offered stays the one that is signed', () => {
    fc.assert(
      fc.property(anyOffer, fc.nat(), ({ offer, signed }, pick) => {
        const fields = ['nonce', 'decayStart', 'decayEnd', 'validTo'] as const
        const field = fields[pick % fields.length] ?? 'nonce'
        const isPermit2 = offer.request.funding === 'permit2'
        const change = field === 'nonce' ? (signed.nonce ^ 1n).toString() : signed[field] - 1
        const path = `message.${isPermit2 ? 'witness.' : ''}${field}`
        const intent = withValue(offer.intent as Json, path, change)
        let bound
        try {
          bound = bindOrder({ ...offer, intent }, expectation)
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'sdk.mismatch')
          return
        }
        const typed = fundingTypedData(bound.order, bound.domain, offer.request.funding)
        assert.equal(hashTypedData(typed as never), hashTypedData(intent as never))
      }),
    )
  })

  it('refuses an order that binds the taker longer than asked for', async () => {
    await fc.assert(
      fc.asyncProperty(anyOffer, async ({ offer, signed }) => {
        const late = { settlement: domain.settlement, now: signed.validTo - validForSeconds - 61 }
        assert.equal(await codeOfError(() => bindOrder(offer, late)), 'sdk.mismatch')
      }),
      { numRuns: 100 },
    )
  })
})
