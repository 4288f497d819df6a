/** Solidly pairs: their acceptance condition, logs, discovery, reader and codec. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { toEventSelector, toFunctionSelector } from 'viem/utils'
import { parseSnapshot } from '../../solver/market/codec.ts'
import type { Hex } from '../../solver/core/hex.ts'
import { scaled, stableK } from '../../solver/pools/math/solidly.ts'
import { getAmountOut, solidly, type SolidlyState } from '../../solver/pools/solidly.ts'
import { type PoolRef, toPoolId } from '../../solver/pools/pool.ts'
import { aSolidly, states } from '../helpers/arbitraries/solidly.ts'
import { type Answer, readAll } from '../helpers/fakePoolNode.ts'
import { poolA, tokenA, tokenB } from '../helpers/pools.ts'
import { withPool } from '../helpers/snapshots.ts'

const e18 = 10n ** 18n
const forward = { indexIn: 0, indexOut: 1 }
const word = (value: bigint) => value.toString(16).padStart(64, '0')
const stablePair = (over: Partial<SolidlyState> = {}) =>
  aSolidly([10n ** 24n, 9n * 10n ** 11n], {
    stable: true,
    decimals: [18, 6],
    feePips: 500,
    ...over,
  })

/** The lines of `Pool.swap` that decide: what stays must have no lower k than what was. */
function pairAccepts(pair: SolidlyState, amountIn: bigint, amountOut: bigint): boolean {
  const [x, y] = pair.reserves
  if (amountOut <= 0n || amountOut >= y || amountIn <= 0n) return false
  const fee = (amountIn * BigInt(pair.feePips)) / 1_000_000n
  return kOf(pair, x + amountIn - fee, y - amountOut) >= kOf(pair, x, y)
}

function kOf({ stable, decimals = [18, 18] }: SolidlyState, x: bigint, y: bigint): bigint {
  if (!stable) return x * y
  return stableK(scaled(x, 10n ** BigInt(decimals[0])), scaled(y, 10n ** BigInt(decimals[1])))
}

const anyAmount = fc.integer({ min: 0, max: 110 }).map((bits) => (1n << BigInt(bits)) + 7n)

describe('solidly.swapExactIn', () => {
  it('pays all that the pair would accept, to the wei', () => {
    fc.assert(
      fc.property(states, anyAmount, (pair, offered) => {
        const result = solidly.swapExactIn(pair, { ...forward, amountIn: offered })
        const { amountIn, amountOut } = result
        if (amountOut === 0n) return
        assert.ok(pairAccepts(pair, amountIn, amountOut))
        assert.ok(!pairAccepts(pair, amountIn, amountOut + 1n))
      }),
    )
  })

  it('moves the fee out of the pair', () => {
    const pair = aSolidly([10n ** 9n, 10n ** 9n], { feePips: 3_000 })
    const { next, amountOut } = solidly.swapExactIn(pair, { ...forward, amountIn: 1_000_333n })
    // The fee of 3000.999 is rounded down.
    assert.deepEqual(next.reserves, [10n ** 9n + 997_333n, 10n ** 9n - amountOut])
  })

  it('leaves alone what it cannot tell: no decimals, a side empty, k below the least or near the largest', () => {
    const swap = { ...forward, amountIn: e18 }
    const left = [
      aSolidly([e18, e18], { stable: true }),
      stablePair({ reserves: [0n, e18] }),
      stablePair({ reserves: [e18, 0n] }),
      aSolidly([0n, e18]),
      aSolidly([2n ** 128n, e18]),
      stablePair({ reserves: [10n ** 15n, 100n] }),
      stablePair({ reserves: [10n ** 34n, 10n ** 22n] }),
    ]
    for (const pair of left) {
      const nothing = { amountIn: 0n, amountOut: 0n, gas: 0n, next: pair }
      assert.deepEqual(solidly.swapExactIn(pair, swap), nothing)
      assert.deepEqual(solidly.swapExactOut(pair, { ...forward, amountOut: 1n }), nothing)
      assert.equal(solidly.curve(pair), undefined)
      assert.equal(solidly.price(pair, 0), 0)
    }
  })
})

