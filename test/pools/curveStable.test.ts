/** StableSwap pools: logs, codec, curve and edges; amounts are held by bytecode and vectors. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import type { Hex } from '../../solver/core/hex.ts'
import { formatSnapshot, parseSnapshot } from '../../solver/market/codec.ts'
import { toSnapshot } from '../../solver/market/snapshot.ts'
import { curveStable, type CurveStableState } from '../../solver/pools/curveStable.ts'
import { base, id, ng, tripool, wad, words } from '../helpers/curveStablePools.ts'

const swap = { indexIn: 1, indexOut: 0, amountIn: 10n ** 12n }

const exchangeTopic = '0x8b3e96f2b889fa771c53c981b40daf005f63f637f1869f707052d15a3dd97140'
const addTopic3 = '0x423f6495a08fc652425cf4ed0d1f9e37e571d9b9529b1c1c23cce780b2e7df0d'
const addTopicList = '0x189c623b666b1b45b83d7178f39b8c087cb09774317ca2f53c2d3c3726f222a2'
const removeTopic3 = '0xa49d4cf02656aebf8c771f5a8585638a2a15ee6c97cf7205d4208ed7c1df252d'
const imbalanceTopic3 = '0x173599dbf9c6ca6f7c3b590df07ae98a45d74ff54065505141e7de6c46a624c2'
const removeOneTopic = '0x9e96dd3b997a2a257eec4df9bb6eaf626e206df5f543bd963682d143300be310'
const rampTopic = '0xa2b71ec6df949300b59aab36b55e189697b750119dd349fcfa8c0f779e83c254'
const log = (topic: Hex, data: Hex) => ({ address: id, topics: [topic, words(7n)], data })

describe('curveStable.apply', () => {
  it('makes a logged swap again', () => {
    const { amountOut, next } = curveStable.swapExactIn(tripool, swap)
    const data = words(1n, swap.amountIn, 0n, amountOut)
    assert.deepEqual(curveStable.apply(tripool, log(exchangeTopic, data)), next)
  })

  it('wants the pool read again when the log paid otherwise', () => {
    const { amountOut } = curveStable.swapExactIn(tripool, swap)
    const data = words(1n, swap.amountIn, 0n, amountOut + 1n)
    assert.equal(curveStable.apply(tripool, log(exchangeTopic, data)), undefined)
  })

  it('adds a deposit and takes the part of its fees that is not the pool’s', () => {
    const data = words(5n, 6n, 7n, 10n, 20n, 30n, 1n, 1n)
    const [b0 = 0n, b1 = 0n, b2 = 0n] = tripool.balances
    for (const each of [tripool, { ...tripool, adminFee: undefined }])
      assert.deepEqual(curveStable.apply(each, log(addTopic3, data))?.balances, [
        b0 + 5n - 5n,
        b1 + 6n - 10n,
        b2 + 7n - 15n,
      ])
  })

  it('reads the lists of StableSwapNG', () => {
    const list = [3n, 5n, 6n, 7n]
    const fees = [3n, 10n, 20n, 30n]
    const data = words(4n * 32n, 8n * 32n, 1n, 1n, ...list, ...fees)
    const next = curveStable.apply(ng, log(addTopicList, data))
    assert.deepEqual(next, curveStable.apply(ng, log(addTopic3, words(5n, 6n, 7n, 10n, 20n, 30n))))
    assert.notDeepEqual(next, ng)
    const short = words(4n * 32n, 8n * 32n, 1n, 1n, 2n, 5n, 6n)
    assert.equal(curveStable.apply(ng, log(addTopicList, short)), undefined)
  })

  it('takes withdrawals out', () => {
    const balances = tripool.balances.map((balance, at) => balance - BigInt(at + 1))
    const even = curveStable.apply(tripool, log(removeTopic3, words(1n, 2n, 3n, 9n, 9n, 9n, 1n)))
    assert.deepEqual(even?.balances, balances)
    const uneven = words(1n, 2n, 3n, 2n, 4n, 6n, 1n, 1n)
    assert.deepEqual(
      curveStable.apply(tripool, log(imbalanceTopic3, uneven))?.balances,
      balances.map((balance, at) => balance - BigInt(at + 1)),
    )
  })

  it('wants the pool read again where no log says enough', () => {
    for (const topic of [removeOneTopic, rampTopic])
      assert.equal(curveStable.apply(tripool, log(topic as Hex, words(1n, 1n))), undefined)
    const rebasing = { ...tripool, rebasing: true }
    assert.equal(curveStable.apply(rebasing, log(removeTopic3, words(1n, 2n, 3n))), undefined)
    const tooMuch = log(removeTopic3, words(10n ** 30n, 2n, 3n))
    assert.equal(curveStable.apply(tripool, tooMuch), undefined)
  })

  it('returns the same state for other pools and other events', () => {
    const foreign = { ...log(rampTopic, '0x'), address: base }
    assert.equal(curveStable.apply(tripool, foreign), tripool)
    assert.equal(curveStable.apply(tripool, log('0x00', '0x')), tripool)
  })
})

describe('curveStable.drifts', () => {
  it('is true for ramps, rates, base pools and balances that move, and else false', () => {
    const drifts = (change: Partial<CurveStableState>) =>
      curveStable.drifts?.({ ...tripool, ...change })
    assert.equal(drifts({}), false)
    assert.equal(drifts({ variant: 'ng' }), false)
    assert.equal(drifts({ ramping: true }), true)
    assert.equal(drifts({ rebasing: true }), true)
    assert.equal(drifts({ variant: 'meta' }), true)
    assert.equal(drifts({ variant: 'lending' }), true)
    assert.equal(drifts({ rates: [wad + 7n, 10n ** 30n, 10n ** 30n] }), true)
  })
})

describe('curveStable.swapExactIn', () => {
  it('takes nothing where it would pay nothing', () => {
    const dry = { ...tripool, balances: tripool.balances.with(0, 0n) }
    const unread = { ...tripool, rates: tripool.rates.with(1, 0n) }
    const mad = { ...tripool, balances: tripool.balances.with(2, 2n ** 255n) }
    for (const pool of [dry, unread, mad])
      assert.deepEqual(curveStable.swapExactIn(pool, swap), {
        amountIn: 0n,
        amountOut: 0n,
        gas: 0n,
        next: pool,
      })
    assert.equal(curveStable.swapExactIn(tripool, { ...swap, indexOut: 1 }).amountIn, 0n)
    // Less than a unit of the coin that is paid.
    const dust = { indexIn: 0, indexOut: 1, amountIn: 10n ** 11n }
    assert.equal(curveStable.swapExactIn(tripool, dust).amountIn, 0n)
  })

  it('charges more off the peg', () => {
    const calm = curveStable.swapExactIn({ ...ng, offpegFeeMultiplier: undefined }, swap)
    const tilted = { ...ng, balances: [10n ** 25n, 104n * 10n ** 12n, 102n * 10n ** 12n] }
    const constant = curveStable.swapExactIn({ ...tilted, offpegFeeMultiplier: 0n }, swap)
    assert.ok(curveStable.swapExactIn(tilted, swap).amountOut < constant.amountOut)
    assert.ok(curveStable.swapExactIn(ng, swap).amountOut <= calm.amountOut)
  })

  it('costs what the snapshot says where it says so', () => {
    assert.equal(curveStable.swapExactIn({ ...tripool, gasHint: 7n }, swap).gas, 7n)
    assert.ok(curveStable.swapExactIn(tripool, swap).gas > 0n)
  })
})

describe('curveStable.curve', () => {
  it('agrees with the exact amounts to nine digits, up to what pays the most', () => {
    const size = fc.bigInt({ min: 10n ** 4n, max: 10n ** 9n })
    fc.assert(
      fc.property(
        fc.constantFrom(tripool, ng),
        size,
        size,
        size,
        fc.nat(2),
        (pool, one, two, many, indexIn) => {
          const balances = [one * 10n ** 18n, two * 10n ** 6n, 10n ** 14n]
          const state = { ...pool, balances }
          const curve = curveStable.curve(state)
          assert.ok(curve?.shape === 'smooth')
          const indexOut = (indexIn + 1) % 3
          const amountIn = many * (indexIn === 0 ? wad : 10n ** 6n)
          if (Number(amountIn) > curve.mostIn(indexIn, indexOut)) return
          const { amountOut } = curveStable.swapExactIn(state, { indexIn, indexOut, amountIn })
          if (amountOut < 10n ** 10n) return
          const guessed = curve.out(indexIn, indexOut, Number(amountIn))
          assert.ok(
            Math.abs(guessed / Number(amountOut) - 1) < 1e-9,
            `${guessed}, not ${amountOut}`,
          )
        },
      ),
    )
  })

  it('has the slope of its own differences with a dynamic fee', () => {
    const curve = curveStable.curve({ ...ng, balances: ng.balances.with(0, 2n * 10n ** 25n) })
    assert.ok(curve?.shape === 'smooth')
    for (const size of [1e10, 1e12, 3e13, 1e14]) {
      const step = size * 1e-4
      const rise = curve.out(1, 0, size + step) - curve.out(1, 0, size - step)
      assert.ok(Math.abs(rise / (2 * step) / curve.slope(1, 0, size) - 1) < 1e-5)
    }
  })

  it('is absent where nothing can be traded', () => {
    assert.equal(curveStable.curve({ ...tripool, balances: [0n, 0n, 5n] }), undefined)
    assert.equal(curveStable.price({ ...tripool, balances: [0n, 0n, 5n] }, 0, 1), 0)
  })
})

describe('curveStable.codec', () => {
  const parse = (change: Readonly<Record<string, unknown>>) => {
    const tokens = new Map(
      tripool.tokens.map((address) => [
        address,
        { chainId: 1, address, symbol: 'T', decimals: 18 },
      ]),
    )
    const text = formatSnapshot(toSnapshot({ chainId: 1, tokens, pools: new Map([[id, tripool]]) }))
    const file = JSON.parse(text) as { pools: object[] }
    const pools = file.pools.map((pool) => ({ ...pool, ...change }))
    return parseSnapshot(JSON.stringify({ ...file, pools })).view.pools.get(id)
  }

  it('reads what it wrote', () => {
    assert.deepEqual(parse({}), tripool)
    const more = { offpegFeeMultiplier: '9', basePool: base, ramping: true, rebasing: false }
    const expected = { ...tripool, ...more, offpegFeeMultiplier: 9n }
    assert.deepEqual(parse(more), expected)
  })

  it('refuses what breaks a rule', () => {
    for (const change of [
      { A: '0' },
      { A: '-1' },
      { aPrecision: '10' },
      { fee: '10000000000' },
      { adminFee: '10000000001' },
      { balances: ['1', '2'] },
      { rates: ['1', '2', '3', '4'] },
      { rates: ['1', '2', String(2n ** 256n)] },
      { variant: 'other' },
      { rounding: 'other' },
      { basePool: '0x12' },
      { ramping: 'true' },
    ])
      assert.throws(
        () => parse(change),
        { code: 'market.snapshot-invalid' },
        JSON.stringify(change),
      )
  })
})
