/** The snapshot format: what goes in comes out, and each of the ten rules refuses what breaks it. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { before, describe, it } from 'mocha'
import { hasSharedData, sharedData } from '../../bench/accept/check.ts'
import { mainnet } from '../../solver/chain/chains/mainnet.ts'
import { toWord } from '../../solver/chain/quantity.ts'
import { zeroAddress } from '../../solver/core/hex.ts'
import { formatSnapshot, parseSnapshot } from '../../solver/market/codec.ts'
import { toSnapshot } from '../../solver/market/snapshot.ts'
import type { MarketView } from '../../solver/market/view.ts'
import type { PoolState } from '../../solver/pools/index.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import { aPair, poolA, randomTickPool, tokenA, tokenB, toV4 } from '../helpers/pools.ts'

type Draft = Record<string, unknown>

const tokenC = '0x00000000000000000000000000000000000000c0'
const v3Id = '0x00000000000000000000000000000000000000e3'
const v4Id = `0x${'4'.repeat(64)}`

const v2 = {
  kind: 'uniswapV2',
  id: poolA,
  tokens: [tokenA, tokenB],
  reserves: ['7', '9'],
  feePips: '3000',
}
const v3 = {
  kind: 'uniswapV3',
  id: v3Id,
  tokens: [tokenA, tokenB],
  feePips: '500',
  tickSpacing: '10',
  sqrtPriceX96: String(2n ** 96n),
  tick: '0',
  liquidity: '5',
  ticks: [
    ['-20', '2'],
    ['-10', '3'],
    ['10', '-5'],
  ],
}
const v4 = {
  ...v3,
  kind: 'uniswapV4',
  id: v4Id,
  poolKey: {
    currency0: tokenA,
    currency1: tokenB,
    fee: '500',
    tickSpacing: '10',
    hooks: zeroAddress,
  },
  hooks: zeroAddress,
  protocolFee: '0',
}
const weighted = {
  kind: 'balancerWeighted',
  id: '0x00000000000000000000000000000000000000e5',
  tokens: [tokenA, tokenB, tokenC],
  balances: ['1', '2', '3'],
  weights: ['500000000000000000', '300000000000000000', '200000000000000000'],
  swapFee: '3000000000000000',
}
const stable = {
  kind: 'balancerStable',
  id: '0x00000000000000000000000000000000000000e6',
  tokens: [tokenC, tokenA],
  amp: '1000',
  balances: ['1', '2'],
  scalingFactors: ['1', '1'],
  swapFee: '0',
}

/** A valid file, field by field as `over` says. */
function aFile(over: Draft = {}): Draft {
  const token = (address: string) => ({ address, symbol: 'T', decimals: '18' })
  return {
    format: 'isoprice-market/1',
    chainId: '1',
    block: {},
    gasPrice: '1000000000',
    tokens: [tokenA, tokenB, tokenC].map(token),
    pools: [],
    ...over,
  }
}

const withPool = (pool: Draft, over: Draft = {}) => aFile({ pools: [{ ...pool, ...over }] })
const parse = (file: unknown) => parseSnapshot(JSON.stringify(file))
const refuses = (file: unknown, rule: number, at?: string) =>
  assert.throws(
    () => parse(file),
    (error: { code?: string; facts?: Draft }) => {
      assert.equal(error.code, 'market.snapshot-invalid')
      assert.equal(error.facts?.['rule'], rule)
      if (at !== undefined) assert.equal(error.facts['at'], at)
      return true
    },
  )

