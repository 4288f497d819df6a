/** ERC-4626's maths against OpenZeppelin's real vaults. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { compare } from '../helpers/differential/erc4626.ts'

/** The short form of the default run, and the whole campaign of `npm run test:long`. */
const swaps = process.env['ISOPRICE_LONG'] === '1' ? 5_000 : 160

describe('erc4626 on the real bytecode', () => {
  it('moves the same amounts and ends in the same totals, to the wei, and refuses a vault with a fee', async () => {
    const seen = await compare(swaps, 1)
    assert.deepEqual(seen.differences, [])
    assert.equal(seen.swaps, swaps)
    assert.ok(seen.partial > 0 && seen.statesCompared > swaps / 2)
  })

  it('would be caught with one base unit more of assets', async () => {
    const alter = <state extends { readonly totalAssets: bigint }>(state: state) => ({
      ...state,
      totalAssets: state.totalAssets + 1n,
    })
    assert.ok((await compare(40, 1, alter)).differences.length > 0)
  })
})
