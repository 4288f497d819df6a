/** Every error of the settlement has its own code and hint, and foreign ones are told apart. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import type { Abi } from 'viem'
import { encodeAbiParameters, encodeErrorResult, parseAbi, toFunctionSelector } from 'viem/utils'
import type { Hex } from '../../solver/core/hex.ts'
import { settlementAbi } from '../../solver/settle/abi.ts'
import { codeOf, decodeRevert, revertCodes } from '../../solver/settle/revert.ts'

const errors = settlementAbi.filter((entry) => entry.type === 'error')

/** Revert bytes of one of the settlement's errors with all its arguments zero. */
function zeroed({ name, inputs }: (typeof errors)[number]): Hex {
  const signature = `${name}(${inputs.map(({ type }) => type).join(',')})`
  return `${toFunctionSelector(signature)}${'0'.repeat(64 * inputs.length)}`
}

function foreign(signature: string, args: readonly unknown[]): Hex {
  const abi: Abi = parseAbi([`error ${signature}`] as readonly string[])
  return encodeErrorResult({ abi, args })
}

describe('revert.decodeRevert', () => {
  it("gives each of the settlement's errors its own code, facts and hint", () => {
    const decoded = errors.map((error) => ({ error, found: decodeRevert(zeroed(error)) }))
    for (const { error, found } of decoded) {
      assert.equal(found.code, codeOf(error.name))
      assert.ok(/^settle\.[a-z]+(-[a-z0-9]+)*$/.test(found.code))
      assert.ok((found.hint ?? '').length > 10)
      assert.deepEqual(
        Object.keys(found.facts),
        error.inputs.map(({ name }) => name),
      )
    }
    assert.equal(new Set(decoded.map(({ found }) => found.code)).size, errors.length)
  })

  it('keeps the numbers that disagree', () => {
    const args = [`0x${'11'.repeat(32)}`, 5n, 6n] as const
    const data = encodeErrorResult({ abi: settlementAbi, errorName: 'PaidTooLittle', args })
    const { code, facts } = decodeRevert(data)
    assert.equal(code, 'settle.paid-too-little')
    assert.deepEqual(facts, { order: args[0], bought: 5n, floor: 6n })
  })

  const cases: readonly (readonly [string, Hex, string])[] = [
    ['no bytes', '0x', 'settle.no-reason'],
    ['bytes of nobody', '0xdeadbeef', 'settle.unknown-revert'],
    ['less than a selector', '0xde', 'settle.unknown-revert'],
    ['arguments cut short', zeroedPrefix(), 'settle.unknown-revert'],
    ['a failed assertion', panic(0x11n), 'settle.panic'],
    [
      'too small an allowance',
      reason('ERC20: insufficient allowance'),
      'settle.allowance-too-small',
    ],
    [
      'too small an allowance, in ERC-6093',
      foreign('ERC20InsufficientAllowance(address a, uint256 b, uint256 c)', [
        `0x${'22'.repeat(20)}`,
        1n,
        2n,
      ]),
      'settle.allowance-too-small',
    ],
    [
      'too small a balance',
      reason('ERC20: transfer amount exceeds balance'),
      'settle.balance-too-small',
    ],
    ['a Permit2 nonce used', foreign('InvalidNonce()', []), 'settle.permit2-nonce-used'],
    [
      'a Permit2 signature expired',
      foreign('SignatureExpired(uint256 a)', [1n]),
      'settle.permit2-expired',
    ],
    ['a Permit2 signer', foreign('InvalidSigner()', []), 'settle.permit2-signature-invalid'],
    ["a pair's invariant", reason('UniswapV2: K'), 'settle.pool-refused'],
    ['a V3 pool', reason('AS'), 'settle.pool-refused'],
    ['a V4 pool', foreign('PoolNotInitialized()', []), 'settle.pool-refused'],
    ['a token', reason('TRANSFER_FAILED'), 'settle.token-refused'],
    ['a token in words of its own', reason('no'), 'settle.unknown-revert'],
  ]
  for (const [what, data, code] of cases)
    it(`names ${what}`, () => {
      assert.equal(decodeRevert(data).code, code)
    })
})

describe('revert.revertCodes', () => {
  it('lists each code once, with a meaning and a hint', () => {
    const codes = revertCodes()
    assert.equal(new Set(codes.map(({ code }) => code)).size, codes.length)
    for (const { name } of errors) assert.ok(codes.some(({ code }) => code === codeOf(name)))
    for (const { meaning, hint } of codes) assert.ok(meaning.endsWith('.') && hint.length > 10)
  })
})

function reason(text: string): Hex {
  return foreign('Error(string a)', [text])
}

function panic(code: bigint): Hex {
  return `0x4e487b71${encodeAbiParameters([{ type: 'uint256' }], [code]).slice(2)}`
}

function zeroedPrefix(): Hex {
  const [error] = errors.filter(({ name }) => name === 'PaidTooLittle')
  assert.ok(error !== undefined)
  return zeroed(error).slice(0, 40) as Hex
}
