/** Balancer V2 stable pools: their logs, reader, discovery, file form and edges. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import type { Hex } from '../../solver/core/hex.ts'
import { formatSnapshot, parseSnapshot } from '../../solver/market/codec.ts'
import { toSnapshot } from '../../solver/market/snapshot.ts'
import { balancerStable } from '../../solver/pools/balancerStable.ts'
import { vaultTopics } from '../../solver/pools/balancerVault.ts'
import { balancerV2Factories } from '../../solver/pools/deployments.ts'
import {
  joinData,
  type Listed,
  listOf,
  open,
  pool,
  poolNode,
  stable,
  vaultId,
  vaultLog,
  word,
} from '../helpers/balancerV2.ts'
import { readAll } from '../helpers/fakePoolNode.ts'
import { tokenA, tokenB } from '../helpers/pools.ts'

const forward = { indexIn: 0, indexOut: 1 }
const wad = 10n ** 18n

describe('balancerStable.apply', () => {
  it('moves what a swap moved', () => {
    const result = balancerStable.swapExactOut(stable, { ...forward, amountOut: 10n ** 19n })
    const data: Hex = `0x${word(result.amountIn)}${word(result.amountOut)}`
    const log = vaultLog(vaultTopics.swap, data, [tokenA, tokenB])
    assert.deepEqual(balancerStable.apply(stable, log), result.next)
  })

  it("leaves out the pool's own share in joins, exits and swaps", () => {
    const data = joinData([tokenA, pool, tokenB], [5n, -7n, 6n], [1n, 0n, 0n])
    const joined = balancerStable.apply(stable, vaultLog(vaultTopics.balanceChanged, data))
    assert.deepEqual(joined?.balances, [1_000n * wad + 4n, 1_200n * wad + 6n])
    const exit = vaultLog(vaultTopics.swap, `0x${word(9n)}${word(8n)}`, [pool, tokenB])
    const left = balancerStable.apply(stable, exit)
    assert.deepEqual(left?.balances, [1_000n * wad, 1_200n * wad - 8n])
  })

  it('asks to be read again when amplification, rates or their sources change', () => {
    const own = balancerStable.topics.filter(
      (topic) => !Object.values(vaultTopics).includes(topic as never),
    )
    assert.equal(own.length, 8)
    for (const topic of own) {
      const log = { address: pool, topics: [topic], data: `0x${word(1n)}` as const }
      assert.equal(balancerStable.apply(stable, log), undefined)
      assert.equal(balancerStable.apply(stable, { ...log, address: tokenA }), stable)
    }
  })
})

describe('balancerStable.snapshot', () => {
  const provider = `0x${'c1'.repeat(20)}` as const
  const clock = '0xca11bde05977b3631167028862be2a173976ca11'
  const ref = { kind: 'balancerStable', id: pool, tokens: [] }
  const listed: Listed = {
    tokens: [tokenA, pool, tokenB],
    balances: [1_000n * wad, 2n ** 111n, 1_200n * 10n ** 6n],
  }
  /** A composable pool whose token A has a rate, cached until second 100. */
  const own: Readonly<Record<string, Hex>> = {
    ...open,
    '0x6daccffa': `0x${word(50_000n)}${word(0n)}${word(1_000n)}`,
    '0x238a2d59': listOf([provider, 0n, 0n]),
    '0x82687a56': `0x${word(1n)}`,
    '0xb35056b8': `0x${word(0n)}`,
    [`0x7f1260d1${word(tokenA)}`]: `0x${[11n * 10n ** 17n, wad, 60n, 100n].map(word).join('')}`,
    [`${provider} 0x679aefce`]: `0x${word(12n * 10n ** 17n)}`,
    [`${tokenA} 0x313ce567`]: `0x${word(18n)}`,
    [`${tokenB} 0x313ce567`]: `0x${word(6n)}`,
    [`${clock} 0x0f28c97d`]: `0x${word(100n)}`,
  }
  const read = (answers: Readonly<Record<string, Hex>>) =>
    readAll(balancerStable.snapshot(ref), poolNode(listed, answers)).state
  const without = (...names: readonly string[]) =>
    Object.fromEntries(Object.entries(own).filter(([name]) => !names.includes(name)))

  it("reads tokens without the pool's own share, with the rate in force, in four rounds", () => {
    const { state, rounds } = readAll(balancerStable.snapshot(ref), poolNode(listed, own))
    assert.deepEqual(state, {
      ...stable,
      balances: [1_000n * wad, 1_200n * 10n ** 6n],
      swapFee: 10n ** 16n,
      scalingFactors: [11n * 10n ** 17n, 10n ** 30n],
    })
    assert.equal(rounds, 4)
  })

  it('takes a fresh rate once the cached one has expired', () => {
    const late = { ...own, [`${clock} 0x0f28c97d`]: `0x${word(101n)}` as const }
    assert.equal(read(late)?.scalingFactors[0], 12n * 10n ** 17n)
    assert.equal(read({ ...late, [`${provider} 0x679aefce`]: `0x${word(0n)}` }), undefined)
  })

  it('uses an expired rate once more in a pool of the first kind that holds its share', () => {
    const late = { ...without('0xb35056b8'), [`${clock} 0x0f28c97d`]: `0x${word(101n)}` as const }
    const state = read(late)
    assert.deepEqual(state?.scalingFactors, [11n * 10n ** 17n, 10n ** 30n])
    assert.deepEqual(state?.factorsAfter, [12n * 10n ** 17n, 10n ** 30n])
    assert.equal(state?.version, 'v1')
    const { next } = balancerStable.swapExactIn(state ?? stable, { ...forward, amountIn: wad })
    assert.deepEqual(next.scalingFactors, state?.factorsAfter)
    assert.equal(next.factorsAfter, undefined)
  })

  it('needs no clock for a pool without rates', () => {
    const plain = without('0x238a2d59', '0x82687a56', '0xb35056b8')
    const { state, rounds } = readAll(balancerStable.snapshot(ref), poolNode(listed, plain))
    assert.deepEqual([state?.version, state?.drifting, rounds], ['v1', false, 3])
    assert.deepEqual(state?.scalingFactors, [wad, 10n ** 30n])
  })

  it('finds no pool where amplification, decimals or a rate are not to be had', () => {
    assert.equal(read(without('0x6daccffa')), undefined)
    assert.equal(read(without(`${tokenB} 0x313ce567`)), undefined)
    assert.equal(read({ ...own, [`${tokenB} 0x313ce567`]: `0x${word(19n)}` }), undefined)
    const rateless = without(`0x7f1260d1${word(tokenA)}`, `${provider} 0x679aefce`)
    assert.equal(read(rateless), undefined)
  })
})

