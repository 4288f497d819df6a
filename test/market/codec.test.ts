/** The snapshot format: what goes in comes out. The rules that refuse are in codec.rules.test.ts. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { before, describe, it } from 'mocha'
import { hasSharedData, sharedData } from '../../bench/accept/check.ts'
import { mainnet } from '../../solver/chain/chains/mainnet.ts'
import { toWord } from '../../solver/chain/quantity.ts'
import { formatSnapshot, parseSnapshot } from '../../solver/market/codec.ts'
import { toSnapshot } from '../../solver/market/snapshot.ts'
import type { MarketView } from '../../solver/market/view.ts'
import type { PoolState } from '../../solver/pools/index.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import { aPair, poolA, randomTickPool, tokenA, tokenB, toV4 } from '../helpers/pools.ts'
import {
  aFile,
  canonical,
  type Draft,
  stable,
  tokenC,
  v2,
  v3,
  v4,
  weighted,
  withPool,
} from '../helpers/snapshots.ts'

const parse = (file: unknown) => parseSnapshot(JSON.stringify(file))
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

/** `depth` objects, each within the one before. */
const nestOfObjects = (depth: number) => `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`

describe('codec.parseSnapshot', () => {
  it('reads pools of the built kinds and keeps the others aside', () => {
    const unknown = { kind: 'gyroEclp', id: `0x${'9'.repeat(40)}`, tokens: [tokenA, tokenB] }
    const file = aFile({
      pools: [v2, v3, weighted, stable, v4, unknown].map((pool) => pool as Draft),
    })
    file['pools'] = (file['pools'] as { id: string }[]).sort((a, b) => (a.id < b.id ? -1 : 1))
    const { view, ignored } = parse(file)
    assert.deepEqual(
      [...view.pools.values()].map(({ kind }) => kind).sort(),
      [v2, v3, weighted, stable, v4].map(({ kind }) => kind).sort(),
    )
    assert.deepEqual(ignored, [unknown])
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

  it('refuses a file that is nested without end as corrupt, wherever the nest stands', () => {
    const nests = [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, nestOfObjects(100_000)]
    const places = ['note', 'format', 'tokens', 'pools', 'block', 'gasPrice'] as const
    const texts = nests.flatMap((nest) => [
      ...places.map((place) => JSON.stringify(aFile({ [place]: 'here' })).replace('"here"', nest)),
      JSON.stringify(withPool(v2, { note: 'here' })).replace('"here"', nest),
      JSON.stringify(aFile({ pools: ['here'] })).replace('"here"', nest),
    ])
    for (const text of texts)
      assert.throws(() => parseSnapshot(text), { code: 'market.snapshot-corrupt' })
  })

  it('takes fields that we do not know up to 64 deep, and gives them back', () => {
    const at = (depth: number) =>
      JSON.stringify(aFile({ note: 'here' })).replace('"here"', nestOfObjects(depth))
    const again: unknown = JSON.parse(formatSnapshot(parseSnapshot(at(63))))
    assert.deepEqual(canonical(again), canonical(JSON.parse(at(63))))
    assert.throws(() => parseSnapshot(at(64)), { code: 'market.snapshot-corrupt' })
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
        {
          ...v3,
          singleRange: false,
          ticksAdjusted: [{ tickLower: '1', tickUpper: '2', liquidityDelta: '3' }],
        },
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
    ['mainnet-2023-09-a', 842, 0],
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
