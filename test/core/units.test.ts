/** Amounts as text: what goes in exactly, what a person reads, what JSON carries. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { formatAmount, parseInteger, toJson } from '../../solver/core/units.ts'

const anyUint256 = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })

describe('units.parseInteger', () => {
  it('reads back every unsigned integer of 256 bits', () => {
    fc.assert(
      fc.property(anyUint256, (value) => {
        assert.equal(parseInteger(String(value), 'amount'), value)
      }),
    )
  })

  const refused = ['', ' 1', '1 ', '-1', '+1', '01', '00', '1.0', '1e3', '0x1', '1_000', '1,000']
  for (const text of [...refused, '１', 'NaN', String(2n ** 256n), '9'.repeat(78), '1\n'])
    it(`refuses ${JSON.stringify(text.slice(0, 20))}`, () => {
      assert.throws(() => parseInteger(text, 'amount'), { code: 'core.bad-integer' })
    })

  it('names the value and cuts long text in its facts', () => {
    assert.throws(() => parseInteger('x'.repeat(5_000), 'limit'), {
      facts: { limit: 'x'.repeat(90) },
    })
  })
})

describe('units.formatAmount', () => {
  const shown: readonly (readonly [bigint, number, string])[] = [
    [1_234_500_000n, 6, '1,234.5'],
    [0n, 18, '0'],
    [1n, 18, '0.000000000000000001'],
    [10n ** 18n, 18, '1'],
    [-1_500_000n, 6, '-1.5'],
    [123n, 0, '123'],
    [1_234_567n, 0, '1,234,567'],
    // Cut, never rounded up: 0.9999999 of a dollar is not a dollar.
    [1_999_999_999_999_999_999n, 18, '1.999999'],
    // Below one the first digits that are not zero are shown, however deep.
    [123_456_789n, 18, '0.0000000001234'],
  ]
  for (const [amount, decimals, text] of shown)
    it(`shows ${amount} at ${decimals} decimals as ${text}`, () => {
      assert.equal(formatAmount(amount, decimals), text)
    })

  it('never shows more than there is, and misses less than the last digit shown', () => {
    const anyAmount = fc.bigInt({ min: 0n, max: 2n ** 128n })
    fc.assert(
      fc.property(anyAmount, fc.integer({ min: 0, max: 24 }), (amount, decimals) => {
        const [whole = '', fraction = ''] = formatAmount(amount, decimals)
          .replaceAll(',', '')
          .split('.')
        const shown = BigInt(whole + fraction.padEnd(decimals, '0'))
        assert.ok(shown <= amount)
        assert.ok(amount - shown < 10n ** BigInt(Math.max(0, decimals - 6)))
      }),
    )
  })
})

describe('units.toJson', () => {
  it('writes every bigint as decimal text, however deep', () => {
    const text = toJson({ a: 1n, b: [2n ** 200n], c: { d: -3n }, e: 4, f: undefined })
    assert.deepEqual(JSON.parse(text), { a: '1', b: [String(2n ** 200n)], c: { d: '-3' }, e: 4 })
  })
})
