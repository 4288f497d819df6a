/** Balancer V2's pools on recorded mainnet data: on-chain quotes, swaps of recorded blocks, and a whole market. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { before, describe, it } from 'mocha'
import { hasSharedData, sharedData } from '../../bench/accept/check.ts'
import { toAddress } from '../../solver/core/hex.ts'
import { loadSnapshot } from '../../solver/market/snapshotFile.ts'
import { balancerStable } from '../../solver/pools/balancerStable.ts'
import type { VaultPool } from '../../solver/pools/balancerVault.ts'
import { balancerWeighted } from '../../solver/pools/balancerWeighted.ts'
import { balancerV2Factories } from '../../solver/pools/deployments.ts'
import type { PoolModule, PoolStateBase } from '../../solver/pools/pool.ts'
import { runRecorded } from '../helpers/vectors/balancerBlocks.ts'
import { runVectors as runStable } from '../helpers/vectors/balancerStable.ts'
import { runVectors as runWeighted } from '../helpers/vectors/balancerWeighted.ts'

describe('Balancer V2 on recorded mainnet data', () => {
  before(function () {
    if (!hasSharedData) this.skip()
  })

  it('quotes what the pools quoted, all 54 weighted and all 216 stable ones', () => {
    for (const [run, count] of [
      [runWeighted, 54],
      [runStable, 216],
    ] as const) {
      const { entries, exact, misses } = run()
      assert.deepEqual(misses, [])
      assert.deepEqual([entries, exact], [count, count])
    }
  })

  it('makes the three swaps of the recorded blocks again', async () => {
    const seen = await runRecorded()
    assert.equal(seen.length, 3)
    for (const { name, expected, ours, applied } of seen) {
      assert.equal(ours, expected, name)
      assert.ok(applied, `${name}: the log leads elsewhere`)
    }
    assert.deepEqual(
      seen.map(({ state }) => state.version),
      ['v0', 'v0', 'v3Plus'],
    )
  })

  it('quotes every pool of a recorded market that holds more than a unit, near its price', async () => {
    const { view } = await loadSnapshot(
      join(sharedData, 'market-snapshots/mainnet-2023-09-a.json.gz'),
    )
    const pools = [...view.pools.values()]
    const weighted = pools.filter((state) => state.kind === 'balancerWeighted')
    const stable = pools.filter((state) => state.kind === 'balancerStable')
    assert.deepEqual([weighted.length, stable.length], [185, 7])
    for (const state of weighted) requireNearPrice(balancerWeighted, state)
    for (const state of stable) requireNearPrice(balancerStable, state)
    const paying = [
      ...weighted.map((state) => paysForQuarter(balancerWeighted, state)),
      ...stable.map((state) => paysForQuarter(balancerStable, state)),
    ]
    // 27 weighted pools have an empty side, and 22 hold one single unit of one of their first two tokens.
    assert.equal(paying.filter(Boolean).length, 143)
  })
})

/** Whether a quarter of the first balance buys any of the second token. */
function paysForQuarter<state extends PoolStateBase & VaultPool>(
  module: PoolModule<state>,
  state: state,
): boolean {
  const amountIn = (state.balances[0] ?? 0n) / 4n
  return module.swapExactIn(state, { indexIn: 0, indexOut: 1, amountIn }).amountOut > 0n
}

/** The thousandth part of the first balance sells within 2 % of the price, and at what the curve says. */
function requireNearPrice<state extends PoolStateBase & VaultPool>(
  module: PoolModule<state>,
  state: state,
): void {
  const amountIn = (state.balances[0] ?? 0n) / 1_000n
  const { amountOut } = module.swapExactIn(state, { indexIn: 0, indexOut: 1, amountIn })
  // Dust is rounded away.
  if (amountIn < 1_000n || amountOut < 1_000n) return
  const expected = Number(amountIn) * module.price(state, 0, 1)
  assert.ok(Math.abs(Number(amountOut) / expected - 1) < 0.02, `${state.id} ${amountOut}`)
  const curve = module.curve(state)
  assert.ok(curve?.shape === 'smooth')
  const float = curve.out(0, 1, Number(amountIn))
  // The fee and the result are rounded to units.
  const unit = 2 / Number(amountIn) + 2 / Number(amountOut)
  assert.ok(Math.abs(float / Number(amountOut) - 1) < 1e-9 + unit, `${state.id} ${float}`)
}

describe('balancerV2Factories', () => {
  const require = createRequire(import.meta.url)
  /** The task of each factory that the package of deployments has; the rest are three later ones. */
  const tasks = [
    '20210418-weighted-pool',
    'deprecated/20220908-weighted-pool-v2',
    '20230206-weighted-pool-v3',
    'deprecated/20210624-stable-pool',
    'deprecated/20210727-meta-stable-pool',
    'deprecated/20211208-stable-phantom-pool',
    'deprecated/20220609-stable-pool-v2',
    '20220817-composable-stable-pool',
    'deprecated/20220906-composable-stable-pool',
    'deprecated/20221122-composable-stable-pool-v2',
    '20230206-composable-stable-pool-v3',
  ]

  it('are those that the published deployments name on mainnet', () => {
    const published = tasks.flatMap((task) => {
      const path = `@balancer-labs/v2-deployments/dist/tasks/${task}/output/mainnet.json`
      const file = JSON.parse(readFileSync(require.resolve(path), 'utf8')) as Record<string, string>
      return Object.entries(file).flatMap(([name, at]) =>
        name.endsWith('Factory') ? [toAddress(at)] : [],
      )
    })
    const ours = balancerV2Factories.map(({ factory }) => factory)
    assert.equal(new Set(ours).size, ours.length)
    for (const factory of published) assert.ok(ours.includes(factory), factory)
    assert.equal(ours.length, published.length + 3)
  })
})
