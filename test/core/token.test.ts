/** Token symbols are what strangers wrote: screens show them without being steered by them. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { shownSymbol } from '../../solver/core/token.ts'

describe('token.shownSymbol', () => {
  it('leaves an ordinary symbol as it is', () => {
    for (const symbol of ['WETH', 'USD₮0', 'stETH', '柴犬', '', '$ [x]', '🦄'])
      assert.equal(shownSymbol(symbol), symbol)
  })

  const hostile: readonly (readonly [string, string])[] = [
    ['a terminal escape', '\u001b[2J\u001b]0;x\u0007'],
    ['a new line', 'USDC\r\nreceived 1,000'],
    ['a reversed reading direction', '\u202eCDSU'],
    ['an invisible character', 'US\u200bDC'],
    ['half a character', 'US\ud83eDC'],
    ['no character', '\uffff\u0000'],
  ]
  for (const [what, symbol] of hostile)
    it(`replaces ${what}`, () => {
      assert.doesNotMatch(shownSymbol(symbol), /[\p{C}\p{Zl}\p{Zp}]/u)
      assert.match(shownSymbol(symbol), /\ufffd/)
    })

  it('shows at most 16 characters and never cuts one in two', () => {
    assert.equal(shownSymbol('🦄'.repeat(20)), '🦄'.repeat(16))
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (symbol) => {
        const shown = shownSymbol(symbol)
        assert.ok(Array.from(shown).length <= 16 && shown.isWellFormed())
      }),
    )
  })
})
