/** How StableSwap pools are found and read: canned answers of a node. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import type { Hex } from '../../solver/core/hex.ts'
import { curveStable } from '../../solver/pools/curveStable.ts'
import { curveStableFactories } from '../../solver/pools/curveStableDeployments.ts'
import { listCurveStable } from '../../solver/pools/curveStableLogs.ts'
import {
  base,
  dai,
  half,
  id,
  tripool,
  usdc,
  usdt,
  wad,
  word,
  words,
} from '../helpers/curveStablePools.ts'
import { type Answer, readAll } from '../helpers/fakePoolNode.ts'

/** Answers by selector; arguments must match where the key has them. */
const answers =
  (table: Readonly<Record<string, Hex>>): Answer =>
  ({ target, data }) =>
    table[`${target}${data}`] ?? table[`${target}${data.slice(0, 10)}`] ?? table[data.slice(0, 10)]

const [A, precise, fee, adminFee] = ['0xf446c1d0', '0x76a2f0f0', '0xddca3f43', '0xfee3f7f9']
const [futureA, futureTime, offpeg, oracle] = [
  '0xb4b577ad',
  '0x14052288',
  '0x8edfdd5f',
  '0x1be913a5',
]
const at = (selector: string, index: bigint, answer: bigint): Record<string, Hex> => ({
  [`${id}${selector}${word(index)}`]: words(answer),
})
const decimals = (token: string, count: bigint): Record<string, Hex> => ({
  [`${token}0x313ce567`]: words(count),
})
const tripoolAnswers: Record<string, Hex> = {
  [`${id}${A}`]: words(2_000n),
  [`${id}${fee}`]: words(1_000_000n),
  [`${id}${adminFee}`]: words(half),
  [`${id}${futureA}`]: words(2_000n),
  [`${id}${futureTime}`]: words(1n),
  ...Object.assign(
    {},
    ...tripool.balances.map((balance, index) => at('0x4903b0d1', BigInt(index), balance)),
  ),
  ...Object.assign(
    {},
    ...tripool.tokens.map((token, index) => at('0xc6610657', BigInt(index), BigInt(token))),
  ),
  ...decimals(dai, 18n),
  ...decimals(usdc, 6n),
  ...decimals(usdt, 6n),
}
const ref = { kind: 'curveStable', id, tokens: tripool.tokens }