describe('solidly.swapExactOut', () => {
  it('takes the least input that the pair would accept', () => {
    fc.assert(
      fc.property(states, anyAmount, (pair, wanted) => {
        const result = solidly.swapExactOut(pair, { ...forward, amountOut: wanted })
        const { amountIn, amountOut } = result
        if (amountOut === 0n) return
        assert.ok(pairAccepts(pair, amountIn, amountOut))
        assert.ok(!pairAccepts(pair, amountIn - 1n, amountOut))
      }),
    )
  })
})

describe('solidly.getAmountOut', () => {
  it('is what swap accepts, or a few scaled units from it, in both variants', () => {
    for (const variant of ['v1', 'v2'] as const) {
      const pair = stablePair({
        decimals: [18, 18],
        reserves: [10n ** 24n, 8n * 10n ** 23n],
        variant,
      })
      for (const amountIn of [1n, 10n ** 6n, 3n * e18, 10n ** 23n + 1n, 7n * 10n ** 24n]) {
        const viewed = getAmountOut(pair, { ...forward, amountIn }) ?? -9n
        const paid = solidly.swapExactIn(pair, { ...forward, amountIn }).amountOut
        assert.ok(viewed - paid <= 2n && paid - viewed <= 2n, `${variant}: ${viewed}, ${paid}`)
      }
    }
  })

  it('says nothing where the contract would overflow or the variant is unknown', () => {
    const swap = { ...forward, amountIn: 2n ** 150n }
    assert.equal(getAmountOut(stablePair(), swap), undefined)
    const { variant: _, ...unknown } = stablePair()
    assert.equal(getAmountOut(unknown, { ...swap, amountIn: 1n }), undefined)
    assert.equal(getAmountOut(aSolidly([0n, 0n]), { ...swap, amountIn: 0n }), undefined)
  })
})

describe('solidly.apply', () => {
  const sync = (address: Hex) => ({
    address,
    topics: solidly.topics,
    data: `0x${word(7n)}${word(9n)}` as const,
  })

  it('takes the reserves of a Sync log from this pair', () => {
    assert.deepEqual(solidly.topics, [toEventSelector('Sync(uint256,uint256)')])
    assert.deepEqual(solidly.apply(aSolidly([1n, 1n]), sync(poolA)).reserves, [7n, 9n])
  })

  it('returns the same state for any other log', () => {
    const before = aSolidly([1n, 1n])
    assert.equal(solidly.apply(before, sync(toPoolId('0xdead'))), before)
    assert.equal(solidly.apply(before, { ...sync(poolA), topics: ['0x00'] }), before)
  })
})

describe('solidly.drifts', () => {
  it('is true where a factory may change the fee, which is everywhere but on v1', () => {
    assert.equal(solidly.drifts(aSolidly([1n, 1n], { variant: 'v1' })), false)
    assert.equal(solidly.drifts(aSolidly([1n, 1n], { variant: 'v2' })), true)
  })
})

describe('solidly.discover', () => {
  const created = (address: Hex) => ({
    address,
    topics: [
      toEventSelector('PoolCreated(address,address,bool,address,uint256)'),
      `0x${word(BigInt(tokenA))}`,
      `0x${word(BigInt(tokenB))}`,
      `0x${word(1n)}`,
    ] as const,
    data: `0x${word(BigInt(poolA))}${word(12n)}` as const,
  })

  it('names a new pair of Aerodrome or Velodrome', () => {
    const ref = { kind: 'solidly', id: poolA, tokens: [tokenA, tokenB], variant: 'v2' }
    assert.deepEqual(solidly.discover(created('0x420dd381b31aef6683db6b902084cb0ffece40da')), {
      ...ref,
      exchange: 'aerodrome_v2',
    })
    assert.deepEqual(solidly.discover(created('0xf1046053aa5682b4f9a81b5481394da16be5ff5a')), {
      ...ref,
      exchange: 'velodrome_v2',
    })
  })

  it('ignores other logs, and the same log from a factory whose code it does not know', () => {
    const known = created('0x420dd381b31aef6683db6b902084cb0ffece40da')
    assert.equal(solidly.discover({ ...known, topics: ['0x00'] }), undefined)
    assert.equal(solidly.discover(created(tokenA)), undefined)
  })
})

