/** Found: what an event says of orders got lost when the reading of a pool failed in the same step. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { beginTurn, seeFill } from '../../solver/engine/landing.ts'
import type { EngineOptions } from '../../solver/engine/options.ts'
import type { State } from '../../solver/engine/turn.ts'
import { createOrderBook } from '../../solver/intents/orderBook.ts'
import type { OrderDigest, SignedOrder } from '../../solver/intents/order.ts'
import { createMarket } from '../../solver/market/market.ts'
import { hashOf } from '../helpers/fakeNode.ts'
import { anOrder, domain } from '../helpers/orders.ts'

const digest = `0x${'7'.repeat(64)}` as OrderDigest
const signed: SignedOrder = {
  order: anOrder({ validTo: 1_760_000_600 }),
  digest,
  ...domain,
  funding: 'allowance',
  signature: '0x',
}
const fill = { digest, owner: signed.order.owner, sold: 1n, bought: 2n }

function aLine(): { options: EngineOptions; state: State } {
  const book = createOrderBook()
  book.add(signed)
  const block = {
    number: 5n,
    hash: hashOf(5),
    parentHash: hashOf(4),
    timestamp: 1_760_000_000n,
  }
  const market = createMarket({ chainId: 1, block, tokens: new Map(), pools: new Map() })
  const state = { book, firm: new Map(), resting: new Map(), early: new Map(), unread: new Map() }
  // Only what a turn without a route looks at.
  const options = { market, clock: { now: () => 1_760_000_000n } } as unknown as EngineOptions
  return { options, state }
}

describe('a fill that the chain shows while a turn plans', () => {
  it('closes its order at the end of the turn, and does not end the line', async () => {
    const { options, state } = aLine()
    beginTurn(options, state)
    const { turn } = state
    seeFill(options, state, fill, 6n)
    await turn
    assert.equal(state.failure, undefined)
    assert.equal(state.book.get(digest)?.status, 'filled')
    assert.equal(state.book.get(digest)?.fill?.bought, 2n)
  })
})
