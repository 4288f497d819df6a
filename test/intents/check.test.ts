/** What the settlement could never fill is refused before it is signed. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { zeroAddress } from '../../solver/core/hex.ts'
import { flagsFor, requireWellFormed } from '../../solver/intents/check.ts'
import type { Order } from '../../solver/intents/order.ts'
import { anOrder, anyOrder, codeOfError, domain, ownerAddress } from '../helpers/orders.ts'

const stranger = '0x00000000000000000000000000000000000000aa'

const bad: readonly (readonly [string, Partial<Order>, string])[] = [
  ['nothing to sell', { amount: 0n }, 'intents.amount-zero'],
  ['a negative amount', { amount: -1n }, 'intents.amount-zero'],
  ['an end limit of zero', { limitEnd: 0n }, 'intents.amount-zero'],
  ['a start limit of zero', { limitStart: 0n, limitEnd: 0n }, 'intents.amount-zero'],
  ['an amount beyond uint128', { amount: 2n ** 128n }, 'intents.amount-too-large'],
  ['a limit beyond uint128', { limitStart: 2n ** 128n }, 'intents.amount-too-large'],
  ['a nonce beyond uint64', { nonce: 2n ** 64n }, 'intents.amount-too-large'],
  ['a negative nonce', { nonce: -1n }, 'intents.amount-too-large'],
  ['one token for itself', { buyToken: anOrder().sellToken }, 'intents.same-token'],
  ['a limit that rises', { limitStart: 1n, limitEnd: 2n }, 'intents.limit-rises'],
  ['a time beyond uint40', { validTo: 2 ** 40 }, 'intents.time-out-of-range'],
  ['a time in fractions', { decayStart: 1.5 }, 'intents.time-out-of-range'],
  ['a negative time', { decayEnd: -1 }, 'intents.time-out-of-range'],
  ['no number as time', { validTo: Number.NaN }, 'intents.time-out-of-range'],
  ['flags that nobody knows', { flags: 4 }, 'intents.unknown-flags'],
  ['flags in fractions', { flags: 0.5 }, 'intents.unknown-flags'],
  ['a receiver without its flag', { receiver: stranger }, 'intents.flags-mismatch'],
  ['an auctioneer without its flag', { auctioneer: stranger }, 'intents.flags-mismatch'],
  ['an auctioneer flag without a name', { flags: 2 }, 'intents.flags-mismatch'],
  ['nobody as owner', { owner: zeroAddress, receiver: zeroAddress }, 'intents.bad-party'],
  ['the settlement as owner', { owner: domain.settlement, flags: 1 }, 'intents.bad-party'],
  ['nobody as receiver', { receiver: zeroAddress, flags: 1 }, 'intents.bad-party'],
  ['the settlement as receiver', { receiver: domain.settlement, flags: 1 }, 'intents.bad-party'],
]

describe('check.requireWellFormed', () => {
  for (const [what, changes, code] of bad)
    it(`refuses ${what}`, async () => {
      assert.equal(await codeOfError(() => requireWellFormed(anOrder(changes), domain)), code)
    })

  it('passes every well-formed order', () => {
    fc.assert(fc.property(anyOrder, (order) => requireWellFormed(order, domain)))
  })
})

describe('check.flagsFor', () => {
  it('makes flags that agree with their fields', () => {
    fc.assert(
      fc.property(anyOrder, (order) => {
        requireWellFormed({ ...order, flags: flagsFor(order) }, domain)
      }),
    )
    assert.equal(flagsFor(anOrder()), 0)
    assert.equal(flagsFor(anOrder({ receiver: stranger, auctioneer: ownerAddress })), 3)
  })
})
