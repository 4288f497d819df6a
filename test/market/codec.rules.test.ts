/** The ten rules of the snapshot format: each refuses what breaks it, and says which and where. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { zeroAddress } from '../../solver/core/hex.ts'
import { parseSnapshot } from '../../solver/market/codec.ts'
import { poolA, tokenA, tokenB } from '../helpers/pools.ts'
import {
  aFile,
  type Draft,
  stable,
  tokenC,
  v2,
  v3,
  v3Id,
  v4,
  v4Id,
  weighted,
  withPool,
} from '../helpers/snapshots.ts'

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

describe('codec.parseSnapshot', () => {
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
    [1, 'a reserve above uint112', withPool(v2, { reserves: [String(2n ** 112n), '9'] }), poolA],
    [
      1,
      'a second reserve above uint112',
      withPool(v2, { reserves: ['9', `${2n ** 112n}`] }),
      poolA,
    ],
    [
      1,
      'decimals above 255',
      aFile({ tokens: [{ address: tokenA, symbol: '', decimals: '256' }] }),
    ],
    [1, 'a block number with a leading zero', aFile({ block: { minNumber: '05' } }), 'block'],
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

  it('takes reserves up to the end of uint112', () => {
    const reserves = [String(2n ** 112n - 1n), String(2n ** 112n - 1n)]
    parse(withPool(v2, { reserves }))
  })

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
