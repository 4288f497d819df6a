/** Balancer V2 weighted pools: their logs, reader, discovery, file form and edges. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import type { Log } from '../../solver/chain/block.ts'
import { formatSnapshot, parseSnapshot } from '../../solver/market/codec.ts'
import { toSnapshot } from '../../solver/market/snapshot.ts'
import { vaultTopics } from '../../solver/pools/balancerVault.ts'
import { balancerWeighted } from '../../solver/pools/balancerWeighted.ts'
import { balancerV2Factories } from '../../solver/pools/deployments.ts'
import {
  joinData,
  listOf,
  open,
  pool,
  poolNode,
  vaultId,
  vaultLog,
  weighted,
  word,
} from '../helpers/balancerV2.ts'
import { readAll } from '../helpers/fakePoolNode.ts'
import { tokenA, tokenB } from '../helpers/pools.ts'

const forward = { indexIn: 0, indexOut: 1 }
const wad = 10n ** 18n

describe('balancerWeighted.apply', () => {
  const swapLog = (amountIn: bigint, amountOut: bigint, id = vaultId) =>
    vaultLog(vaultTopics.swap, `0x${word(amountIn)}${word(amountOut)}`, [tokenA, tokenB], id)

  it('moves what a swap moved', () => {
    const result = balancerWeighted.swapExactIn(weighted, { ...forward, amountIn: 10n ** 21n })
    const log = swapLog(result.amountIn, result.amountOut)
    assert.deepEqual(balancerWeighted.apply(weighted, log), result.next)
  })

  it('adds what a join brought, less the fees that the protocol took', () => {
    const data = joinData([tokenA, tokenB], [500n, -40n], [3n, 2n])
    const next = balancerWeighted.apply(weighted, vaultLog(vaultTopics.balanceChanged, data))
    assert.deepEqual(next?.balances, [29n * 10n ** 24n + 497n, 605n * wad - 42n])
  })

  it('follows the fee and the pause of the pool itself', () => {
    const log = (topic: `0x${string}`, value: bigint) => ({
      address: pool,
      topics: [topic],
      data: `0x${word(value)}` as const,
    })
    const cheaper = balancerWeighted.apply(weighted, log(vaultTopics.feeChanged, 5n))
    assert.equal(cheaper?.swapFee, 5n)
    const paused = balancerWeighted.apply(weighted, log(vaultTopics.pausedChanged, 1n)) ?? weighted
    const shut = balancerWeighted.swapExactIn(paused, { ...forward, amountIn: wad })
    assert.deepEqual(shut, { amountIn: 0n, amountOut: 0n, gas: 0n, next: paused })
    assert.equal(balancerWeighted.curve(paused), undefined)
  })

  it('asks to be read again when an asset manager moved tokens', () => {
    const log = vaultLog(vaultTopics.balanceManaged, `0x${word(1n)}${word(2n)}`, [tokenA, tokenB])
    assert.equal(balancerWeighted.apply(weighted, log), undefined)
  })

  it('leaves the state alone for any other log', () => {
    const other = `0x${'12'.repeat(20)}${'0'.repeat(24)}` as const
    const logs: Log[] = [
      swapLog(1n, 1n, other),
      { ...swapLog(1n, 1n), address: tokenA },
      vaultLog(`0x${'00'.repeat(32)}`, '0x'),
      { address: pool, topics: [vaultTopics.swap, vaultId], data: '0x' },
    ]
    for (const log of logs) assert.equal(balancerWeighted.apply(weighted, log), weighted)
  })
})

describe('balancerWeighted.snapshot', () => {
  const own = { ...open, '0xf89f27ed': listOf(weighted.weights) }
  const ref = { kind: 'balancerWeighted', id: pool, tokens: [], exchange: 'balancer_v2' }
  const listed = { tokens: weighted.tokens, balances: weighted.balances }
  const read = (answer: ReturnType<typeof poolNode>) =>
    readAll(balancerWeighted.snapshot(ref), answer).state

  it('reads balances from the vault and the rest from the pool, in three rounds', () => {
    const { state, rounds } = readAll(balancerWeighted.snapshot(ref), poolNode(listed, own))
    assert.deepEqual(state, { ...weighted, exchange: 'balancer_v2' })
    assert.equal(rounds, 3)
    assert.deepEqual(balancerWeighted.refOf(weighted), {
      kind: 'balancerWeighted',
      id: pool,
      tokens: weighted.tokens,
      variant: 'v0',
      vaultId,
    })
  })

  it('tells the contracts that take powers by multiplication by a view that came with them', () => {
    const newer = { ...own, '0x1dd746ea': listOf([wad, wad]) }
    assert.equal(read(poolNode(listed, newer))?.version, 'v3Plus')
  })

  it('marks what cannot be paid, and pools that are paused', () => {
    assert.deepEqual(read(poolNode(listed, own, { managed: 9n }))?.managed, [9n, 9n])
    assert.equal(read(poolNode(listed, own, { vaultPaused: true }))?.paused, true)
    const shut = { ...own, '0x1c0de051': `0x${word(1n)}${word(0n).repeat(2)}` as const }
    assert.equal(read(poolNode(listed, shut))?.paused, true)
  })

  it('finds no pool in a stranger', () => {
    const stranger = { ...own, '0x38fff2d0': `0x${'11'.repeat(32)}` as const }
    const bare = { ...own, '0xf89f27ed': '0x' as const }
    const odd = [
      poolNode(listed, {}),
      poolNode(listed, stranger),
      poolNode(listed, open),
      poolNode({ tokens: [tokenA], balances: [1n] }, own),
      poolNode(listed, { ...bare, '0x55c67628': undefined as never }),
    ]
    for (const answer of odd) assert.equal(read(answer), undefined)
  })
})

describe('balancerWeighted.discover', () => {
  const created = '0x83a48fbcfc991335314e74d0496aab6a1987e992ddc85dddbcc4d6dd6ef2e9fc'
  const logOf = (address: `0x${string}`) => ({
    address,
    topics: [created, `0x${word(pool)}`] as const,
    data: '0x' as const,
  })

  it('believes the weighted factories alone, and knows their versions', () => {
    for (const { factory, kind, variant } of balancerV2Factories) {
      const ref = balancerWeighted.discover(logOf(factory))
      if (kind !== 'balancerWeighted') assert.equal(ref, undefined)
      else assert.deepEqual([ref?.id, ref?.variant, ref?.tokens], [pool, variant, []])
    }
    assert.equal(balancerWeighted.discover(logOf(tokenA)), undefined)
  })
})

describe('balancerWeighted.swapExactIn', () => {
  it('takes 30 % of a balance after the fee and not a unit more', () => {
    const pools = [weighted, { ...weighted, swapFee: 1n, version: 'v3Plus' as const }]
    for (const state of pools) {
      const { amountIn, next } = balancerWeighted.swapExactIn(state, {
        ...forward,
        amountIn: 2n ** 120n,
      })
      const kept = (wad - state.swapFee) * amountIn
      assert.ok(kept / wad <= ((state.balances[0] ?? 0n) * 3n) / 10n)
      assert.ok((kept + wad - state.swapFee) / wad > ((state.balances[0] ?? 0n) * 3n) / 10n)
      assert.equal(next.balances[0], (state.balances[0] ?? 0n) + amountIn)
    }
  })

  it('pays no more than the asset manager left, and fills up to there', () => {
    const managed = { ...weighted, managed: [0n, 604n * wad] }
    const { amountIn, amountOut } = balancerWeighted.swapExactIn(managed, {
      ...forward,
      amountIn: 10n ** 24n,
    })
    assert.ok(amountOut <= wad && amountOut > wad - 10n ** 6n)
    const more = balancerWeighted.swapExactIn(weighted, { ...forward, amountIn: amountIn + 1n })
    assert.ok(more.amountOut > wad || more.amountOut >= amountOut)
    const bought = balancerWeighted.swapExactOut(managed, { ...forward, amountOut: 2n * wad })
    assert.equal(bought.amountOut, wad)
  })

  it('gives the same amounts with the multipliers of the decimals as without', () => {
    const scaled = { ...weighted, scalingFactors: [10n ** 30n, 10n ** 20n] }
    for (const amount of [1n, 999n, 10n ** 18n, 10n ** 24n]) {
      const [one, other] = [weighted, scaled].map((state) => [
        balancerWeighted.swapExactIn(state, { ...forward, amountIn: amount }).amountOut,
        balancerWeighted.swapExactOut(state, { ...forward, amountOut: amount }).amountIn,
      ])
      assert.deepEqual(one, other)
    }
  })

  it('leaves a pool with an empty side alone', () => {
    for (const balances of [
      [0n, 5n * wad],
      [5n * wad, 0n],
    ]) {
      const empty = { ...weighted, balances }
      assert.equal(balancerWeighted.swapExactIn(empty, { ...forward, amountIn: wad }).amountIn, 0n)
      assert.equal(
        balancerWeighted.swapExactOut(empty, { ...forward, amountOut: 9n }).amountOut,
        0n,
      )
      assert.equal(balancerWeighted.price(empty, 0, 1), 0)
    }
  })
})

describe('balancerWeighted.codec', () => {
  const text = () => {
    const tokens = new Map(
      weighted.tokens.map((address) => [
        address,
        { chainId: 1, address, symbol: '', decimals: 18 },
      ]),
    )
    const state = { ...weighted, managed: [1n, 2n], paused: false, scalingFactors: [wad, wad] }
    return formatSnapshot(toSnapshot({ chainId: 1, tokens, pools: new Map([[pool, state]]) }))
  }
  const refuses = (from: string, to: string) => {
    assert.ok(text().includes(from), from)
    assert.throws(() => parseSnapshot(text().replace(from, to)), {
      code: 'market.snapshot-invalid',
    })
  }

  it('refuses what no contract can be in', () => {
    refuses('"v0"', '"v9"')
    refuses('"800000000000000000"', '"0"')
    refuses('"800000000000000000"', '"800100000000000001"')
    refuses('"swapFee":"10000000000000000"', '"swapFee":"1000000000000000000"')
    refuses('"29000000000000000000000000"', `"${2n ** 112n}"`)
    refuses('"managed":["1"', '"managed":["29000000000000000000000001"')
    refuses('"managed":["1",', '"managed":[')
    refuses('"paused":false', '"paused":"no"')
    refuses(`"vaultId":"${vaultId}"`, '"vaultId":"0x12"')
    refuses(`"vaultId":"${vaultId}"`, `"vaultId":"0x${'12'.repeat(32)}"`)
    refuses('"scalingFactors":["1000000000000000000"', '"scalingFactors":["0"')
    refuses('"weights":["800000000000000000",', '"weights":[')
  })
})
