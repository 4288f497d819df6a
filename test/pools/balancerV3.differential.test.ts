/** Balancer V3 pools against the real vault's bytecode. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { compare as compareStable } from '../helpers/differential/balancerV3Stable.ts'
import { compare as compareWeighted } from '../helpers/differential/balancerV3Weighted.ts'

const isLong = process.env['ISOPRICE_LONG'] === '1'
const swaps = isLong ? 5_000 : 160
const controlSwaps = 60
const seed = 20_260_101

describe('swaps of Balancer V3 and those of its bytecode', () => {
  it('agree on weighted pools, amounts and state after', async function () {
    // The first run compiles the vault.
    this.timeout(600_000)
    const seen = await compareWeighted(swaps, seed)
    assert.deepEqual(seen.differences, [])
    assert.equal(seen.swaps, swaps)
    assert.ok(seen.partial > 0 && seen.exactIn > 0 && seen.exactOut > 0)
  })

  it('agree on stable pools, amounts and state after', async function () {
    this.timeout(600_000)
    const seen = await compareStable(swaps, seed)
    assert.deepEqual(seen.differences, [])
    assert.equal(seen.swaps, swaps)
    assert.ok(seen.partial > 0 && seen.exactIn > 0 && seen.exactOut > 0)
  })

  it('differ where the fee is 10^-18 dearer', async function () {
    this.timeout(600_000)
    const dearer = <state extends { swapFee: bigint }>(state: state) => ({
      ...state,
      swapFee: state.swapFee + 1n,
    })
    assert.ok((await compareWeighted(controlSwaps, seed, dearer)).differences.length > 0)
    assert.ok((await compareStable(controlSwaps, seed, dearer)).differences.length > 0)
  })
})
