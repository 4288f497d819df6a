/** Balancer V3 stable pools: edges of swaps, the StableSurge hook, amplification, reading. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { stringToHex } from 'viem/utils'
import type { Log } from '../../solver/chain/block.ts'
import type { Hex } from '../../solver/core/hex.ts'
import {
  type BalancerV3StableState,
  balancerV3Stable,
} from '../../solver/pools/balancerV3Stable.ts'
import { surgeFee, surgeHooks } from '../../solver/pools/balancerV3Surge.ts'
import { balanceAt } from '../../solver/pools/math/balancerV3Stable.ts'
import { toWord } from '../../solver/pools/logWords.ts'
import { states } from '../helpers/arbitraries/balancerV3Stable.ts'
import { abiWords, answersOf, aStablePool } from '../helpers/balancerV3/states.ts'
import { readAll } from '../helpers/fakePoolNode.ts'
import { booksLaw } from '../helpers/poolLawsExact.ts'

const wad = 10n ** 18n
const forward = { indexIn: 0, indexOut: 1 }
const [hook = '0x'] = surgeHooks
const surge = { hook, threshold: wad / 10n, maxFee: wad / 20n }

/** A pool's version text as a contract returns it. */
function versionText(version: number): Hex {
  const text = stringToHex(`{"name":"StablePool","version":${version},"deployment":"x"}`).slice(2)
  const padded = text.padEnd(Math.ceil(text.length / 64) * 64, '0')
  return `0x${toWord(32n)}${toWord(BigInt(text.length / 2))}${padded}`
}

describe('balancerV3Stable.swapExactIn', () => {
  it('fills up to the imbalance that the third version allows', () => {
    const limited = aStablePool()
    const swap = { ...forward, amountIn: 10n ** 30n }
    const { amountIn, amountOut } = balancerV3Stable.swapExactIn(limited, swap)
    // The pool looks at balances before the fee is added.
    const kept = amountIn - (amountIn * limited.swapFee + wad - 1n) / wad
    const [held0, held1] = [1_000n * wad + kept, 1_000n * wad - amountOut]
    assert.ok(held0 < 10_000n * held1 && held0 > 9_999n * held1)
    const more = balancerV3Stable.swapExactIn({ ...limited, imbalanceMax: undefined }, swap)
    assert.equal(more.amountIn, swap.amountIn)
  })

  it('takes nothing from a pool with an empty side or out of balance', () => {
    for (const balances of [
      [wad, 0n],
      [0n, 0n],
      [20_000n * wad, wad],
    ]) {
      const pool = aStablePool({ balances })
      const result = balancerV3Stable.swapExactIn(pool, { ...forward, amountIn: wad / 10n })
      assert.deepEqual(result, { amountIn: 0n, amountOut: 0n, gas: 0n, next: pool })
    }
  })

  it('keeps the books to the unit where no fee leaves the pool', () => {
    const closed = states.map((state) => ({
      ...state,
      aggregateSwapFee: 0n,
      aggregateYieldFee: 0n,
    }))
    const holds = ({ balances }: BalancerV3StableState) => balances
    booksLaw(balancerV3Stable, closed, { holds, cost: 10 }).check()
  })

  it('charges more with the StableSurge hook only where the imbalance grows beyond the threshold', () => {
    const plain = aStablePool({ balances: [1_150n * wad, 1_000n * wad] })
    const surging = { ...plain, surge }
    const paid = (pool: typeof plain, indexIn: number, amountIn: bigint) =>
      balancerV3Stable.swapExactIn(pool, { indexIn, indexOut: 1 - indexIn, amountIn }).amountOut
    assert.equal(paid(surging, 0, wad), paid(plain, 0, wad))
    assert.ok(paid(surging, 0, 200n * wad) < paid(plain, 0, 200n * wad))
    assert.equal(paid(surging, 1, 100n * wad), paid(plain, 1, 100n * wad))
  })

  it('refuses any other hook that acts on swaps', () => {
    const pool = aStablePool({ hooks: '0x00000000000000000000000000000000000000f0' })
    assert.equal(balancerV3Stable.swapExactIn(pool, { ...forward, amountIn: wad }).amountIn, 0n)
    assert.equal(balancerV3Stable.curve(pool), undefined)
  })
})

describe('balancerV3Surge.surgeFee', () => {
  const calm = [100n, 100n, 100n]

  it('is the static fee up to the threshold, where balance improves, and where it is the larger', () => {
    assert.equal(surgeFee(surge, 7n, calm, [110n, 100n, 90n]), 7n)
    assert.equal(surgeFee(surge, 7n, [200n, 100n, 10n], [190n, 100n, 20n]), 7n)
    assert.equal(surgeFee(surge, wad / 10n, calm, [190n, 100n, 20n]), wad / 10n)
  })

  it('is the largest fee of a pool that is nearly all one token', () => {
    assert.ok(surgeFee(surge, 0n, calm, [10n ** 30n, 1n, 1n]) > (surge.maxFee * 999n) / 1_000n)
  })

  it('takes the middle of two for the median of an even number', () => {
    // |10-20| + |30-20| of 40 is half: (0.5 - 0.1) / 0.9 of the largest fee.
    assert.equal(surgeFee(surge, 0n, [20n, 20n], [10n, 30n]), (surge.maxFee * 4n) / 9n)
  })
})

