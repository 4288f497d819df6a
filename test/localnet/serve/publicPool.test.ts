/** Which public transactions a block may take, and in what order. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, it } from 'mocha'
import type { Hex } from '../../../solver/core/hex.ts'
import { createPublicPool } from '../../../solver/localnet/serve/publicPool.ts'
import { effectiveTip, type ReadTransaction } from '../../../solver/localnet/serve/transaction.ts'

const rich = { nonce: 0n, balance: 2n ** 200n }

function aTransaction(from: number, nonce: number, fees: { maxFee: number; tip: number }) {
  const name = (value: number, digits: number): Hex =>
    `0x${value.toString(16).padStart(digits, '0')}`
  const transaction: ReadTransaction = {
    raw: '0x',
    hash: name(from * 1_000 + nonce, 64),
    from: name(from, 40),
    to: undefined,
    nonce: BigInt(nonce),
    gasLimit: 21_000n,
    maxFeePerGas: BigInt(fees.maxFee),
    maxPriorityFeePerGas: BigInt(Math.min(fees.tip, fees.maxFee)),
    value: 0n,
    data: '0x',
    type: 2,
  }
  return transaction
}

const anyFees = fc.record({ maxFee: fc.integer({ min: 1, max: 50 }), tip: fc.nat({ max: 50 }) })
/** Up to four accounts with up to six transactions each; account `i` has address `i + 1`. */
const anyPool = fc.array(fc.array(anyFees, { maxLength: 6 }), { maxLength: 4 })

describe('publicPool.select', () => {
  it('takes of each account the run that pays the base fee, and nothing behind it', () => {
    fc.assert(
      fc.property(anyPool, fc.integer({ min: 1, max: 50 }), (accounts, baseFee) => {
        const pool = createPublicPool(() => undefined)
        accounts.forEach((run, from) =>
          run.forEach((fees, nonce) => pool.add(aTransaction(from + 1, nonce, fees), rich)),
        )
        const chosen = pool.select(BigInt(baseFee)).map(({ hash }) => hash)
        const expected = accounts.flatMap((run, from) => {
          const parked = run.findIndex(({ maxFee }) => maxFee < baseFee)
          const payable = parked < 0 ? run : run.slice(0, parked)
          return payable.map((fees, nonce) => aTransaction(from + 1, nonce, fees).hash)
        })
        assert.deepEqual(chosen.toSorted(), expected.toSorted())
      }),
    )
  })

  it('never takes a lower tip while a better one was next in its account', () => {
    fc.assert(
      fc.property(anyPool, (accounts) => {
        const pool = createPublicPool(() => undefined)
        accounts.forEach((run, from) =>
          run.forEach((fees, nonce) => pool.add(aTransaction(from + 1, nonce, fees), rich)),
        )
        const left = [...pool.select(1n)]
        for (let next = left.shift(); next !== undefined; next = left.shift()) {
          const tip = effectiveTip(next, 1n)
          const firsts = new Map(left.toReversed().map((each) => [each.from, each]))
          firsts.delete(next.from)
          for (const other of firsts.values()) assert.ok(effectiveTip(other, 1n) <= tip)
        }
      }),
    )
  })
})

describe('publicPool.add', () => {
  it('announces each transaction once, when nothing before it is missing', () => {
    const announced: bigint[] = []
    const pool = createPublicPool(({ nonce }) => announced.push(nonce))
    const fees = { maxFee: 9, tip: 1 }
    for (const nonce of [2, 0, 3, 1]) pool.add(aTransaction(1, nonce, fees), rich)
    assert.deepEqual(announced, [0n, 1n, 2n, 3n])
  })
})
