/** Three nodes of one chain behind one client, in virtual time. */
import assert from 'node:assert/strict'
import type { BlockRef, Log } from '../../solver/chain/block.ts'
import {
  type NodesClient,
  connectEndpoints,
  type ConnectOptions,
} from '../../solver/chain/client.ts'
import type { NodeState } from '../../solver/chain/health.ts'
import { createFakeEndpoint, type FakeEndpoint } from './fakeEndpoints.ts'
import { createFakeNode, type FakeNode } from './fakeNode.ts'
import { createVirtualClock, type VirtualClock } from './virtualClock.ts'

/** A pool of nodes and what drives it. */
export type NodePool = {
  readonly clock: VirtualClock
  readonly chain: FakeNode
  /** `a`, `b`, `c`, in the order in which they are preferred. */
  readonly nodes: readonly [FakeEndpoint, FakeEndpoint, FakeEndpoint]
  readonly client: NodesClient
  /** Block 101, where followers start. */
  readonly from: BlockRef
  /** The virtual milliseconds that `work` takes, and what it gives or why it fails. */
  time<value>(work: Promise<value>): Promise<{ ms: number; value?: value; error?: unknown }>
  head(): Promise<unknown>
  /** The state of the node of this name. */
  state(name: string): NodeState
}

/** Starts three honest nodes, or with `count` the first of them only. */
export async function createNodePool(
  options: ConnectOptions & { readonly count?: number } = {},
): Promise<NodePool> {
  const { count = 3, ...connecting } = options
  const clock = createVirtualClock()
  const chain = createFakeNode()
  const start = chain.mine()
  const aNode = (name: string) => createFakeEndpoint(name, chain, clock)
  const nodes: NodePool['nodes'] = [aNode('a'), aNode('b'), aNode('c')]
  const client = await clock.run(
    connectEndpoints(nodes.slice(0, count), { clock, random: () => 0.5, ...connecting }),
  )
  const { number, hash, parentHash, timestamp } = start
  return {
    clock,
    chain,
    nodes,
    client,
    from: { number, hash, parentHash, timestamp },
    async time(work) {
      const startMs = clock.nowMs()
      const outcome = await clock.run(
        work.then(
          (value) => ({ value }),
          (error: unknown) => ({ error }),
        ),
      )
      return { ms: clock.nowMs() - startMs, ...outcome }
    },
    head: () => client.request({ method: 'eth_getBlockByNumber', params: ['latest', false] }),
    state(name) {
      const state = client.nodes().find((each) => each.name === name)
      assert.ok(state)
      return state
    },
  }
}

/** A log of `address` whose first topic is `topic`. */
export function aLogOf(address: Log['address'], topic: Log['data'], data: Log['data'] = '0x'): Log {
  return { address, topics: [topic], data }
}
