/** The page of error codes names every revert that a settlement can end in. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'mocha'
import { type ErrorEntry, withReverts } from '../../scripts/errorCatalogue.ts'
import { revertCodes } from '../../solver/settle/revert.ts'

const reverts: ErrorEntry = {
  code: 'settle.reverted',
  meaning: 'A settlement that reverts.',
  hint: undefined,
  file: 'solver/settle/revert.ts',
}
const other: ErrorEntry = { code: 'kettle.off', meaning: 'Off.', hint: 'Switch on.', file: 'k.ts' }

describe('errorCatalogue.withReverts', () => {
  it('puts the codes of the table in the place of their class, by code', () => {
    const codes = withReverts([reverts, other], '').map(({ code }) => code)
    const expected = ['kettle.off', ...revertCodes().map(({ code }) => code)].sort()
    assert.deepEqual(codes, expected)
    assert.equal(new Set(codes).size, codes.length)
    assert.ok(!codes.includes('settle.reverted'))
  })

  it('leaves sources without the class of reverts as they are', () => {
    assert.deepEqual(withReverts([other], ''), [other])
  })

  it("takes the meaning of the contract's errors from its interface, over lines and for groups", () => {
    const spec = [
      '    /// @notice Thrown when the order is late,',
      '    /// by a second or more.',
      '    error OrderExpired(bytes32 order);',
      '',
      '    /// @notice Thrown when a byte names nothing.',
      '    error UnknownVerb(uint8 verb);',
      '    error UnknownFactory(uint8 row);',
    ].join('\n')
    const found = new Map(withReverts([reverts], spec).map((entry) => [entry.code, entry.meaning]))
    assert.equal(
      found.get('settle.order-expired'),
      'On chain: the order is late, by a second or more.',
    )
    assert.equal(found.get('settle.unknown-verb'), 'On chain: a byte names nothing.')
    assert.equal(found.get('settle.unknown-factory'), 'On chain: a byte names nothing.')
    assert.match(found.get('settle.nonce-used') ?? '', /NonceUsed/)
  })

  it('is what docs/errors.md shows: a row with meaning and hint for every revert', () => {
    const page = readFileSync('docs/errors.md', 'utf8')
    for (const { code, hint } of revertCodes()) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${code}\` | `))
      assert.ok(row?.includes(hint), code)
    }
    // With the interface at hand, no error of the contract is left with its name for a meaning.
    assert.doesNotMatch(page, /The settlement refused/)
  })
})