describe('balancerV3Stable.curve', () => {
  it('is within 10^-9 of what is paid for 10^-4 to 0.5 of a balance', () => {
    const ordinary = fc.tuple(
      fc.array(fc.bigInt({ min: 10n ** 23n, max: 10n ** 25n }), { minLength: 2, maxLength: 5 }),
      fc.bigInt({ min: 1_000n, max: 50_000_000n }),
      fc.double({ min: 1e-4, max: 0.5, noNaN: true }),
    )
    fc.assert(
      fc.property(ordinary, ([balances, amp, share]) => {
        const plain = balances.map(() => 0n)
        const pool = aStablePool({
          tokens: balances.map((_, at): Hex => `0x${toWord(BigInt(at + 1)).slice(24)}`),
          balances,
          amp,
          scalingFactors: balances.map(() => 1n),
          tokenKinds: balances.map(() => 'plain' as const),
          rates: balances.map(() => wad),
          lastLive: plain,
        })
        const amountIn = ((balances[0] ?? 0n) * BigInt(Math.round(share * 1e9))) / 10n ** 9n
        const { amountOut } = balancerV3Stable.swapExactIn(pool, { ...forward, amountIn })
        const seen = balancerV3Stable.curve(pool)?.out(0, 1, Number(amountIn)) ?? NaN
        assert.ok(Math.abs(seen / Number(amountOut) - 1) <= 1e-9, `${seen} ${amountOut}`)
      }),
    )
  })

  it('ends where the StableSurge fee starts to rise', () => {
    const pool = aStablePool({ surge })
    const most = BigInt(Math.floor(balancerV3Stable.curve(pool)?.mostIn(0, 1) ?? 0))
    const paid = (amountIn: bigint, state = pool) =>
      balancerV3Stable.swapExactIn(state, { ...forward, amountIn }).amountOut
    const unhooked = aStablePool()
    assert.equal(paid((most * 99n) / 100n), paid((most * 99n) / 100n, unhooked))
    assert.ok(paid((most * 101n) / 100n) < paid((most * 101n) / 100n, unhooked))
  })
})

describe('math.balanceAt', () => {
  it('gives nothing where the contract divides by zero or overflows', () => {
    assert.equal(balanceAt(1_000n, [0n, 5n], 10n, 1), undefined)
    assert.equal(balanceAt(1_000n, [2n ** 128n, 2n ** 128n], 10n, 1), undefined)
  })
})

describe('balancerV3Stable.apply', () => {
  const pool = aStablePool({ ampUpdating: true })
  const log = (topic: Hex, over: Partial<Log> = {}): Log => ({
    address: pool.id,
    topics: [topic],
    data: abiWords([77_000n]),
    ...over,
  })

  it('takes the amplification that an update stopped at', () => {
    const stopped = log('0xa0d01593e47e69d07e0ccd87bece09411e07dd1ed40ca8f2e7af2976542a0233')
    const next = balancerV3Stable.apply(pool, stopped)
    assert.deepEqual([next?.amp, next?.ampUpdating], [77_000n, false])
  })

  it('asks to read again when an update starts, and drifts while it lasts', () => {
    const started = log('0x1835882ee7a34ac194f717a35e09bb1d24c82a3b9d854ab6c9749525b714cdf2')
    assert.equal(balancerV3Stable.apply(pool, started), undefined)
    assert.equal(balancerV3Stable.drifts(pool), true)
    assert.equal(balancerV3Stable.drifts(aStablePool()), false)
  })

  it('takes the hook settings of this pool alone', () => {
    const topic = '0x3b64afdb883fd4fa590572fb2db0b4d199d8ffb9703f5d32f4d87d1d468c026c'
    const hooked = { ...pool, surge }
    const of = (id: string) =>
      log(topic, { address: hook, topics: [topic, `0x${toWord(BigInt(id))}`] })
    assert.equal(balancerV3Stable.apply(hooked, of(pool.id))?.surge?.threshold, 77_000n)
    assert.equal(balancerV3Stable.apply(hooked, of(hook)), hooked)
  })
})

describe('balancerV3Stable.snapshot', () => {
  const own = (version: number) => ({
    '0x6daccffa': abiWords([200_000n, 0n, 1_000n]),
    '0x54fd4d50': versionText(version),
  })
  const read = (state: ReturnType<typeof aStablePool>, more: Readonly<Record<string, Hex>>) =>
    readAll(balancerV3Stable.snapshot(balancerV3Stable.refOf(state)), answersOf(state, more))

  it('reads the limit of imbalance from the version', () => {
    assert.deepEqual(read(aStablePool(), own(3)).state, aStablePool())
    assert.equal(read(aStablePool(), own(2)).state?.imbalanceMax, undefined)
  })

  it('asks a StableSurge hook for its settings in a second round', () => {
    const settings = {
      '0xe2381602': abiWords([surge.threshold]),
      '0x1a4a64be': abiWords([surge.maxFee]),
    } as const
    const seen = read(aStablePool({ hooks: hook }), { ...own(3), ...settings })
    assert.deepEqual([seen.state, seen.rounds], [aStablePool({ surge }), 2])
  })

  it('keeps a hook that it does not know, so that the pool is refused', () => {
    const other = '0x00000000000000000000000000000000000000f0'
    assert.equal(read(aStablePool({ hooks: other }), own(3)).state?.hooks, other)
  })
})
