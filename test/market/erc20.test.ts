/** What tokens say of themselves, and what some say instead. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { toWord } from '../../solver/chain/quantity.ts'
import type { Address, Hex } from '../../solver/core/hex.ts'
import { toToken } from '../../solver/market/erc20.ts'

const address: Address = '0x00000000000000000000000000000000000000aa'
const hexOf = (text: string) => Buffer.from(text, 'utf8').toString('hex')
const padded = (text: string) => hexOf(text).padEnd(64, '0')

/** A string as the ABI encodes it. */
function abiString(text: string): Hex {
  const bytes = hexOf(text)
  const body = bytes.padEnd(Math.ceil(bytes.length / 64) * 64, '0')
  return `${toWord(32n)}${toWord(BigInt(bytes.length / 2)).slice(2)}${body}` as Hex
}

describe('erc20.toToken', () => {
  it('reads decimals and an ABI string', () => {
    const token = toToken(address, toWord(6n), abiString('USDC'))
    assert.deepEqual(token, { address, symbol: 'USDC', decimals: 6 })
  })

  it('reads a symbol of 32 bytes', () => {
    assert.equal(toToken(address, toWord(18n), `0x${padded('MKR')}`).symbol, 'MKR')
  })

  it('reads an empty symbol and one in any script', () => {
    assert.equal(toToken(address, toWord(18n), abiString('')).symbol, '')
    assert.equal(toToken(address, toWord(18n), abiString('柴犬🐕')).symbol, '柴犬🐕')
  })

  it('takes a token that says nothing for one without name and digits', () => {
    assert.deepEqual(toToken(address, undefined, undefined), { address, symbol: '', decimals: 0 })
  })

  it('survives answers that are no ABI at all', () => {
    const lies = ['0x', '0x00', `0x${'f'.repeat(64)}`, `0x${'f'.repeat(192)}`, toWord(32n)] as Hex[]
    for (const lie of lies) {
      const { symbol, decimals } = toToken(address, lie, lie)
      assert.ok(symbol.length <= 64 && decimals >= 0 && decimals <= 255)
    }
    assert.equal(toToken(address, toWord(7n), abiString('x'.repeat(5_000))).symbol.length, 64)
  })
})