describe('curveStable.snapshot', () => {
  it('reads a plain pool in two rounds, and its coins where they are not known', () => {
    for (const tokens of [tripool.tokens, []]) {
      const { state, rounds } = readAll(
        curveStable.snapshot({ ...ref, tokens }),
        answers(tripoolAnswers),
      )
      assert.deepEqual(state, tripool)
      assert.equal(rounds, 2)
    }
  })

  it('reads the reference that a state gives', () => {
    const state = { ...tripool, exchange: 'curve', variant: 'meta', basePool: base } as const
    assert.deepEqual(curveStable.refOf(state), {
      ...ref,
      exchange: 'curve',
      variant: 'meta',
      basePool: base,
    })
  })

  it('sees a ramp, StableSwapNG and its rates', () => {
    const list = words(32n, 3n, wad, 10n ** 30n, 11n * 10n ** 29n)
    const { state } = readAll(
      curveStable.snapshot(ref),
      answers({
        ...tripoolAnswers,
        [`${id}${precise}`]: words(199_999n),
        [`${id}${offpeg}`]: words(5n * 10n ** 10n),
        [`${id}${oracle}`]: words(866n),
        [`${id}0xfd0684b1`]: list,
      }),
    )
    assert.ok(state)
    const { aPrecision, ramping, rounding, variant, rates } = state
    assert.deepEqual([aPrecision, state.A, ramping], [100n, 199_999n, true])
    assert.deepEqual([rounding, variant], ['ng', 'ng'])
    assert.deepEqual(rates, [wad, 10n ** 30n, 11n * 10n ** 29n])
    assert.equal(curveStable.drifts?.(state), true)
  })

  it('flags balances that move: the factory says so', () => {
    const { state } = readAll(
      curveStable.snapshot(ref),
      answers({ ...tripoolAnswers, '0xa80f2464': words(32n, 3n, 0n, 2n, 0n) }),
    )
    assert.equal(state?.rebasing, true)
  })

  it('reads the rates of lending tokens', () => {
    const { state, rounds } = readAll(
      curveStable.snapshot(ref),
      answers({
        ...tripoolAnswers,
        ...at('0xb739953e', 0n, 77n),
        ...at('0xb739953e', 1n, BigInt(usdc)),
        ...at('0xb739953e', 2n, 78n),
        ...decimals(`0x${'0'.repeat(38)}4d`, 18n),
        ...decimals(`0x${'0'.repeat(38)}4e`, 6n),
        [`${dai}0xbd6d894d`]: words(3n * 10n ** 26n),
        [`${usdt}0x77c7b8fc`]: words(11n * 10n ** 17n),
      }),
    )
    assert.equal(rounds, 3)
    assert.deepEqual(state?.rates, [3n * 10n ** 26n, 10n ** 30n, 11n * 10n ** 29n])
    assert.equal(state?.variant, 'lending')
  })

  it('reads a meta pool by its base pool’s price, kept or fresh, and RAI’s by its redemption price', () => {
    const [fresh, kept] = [12n * 10n ** 17n, 11n * 10n ** 17n]
    const meta: Record<string, Hex> = {
      ...tripoolAnswers,
      ...at('0x4903b0d1', 1n, 10n ** 26n),
      ...decimals(usdc, 18n),
      [`${id}0x5d6362bb`]: words(BigInt(base)),
      [`${base}0xbb7b8b80`]: words(fresh),
      [`${id}0x85cab755`]: words(9n),
      '0x6998c48d': words(3n * 10n ** 27n),
    }
    const two = { ...ref, tokens: [dai, usdc] as const }
    const { state } = readAll(curveStable.snapshot(two), answers(meta))
    assert.deepEqual(state?.rates, [3n * wad, fresh])
    assert.deepEqual([state?.variant, state?.basePool], ['meta', base])
    assert.ok(state)
    const keeps = { ...state, rates: [3n * wad, kept] }
    const dx = (state.balances[0] ?? 0n) / 8n + 1n
    const { amountOut } = curveStable.swapExactIn(keeps, { indexIn: 0, indexOut: 1, amountIn: dx })
    const withCache = { ...meta, [`${id}0x95ccc02f`]: words(kept), '0x5e0d443f': words(amountOut) }
    const read = readAll(curveStable.snapshot(two), answers(withCache)).state
    assert.deepEqual(read, keeps)
    const expired = { ...withCache, '0x5e0d443f': words(1n) }
    assert.deepEqual(readAll(curveStable.snapshot(two), answers(expired)).state, state)
  })

  it('finds nothing where no StableSwap pool answers', () => {
    const without = (key: string) =>
      Object.fromEntries(Object.entries(tripoolAnswers).filter(([name]) => name !== key))
    const cases = [
      {},
      without(`${id}${A}`),
      without(`${id}${fee}`),
      without(`${id}0x4903b0d1${word(2n)}`),
      without(`${usdt}0x313ce567`),
      { ...tripoolAnswers, [`${id}0xb1373929`]: words(1n) },
      { ...tripoolAnswers, [`${usdt}0x313ce567`]: words(99n) },
    ]
    for (const each of cases)
      assert.equal(readAll(curveStable.snapshot(ref), answers(each)).state, undefined)
  })
})

describe('curveStable.discover', () => {
  const registry = '0x90e00ace148ca3b23ac1bc8c240c2a7dd9c2d7f5'
  const topic = '0xe485c16479ab7092c0b3fc4649843c06be7f072194675261590c84473ab0aea9'
  const added = { address: registry, topics: [topic, words(BigInt(id))], data: '0x' } as const

  it('names the pool that the registry adds, and nobody else’s', () => {
    assert.deepEqual(curveStable.discover(added), {
      kind: 'curveStable',
      id,
      tokens: [],
      exchange: 'curve',
    })
    assert.equal(curveStable.discover({ ...added, address: id }), undefined)
    assert.equal(curveStable.discover({ ...added, topics: ['0x00'] }), undefined)
  })

  it('lists the pools of a factory by asking it', () => {
    const [factory] = curveStableFactories
    assert.ok(factory)
    const table: Record<string, Hex> = {
      [`${factory.factory}0x956aae3a`]: words(3n),
      [`${factory.factory}0x3a1d5d8e${word(0n)}`]: words(BigInt(id)),
      [`${factory.factory}0x3a1d5d8e${word(2n)}`]: words(BigInt(base)),
    }
    const { state, rounds } = readAll(listCurveStable(factory), answers(table))
    assert.deepEqual(
      state?.map((each) => each.id),
      [id, base],
    )
    assert.equal(rounds, 2)
    assert.equal(readAll(listCurveStable(factory), answers({})).state, undefined)
  })
})
