import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import type { Hex } from '../../solver/core/hex.ts'
import { curveCrypto } from '../../solver/pools/curveCrypto.ts'
import type { CurveCryptoState } from '../../solver/pools/curveCryptoState.ts'
import { toWord } from '../../solver/pools/logWords.ts'
import type { PoolRef } from '../../solver/pools/pool.ts'
import { poolId, rebalance, tricrypto, usdt, wbtc, weth } from '../helpers/cryptoFixtures.ts'
import { type Answer, readAll } from '../helpers/fakePoolNode.ts'

const share = '0x00000000000000000000000000000000000000d0'

const words = (...values: readonly bigint[]): Hex => `0x${values.map(toWord).join('')}`

/** What a CryptoSwap contract answers, by selector, or by selector and index. */
function answers(known: Readonly<Record<string, Hex>>): Answer {
  return ({ data }) => {
    const index = data.length > 10 ? `:${BigInt(`0x${data.slice(10)}`)}` : ''
    return known[`${data.slice(0, 10)}${index}`]
  }
}

const common = ({ A, gamma, D, midFee, outFee, feeGamma }: CurveCryptoState) => ({
  '0xf446c1d0': words(A),
  '0xb1373929': words(gamma),
  '0x0f529ba2': words(D),
  '0x92526c0c': words(midFee),
  '0xee8de675': words(outFee),
  '0x72d4f0e2': words(feeGamma),
  '0xf9ed9597': words(0n),
  '0x49fe9e77': words(rebalance.allowedExtraProfit),
  '0x083812e5': words(rebalance.adjustmentStep),
  '0x7ba1a74d': words(rebalance.xcpProfit),
  '0x0c46b72a': words(rebalance.virtualPrice),
})

const listed = (selector: Hex, values: readonly bigint[]) =>
  Object.fromEntries(values.map((value, at) => [`${selector}:${at}`, words(value)]))

const triAnswers = {
  ...common(tricrypto),
  ...listed('0x4903b0d1', tricrypto.balances),
  ...listed('0xa3f7cdd5', tricrypto.priceScale),
  ...listed('0x68727653', rebalance.priceOracle),
  '0xfc0c546a': words(BigInt(share)),
  '0x18160ddd': words(rebalance.totalSupply),
}

/** The three coins have 6, 8 and 18 decimals. */
const withDecimals =
  (known: Readonly<Record<string, Hex>>): Answer =>
  (call) => {
    if (call.data !== '0x313ce567') return answers(known)(call)
    return words(call.target === usdt ? 6n : call.target === wbtc ? 8n : 18n)
  }

const triRef: PoolRef = {
  kind: 'curveCrypto',
  id: poolId,
  tokens: tricrypto.tokens,
  variant: 'tri',
}

