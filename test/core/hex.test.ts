/** Names in hex: what passes for an address, and its one spelling inside. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { isAddressText, toAddress, zeroAddress } from '../../solver/core/hex.ts'

const checksummed = '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2'

describe('hex.isAddressText', () => {
  it('takes twenty bytes in either case', () => {
    for (const text of [checksummed, checksummed.toLowerCase(), zeroAddress])
      assert.ok(isAddressText(text), text)
  })

  const refused = ['', '0x', checksummed.slice(2), `${checksummed}0`, checksummed.slice(0, -1)]
  for (const text of [...refused, `0X${checksummed.slice(2)}`, `${checksummed}\n`, 'WETH'])
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.equal(isAddressText(text), false)
    })

  it('refuses letters beyond f', () => {
    assert.equal(isAddressText(checksummed.replace('C', 'g')), false)
  })
})

describe('hex.toAddress', () => {
  it('gives one spelling for every spelling of an address', () => {
    assert.equal(toAddress(checksummed), toAddress(checksummed.toLowerCase()))
    assert.equal(toAddress(checksummed), checksummed.toLowerCase())
  })
})