describe('balancerStable.drifts', () => {
  it('is told by the reader, or by multipliers that are no power of ten', () => {
    const { drifting: _, ...silent } = stable
    assert.equal(balancerStable.drifts(silent), true)
    assert.equal(balancerStable.drifts({ ...silent, scalingFactors: [wad, 10n ** 30n] }), false)
    assert.equal(balancerStable.drifts({ ...stable, drifting: false }), false)
  })
})

describe('balancerStable.discover', () => {
  it('believes the stable factories alone', () => {
    for (const { factory, kind, variant } of balancerV2Factories) {
      const topics = [
        '0x83a48fbcfc991335314e74d0496aab6a1987e992ddc85dddbcc4d6dd6ef2e9fc',
        `0x${word(pool)}`,
      ] as const
      const ref = balancerStable.discover({ address: factory, topics, data: '0x' })
      assert.equal(ref?.variant, kind === 'balancerStable' ? variant : undefined)
    }
  })
})

describe('balancerStable.swapExactOut', () => {
  it('sells a pool dry up to the part that the vault has room for', () => {
    const bought = balancerStable.swapExactOut(stable, { ...forward, amountOut: 10n ** 30n })
    assert.ok(bought.amountOut > 1_199n * wad && bought.amountOut < 1_200n * wad)
    assert.ok((bought.next.balances[0] ?? 0n) < 2n ** 112n)
    const more = { ...forward, amountOut: bought.amountOut + 1n }
    assert.deepEqual(balancerStable.swapExactOut(stable, more), bought)
  })

  it('leaves a pool alone that is empty, paused or whose invariant does not converge', () => {
    const states = [
      { ...stable, balances: [0n, wad] },
      { ...stable, paused: true },
      // StablePool itself refuses these balances with BAL#322.
      {
        ...stable,
        version: 'v1' as const,
        amp: 5_000_000n,
        scalingFactors: [wad, wad],
        balances: [10n ** 27n, 3n * 10n ** 22n],
      },
    ]
    for (const state of states) {
      assert.equal(balancerStable.swapExactOut(state, { ...forward, amountOut: 5n }).amountOut, 0n)
      assert.equal(balancerStable.swapExactIn(state, { ...forward, amountIn: wad }).amountIn, 0n)
      assert.equal(balancerStable.curve(state), undefined)
      assert.equal(balancerStable.price(state, 0, 1), 0)
    }
  })
})

describe('balancerStable.codec', () => {
  const text = () => {
    const tokens = new Map(
      stable.tokens.map((address) => [address, { chainId: 1, address, symbol: '', decimals: 18 }]),
    )
    const state = { ...stable, factorsAfter: [12n * 10n ** 17n, wad] }
    return formatSnapshot(toSnapshot({ chainId: 1, tokens, pools: new Map([[pool, state]]) }))
  }
  const refuses = (from: string, to: string) => {
    assert.ok(text().includes(from), from)
    assert.throws(() => parseSnapshot(text().replace(from, to)), {
      code: 'market.snapshot-invalid',
    })
  }

  it('refuses what no contract can be in', () => {
    assert.deepEqual(parseSnapshot(text()).view.pools.get(pool)?.kind, 'balancerStable')
    refuses('"v2"', '"v3"')
    refuses('"amp":"50000"', '"amp":"999"')
    refuses('"scalingFactors":["1100000000000000000"', '"scalingFactors":["0"')
    refuses('"factorsAfter":["1200000000000000000",', '"factorsAfter":[')
    refuses('"drifting":true', '"drifting":"1"')
    refuses(`"vaultId":"${vaultId}"`, `"vaultId":"${vaultId.slice(0, -2)}"`)
  })
})