describe('curveCrypto.snapshot', () => {
  it('reads tricrypto2 in two rounds, precisions by the decimals of its coins', () => {
    const { state, rounds } = readAll(curveCrypto.snapshot(triRef), withDecimals(triAnswers))
    assert.deepEqual(state, { ...tricrypto, rebalance })
    assert.equal(rounds, 2)
  })

  it('brings the oracle of tricrypto2 to the time of the block', () => {
    const lastPrices = [40_000n * 10n ** 18n, 3_000n * 10n ** 18n]
    const timed = {
      ...triAnswers,
      ...listed('0x59189017', lastPrices),
      '0x0f28c97d': words(1_600n),
      '0x6112c747': words(1_000n),
      '0x662b6274': words(600n),
    }
    const { state } = readAll(curveCrypto.snapshot(triRef), withDecimals(timed))
    // One half-life: the middle of both.
    const middle = rebalance.priceOracle.map((price, at) => (price + (lastPrices[at] ?? 0n)) / 2n)
    assert.deepEqual(state?.rebalance?.priceOracle, middle)
  })

  it('reads the first tricrypto by its precise A, and leaves its price scale alone', () => {
    const { '0x49fe9e77': _, ...known } = triAnswers
    const first = { ...known, '0xf446c1d0': words(3_645n), '0x76a2f0f0': words(364_500n) }
    const { state } = readAll(curveCrypto.snapshot(triRef), withDecimals(first))
    assert.deepEqual([state?.A, state?.aMultiplier, state?.rebalance], [364_500n, 100n, undefined])
  })

  it('drifts while A and gamma ramp', () => {
    const ramping = { ...triAnswers, '0xf9ed9597': words(2_000n) }
    const { state } = readAll(curveCrypto.snapshot(triRef), withDecimals(ramping))
    assert.ok(state !== undefined && curveCrypto.drifts(state))
    assert.equal(curveCrypto.drifts(tricrypto), false)
  })

  it('reads Twocrypto-NG pools of known versions only, in one round', () => {
    const ref: PoolRef = { ...triRef, tokens: [usdt, wbtc], variant: 'twoNg' }
    const version = (text: string): Hex =>
      `${words(32n, BigInt(text.length))}${Buffer.from(text).toString('hex').padEnd(64, '0')}`
    const known = {
      ...common(tricrypto),
      ...listed('0x4903b0d1', tricrypto.balances),
      '0xb9e8c9fd': words(tricrypto.priceScale[0] ?? 0n),
      '0x86fc88d3': words(rebalance.priceOracle[0] ?? 0n),
      '0x3620604b': words(10n ** 12n, 10n ** 10n),
      '0x18160ddd': words(rebalance.totalSupply),
      '0x54fd4d50': version('v2.0.0'),
    }
    const { state, rounds } = readAll(curveCrypto.snapshot(ref), answers(known))
    assert.deepEqual(state?.precisions, [10n ** 12n, 10n ** 10n])
    assert.deepEqual(state?.rebalance?.priceOracle, rebalance.priceOracle.slice(0, 1))
    assert.equal(rounds, 1)
    const other = answers({ ...known, '0x54fd4d50': version('v2.1.0d') })
    assert.equal(readAll(curveCrypto.snapshot(ref), other).state, undefined)
  })

  it('finds no pool that is killed, silent, or of no known variant', () => {
    const killed = withDecimals({ ...triAnswers, '0x9c868ac0': words(1n) })
    assert.equal(readAll(curveCrypto.snapshot(triRef), killed).state, undefined)
    assert.equal(readAll(curveCrypto.snapshot(triRef), () => undefined).state, undefined)
    for (const variant of [undefined, 'four'])
      assert.equal(
        readAll(curveCrypto.snapshot({ ...triRef, variant }), withDecimals(triAnswers)).state,
        undefined,
      )
  })
})

describe('curveCrypto.discover', () => {
  const factory = '0x0c0e5f2ff0ff18a3be9b835635039256dc4b4963'
  const topic = '0xa307f5d0802489baddec443058a63ce115756de9020e2b07d3e2cd2f21269e2a'
  const data = words(BigInt(poolId), 0n, 0n, 1n, BigInt(usdt), BigInt(wbtc), BigInt(weth))

  it('takes pool and coins from the log of the Tricrypto-NG factory', () => {
    const exchange = 'curve_tricrypto_ng'
    assert.deepEqual(curveCrypto.discover({ address: factory, topics: [topic], data }), {
      kind: 'curveCrypto',
      id: poolId,
      tokens: [usdt, wbtc, weth],
      exchange,
      variant: 'triNg',
    })
  })

  it('takes two coins from the log of the Twocrypto-NG factory', () => {
    const two = curveCrypto.discover({
      address: '0x98ee851a00abee0d95d08cf4ca2bdce32aeaaf7f',
      topics: ['0x8152a3037e3dc54154ad0d2cadb1cf7e1d1b9e2b625faa3dfb4fe03d609102ca'],
      data: words(BigInt(poolId), 0n, 0n, BigInt(usdt), BigInt(wbtc)),
    })
    assert.deepEqual([two?.tokens, two?.variant], [[usdt, wbtc], 'twoNg'])
  })

  it('believes no other address and no other log', () => {
    assert.equal(curveCrypto.discover({ address: share, topics: [topic], data }), undefined)
    assert.equal(curveCrypto.discover({ address: factory, topics: [], data }), undefined)
  })
})

