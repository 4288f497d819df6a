/** Ticks through the lens: what it reads is what the pools themselves say. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'mocha'
import type { ChainNode } from '../../solver/chain/client.ts'
import { createLocalChain, type LocalChain } from '../../solver/localnet/chain.ts'
import { readMarket } from '../../solver/market/reader.ts'
import { lensAnswer } from '../../solver/pools/tickLens.ts'

/** Counts requests; without overrides the node refuses the third parameter. */
function nodeOf(chain: LocalChain, overrides: boolean) {
  const counted = { requests: 0 }
  const node: ChainNode = {
    request: ({ method, params = [] }) => {
      counted.requests += 1
      return overrides || params.length < 3
        ? chain.provider.request({ method, params: [...params] })
        : Promise.reject(new TypeError('too many arguments, want at most 2'))
    },
  }
  return { node, counted }
}

describe('tickLens.readByLens', () => {
  let chain: LocalChain
  before(async () => {
    chain = await createLocalChain()
  })
  after(() => chain.close())

  it('reads the same ticks as the pools’ own functions, in fewer requests', async () => {
    const [lens, plain] = [nodeOf(chain, true), nodeOf(chain, false)]
    const { view } = await readMarket(lens.node, chain.pools)
    const { view: own } = await readMarket(plain.node, chain.pools)
    assert.equal(view.pools.size, chain.pools.length)
    assert.deepEqual(view.pools, own.pools)
    const ticks = [...view.pools.values()].flatMap((state) => ('ticks' in state ? state.ticks : []))
    assert.ok(ticks.length > 300)
    assert.ok(lens.counted.requests * 2 < plain.counted.requests)
  })

  it('reads a part of the range, and says which', async () => {
    const { node } = nodeOf(chain, true)
    const { view } = await readMarket(node, chain.pools, { wordsEachSide: 1 })
    const { view: own } = await readMarket(nodeOf(chain, false).node, chain.pools, {
      wordsEachSide: 1,
    })
    assert.deepEqual(view.pools, own.pools)
    assert.ok([...view.pools.values()].some((state) => 'tickRange' in state))
  })
})

describe('tickLens.lensAnswer', () => {
  it('takes no answer that no lens gave', () => {
    for (const data of [undefined, '0x', `0x${'00'.repeat(95)}`, `0x${'00'.repeat(97)}`] as const)
      assert.equal(lensAnswer(data), undefined)
    assert.deepEqual(lensAnswer(`0x${'00'.repeat(96)}`)?.ticks, [])
  })
})
