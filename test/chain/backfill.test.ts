/** Old logs by ranges. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { readPastLogs } from '../../solver/chain/backfill.ts'
import { type ChainNode, NodeRefusedError } from '../../solver/chain/client.ts'

type Asked = { from: bigint; to: bigint }

/** A node that has one log in every block and gives at most `most` blocks at a time. */
function aNode(most: bigint): ChainNode & { readonly asked: Asked[] } {
  const asked: Asked[] = []
  return {
    asked,
    request({ method, params = [] }) {
      const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string }
      const [from, to] = [BigInt(fromBlock), BigInt(toBlock)]
      asked.push({ from, to })
      if (to - from >= most)
        return Promise.reject(new NodeRefusedError({ method, cause: 'range too wide' }))
      const numbers = Array.from(
        { length: Number(to - from) + 1 },
        (_, index) => from + BigInt(index),
      )
      const logs = numbers.map((number) => ({
        address: '0xaa',
        topics: [],
        data: `0x${number.toString(16).padStart(8, '0')}`,
        blockNumber: `0x${number.toString(16)}`,
        logIndex: '0x0',
      }))
      return Promise.resolve(logs.toReversed())
    },
  }
}

async function numbersOf(node: ChainNode, fromBlock: bigint, toBlock: bigint): Promise<bigint[]> {
  const numbers: bigint[] = []
  for await (const logs of readPastLogs(node, { fromBlock, toBlock }))
    numbers.push(...logs.map(({ data }) => BigInt(data)))
  return numbers
}

describe('backfill.readPastLogs', () => {
  for (const most of [1n, 7n, 1_000n, 1_000_000n])
    it(`gives every log once and in order from a node that allows ${most} blocks`, async () => {
      const [from, to] = [5n, 5n + (most < 10n ? 60n : 25_000n)]
      const numbers = await numbersOf(aNode(most), from, to)
      assert.deepEqual(
        numbers,
        Array.from({ length: Number(to - from) + 1 }, (_, index) => from + BigInt(index)),
      )
    })

  it('asks for nothing when the range is empty', async () => {
    const node = aNode(1n)
    assert.deepEqual(await numbersOf(node, 5n, 4n), [])
    assert.equal(node.asked.length, 0)
  })

  it('throws what the node says to a single block', async () => {
    await assert.rejects(numbersOf(aNode(0n), 1n, 9n), { code: 'chain.refused' })
  })
})
