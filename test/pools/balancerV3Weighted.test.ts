/** Balancer V3 weighted pools: edges of swaps, logs, reading, files. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { SnapshotInvalidError } from '../../solver/market/snapshot.ts'
import { parseSnapshot } from '../../solver/market/codec.ts'
import type { Log } from '../../solver/chain/block.ts'
import type { Hex } from '../../solver/core/hex.ts'
import {
  balancerV3Vault,
  balancerV3WeightedFactories,
} from '../../solver/pools/balancerV3Deployments.ts'
import {
  type BalancerV3WeightedState,
  balancerV3Weighted,
} from '../../solver/pools/balancerV3Weighted.ts'
import { toWord } from '../../solver/pools/logWords.ts'
import { states } from '../helpers/arbitraries/balancerV3Weighted.ts'
import { abiLists, abiWords, answersOf, aWeightedPool } from '../helpers/balancerV3/states.ts'
import { readAll } from '../helpers/fakePoolNode.ts'
import { booksLaw } from '../helpers/poolLawsExact.ts'

const wad = 10n ** 18n
const forward = { indexIn: 0, indexOut: 1 }
const hook = '0x00000000000000000000000000000000000000f0'
const swapTopic = '0x0874b2d545cb271cdbda4e093020c452328b24af12382ed62c4d00f5c26709db'
const registeredTopic = '0xbc1561eeab9f40962e2fb827a7ff9c7cdb47a9d7c84caeefa4ed90e043842dad'

function topicOf(address: string): Hex {
  return `0x${toWord(BigInt(address))}`
}

describe('balancerV3Weighted.swapExactIn', () => {
  it('takes 30 % of a balance after the fee and no unit more', () => {
    const pool = aWeightedPool()
    const { amountIn } = balancerV3Weighted.swapExactIn(pool, { ...forward, amountIn: 10n ** 30n })
    const kept = (amount: bigint) => amount - (amount * pool.swapFee + wad - 1n) / wad
    // The second version counts one unit more of the balance.
    const most = ((1_000n * wad + 1n) * 3n) / 10n
    assert.ok(kept(amountIn) <= most && kept(amountIn + 1n) > most)
  })

  it('leaves the pool the share of the fee that is not aggregate', () => {
    const amountIn = 10n * wad
    const pool = aWeightedPool({ aggregateSwapFee: wad / 4n })
    const { next } = balancerV3Weighted.swapExactIn(pool, { ...forward, amountIn })
    const fee = (amountIn * pool.swapFee) / wad
    assert.equal(next.balances[0], 1_010n * wad - fee / 4n)
  })

  it('trades a million scaled units, in and out, and nothing below', () => {
    const pool = aWeightedPool({ swapFee: 10n ** 13n })
    const taken = (state: typeof pool, amountIn: bigint) =>
      balancerV3Weighted.swapExactIn(state, { ...forward, amountIn }).amountIn
    assert.equal(taken(pool, 1_000_000n), 0n)
    assert.equal(taken(pool, 1_100_000n), 1_100_000n)
    const steep = { ...pool, balances: [1_000_000n * wad, wad] }
    assert.equal(taken(steep, 10n ** 11n), 0n)
    assert.equal(taken(steep, 10n ** 13n), 10n ** 13n)
  })

  it('takes nothing while the pool is paused, hooked, or a rate fails', () => {
    for (const over of [{ paused: true }, { hooks: hook }, { rates: [wad, 0n] }] as const) {
      const pool = aWeightedPool(over)
      const result = balancerV3Weighted.swapExactIn(pool, { ...forward, amountIn: wad })
      assert.deepEqual(result, { amountIn: 0n, amountOut: 0n, gas: 0n, next: pool })
      assert.equal(balancerV3Weighted.curve(pool), undefined)
      assert.equal(balancerV3Weighted.price(pool, 0, 1), 0)
    }
  })

  it('keeps the least balance of a token in the second version alone', () => {
    // A heavy token in for a light one out: 30 % in would buy nearly all.
    const weights = [99n * (wad / 100n), wad / 100n]
    const least = 500n * wad
    const swap = { ...forward, amountIn: 10n ** 30n }
    const limited = aWeightedPool({ weights, minBalances: [1n, least] })
    const { next } = balancerV3Weighted.swapExactIn(limited, swap)
    assert.ok((next.balances[1] ?? 0n) >= least)
    const free = balancerV3Weighted.swapExactIn({ ...limited, minBalances: undefined }, swap)
    assert.ok((free.next.balances[1] ?? 0n) < least)
  })

  it('takes the yield fee first', () => {
    const pool = aWeightedPool({
      tokenKinds: ['yield', 'plain'],
      rates: [(11n * wad) / 10n, wad],
      lastLive: [1_000n * wad, 0n],
      aggregateYieldFee: wad / 2n,
    })
    const { next, amountIn } = balancerV3Weighted.swapExactIn(pool, { ...forward, amountIn: wad })
    // Half of a growth of 100, in tokens that are worth 1.1.
    const fee = (50n * wad * 10n) / 11n
    assert.equal(next.balances[0], 1_000n * wad - fee + amountIn)
    assert.equal(next.lastLive[0], ((next.balances[0] ?? 0n) * 11n) / 10n)
  })

  it('keeps the books to the unit where no fee leaves the pool', () => {
    const closed = states.map((state) => ({
      ...state,
      aggregateSwapFee: 0n,
      aggregateYieldFee: 0n,
    }))
    const holds = ({ balances }: BalancerV3WeightedState) => balances
    booksLaw(balancerV3Weighted, closed, { holds, cost: 4 }).check()
  })
})

describe('balancerV3Weighted.curve', () => {
  it('is within 10^-9 of what is paid for 10^-4 to 0.29 of a balance', () => {
    const ordinary = fc.tuple(
      fc.bigInt({ min: 10n ** 21n, max: 10n ** 27n }),
      fc.bigInt({ min: 10n ** 21n, max: 10n ** 27n }),
      fc.integer({ min: 10, max: 90 }),
      fc.double({ min: 1e-4, max: 0.29, noNaN: true }),
    )
    fc.assert(
      fc.property(ordinary, ([held0, held1, percent, share]) => {
        const weight = BigInt(percent) * (wad / 100n)
        const pool = aWeightedPool({ balances: [held0, held1], weights: [weight, wad - weight] })
        const amountIn = (held0 * BigInt(Math.round(share * 1e9))) / 10n ** 9n
        const { amountOut } = balancerV3Weighted.swapExactIn(pool, { ...forward, amountIn })
        const seen = balancerV3Weighted.curve(pool)?.out(0, 1, Number(amountIn)) ?? NaN
        assert.ok(Math.abs(seen / Number(amountOut) - 1) <= 1e-9)
      }),
    )
  })
})

describe('balancerV3Weighted.discover', () => {
  const [first] = balancerV3WeightedFactories
  const registered = (factory: string): Log => ({
    address: balancerV3Vault,
    topics: [registeredTopic, topicOf(hook), topicOf(factory)],
    // The offset of the token list, what follows it, and the list: token, type, rate provider, yield fees.
    data: abiWords([576n, ...Array<bigint>(17).fill(0n), 2n, 160n, 0n, 0n, 0n, 176n, 1n, 1n, 0n]),
  })

  it('names the pool that a trusted factory registered', () => {
    const ref = balancerV3Weighted.discover(registered(first?.factory ?? ''))
    assert.equal(ref?.id, hook)
    assert.deepEqual(ref?.tokens.map(BigInt), [160n, 176n])
    assert.equal(ref?.exchange, 'balancer_v3')
  })

  it('leaves out pools of other factories and logs of other contracts', () => {
    assert.equal(balancerV3Weighted.discover(registered(hook)), undefined)
    const log = { ...registered(first?.factory ?? ''), address: hook } as const
    assert.equal(balancerV3Weighted.discover(log), undefined)
  })
})

describe('balancerV3Weighted.apply', () => {
  const swapLog = (pool: string): Log => ({
    address: balancerV3Vault,
    topics: [swapTopic, topicOf(pool), ...aWeightedPool().tokens.map(topicOf)],
    data: abiWords([10n * wad, 9n * wad, 10n ** 15n, wad / 100n]),
  })

  it('moves what the swap moved, less the fee that left', () => {
    const pool = aWeightedPool({ aggregateSwapFee: wad / 2n })
    const next = balancerV3Weighted.apply(pool, swapLog(pool.id))
    assert.deepEqual(next?.balances, [1_010n * wad - wad / 200n, 991n * wad])
  })

  it('returns the same state for another pool and another contract', () => {
    const pool = aWeightedPool()
    assert.equal(balancerV3Weighted.apply(pool, swapLog(hook)), pool)
    const elsewhere = { ...swapLog(pool.id), address: hook } as const
    assert.equal(balancerV3Weighted.apply(pool, elsewhere), pool)
  })

  it('asks to read again where more goes out than there is', () => {
    const pool = aWeightedPool({ balances: [wad, wad] })
    assert.equal(balancerV3Weighted.apply(pool, swapLog(pool.id)), undefined)
  })
})

describe('balancerV3Weighted.snapshot', () => {
  const own = (weights: readonly bigint[]) => ({ '0xf89f27ed': abiLists([weights], [1]) })
  const full = aWeightedPool({
    scalingFactors: [1n, 10n ** 12n],
    tokenKinds: ['yield', 'rate'],
    rates: [wad + 7n, wad],
    lastLive: [999n * wad, 0n],
    aggregateSwapFee: wad / 2n,
    aggregateYieldFee: wad / 10n,
    paused: true,
    hooks: hook,
  })
  const { minBalances = [], weights } = full
  const least = { '0xd67f280b': abiLists([minBalances], [1]) } as const

  it('reads all of a pool in one round', () => {
    const reader = balancerV3Weighted.snapshot(balancerV3Weighted.refOf(full))
    const read = readAll(reader, answersOf(full, { ...own(weights), ...least }))
    assert.deepEqual(read.state, full)
    assert.equal(read.rounds, 1)
  })

  it('takes a pool without least balances for the first version', () => {
    const reader = balancerV3Weighted.snapshot(balancerV3Weighted.refOf(full))
    const { state } = readAll(reader, answersOf(full, own(weights)))
    assert.equal(state && 'minBalances' in state, false)
  })

  it('gives rates of 0 when a provider fails', () => {
    const answer = answersOf(full, { ...own(weights), ...least })
    const reader = balancerV3Weighted.snapshot(balancerV3Weighted.refOf(full))
    const { state } = readAll(reader, (call) =>
      call.data.startsWith('0x7e361bde') ? undefined : answer(call),
    )
    assert.deepEqual(state?.rates, [0n, 0n])
  })

  it('finds no pool where the vault has none, or one of other tokens', () => {
    const ref = balancerV3Weighted.refOf(full)
    assert.equal(readAll(balancerV3Weighted.snapshot(ref), () => undefined).state, undefined)
    assert.equal(readAll(balancerV3Weighted.snapshot(ref), () => '0x').state, undefined)
    const others = { ...ref, tokens: ref.tokens.toReversed() }
    const { state } = readAll(balancerV3Weighted.snapshot(others), answersOf(full, own(weights)))
    assert.equal(state, undefined)
  })
})

describe('balancerV3Weighted.codec', () => {
  const encoded = balancerV3Weighted.codec.encode(aWeightedPool())
  const refuses = (over: object, rule: number) => {
    const { kind, id, tokens } = aWeightedPool()
    const text = JSON.stringify({
      format: 'isoprice-market/1',
      chainId: '1',
      block: {},
      gasPrice: null,
      tokens: tokens.map((address) => ({ address, symbol: '', decimals: '18' })),
      pools: [{ kind, id, tokens, ...encoded, ...over }],
    })
    assert.throws(
      () => parseSnapshot(text),
      (error: unknown) => error instanceof SnapshotInvalidError && error.facts['rule'] === rule,
    )
  }

  it('refuses weights that are 0 or do not add up to 1', () => {
    refuses({ weights: ['0', '1000000000000000000'] }, 6)
    refuses({ weights: ['500000000000000000', '400000000000000000'] }, 6)
  })

  it('refuses lists of other lengths than the tokens', () => {
    for (const name of ['balances', 'rates', 'weights', 'lastLive', 'scalingFactors', 'tokenKinds'])
      refuses(
        { [name]: ['plain', 'plain', 'plain'].map((each) => (name === 'tokenKinds' ? each : '1')) },
        5,
      )
  })

  it('refuses fees of 100 %, odd scaling factors, unknown kinds of tokens, and rates of plain ones', () => {
    refuses({ swapFee: '1000000000000000000' }, 5)
    refuses({ scalingFactors: ['1', '2'] }, 6)
    refuses({ tokenKinds: ['plain', 'odd'] }, 6)
    refuses({ rates: ['1000000000000000000', '1'] }, 6)
    refuses({ lastLive: ['1', '0'] }, 6)
    refuses({ balances: ['1', String(2n ** 128n)] }, 1)
    refuses({ paused: 'no' }, 1)
  })
})
