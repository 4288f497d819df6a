/** Fills as the chain reports them: only the settlement's own events count, and transfers are a second witness. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { encodeAbiParameters, encodeEventTopics } from 'viem/utils'
import type { Log } from '../../solver/chain/block.ts'
import type { Address, Hex } from '../../solver/core/hex.ts'
import { netTransferred, readFills } from '../../solver/measure/fill.ts'
import { settlementAbi } from '../../solver/settle/abi.ts'
import { anyAddress, domain, ownerAddress } from '../helpers/orders.ts'
import { tokenA, tokenB } from '../helpers/pools.ts'

const digest: Hex = `0x${'ab'.repeat(32)}`
const other: Address = `0x${'77'.repeat(20)}`

function aFill(sold: bigint, bought: bigint, address: Address = domain.settlement): Log {
  const args = { order: digest, owner: ownerAddress }
  const topics = encodeEventTopics({ abi: settlementAbi, eventName: 'Fill', args })
  const data = encodeAbiParameters([{ type: 'uint256' }, { type: 'uint256' }], [sold, bought])
  return { address, topics: topics as Hex[], data }
}

function aTransfer(token: Address, from: Address, to: Address, value: bigint): Log {
  const word = (text: Hex): Hex => `0x${text.slice(2).padStart(64, '0')}`
  const topic = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef'
  return {
    address: token,
    topics: [topic, word(from), word(to)],
    data: word(`0x${value.toString(16)}`),
  }
}

describe('fill.readFills', () => {
  it('reads digest, owner and amounts of each fill, in order', () => {
    assert.deepEqual(readFills([aFill(1n, 2n), aFill(3n, 4n)], domain.settlement), [
      { digest, owner: ownerAddress, sold: 1n, bought: 2n },
      { digest, owner: ownerAddress, sold: 3n, bought: 4n },
    ])
  })

  it('passes over the same event from any other contract', () => {
    assert.deepEqual(readFills([aFill(1n, 2n, other)], domain.settlement), [])
  })

  it('passes over logs that are no fills', () => {
    const cancelled: Log = {
      address: domain.settlement,
      topics: encodeEventTopics({
        abi: settlementAbi,
        eventName: 'Cancelled',
        args: { owner: ownerAddress },
      }) as Hex[],
      data: encodeAbiParameters([{ type: 'uint256' }, { type: 'uint256' }], [0n, 1n]),
    }
    const transfer = aTransfer(tokenA, other, ownerAddress, 5n)
    assert.deepEqual(readFills([cancelled, transfer], domain.settlement), [])
  })

  it('knows the settlement by its bytes, whatever the case of the log', () => {
    const shouting = `0x${domain.settlement.slice(2).toUpperCase()}` as const
    assert.equal(readFills([aFill(1n, 2n, shouting)], domain.settlement).length, 1)
  })
})

describe('fill.netTransferred', () => {
  it('adds what came and takes off what went, of this token and this holder alone', () => {
    const logs = [
      aTransfer(tokenA, other, ownerAddress, 10n),
      aTransfer(tokenA, ownerAddress, other, 4n),
      aTransfer(tokenB, other, ownerAddress, 100n),
      aTransfer(tokenA, other, tokenB, 1_000n),
    ]
    assert.equal(netTransferred(logs, tokenA, ownerAddress), 6n)
  })

  it('is nothing for a transfer to oneself', () => {
    const logs = [aTransfer(tokenA, ownerAddress, ownerAddress, 10n)]
    assert.equal(netTransferred(logs, tokenA, ownerAddress), 0n)
  })

  it('adds up to nothing over everybody: what one gains others lose', () => {
    const holders = [ownerAddress, other, tokenB] as const
    const anyHolder = fc.constantFrom(...holders)
    const anyMove = fc.tuple(anyHolder, anyHolder, fc.bigInt({ min: 0n, max: 2n ** 128n }))
    fc.assert(
      fc.property(fc.array(anyMove), (moves) => {
        const logs = moves.map(([from, to, value]) => aTransfer(tokenA, from, to, value))
        const gains = holders.map((holder) => netTransferred(logs, tokenA, holder))
        assert.equal(
          gains.reduce((sum, gain) => sum + gain, 0n),
          0n,
        )
      }),
    )
  })

  it('is not misled by the transfer of a token with an indexed third field (ERC-721)', () => {
    fc.assert(
      fc.property(anyAddress, (holder) => {
        const log = aTransfer(tokenA, other, holder, 7n)
        const topics = [...log.topics, log.data]
        assert.equal(netTransferred([{ ...log, topics, data: '0x' }], tokenA, holder), 0n)
      }),
      { numRuns: 20 },
    )
  })
})