describe('curveCrypto.apply', () => {
  it('asks for a new reading after every log of the pool', () => {
    for (const topic of curveCrypto.topics)
      assert.equal(
        curveCrypto.apply(tricrypto, { address: poolId, topics: [topic], data: '0x' }),
        undefined,
      )
  })

  it('leaves the state as it is after logs of others and other logs', () => {
    const [topic = '0x'] = curveCrypto.topics
    const others = [
      { address: usdt, topics: [topic], data: '0x' },
      { address: poolId, topics: [`0x${'1'.repeat(64)}`], data: '0x' },
    ] as const
    for (const log of others) assert.equal(curveCrypto.apply(tricrypto, log), tricrypto)
  })
})

describe('curveCrypto.swapExactIn', () => {
  const swap = { indexIn: 0, indexOut: 2, amountIn: 10n ** 12n }

  it('takes nothing where a side is empty, a price is missing or A is out of the contract', () => {
    for (const broken of [
      { ...tricrypto, balances: [1n, 1n, 0n] },
      { ...tricrypto, priceScale: [0n, 1n] },
      { ...tricrypto, priceScale: [1n] },
      { ...tricrypto, A: 1n },
      { ...tricrypto, gamma: 1n },
      { ...tricrypto, D: 0n },
    ]) {
      const untouched = { amountIn: 0n, amountOut: 0n, gas: 0n, next: broken }
      assert.deepEqual(curveCrypto.swapExactIn(broken, swap), untouched)
      assert.deepEqual(
        curveCrypto.swapExactOut(broken, { indexIn: 0, indexOut: 2, amountOut: 5n }),
        untouched,
      )
      assert.equal(curveCrypto.price(broken, 0, 2), 0)
      assert.equal(curveCrypto.curve(broken), undefined)
    }
  })

  it('keeps the invariant but for the fee, which stays in the pool', () => {
    const { next } = curveCrypto.swapExactIn(tricrypto, swap)
    assert.ok(next.D > tricrypto.D)
    assert.ok(next.D < tricrypto.D + 10n ** 6n * 10n ** 18n)
  })

  it('solves the invariant anew while A and gamma ramp', () => {
    // A stale invariant would pay otherwise.
    const stale = { ...tricrypto, D: (tricrypto.D * 999n) / 1_000n }
    const paid = curveCrypto.swapExactIn({ ...stale, isRamping: true }, swap).amountOut
    const fresh = curveCrypto.swapExactIn({ ...tricrypto, isRamping: true }, swap).amountOut
    assert.equal(paid, fresh)
    assert.notEqual(curveCrypto.swapExactIn(stale, swap).amountOut, paid)
  })
})

describe('curveCrypto.curve', () => {
  it('pays what the contract pays to nine digits, from a hundred-thousandth of the pool to half of it', () => {
    const curve = curveCrypto.curve(tricrypto)
    assert.ok(curve !== undefined)
    for (const [indexIn, indexOut] of [
      [0, 2],
      [2, 0],
      [1, 2],
      [1, 0],
    ] as const)
      for (const share of [100_000n, 10_000n, 300n, 10n, 2n]) {
        const amountIn = (tricrypto.balances[indexIn] ?? 0n) / share
        const { amountOut } = curveCrypto.swapExactIn(tricrypto, { indexIn, indexOut, amountIn })
        const paid = curve.out(indexIn, indexOut, Number(amountIn))
        assert.ok(Math.abs(paid - Number(amountOut)) <= 1e-9 * Number(amountOut) + 2, `${share}`)
      }
  })

  it('has a price in perfect balance, however small the fee gamma', () => {
    const balanced: CurveCryptoState = {
      ...tricrypto,
      variant: 'two',
      tokens: [usdt, wbtc],
      A: 400_000n,
      D: 2n * 10n ** 24n,
      balances: [10n ** 24n, 10n ** 24n],
      precisions: [1n, 1n],
      priceScale: [10n ** 18n],
    }
    for (const feeGamma of [0n, 1n]) {
      const price = curveCrypto.price({ ...balanced, feeGamma }, 0, 1)
      assert.ok(Math.abs(price - 1) < 0.01, `${price}`)
    }
  })

  it('takes no more than the contract accepts', () => {
    const most = curveCrypto.swapExactIn(tricrypto, {
      indexIn: 0,
      indexOut: 2,
      amountIn: 2n ** 110n,
    }).amountIn
    const curve = curveCrypto.curve(tricrypto)
    assert.equal(curve?.mostIn(0, 2), Number(most))
    assert.equal(curve?.slope(0, 2, 2 * Number(most)), 0)
  })
})