describe('solidly.snapshot', () => {
  const factory = 'f'.repeat(40)
  const metadata = [e18, 10n ** 6n, 5n * e18, 6n, 1n, BigInt(tokenA), BigInt(tokenB)]
  const ref: PoolRef = { kind: 'solidly', id: poolA, tokens: [tokenA, tokenB], variant: 'v2' }
  const select = (signature: string) => toFunctionSelector(signature)

  /** A pair and its factory; `over` changes single answers by selector. */
  function answers(over: Readonly<Record<Hex, Hex | undefined>> = {}): Answer {
    const usual: Record<Hex, Hex | undefined> = {
      [select('metadata()')]: `0x${metadata.map(word).join('')}`,
      [select('factory()')]: `0x${factory.padStart(64, '0')}`,
      [select('getFee(address,bool)')]: `0x${word(5n)}`,
      [select('isPaused()')]: `0x${word(0n)}`,
      ...over,
    }
    return ({ data }) => usual[data.slice(0, 10) as Hex] // a selector is hex
  }
  const read = (over: Readonly<Record<Hex, Hex | undefined>> = {}, of: Partial<PoolRef> = {}) =>
    readAll(solidly.snapshot({ ...ref, ...of }), answers(over))

  it('reads a pair in two rounds, its fee from its factory', () => {
    const { state, rounds, calls } = read()
    const reserves = [5n * e18, 6n] as const
    const pair = { stable: true, decimals: [18, 6], feePips: 500, variant: 'v2' } as const
    assert.deepEqual(state, aSolidly(reserves, pair))
    assert.deepEqual([rounds, calls], [2, 5])
  })

  it('asks the fee of the type where the factory knows no fee of a pair', () => {
    const fees = {
      [select('getFee(address,bool)')]: undefined,
      [select('getFee(bool)')]: `0x${word(2n)}` as const,
    }
    assert.equal(read(fees, { variant: 'v1' }).state?.feePips, 200)
  })

  it('takes the given or the usual fee of a v1 pair without a factory', () => {
    const none = { [select('factory()')]: undefined }
    assert.equal(read(none, { variant: 'v1' }).state?.feePips, 100)
    assert.equal(read(none, { variant: 'v1', feePips: 300 }).state?.feePips, 300)
    assert.equal(read(none).state, undefined)
  })

  it('finds nothing where no pair answers, the factory is paused, or an answer makes no sense', () => {
    assert.equal(read({ [select('metadata()')]: undefined }).state, undefined)
    assert.equal(read({ [select('metadata()')]: `0x${word(1n)}` }).state, undefined)
    assert.equal(read({ [select('isPaused()')]: `0x${word(1n)}` }).state, undefined)
    assert.equal(read({ [select('getFee(address,bool)')]: `0x${word(10_000n)}` }).state, undefined)
    const odd = metadata.with(0, 3n).map(word).join('')
    assert.equal(read({ [select('metadata()')]: `0x${odd}` }).state, undefined)
  })

  it('reads again by the reference that the state gives', () => {
    const { state } = read()
    assert.ok(state !== undefined)
    assert.deepEqual(readAll(solidly.snapshot(solidly.refOf(state)), answers()).state, state)
    const older = { ...state, variant: 'v1', feePips: 300 } as const
    assert.equal(solidly.refOf(older).feePips, 300)
  })
})

describe('solidly.codec', () => {
  const pool = {
    kind: 'solidly',
    id: poolA,
    tokens: [tokenA, tokenB],
    stable: true,
    reserves: ['7', '9'],
    feePips: '500',
  }
  const parse = (over: object = {}) => parseSnapshot(JSON.stringify(withPool(pool, { ...over })))

  it('reads a pair of the plain format, whose decimals are unknown', () => {
    const state = parse().view.pools.get(poolA)
    assert.deepEqual(state, {
      kind: 'solidly',
      id: poolA,
      tokens: [tokenA, tokenB],
      stable: true,
      reserves: [7n, 9n],
      feePips: 500,
    })
  })

  it('refuses what breaks a rule', () => {
    const wrong = [
      { stable: 'true' },
      { stable: undefined },
      { reserves: ['7'] },
      { reserves: ['7', '-9'] },
      { reserves: ['7', String(2n ** 256n)] },
      { feePips: '1000000' },
      { feePips: '-1' },
      { decimals: ['18'] },
      { decimals: ['18', '37'] },
      { variant: 'v3' },
      { tokens: [tokenB, tokenA] },
    ]
    for (const over of wrong)
      assert.throws(() => parse(over), { code: 'market.snapshot-invalid' }, JSON.stringify(over))
  })
})
