/** The laws of the exact amounts: what swaps take and pay, and what they leave behind. */
import assert from 'node:assert/strict'
import type * as fc from 'fast-check'
import { formatSnapshot, parseSnapshot } from '../../solver/market/codec.ts'
import { toSnapshot } from '../../solver/market/snapshot.ts'
import type { PoolState } from '../../solver/pools/index.ts'
import type { PoolModule, PoolStateBase, SwapResult } from '../../solver/pools/pool.ts'
import {
  amountInOf,
  amountOutOf,
  type Draw,
  hugeAmount,
  law,
  movedBy,
  slackOf,
} from './poolLawDraws.ts'
import type { Law, LawOptions } from './poolLawOptions.ts'

type MakeLaw = <state extends PoolStateBase>(
  module: PoolModule<state>,
  states: fc.Arbitrary<state>,
  options: LawOptions<state>,
) => Law

/** Swaps take and pay at most what was asked, and never pay for nothing. */
export const neverMoreLaw: MakeLaw = (module, states, options) =>
  law('never takes or pays more than asked, nor pays for nothing', states, options, (draw) => {
    const { state, sizes } = draw
    const sold = amountInOf(module, draw, sizes[0])
    const exactIn = module.swapExactIn(state, { ...draw, amountIn: sold })
    assert.ok(exactIn.amountIn <= sold)
    requireSane(exactIn, state, options)
    const bought = amountOutOf(module, draw, sizes[1])
    const exactOut = module.swapExactOut(state, { ...draw, amountOut: bought })
    if (options.exactOutMayOverpay !== true) assert.ok(exactOut.amountOut <= bought)
    requireSane(exactOut, state, options)
  })

function requireSane<state extends PoolStateBase>(
  { amountIn, amountOut, gas, next }: SwapResult<state>,
  before: state,
  { mayTakeForNothing }: LawOptions<state>,
): void {
  assert.ok(amountIn >= 0n && amountOut >= 0n && gas >= 0n)
  if (amountIn === 0n) assert.equal(amountOut, 0n, 'paid for nothing')
  if (amountOut === 0n && mayTakeForNothing !== true) assert.equal(amountIn, 0n, 'took for nothing')
  if (amountIn === 0n) assert.deepEqual(next, before)
  else assert.ok(gas > 0n)
  const { kind, id, tokens } = before
  assert.deepEqual([next.kind, next.id, next.tokens], [kind, id, tokens])
}

/** Nothing throws, nothing asked is nothing moved, and what a dry pool fills does not depend on how much was asked. */
export const totalLaw: MakeLaw = (module, states, options) =>
  law(
    'is total: a pool that runs dry fills the same part of any larger swap',
    states,
    options,
    (draw) => {
      const { state, sizes } = draw
      for (const at of [
        state,
        module.swapExactIn(state, { ...draw, amountIn: amountInOf(module, draw, sizes[0]) }).next,
      ]) {
        const here = { ...draw, state: at }
        const amountIn = amountInOf(module, here, sizes[1])
        const sold = module.swapExactIn(at, { ...draw, amountIn })
        if (sold.amountIn > 0n && sold.amountIn < amountIn) {
          assert.deepEqual(module.swapExactIn(at, { ...draw, amountIn: 2n * amountIn }), sold)
          assert.deepEqual(module.swapExactIn(at, { ...draw, amountIn: sold.amountIn }), sold)
        }
        const amountOut = amountOutOf(module, here, sizes[0])
        const bought = module.swapExactOut(at, { ...draw, amountOut })
        if (bought.amountOut > 0n && bought.amountOut < amountOut)
          assert.deepEqual(module.swapExactOut(at, { ...draw, amountOut: 2n * amountOut }), bought)
        const nothing = module.swapExactIn(at, { ...draw, amountIn: 0n })
        assert.deepEqual([nothing.amountIn, nothing.amountOut, nothing.next], [0n, 0n, at])
        const none = module.swapExactOut(at, { ...draw, amountOut: 0n })
        assert.deepEqual([none.amountIn, none.amountOut, none.next], [0n, 0n, at])
        module.swapExactIn(at, { ...draw, amountIn: hugeAmount ** 3n })
        module.swapExactOut(at, { ...draw, amountOut: hugeAmount ** 3n })
      }
    },
  )

/** There and back, directly or over a third token, never returns more than went in. */
export const roundTripLaw: MakeLaw = (module, states, options) =>
  law('gives no free round trip', states, options, (draw) => {
    const { state, indexIn, indexOut, third, sizes } = draw
    const there = module.swapExactIn(state, {
      ...draw,
      amountIn: amountInOf(module, draw, sizes[0]),
    })
    const slack = slackOf(options.roundTripSlack, state, movedBy(draw, there))
    const back = module.swapExactIn(there.next, {
      indexIn: indexOut,
      indexOut: indexIn,
      amountIn: there.amountOut,
    })
    assert.ok(back.amountOut <= there.amountIn + slack, 'a gain there and back')
    const bought = module.swapExactOut(there.next, {
      indexIn: indexOut,
      indexOut: indexIn,
      amountOut: there.amountIn + slack + 1n,
    })
    if (bought.amountOut > there.amountIn + slack)
      assert.ok(bought.amountIn > there.amountOut, 'a gain there and back by exact-out')
    if (third === undefined) return
    const middle = module.swapExactIn(there.next, {
      indexIn: indexOut,
      indexOut: third,
      amountIn: there.amountOut,
    })
    const home = module.swapExactIn(middle.next, {
      indexIn: third,
      indexOut: indexIn,
      amountIn: middle.amountOut,
    })
    assert.ok(home.amountOut <= there.amountIn + slack, 'a gain over a third token')
  })

