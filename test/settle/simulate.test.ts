/** What nodes answer becomes a fill or a coded error, whatever form the node gives it. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { encodeErrorResult } from 'viem/utils'
import type { Hex } from '../../solver/core/hex.ts'
import { signerOf, signOrder } from '../../solver/intents/sign.ts'
import { settlementAbi } from '../../solver/settle/abi.ts'
import { type EthClient, simulateSettlement } from '../../solver/settle/simulate.ts'
import { anOrder, codeOfError, domain, ownerAccount, ownerAddress } from '../helpers/orders.ts'

const word = (value: bigint) => value.toString(16).padStart(64, '0')
const filled: Hex = `0x${word(5n)}${word(6n)}`
const notArmed = encodeErrorResult({
  abi: settlementAbi,
  errorName: 'NotArmed',
  args: [ownerAddress],
})

type Answer = (method: string, params: readonly unknown[]) => unknown

async function simulate(answer: Answer, blockNumber?: bigint) {
  const signed = await signOrder(anOrder(), domain, 'allowance', signerOf(ownerAccount))
  const client: EthClient = {
    request: ({ method, params = [] }) =>
      new Promise((resolve) => {
        resolve(answer(method, params))
      }),
  }
  return simulateSettlement(client, { signed, data: '0x02', solver: ownerAddress, blockNumber })
}

function refuse(properties: Record<string, unknown>): never {
  throw Object.assign(new Error('the node refuses'), properties)
}

/** Refuses the settlement itself, and answers reads of the token with these words in turn. */
function refuseThenRead(properties: Record<string, unknown>, words: readonly Hex[]): Answer {
  const left = [...words]
  return (_method, [call]) => {
    const { to } = call as { to: Hex }
    if (to === domain.settlement) return refuse(properties)
    return left.shift()
  }
}

describe('simulate.simulateSettlement', () => {
  it('reads fills from return data, at the block that was asked for', async () => {
    const blocks: unknown[] = []
    const { fills, gas } = await simulate((method, params) => {
      blocks.push(params[1])
      return method === 'eth_call' ? filled : '0x1c8a0'
    }, 17n)
    assert.deepEqual([fills[0]?.sold, fills[0]?.bought, gas], [5n, 6n, 0x1c8a0n])
    assert.deepEqual(blocks, ['0x11', '0x11'])
  })

  const forms: readonly (readonly [string, Record<string, unknown>])[] = [
    ['data', { data: notArmed }],
    ['data of data', { data: { data: notArmed, message: 'reverted' } }],
    ['data of a cause', { cause: { cause: { data: notArmed } } }],
  ]
  for (const [where, properties] of forms)
    it(`finds revert bytes in ${where}`, async () => {
      assert.equal(await codeOfError(() => simulate(() => refuse(properties))), 'settle.not-armed')
    })

  it('names a missing balance or allowance when the token gave no reason', async () => {
    const enough: Hex = `0x${word(2n ** 255n)}`
    const none: Hex = `0x${word(0n)}`
    const code = (...words: readonly Hex[]) =>
      codeOfError(() => simulate(refuseThenRead({ code: 3 }, words)))
    assert.equal(await code(none, enough), 'settle.balance-too-small')
    assert.equal(await code(enough, none), 'settle.allowance-too-small')
    assert.equal(await code(enough, enough), 'settle.no-reason')
    assert.equal(await code('0x', '0x'), 'settle.no-reason')
  })

  it('says that the node failed when it gives nonsense', async () => {
    const answers: readonly Answer[] = [
      () => undefined,
      () => '0x',
      () => 'yes',
      () => ({}),
      () => refuse({ code: 'ECONNREFUSED' }),
      (method) => (method === 'eth_call' ? filled : '0x'),
    ]
    for (const answer of answers)
      assert.equal(await codeOfError(() => simulate(answer)), 'settle.node-failed')
  })
})
