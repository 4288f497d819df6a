/** Balancer V2's pools against their real bytecode: every version that npm has, behind the real vault. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import type { VaultPool } from '../../solver/pools/balancerVault.ts'
import { compare as compareStable } from '../helpers/differential/balancerStable.ts'
import type { Differential } from '../helpers/differential/balancerV2.ts'
import { compare as compareWeighted } from '../helpers/differential/balancerWeighted.ts'

/** The short form of the default run, and the whole campaign of `npm run test:long`. */
const isLong = process.env['ISOPRICE_LONG'] === '1'
const swaps = isLong ? 5_000 : 250

function requireEqual(seen: Differential): void {
  assert.deepEqual(seen.differences, [])
  assert.equal(seen.swaps, swaps)
  assert.equal(seen.exactIn + seen.exactOut, swaps)
  assert.ok(seen.exactIn > swaps / 3 && seen.exactOut > swaps / 3)
  assert.ok(seen.partial > 0 && seen.statesCompared > swaps / 2)
}

/** A control: the state with a fee that is 10^-18 higher. */
const withDearerFee = <state extends VaultPool>(state: state): state => ({
  ...state,
  swapFee: state.swapFee + 1n,
})

describe('balancerWeighted on the real bytecode', () => {
  it('moves the same amounts and ends in the same state, to the base unit', async () => {
    requireEqual(await compareWeighted(swaps, 1))
  })

  it('would be caught with a fee of 10^-18 more', async () => {
    const { differences } = await compareWeighted(50, 1, withDearerFee)
    assert.ok(differences.length > 0)
  })
})

describe('balancerStable on the real bytecode', () => {
  it('moves the same amounts and ends in the same state, to the base unit', async () => {
    requireEqual(await compareStable(swaps, 1))
  })

  it('would be caught with a fee of 10^-18 more', async () => {
    const { differences } = await compareStable(50, 1, withDearerFee)
    assert.ok(differences.length > 0)
  })
})
