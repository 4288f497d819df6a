/** Habits of tokens: declared or measured, the worse counts; pools of unfit tokens are no market. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import type { Address } from '../../solver/core/hex.ts'
import type { Token } from '../../solver/core/token.ts'
import { judge } from '../../solver/market/probe.ts'
import {
  createMarks,
  habitsOf,
  liftHabits,
  type TokenHabits,
  tradable,
  unfitReason,
  withHabits,
} from '../../solver/market/traits.ts'
import { parseSnapshot } from '../../solver/market/codec.ts'
import { readFileSync } from 'node:fs'

const example = parseSnapshot(
  readFileSync(new URL('../../examples/market.json', import.meta.url), 'utf8'),
).view
const token: Token = { address: `0x${'1'.repeat(40)}`, symbol: 'T', decimals: 18 }
const habits: fc.Arbitrary<TokenHabits> = fc.record(
  {
    transferFeePips: fc.integer({ min: 0, max: 1_000_000 }),
    isRebasing: fc.boolean(),
    isSellable: fc.boolean(),
  },
  { requiredKeys: [] },
)

describe('traits.withHabits', () => {
  it('keeps the worse of both, whichever side says it', () => {
    fc.assert(
      fc.property(habits, habits, (declared, measured) => {
        const made = withHabits({ ...token, ...declared }, measured)
        const fees = [declared.transferFeePips, measured.transferFeePips].filter(
          (fee) => fee !== undefined,
        )
        assert.equal(made.transferFeePips, fees.length === 0 ? undefined : Math.max(...fees))
        const sides = [declared, measured]
        assert.equal(
          made.isSellable === false,
          sides.some(({ isSellable }) => isSellable === false),
        )
        assert.equal(
          made.isRebasing === true,
          sides.some(({ isRebasing }) => isRebasing === true),
        )
        assert.deepEqual(withHabits(made, measured), made)
      }),
    )
  })

  it('is the same token when nothing is new', () => {
    assert.equal(withHabits(token, {}), token)
  })
})

describe('traits.createMarks', () => {
  const view = { chainId: 1, tokens: new Map([[token.address, token]]), pools: new Map() }

  it('puts what was measured on a view, and again on one that forgot it', () => {
    const marks = createMarks()
    assert.equal(marks.on(view), view)
    marks.add(new Map([[token.address, { transferFeePips: 7 }]]))
    const once = marks.on(view)
    assert.equal(once.tokens.get(token.address)?.transferFeePips, 7)
    assert.equal(marks.on(once), once)
    assert.deepEqual(marks.on(view), once)
    assert.equal(view.tokens.get(token.address), token)
  })

  it('holds a newer measurement to what was declared, not to an older one', () => {
    const marks = createMarks()
    const declared = {
      ...view,
      tokens: new Map([[token.address, { ...token, transferFeePips: 3 }]]),
    }
    marks.add(new Map([[token.address, { transferFeePips: 7, isSellable: false }]]))
    const worse = marks.on(declared)
    assert.equal(worse.tokens.get(token.address)?.transferFeePips, 7)
    marks.add(new Map([[token.address, { transferFeePips: 0, isSellable: true }]]))
    const better = marks.on(worse).tokens.get(token.address)
    assert.equal(better?.transferFeePips, 3)
    assert.equal(better?.isSellable, true)
  })

  it('says nothing of tokens that the view does not have', () => {
    const marks = createMarks()
    const other: Address = `0x${'2'.repeat(40)}`
    marks.add(new Map([[other, { transferFeePips: 7 }]]))
    assert.equal(marks.on(view), view)
  })
})

describe('traits.liftHabits', () => {
  it('takes off what tokens carry, so that it can be marked again and outlived', () => {
    const worn = { ...token, transferFeePips: 9, isSellable: false }
    const view = { chainId: 1, tokens: new Map([[token.address, worn]]), pools: new Map() }
    const lifted = liftHabits(view)
    assert.deepEqual(lifted.view.tokens.get(token.address), token)
    const marks = createMarks()
    marks.add(lifted.habits)
    assert.deepEqual(marks.on(lifted.view).tokens.get(token.address), worn)
    marks.add(new Map([[token.address, { transferFeePips: 0, isSellable: true }]]))
    assert.equal(unfitReason(marks.on(lifted.view).tokens.get(token.address) ?? worn), undefined)
  })

  it('is the view itself when tokens carry nothing', () => {
    assert.equal(liftHabits(example).view, example)
  })
})

describe('traits.tradable', () => {
  const marked = (measured: TokenHabits) => {
    const tokens = new Map(example.tokens)
    const [first] = [...example.pools.values()].flatMap((pool) => pool.tokens)
    assert.ok(first)
    const marks = createMarks()
    marks.add(new Map([[first, measured]]))
    return { first, view: marks.on({ ...example, tokens }) }
  }

  it('is the view itself when no token is unfit, rebasing or not', () => {
    assert.equal(tradable(example), example)
    const { view } = marked({ isRebasing: true, isSellable: true, transferFeePips: 0 })
    assert.equal(tradable(view), view)
  })

  it('leaves out exactly the pools of tokens with a fee or that cannot be sold', () => {
    for (const measured of [{ transferFeePips: 1 }, { isSellable: false }]) {
      const { first, view } = marked(measured)
      const fit = tradable(view)
      assert.ok(fit.pools.size < view.pools.size)
      const left = [...view.pools.values()].filter(({ tokens }) => !tokens.includes(first))
      assert.deepEqual([...fit.pools.values()], left)
      assert.equal(fit.tokens, view.tokens)
      assert.equal(tradable(view), fit)
    }
  })
})

describe('probe.judge', () => {
  const found = {
    refused: 0n,
    bought: 10_000n,
    boughtArrived: 10_000n,
    moved: 5_000n,
    movedArrived: 5_000n,
    onward: 5_000n,
    onwardArrived: 5_000n,
    sold: 10_000n,
    soldArrived: 10_000n,
    proceeds: 1n,
    reason: '0x',
  } as const

  it('rounds a fee up to the next millionth, so that no fee is none', () => {
    const sent = 10n ** 18n
    const traits = judge({ ...found, bought: sent, boughtArrived: sent - 5n * 10n ** 11n }, 1n)
    assert.equal(traits.buyFeePips, 1)
    assert.equal(unfitReason(habitsOf(traits)), 'token-takes-fee')
  })

  it('calls up to four units of rounding no fee, but a sign of shares', () => {
    const rounded = judge({ ...found, movedArrived: 4_996n }, 1n)
    assert.deepEqual([rounded.transferFeePips, rounded.rebasing], [0, true])
    const fee = judge({ ...found, movedArrived: 4_995n }, 1n)
    assert.deepEqual([fee.transferFeePips, fee.rebasing], [1_000, false])
    // Of a handful of units four are no rounding.
    const few = judge({ ...found, moved: 100n, movedArrived: 96n }, 1n)
    assert.deepEqual([few.transferFeePips, few.rebasing], [40_000, false])
  })

  it('calls a token sellable whose transfers between people are refused', () => {
    const traits = judge({ ...found, refused: 2n, moved: 0n, movedArrived: 0n }, 1n)
    assert.equal(traits.sellable, true)
    assert.equal(traits.why, 'transfer-refused')
  })

  it('shows a refusal in printable words only, and not for ever', () => {
    const text = `\u001b[31m${'x'.repeat(200)}`
    const bytes = Buffer.from(text, 'latin1').toString('hex')
    const words = '0'.repeat(128)
    const traits = judge({ ...found, refused: 8n, reason: `0x08c379a0${words}${bytes}` }, 1n)
    assert.equal(traits.why, `sell-refused: ${`[31m${'x'.repeat(200)}`.slice(0, 64)}`)
    const custom = judge({ ...found, refused: 8n, reason: '0xdeadbeef00' }, 1n)
    assert.equal(custom.why, 'sell-refused: 0xdeadbeef')
  })

  it('does not call a sale one that brought nothing', () => {
    assert.equal(judge({ ...found, proceeds: 0n }, 1n).sellable, false)
    const none = judge({ ...found, boughtArrived: 0n, sold: 0n, soldArrived: 0n, proceeds: 0n }, 1n)
    assert.deepEqual(
      [none.sellable, none.buyFeePips, none.why],
      [false, 1_000_000, 'nothing-arrived'],
    )
  })
})
