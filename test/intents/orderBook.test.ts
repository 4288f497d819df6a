/** The book's state machine: a submission may come back, an ending may not. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import type { OrderDigest, SignedOrder } from '../../solver/intents/order.ts'
import { createOrderBook, moves, type OrderStatus } from '../../solver/intents/orderBook.ts'
import { anOrder, domain } from '../helpers/orders.ts'

const statuses = ['open', 'submitted', 'filled', 'expired', 'cancelled'] as const
const endings = ['filled', 'expired', 'cancelled'] as const
const now = 1_760_000_000

function aSigned(name: number, validTo = now + 600): SignedOrder {
  const digest = `0x${name.toString(16).padStart(64, '0')}` as OrderDigest
  return { order: anOrder({ validTo }), digest, ...domain, funding: 'allowance', signature: '0x' }
}

/** A book with one order brought to `status` by an allowed way. */
function bookAt(status: OrderStatus) {
  const book = createOrderBook()
  const signed = aSigned(1)
  book.add(signed)
  book.update(signed.digest, { status })
  return { book, digest: signed.digest }
}

describe('orderBook.add', () => {
  it('opens an order', () => {
    assert.equal(createOrderBook().add(aSigned(1)).status, 'open')
  })

  it('changes nothing when the same digest comes again, whatever became of it', () => {
    for (const status of statuses) {
      const { book } = bookAt(status)
      assert.equal(book.add(aSigned(1)).status, status)
      assert.equal(book.all().length, 1)
    }
  })
})

describe('orderBook.update', () => {
  for (const from of endings)
    for (const to of statuses)
      it(`refuses ${from} to ${to}: endings are final`, () => {
        const { book, digest } = bookAt(from)
        const before = book.get(digest)
        assert.throws(() => book.update(digest, { status: to }), { code: 'intents.state-conflict' })
        assert.equal(book.get(digest), before)
      })

  it('refuses an order that is not in the book', () => {
    const { digest } = aSigned(9)
    const change = { status: 'filled' } as const
    assert.throws(() => createOrderBook().update(digest, change), {
      code: 'intents.state-conflict',
    })
  })

  it('lets a submission come back, with why', () => {
    const { book, digest } = bookAt('submitted')
    assert.equal(
      book.update(digest, { status: 'open', why: 'submit.no-relay' }).why,
      'submit.no-relay',
    )
    assert.deepEqual(
      book.open(now).map((each) => each.digest),
      [digest],
    )
  })

  it('drops the old why when the new status gives none', () => {
    const { book, digest } = bookAt('open')
    book.update(digest, { status: 'open', why: 'no-depth' })
    assert.equal(book.update(digest, { status: 'submitted' }).why, undefined)
  })

  it('never leaves an ending by any sequence of changes', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...statuses), { maxLength: 12 }), (changes) => {
        const { book, digest } = bookAt('open')
        let ended: OrderStatus | undefined
        for (const status of changes) {
          try {
            book.update(digest, { status })
          } catch {
            assert.notEqual(ended, undefined)
          }
          ended ??= moves[status].length === 0 ? status : undefined
          if (ended !== undefined) assert.equal(book.get(digest)?.status, ended)
        }
      }),
    )
  })
})

describe('orderBook.open', () => {
  it('gives open orders in the order of arrival and passes over submitted ones', () => {
    const book = createOrderBook()
    for (const name of [3, 1, 2]) book.add(aSigned(name))
    book.update(aSigned(1).digest, { status: 'submitted' })
    assert.deepEqual(
      book.open(now).map(({ digest }) => BigInt(digest)),
      [3n, 2n],
    )
  })

  it('takes an order up to its last second and ends it one second later', () => {
    const book = createOrderBook()
    const { digest } = book.add(aSigned(1, now)).signed
    assert.equal(book.open(now).length, 1)
    assert.equal(book.get(digest)?.status, 'open')
    assert.equal(book.open(now + 1).length, 0)
    assert.equal(book.get(digest)?.status, 'expired')
    assert.equal(book.open(now + 2).length, 0)
  })

  it('does not end an order that is under way', () => {
    const book = createOrderBook()
    const { digest } = book.add(aSigned(1, now)).signed
    book.update(digest, { status: 'submitted' })
    assert.equal(book.open(now + 1).length, 0)
    assert.equal(book.get(digest)?.status, 'submitted')
  })
})

describe('orderBook.undoAfter', () => {
  it('opens again what was filled above the block, and nothing else', () => {
    const book = createOrderBook()
    const fill = (block: bigint) => ({ sold: 1n, bought: 2n, block })
    const [kept, undone, open] = [aSigned(1), aSigned(2), aSigned(3)]
    for (const signed of [kept, undone, open]) book.add(signed)
    book.update(kept.digest, { status: 'filled', fill: fill(100n) })
    book.update(undone.digest, { status: 'filled', fill: fill(101n) })
    assert.deepEqual(book.undoAfter(100n), [undone.digest])
    assert.equal(book.get(undone.digest)?.status, 'open')
    assert.equal(book.get(undone.digest)?.fill, undefined)
    assert.equal(book.get(kept.digest)?.status, 'filled')
    assert.equal(book.get(open.digest)?.why, undefined)
  })
})

describe('orderBook.open when time goes back', () => {
  it('opens an order again that a block with a false time had expired', () => {
    const book = createOrderBook()
    const signed = aSigned(1)
    book.add(signed)
    assert.deepEqual(book.open(now + 10_000), [])
    assert.equal(book.get(signed.digest)?.status, 'expired')
    assert.deepEqual(book.open(now), [signed])
  })
})
