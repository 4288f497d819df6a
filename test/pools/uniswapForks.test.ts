/** What the forks of Uniswap V2 and V3 do otherwise: where the fee stands, and what they log. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import type { Call, Log } from '../../solver/chain/block.ts'
import type { Hex } from '../../solver/core/hex.ts'
import { v2Factories, v3Factories } from '../../solver/pools/deployments.ts'
import type { PoolRef } from '../../solver/pools/pool.ts'
import type { UniswapV3Variant } from '../../solver/pools/states.ts'
import { uniswapV2 } from '../../solver/pools/uniswapV2.ts'
import { uniswapV3 } from '../../solver/pools/uniswapV3.ts'
import { type Answer, readAll, v3Answers } from '../helpers/fakePoolNode.ts'
import { aPair, aTickPool, poolA, tokenA, tokenB } from '../helpers/pools.ts'

const word = (value: bigint) => BigInt.asUintN(256, value).toString(16).padStart(64, '0')
const words = (...values: bigint[]): Hex => `0x${values.map(word).join('')}`
const pairRef = (exchange: string): PoolRef => ({
  kind: 'uniswapV2',
  id: poolA,
  tokens: [tokenA, tokenB],
  exchange,
})

/** A pair and a factory that answer for their reserves and, in their own units, for their fee. */
function pairAnswers(fees: Readonly<Record<string, bigint>>): Answer {
  return ({ target, data }: Call) => {
    if (target === poolA && data === '0x0902f1ac') return words(7n, 9n, 1n)
    const fee = fees[`${target} ${data}`]
    return fee === undefined ? undefined : words(fee)
  }
}

const defiswap = v2Factories.find(({ exchange }) => exchange === 'defiswap_v2')?.factory

describe('uniswapV2.snapshot of a fork', () => {
  it('asks a ShibaSwap pair for its own fee, in thousandths', () => {
    const answer = pairAnswers({ [`${poolA} 0x1df4ccfc`]: 3n })
    const { state, rounds } = readAll(uniswapV2.snapshot(pairRef('shibaswap_v2')), answer)
    assert.deepEqual([state?.feePips, state?.reserves, rounds], [3_000, [7n, 9n], 1])
  })

  it('asks the factory of DeFi Swap for the fee of all its pairs, in basis points', () => {
    const answer = pairAnswers({ [`${defiswap} 0xe380f728`]: 25n })
    const { state } = readAll(uniswapV2.snapshot(pairRef('defiswap_v2')), answer)
    assert.equal(state?.feePips, 2_500)
  })

  it('finds no pool where the fee is not told', () => {
    const { state } = readAll(uniswapV2.snapshot(pairRef('shibaswap_v2')), pairAnswers({}))
    assert.equal(state, undefined)
  })

  it('asks the pairs whose code fixes the fee for nothing but their reserves', () => {
    for (const [exchange, feePips] of [
      ['sushiswap_v2', 3_000],
      ['pancakeswap_v2', 2_500],
    ] as const) {
      const ref = { ...pairRef(exchange), feePips }
      const { state, calls } = readAll(uniswapV2.snapshot(ref), pairAnswers({}))
      assert.deepEqual([state?.feePips, calls], [feePips, 1])
    }
  })
})

describe('uniswapV2.drifts', () => {
  it('is true where governance can change the fee without a log of the pair', () => {
    const drifting = v2Factories.filter(({ exchange }) =>
      uniswapV2.drifts(aPair([1n, 1n], { exchange })),
    )
    assert.deepEqual(
      drifting.map(({ exchange }) => exchange),
      ['shibaswap_v2', 'defiswap_v2'],
    )
    assert.equal(uniswapV2.drifts(aPair([1n, 1n])), false)
  })
})

const pool = aTickPool([{ lower: -600, upper: 600, liquidity: 10n ** 18n }], 2n ** 96n)
const ref = (variant?: string) => ({ kind: 'uniswapV3', id: poolA, tokens: pool.tokens, variant })
const swapped = [10n, -9n, 2n ** 95n, 77n, -13_864n]
const log = (topic: Hex, data: Hex): Log => ({ address: poolA, topics: [topic], data })

describe('uniswapV3 of a fork', () => {
  it('takes the state after a swap from the longer log of Pancake V3', () => {
    const [, swap, pancakeSwap] = uniswapV3.topics
    assert.ok(swap !== undefined && pancakeSwap !== undefined)
    const ours = uniswapV3.apply(pool, log(swap, words(...swapped)))
    const theirs = uniswapV3.apply(pool, log(pancakeSwap, words(...swapped, 5n, 6n)))
    assert.deepEqual(theirs, ours)
    assert.deepEqual(
      [theirs.sqrtPriceX96, theirs.liquidity, theirs.tick],
      [2n ** 95n, 77n, -13_864],
    )
  })

  it('reads the fee of Solidly V3 from slot0 and takes a new one from its log', () => {
    const common = v3Answers(pool)
    const answer: Answer = (call) => {
      if (call.data === '0xddca3f43') return undefined
      if (call.data !== '0x3850c7bd') return common(call)
      return words(pool.sqrtPriceX96, BigInt(pool.tick), 123n, 1n)
    }
    const { state } = readAll(uniswapV3.snapshot(ref('solidly')), answer)
    assert.deepEqual(state, { ...pool, variant: 'solidly', feePips: 123 })
    assert.equal(readAll(uniswapV3.snapshot(ref()), answer).state, undefined)
    const setFee = uniswapV3.topics.at(-1) ?? '0x'
    assert.equal(uniswapV3.apply(state, log(setFee, words(123n, 456n))).feePips, 456)
  })

  it('reads Pancake V3 and Slipstream like Uniswap V3, whatever follows the tick in slot0', () => {
    for (const variant of ['pancake', 'slipstream'] as const) {
      const { state } = readAll(uniswapV3.snapshot(ref(variant)), v3Answers(pool))
      assert.deepEqual(state, { ...pool, variant })
      assert.equal(uniswapV3.refOf(state).variant, variant)
    }
  })

  it('reads no pool of a fork that it does not know', () => {
    const { state, calls } = readAll(uniswapV3.snapshot(ref('algebra')), v3Answers(pool))
    assert.deepEqual([state, calls], [undefined, 0])
  })

  it('drifts where the fee is asked of a factory', () => {
    const drifts = (variant?: UniswapV3Variant) => uniswapV3.drifts({ ...pool, variant })
    assert.deepEqual(
      [drifts(), drifts('pancake'), drifts('solidly'), drifts('slipstream')],
      [false, false, false, true],
    )
  })

  it('is discovered with its variant', () => {
    const created = '0x783cca1c0412dd0d695e784568c96da2e9c22ff989357a2e8b1d9b2b4e6b7118'
    const refs = v3Factories.map(({ factory }) =>
      uniswapV3.discover({
        address: factory,
        topics: [created, words(10n), words(11n), words(500n)],
        data: words(10n, 12n),
      }),
    )
    assert.deepEqual(
      refs.map((each) => [each?.exchange, each?.variant, each?.feePips, each?.tickSpacing]),
      [
        ['uniswap_v3', undefined, 500, 10],
        ['sushiswap_v3', undefined, 500, 10],
        ['pancakeswap_v3', 'pancake', 500, 10],
      ],
    )
  })
})