/** Two swaps, one after the other, pay no more than one of both inputs. */
export const splitLaw: MakeLaw = (module, states, options) =>
  law('pays no more for an input in two swaps than in one', states, options, (draw) => {
    const { state, sizes } = draw
    const [first, second] = sizes.map((size) => amountInOf(module, draw, size))
    if (first === undefined || second === undefined) return
    const leg1 = module.swapExactIn(state, { ...draw, amountIn: first })
    const leg2 = module.swapExactIn(leg1.next, { ...draw, amountIn: second })
    const taken = leg1.amountIn + leg2.amountIn
    const whole = module.swapExactIn(state, { ...draw, amountIn: taken })
    // A limit of one swap, as a share of a balance, lets two take more: then there is nothing to compare.
    if (whole.amountIn < taken) return
    const slack = slackOf(options.splitSlack, state, movedBy(draw, whole))
    assert.ok(leg1.amountOut + leg2.amountOut <= whole.amountOut + slack)
  })

/** More in never pays less out. */
export const monotoneInLaw: MakeLaw = (module, states, options) =>
  law('pays no less for more', states, options, (draw) => {
    const { state, sizes } = draw
    const [less, more] = ascending(sizes.map((size) => amountInOf(module, draw, size)))
    const small = module.swapExactIn(state, { ...draw, amountIn: less })
    for (const amountIn of [less + 1n, more]) {
      const large = module.swapExactIn(state, { ...draw, amountIn })
      const slack = slackOf(options.monotoneSlack, state, movedBy(draw, large))
      assert.ok(small.amountOut <= large.amountOut + slack)
    }
  })

/** More out never costs less in. */
export const monotoneOutLaw: MakeLaw = (module, states, options) =>
  law('takes no less for more', states, options, (draw) => {
    const { state, sizes } = draw
    const [less, more] = ascending(sizes.map((size) => amountOutOf(module, draw, size)))
    const small = module.swapExactOut(state, { ...draw, amountOut: less })
    for (const amountOut of [less + 1n, more]) {
      const large = module.swapExactOut(state, { ...draw, amountOut })
      const slack = slackOf(options.monotoneSlack, state, movedBy(draw, large))
      assert.ok(small.amountIn <= large.amountIn + slack)
    }
  })

function ascending(values: readonly bigint[]): [bigint, bigint] {
  const [first = 1n, second = 1n] = values
  return first < second ? [first, second] : [second, first]
}

/** What exact-out takes is enough for exact-in, and no unit too much. */
export const consistencyLaw: MakeLaw = (module, states, options) =>
  law('takes by exact-out the least that pays as much by exact-in', states, options, (draw) => {
    const { state, sizes } = draw
    const asked = amountOutOf(module, draw, sizes[0])
    const bought = module.swapExactOut(state, { ...draw, amountOut: asked })
    if (bought.amountOut === 0n) return
    const paid = bought.amountOut < asked ? bought.amountOut : asked
    const { amountIn } = bought
    const enough = module.swapExactIn(state, { ...draw, amountIn })
    const slack = slackOf(options.consistencySlack, state, movedBy(draw, bought))
    assert.ok(enough.amountOut + slack >= paid, 'exact-in of as much pays less')
    if (options.exactOutMayOverpay === true) assert.deepEqual(enough, bought)
    if (options.exactOutIsLeast === false) return
    const stingy = module.swapExactIn(state, { ...draw, amountIn: amountIn - 1n })
    assert.ok(stingy.amountOut < paid, 'one unit less would do')
  })

/** What went in and out is what the pool has more and less. */
export const booksLaw: MakeLaw = (module, states, options) =>
  law('keeps its books', states, options, (draw) => {
    const { holds, leaves } = options
    if (holds === undefined) return
    const { state, sizes } = draw
    const amountIn = amountInOf(module, draw, sizes[0])
    const amountOut = amountOutOf(module, draw, sizes[1])
    const results = [
      module.swapExactIn(state, { ...draw, amountIn }),
      module.swapExactOut(state, { ...draw, amountOut }),
    ]
    for (const result of results) {
      const gone = leaves?.(state, movedBy(draw, result)) ?? []
      const expected: readonly bigint[] = holds(state).map(
        (before, at) => before - (gone[at] ?? 0n) + change(draw, result, at),
      )
      assert.deepEqual(holds(result.next), expected)
    }
  })

function change<state>(draw: Draw<state>, result: SwapResult<state>, at: number): bigint {
  if (at === draw.indexIn) return result.amountIn
  return at === draw.indexOut ? -result.amountOut : 0n
}

/** What is written to a snapshot is read again, before and after a swap. */
export const codecLaw: MakeLaw = (module, states, options) =>
  law('comes out of a snapshot as it went in', states, options, (draw) => {
    const { state, sizes } = draw
    const amountIn = amountInOf(module, draw, sizes[0])
    for (const each of [state, module.swapExactIn(state, { ...draw, amountIn }).next]) {
      const written = Object.keys(module.codec.encode(each))
      assert.deepEqual(
        written.filter((name) => !module.codec.fields.includes(name)),
        [],
      )
      assert.deepEqual(reread(each), each)
    }
  })

function reread(state: PoolStateBase): PoolStateBase | undefined {
  const tokens = new Map(
    state.tokens.map((address) => [address, { chainId: 1, address, symbol: 'T', decimals: 18 }]),
  )
  // The registry's state of that kind: the file's reader looks the module up by it.
  const pools = new Map([[state.id, state as PoolState]])
  const text = formatSnapshot(toSnapshot({ chainId: 1, tokens, pools }))
  return parseSnapshot(text).view.pools.get(state.id)
}
