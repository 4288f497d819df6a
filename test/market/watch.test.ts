/** The consistency watch: what the market holds against what the chain says. */
import assert from 'node:assert/strict'
import { describe, it } from 'mocha'
import { createRng } from '../../solver/core/rng.ts'
import { differenceOf } from '../../solver/market/difference.ts'
import { createMarket } from '../../solver/market/market.ts'
import { createWatch, type Mismatch, type WatchOptions } from '../../solver/market/watch.ts'
import type { PoolState } from '../../solver/pools/index.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import { hashOf } from '../helpers/fakeNode.ts'
import { aPair, aTickPool, randomTickPool } from '../helpers/pools.ts'

const block = { number: 100n, hash: hashOf(1), parentHash: hashOf(0), timestamp: 1_700_000_000n }
const idOf = (n: number) => toPoolId(`0x${String(n).padStart(40, '0')}`)
const pairs = Array.from({ length: 40 }, (_, n) => aPair([1_000n, 2_000n], { id: idOf(n + 1) }))

function aWatch(chain: readonly PoolState[], over: Partial<WatchOptions> = {}) {
  const byId = (states: readonly PoolState[]) => new Map(states.map((state) => [state.id, state]))
  const market = createMarket({ chainId: 1, block, tokens: new Map(), pools: byId(pairs) })
  const asked: number[] = []
  const seen: Mismatch[] = []
  const look = createWatch({
    market,
    read: (refs) => {
      asked.push(refs.length)
      return Promise.resolve({ block, pools: byId(chain) })
    },
    rng: createRng(1),
    onMismatch: (mismatch) => seen.push(mismatch),
    everyBlocks: 1,
    ...over,
  })
  return { market, look, asked, seen }
}

describe('watch.createWatch', () => {
  it('says nothing while the market is the chain', async () => {
    const { look, asked, market } = aWatch(pairs)
    assert.deepEqual(await look(), [])
    assert.deepEqual(asked, [16])
    assert.equal(market.view().pools.size, 40)
  })

  it('names a pool that drifted, its field and both values, and takes it out', async () => {
    const drifted = aPair([1_000n, 2_001n], { id: idOf(7) })
    const chain = pairs.map((state) => (state.id === drifted.id ? drifted : state))
    const { look, market, seen } = aWatch(chain, { sample: 40 })
    await look()
    assert.deepEqual(seen, [
      {
        pool: drifted.id,
        kind: 'uniswapV2',
        block,
        difference: { field: 'reserves', held: ['1000', '2000'], chain: ['1000', '2001'] },
      },
    ])
    assert.equal(market.view().pools.has(drifted.id), false)
    assert.equal(market.quarantined().length, 1)
  })

  it('takes out a pool that the chain does not have', async () => {
    const { look, market } = aWatch(pairs.slice(1), { sample: 40 })
    const [mismatch] = await look()
    assert.deepEqual([mismatch?.pool, mismatch?.difference], [pairs[0]?.id, undefined])
    assert.equal(market.view().pools.size, 39)
  })

  it('finds one bad pool in 40 within a few looks, and looks at one block in so many', async () => {
    const drifted = aPair([1n, 1n], { id: idOf(7) })
    const chain = pairs.map((state) => (state.id === drifted.id ? drifted : state))
    const { look, asked, seen } = aWatch(chain, { everyBlocks: 4 })
    for (let n = 0; n < 100; n++) await look()
    assert.ok(asked.length > 10 && asked.length < 45, `${asked.length} looks`)
    assert.equal(seen.length, 1)
  })

  it('doubts the node, and takes nothing out, when most of a sample differs', async () => {
    const suspicions: number[] = []
    const onSuspect = ({ differing }: { differing: number }) => suspicions.push(differing)
    const { look, market, seen } = aWatch([], { sample: 40, onSuspect })
    assert.deepEqual(await look(), [])
    assert.deepEqual([market.view().pools.size, seen.length, suspicions], [40, 0, [40]])
  })

  it('takes a reading of another branch for no evidence', async () => {
    const other = { ...block, hash: hashOf(2) }
    const read = () => Promise.resolve({ block: other, pools: new Map() })
    const { look, market } = aWatch([], { read })
    assert.deepEqual(await look(), [])
    assert.equal(market.view().pools.size, 40)
  })
})

describe('difference.differenceOf', () => {
  const whole = randomTickPool(3)
  const [low, high] = [whole.ticks[0]?.index ?? 0, whole.ticks.at(-1)?.index ?? 0]

  it('is none for equal states, whoever named them', () => {
    assert.equal(differenceOf(whole, { ...whole, exchange: 'x', gasHint: 1n }), undefined)
  })

  it('compares ticks where both sides know them', () => {
    const inner = whole.ticks.filter(({ index }) => index !== low && index !== high)
    const part = {
      ...whole,
      ticks: inner,
      tickRange: [low + whole.tickSpacing, high - whole.tickSpacing] as const,
    }
    assert.equal(differenceOf(part, whole), undefined)
    assert.equal(differenceOf(whole, part), undefined)
    assert.equal(differenceOf({ ...part, ticks: inner.slice(1) }, whole)?.field, 'ticks')
  })

  it('names the price before it names ticks', () => {
    const positions = [{ lower: -60, upper: 60, liquidity: 10n ** 18n }]
    const here = aTickPool(positions, 2n ** 96n)
    assert.equal(differenceOf(here, aTickPool(positions, 2n ** 96n + 1n))?.field, 'sqrtPriceX96')
    assert.equal(differenceOf(here, { ...here, liquidity: 1n })?.field, 'liquidity')
  })
})
