/** Old logs by ranges. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import { type LogRange, readPastLogs, readPastRanges } from '../../solver/chain/backfill.ts'
import {
  type ChainNode,
  ChainUnreachableError,
  NodeRefusedError,
} from '../../solver/chain/client.ts'

const logger = `0x${'aa'.repeat(20)}` as const

type Asked = { readonly from: bigint; readonly to: bigint }
type Rules = {
  /** Blocks that one request may span. */
  readonly blocks: bigint
  /** Logs that one answer may hold. */
  readonly logs?: number
  /** Requests after which it is gone. */
  readonly dies?: number
  /** Logs of one block; one when absent. */
  readonly density?: (number: bigint) => number
}

type CountingNode = ChainNode & { readonly asked: readonly Asked[]; most(): number }

/** A node with logs in its blocks that keeps to `rules`. */
function aNode({
  blocks,
  logs: logsMax = Infinity,
  dies = Infinity,
  density,
}: Rules): CountingNode {
  const asked: Asked[] = []
  let [open, most] = [0, 0]
  return {
    asked,
    most: () => most,
    async request({ method, params = [] }) {
      const { fromBlock, toBlock } = params[0] as { fromBlock: string; toBlock: string }
      const [from, to] = [BigInt(fromBlock), BigInt(toBlock)]
      asked.push({ from, to })
      open += 1
      most = Math.max(most, open)
      await new Promise(setImmediate)
      open -= 1
      if (asked.length > dies) throw new ChainUnreachableError({ urls: [] })
      if (to - from >= blocks) throw new NodeRefusedError({ method, cause: 'range too wide' })
      const logs = Array.from({ length: Number(to - from) + 1 }, (_, index) => from + BigInt(index))
        .flatMap((number) => Array.from({ length: density?.(number) ?? 1 }, () => number))
        .map((number, index) => ({
          address: logger,
          topics: [],
          data: `0x${number.toString(16).padStart(8, '0')}`,
          blockNumber: `0x${number.toString(16)}`,
          logIndex: `0x${index.toString(16)}`,
        }))
      if (logs.length > logsMax) throw new NodeRefusedError({ method, cause: 'too many results' })
      return logs.toReversed()
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
  for (const blocks of [1n, 7n, 1_000n, 1_000_000n])
    it(`gives every log once and in order from a node that allows ${blocks} blocks`, async () => {
      const [from, to] = [5n, 5n + (blocks < 10n ? 60n : 25_000n)]
      const numbers = await numbersOf(aNode({ blocks }), from, to)
      assert.deepEqual(
        numbers,
        Array.from({ length: Number(to - from) + 1 }, (_, index) => from + BigInt(index)),
      )
    })

  it('gives every log once and in order whatever the node allows, in blocks and in logs', async () => {
    const rules = fc.record({
      blocks: fc.bigInt(1n, 30_000n),
      room: fc.integer({ min: 1, max: 400 }),
      span: fc.bigInt(0n, 3_000n),
      period: fc.integer({ min: 1, max: 50 }),
      parallel: fc.integer({ min: 1, max: 6 }),
    })
    await fc.assert(
      fc.asyncProperty(rules, async ({ blocks, room, span, period, parallel }) => {
        const density = (number: bigint) => (Number(number) % period === 0 ? 3 : 0)
        const node = aNode({ blocks, logs: Math.max(3, room), density })
        const [fromBlock, toBlock] = [1_000n, 1_000n + span]
        const [seen, expected]: bigint[][] = [[], []]
        for await (const logs of readPastLogs(node, { fromBlock, toBlock, parallel }))
          seen?.push(...logs.map(({ data }) => BigInt(data)))
        for (let number = fromBlock; number <= toBlock; number++)
          for (let count = density(number); count > 0; count--) expected?.push(number)
        assert.deepEqual(seen, expected)
      }),
      { numRuns: 60 },
    )
  })

  it('asks for nothing when the range is empty', async () => {
    const node = aNode({ blocks: 1n })
    assert.deepEqual(await numbersOf(node, 5n, 4n), [])
    assert.equal(node.asked.length, 0)
  })

  it('throws what the node says to a single block', async () => {
    await assert.rejects(numbersOf(aNode({ blocks: 0n }), 1n, 9n), { code: 'chain.refused' })
  })

  it('grows where logs are rare, so that a million blocks take some twenty requests', async () => {
    const node = aNode({
      blocks: 10_000_000n,
      density: (number) => Number(number % 400_000n === 0n),
    })
    await numbersOf(node, 1n, 1_000_000n)
    assert.ok(node.asked.length <= 25, `${node.asked.length} requests`)
  })

  it('does not ask again and again for more than the node allows', async () => {
    const node = aNode({ blocks: 2_000n, density: () => 0 })
    await numbersOf(node, 1n, 200_000n)
    const refused = node.asked.filter(({ from, to }) => to - from >= 2_000n).length
    // Sizes are halves of 10,000: the largest that fits is 1,250 blocks, 160 requests.
    assert.ok(refused <= 40, `${refused} of ${node.asked.length} were refused`)
  })

  it('keeps no more than the given number of requests under way', async () => {
    const node = aNode({ blocks: 50n })
    for await (const _ of readPastLogs(node, { fromBlock: 1n, toBlock: 2_000n, parallel: 3 }));
    assert.equal(node.most(), 3)
  })

  it('refuses logs of blocks that were not asked for', async () => {
    const node: ChainNode = {
      request: () =>
        Promise.resolve([
          { address: logger, topics: [], data: '0x', blockNumber: '0x64', logIndex: '0x0' },
        ]),
    }
    await assert.rejects(numbersOf(node, 1n, 9n), { code: 'chain.bad-answer' })
  })
})

describe('backfill.readPastRanges', () => {
  const numbers = (ranges: readonly LogRange[]) =>
    ranges.flatMap(({ logs }) => logs.map(({ data }) => BigInt(data)))

  it('gives ranges without a gap, so that a reader goes on where a dead node left it', async () => {
    const ranges: LogRange[] = []
    const readOn = async (node: ChainNode) => {
      const fromBlock = (ranges.at(-1)?.toBlock ?? 0n) + 1n
      for await (const range of readPastRanges(node, { fromBlock, toBlock: 3_000n }))
        ranges.push(range)
    }
    for (let dies = 9; dies < 60; dies += 10)
      await readOn(aNode({ blocks: 90n, dies })).catch(() => undefined)
    assert.ok(ranges.length > 0)
    await readOn(aNode({ blocks: 90n }))
    assert.deepEqual(
      numbers(ranges),
      Array.from({ length: 3_000 }, (_, index) => BigInt(index + 1)),
    )
  })
})