/** The same JSON with the keys of every object sorted. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, each]) => [key, canonical(each)]))
}

function viewOf(pools: readonly PoolState[]): MarketView {
  const tokens = [tokenA, tokenB] as const
  return {
    chainId: 1,
    block: { number: 5n, hash: toWord(5n), parentHash: toWord(4n), timestamp: 1_760_000_000n },
    tokens: new Map(
      tokens.map((address) => [address, { address, symbol: '', decimals: 6, priceWei: 5n }]),
    ),
    pools: new Map(pools.map((state) => [state.id, state])),
    gasPrice: 7n,
    wrappedNative: mainnet.wrappedNative,
  }
}

describe('codec.parseSnapshot', () => {
  it('reads pools of the built kinds and keeps the others aside', () => {
    const file = aFile({ pools: [v2, v3, weighted, stable, v4].map((pool) => pool as Draft) })
    file['pools'] = (file['pools'] as { id: string }[]).sort((a, b) => (a.id < b.id ? -1 : 1))
    const { view, ignored } = parse(file)
    assert.deepEqual([...view.pools.values()].map(({ kind }) => kind).sort(), [
      'uniswapV2',
      'uniswapV3',
      'uniswapV4',
    ])
    assert.deepEqual(ignored, [weighted, stable])
    assert.deepEqual(view.pools.get(toPoolId(poolA)), aPair([7n, 9n]))
  })

  it('knows the wrapped native token of mainnet, and of no other chain', () => {
    assert.equal(parse(aFile()).view.wrappedNative, mainnet.wrappedNative)
    assert.equal(parse(aFile({ chainId: '137' })).view.wrappedNative, undefined)
  })

  it('takes one block for the view, and a range of blocks for none', () => {
    const block = { number: '5', hash: toWord(5n), timestamp: '1760000000', baseFeePerGas: '9' }
    assert.equal(parse(aFile({ block })).view.block?.number, 5n)
    assert.equal(parse(aFile({ block: { minNumber: '5', maxNumber: '6' } })).view.block, undefined)
    assert.equal(parse(aFile({ block: { number: '5' } })).view.block, undefined)
  })

  it('leaves an unknown gas price out', () => {
    assert.equal(parse(aFile({ gasPrice: null })).view.gasPrice, undefined)
    assert.equal(parse(aFile()).view.gasPrice, 1_000_000_000n)
  })

  it('accepts a pool that cannot trade', () => {
    parse(withPool(v2, { reserves: ['0', '9'] }))
    parse(withPool(v3, { liquidity: '0', ticks: [] }))
  })

  it('refuses text that is no JSON object as corrupt', () => {
    for (const text of ['', '{', '[]', '7', 'null', '{"format":"isoprice-market/1"'])
      assert.throws(() => parseSnapshot(text), { code: 'market.snapshot-corrupt' })
  })

  const broken: readonly [rule: number, what: string, file: unknown, at?: string][] = [
    [1, 'a JSON number', withPool(v2, { feePips: 3000 }), poolA],
    [
      1,
      'a JSON number in a field that we do not know',
      withPool(v2, { note: [{ deep: 1 }] }),
      poolA,
    ],
    [1, 'a JSON number in the head', aFile({ source: { year: 2023 } })],
    [1, 'a leading zero', withPool(v2, { feePips: '03000' }), poolA],
    [1, 'a plus sign', withPool(v2, { reserves: ['+7', '9'] }), poolA],
    [1, 'an exponent', withPool(v2, { reserves: ['7e3', '9'] }), poolA],
    [1, 'minus zero', withPool(v3, { tick: '-0' }), v3Id],
    [1, 'a negative reserve', withPool(v2, { reserves: ['-7', '9'] }), poolA],
    [1, 'an absent integer', withPool(v3, { liquidity: undefined }), v3Id],
    [1, 'an integer without end', withPool(v2, { reserves: ['9'.repeat(200), '9'] }), poolA],
    [
      1,
      'decimals above 255',
      aFile({ tokens: [{ address: tokenA, symbol: '', decimals: '256' }] }),
    ],
    [2, 'another format', aFile({ format: 'isoprice-market/2' })],
    [2, 'no chain id', aFile({ chainId: undefined }), 'chainId'],
    [2, 'a gas price that is left out', aFile({ gasPrice: undefined })],
    [2, 'a short block hash', aFile({ block: { number: '1', hash: '0x5', timestamp: '1' } })],
    [
      3,
      'an upper-case token',
      aFile({ tokens: [{ address: tokenA.toUpperCase(), symbol: '', decimals: '1' }] }),
    ],
    [
      3,
      'tokens out of order',
      aFile({
        tokens: [tokenB, tokenA].map((address) => ({ address, symbol: '', decimals: '1' })),
      }),
      tokenA,
    ],
    [
      3,
      'a token twice',
      aFile({
        tokens: [tokenA, tokenA].map((address) => ({ address, symbol: '', decimals: '1' })),
      }),
      tokenA,
    ],
    [
      3,
      'a price of 0',
      aFile({ tokens: [{ address: tokenA, symbol: '', decimals: '1', priceWei: '0' }] }),
      tokenA,
    ],
    [4, 'an id that is no hex', withPool(v2, { id: '0xzz' })],
    [4, 'a 32-byte id of a V2 pair', withPool(v2, { id: v4Id }), v4Id],
    [4, 'an address as the id of a V4 pool', withPool(v4, { id: poolA }), poolA],
    [4, 'pools out of order', aFile({ pools: [v3, v2] }), poolA],
    [4, 'a pool twice', aFile({ pools: [v2, v2] }), poolA],
    [4, 'one token', withPool(v2, { tokens: [tokenA] }), poolA],
    [4, 'one token twice', withPool(v2, { tokens: [tokenA, tokenA] }), poolA],
    [4, 'a token that is not listed', withPool(v2, { tokens: [tokenA, zeroAddress] }), poolA],
    [4, 'hooks other than the key’s', withPool(v4, { hooks: tokenA }), v4Id],
    [
      4,
      'currencies other than the tokens',
      withPool(v4, { poolKey: { ...v4.poolKey, currency0: zeroAddress } }),
      v4Id,
    ],
    [5, 'a reserve too many', withPool(v2, { reserves: ['1', '2', '3'] }), poolA],
    [5, 'a balance too few', withPool(weighted, { balances: ['1', '2'] }), weighted.id],
    [5, 'a fee of 100 %', withPool(v2, { feePips: '1000000' }), poolA],
    [5, 'a swap fee of 100 %', withPool(stable, { swapFee: String(10n ** 18n) }), stable.id],
    [
      6,
      'a weight of 0',
      withPool(weighted, { weights: ['500000000000000000', '500000000000000000', '0'] }),
      weighted.id,
    ],
    [
      6,
      'weights that miss 1 by more than 10^-4',
      withPool(weighted, {
        weights: ['500000000000000000', '300000000000000000', '200110000000000000'],
      }),
      weighted.id,
    ],
    [6, 'an amplification below 1', withPool(stable, { amp: '999' }), stable.id],
    [7, 'V2 tokens that descend', withPool(v2, { tokens: [tokenB, tokenA] }), poolA],
    [7, 'three tokens in a V3 pool', withPool(v3, { tokens: [tokenA, tokenB, tokenC] }), v3Id],
    [8, 'a price below its tick', withPool(v3, { sqrtPriceX96: String(2n ** 96n - 1n) }), v3Id],
    [
      8,
      'a price above the next tick',
      withPool(v3, { sqrtPriceX96: '79232123823359799118286999569' }),
      v3Id,
    ],
    [9, 'ticks out of order', withPool(v3, { ticks: v3.ticks.toReversed() }), v3Id],
    [
      9,
      'a tick off the spacing',
      withPool(v3, {
        ticks: [
          ['-15', '5'],
          ['10', '-5'],
        ],
      }),
      v3Id,
    ],
    [
      9,
      'a tick beyond the last',
      withPool(v3, {
        ticks: [
          ['-887280', '5'],
          ['10', '-5'],
        ],
      }),
      v3Id,
    ],
    [
      9,
      'a net of 0',
      withPool(v3, {
        ticks: [
          ['-20', '5'],
          ['0', '0'],
          ['10', '-5'],
        ],
      }),
      v3Id,
    ],
    [9, 'ticks of a single range', withPool(v3, { singleRange: true }), v3Id],
    [9, 'a tick outside tickRange', withPool(v3, { tickRange: ['-15', '15'] }), v3Id],
    [10, 'nets that do not add up to 0', withPool(v3, { ticks: v3.ticks.slice(0, 2) }), v3Id],
    [10, 'nets that miss the liquidity', withPool(v3, { liquidity: '6' }), v3Id],
    [
      10,
      'a running sum below 0',
      withPool(v3, {
        ticks: [
          ['-20', '-2'],
          ['-10', '7'],
          ['10', '-5'],
        ],
      }),
      v3Id,
    ],
    [
      10,
      'a tickRange that leaves less than nothing',
      withPool(v3, { tickRange: ['-30', '30'], ticks: [['10', '-6']] }),
      v3Id,
    ],
  ]
  for (const [rule, what, file, at] of broken)
    it(`refuses ${what} by rule ${rule}`, () => refuses(file, rule, at))

  it('takes the ends of rules 6 and 8', () => {
    const weights = ['500000000000000000', '300000000000000000', '200100000000000000']
    parse(withPool(weighted, { weights }))
    parse(withPool(v3, { sqrtPriceX96: '79232123823359799118286999568' }))
  })

  it('refuses only with codes of its own, whatever a file has in it', () => {
    const files = fc.array(fc.tuple(fc.constantFrom(...Object.keys(v4), 'pools'), fc.jsonValue()))
    fc.assert(
      fc.property(fc.constantFrom<Draft>(v2, v3, v4, weighted, stable), files, (pool, changes) => {
        try {
          parse(withPool(pool, Object.fromEntries(changes)))
        } catch (error) {
          assert.match((error as { code: string }).code, /^market\.snapshot-(invalid|corrupt)$/)
        }
      }),
    )
  })
})

describe('codec.formatSnapshot', () => {
  it('gives back a file value for value, fields that we do not know included', () => {
    const file = aFile({
      block: { minNumber: '5', maxNumber: '6', weather: 'fine' },
      source: { repository: 'r', commit: 'c' },
      later: { nested: ['1', null, true] },
      tokens: [tokenA, tokenB, tokenC].map((address) => ({
        address,
        symbol: '\u{1f9ea}"',
        decimals: '0',
        logo: 'x',
      })),
      pools: [
        { ...v2, gas: '90000', exchange: 'uniswap_v2', block: '17673650' },
        { ...v3, ticksAdjusted: [{ tickLower: '1', tickUpper: '2', liquidityDelta: '3' }] },
        { ...weighted, gas: '88892', unknown: '1' },
        {
          kind: 'somethingNew',
          id: '0x00000000000000000000000000000000000000e7',
          tokens: [tokenA, tokenB],
        },
        v4,
      ],
    })
    assert.deepEqual(canonical(JSON.parse(formatSnapshot(parse(file)))), canonical(file))
  })

  it('keeps the state of any tick pool, to the tick', () => {
    fc.assert(
      fc.property(fc.nat(), fc.boolean(), (seed, isV4) => {
        const pool = randomTickPool(seed)
        const state = isV4 ? toV4(pool, { protocolFee: seed % 2 ** 24 }) : pool
        const { view } = parseSnapshot(formatSnapshot(toSnapshot(viewOf([state]))))
        assert.deepEqual(view, viewOf([state]))
      }),
      { numRuns: 300 },
    )
  })

  it('keeps ranges and single ranges', () => {
    const { ticks: _, ...pool } = randomTickPool(7)
    const single = { ...pool, ticks: [], singleRange: true }
    const ranged = { ...pool, ticks: [], tickRange: [pool.tick - 9, pool.tick + 9] as const }
    for (const state of [single, ranged])
      assert.deepEqual(
        parseSnapshot(formatSnapshot(toSnapshot(viewOf([state])))).view,
        viewOf([state]),
      )
  })

  it('writes the same text for a market in any order', () => {
    const pools = [aPair([1n, 2n]), randomTickPool(3)].map((state, index) => ({
      ...state,
      id: toPoolId(`0x${String(index).repeat(40)}`),
    }))
    const forth = formatSnapshot(toSnapshot(viewOf(pools)))
    assert.equal(formatSnapshot(toSnapshot(viewOf(pools.toReversed()))), forth)
  })
})

describe('the recorded market snapshots', () => {
  before(function () {
    if (!hasSharedData) this.skip()
  })

  for (const [name, built, aside] of [
    ['mainnet-2023-09-a', 650, 192],
    ['mainnet-2023-07-a', 1_784, 0],
  ] as const)
    it(`${name} passes every rule and comes out value for value`, () => {
      const path = join(sharedData, `market-snapshots/${name}.json.gz`)
      const text = gunzipSync(readFileSync(path)).toString('utf8')
      const snapshot = parseSnapshot(text)
      assert.equal(snapshot.view.pools.size, built)
      assert.equal(snapshot.ignored.length, aside)
      const again: unknown = JSON.parse(formatSnapshot(snapshot))
      assert.deepEqual(canonical(again), canonical(JSON.parse(text)))
    })
})
