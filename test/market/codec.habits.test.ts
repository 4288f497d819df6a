/** What a market file declares of a token's habits. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'mocha'
import { BaseError } from '../../solver/core/errors.ts'
import { formatSnapshot, parseSnapshot } from '../../solver/market/codec.ts'
import { tradable } from '../../solver/market/traits.ts'

type File = { tokens: Record<string, unknown>[] }
const text = readFileSync(new URL('../../examples/market.json', import.meta.url), 'utf8')

/** The example market, with more fields of its first token. */
function withFields(fields: Record<string, unknown>): string {
  const file = JSON.parse(text) as File
  const [first, ...rest] = file.tokens
  return JSON.stringify({ ...file, tokens: [{ ...first, ...fields }, ...rest] })
}

describe('codec.parseSnapshot', () => {
  it('reads declared habits, and writes them back', () => {
    const file = withFields({ transferFeePips: '10000', rebasing: true, sellable: false })
    const snapshot = parseSnapshot(file)
    const [token] = snapshot.view.tokens.values()
    assert.equal(token?.transferFeePips, 10_000)
    assert.equal(token?.isRebasing, true)
    assert.equal(token?.isSellable, false)
    assert.deepEqual(parseSnapshot(formatSnapshot(snapshot)), snapshot)
    const [written] = (JSON.parse(formatSnapshot(snapshot)) as File).tokens
    assert.deepEqual(
      [written?.['transferFeePips'], written?.['rebasing'], written?.['sellable']],
      ['10000', true, false],
    )
  })

  it('leaves pools of a declared fee token out of what may be traded on, as of a measured one', () => {
    const { view } = parseSnapshot(withFields({ transferFeePips: '1' }))
    const [token] = view.tokens.values()
    assert.ok(token)
    assert.ok([...view.pools.values()].some(({ tokens }) => tokens.includes(token.address)))
    const fit = [...tradable(view).pools.values()]
    assert.ok(!fit.some(({ tokens }) => tokens.includes(token.address)))
    const plain = parseSnapshot(text).view
    assert.equal(tradable(plain), plain)
  })

  it('refuses a fee above all of it, below nothing or not in digits, and flags that are none', () => {
    const bad = [
      { transferFeePips: '1000001' },
      { transferFeePips: '-1' },
      { transferFeePips: 'all' },
      { transferFeePips: true },
      { rebasing: 'yes' },
      { sellable: '1' },
      { sellable: null },
    ]
    for (const fields of bad)
      assert.throws(
        () => parseSnapshot(withFields(fields)),
        (error) =>
          error instanceof BaseError &&
          (error as BaseError & { code: string }).code === 'market.snapshot-invalid',
        JSON.stringify(fields),
      )
  })
})
