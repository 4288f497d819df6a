/** The market that follows: blocks, reorgs, new pools. Logs are Sync logs of V2 pairs, whose state they are. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import type { BlockRef, Log } from '../../solver/chain/block.ts'
import { mainnet } from '../../solver/chain/chains/mainnet.ts'
import type { ChainEvent } from '../../solver/chain/head.ts'
import { toWord } from '../../solver/chain/quantity.ts'
import type { Address, Hex } from '../../solver/core/hex.ts'
import { createMarket } from '../../solver/market/market.ts'
import type { MarketView } from '../../solver/market/view.ts'
import { type PoolId, toPoolId } from '../../solver/pools/pool.ts'
import type { UniswapV2State } from '../../solver/pools/states.ts'
import { getSqrtRatioAtTick } from '../../solver/pools/math/tickMath.ts'
import { uniswapV2 } from '../../solver/pools/uniswapV2.ts'
import { uniswapV3 } from '../../solver/pools/uniswapV3.ts'
import { hashOf } from '../helpers/fakeNode.ts'
import { aPair, aTickPool, tokenA, tokenB } from '../helpers/pools.ts'

const [first, second, third] = ['1', '2', '3'].map((digit) =>
  toPoolId(`0x${digit.repeat(40)}`),
) as [PoolId, PoolId, PoolId]
const ids = [first, second, third]
let blocksMade = 0

function aView(held: readonly PoolId[] = ids): MarketView & { readonly block: BlockRef } {
  const block = { number: 100n, hash: hashOf(1), parentHash: hashOf(0), timestamp: 1_700_000_000n }
  const pools = new Map(held.map((id) => [id, aPair([1n, 1n], { id })]))
  const token = { address: tokenA, symbol: 'A', decimals: 1, priceWei: 10n ** 18n } as const
  return { chainId: 1, block, tokens: new Map([[tokenA, token]]), pools, gasPrice: 5n }
}

function after(parent: BlockRef): BlockRef {
  const { number, hash, timestamp } = parent
  const made = hashOf(1_000 + ++blocksMade)
  return { number: number + 1n, hash: made, parentHash: hash, timestamp: timestamp + 12n }
}

function blockOf(
  view: MarketView,
  logs: readonly Log[],
  nextBaseFee?: bigint,
): ChainEvent & { kind: 'block' } {
  assert.ok(view.block)
  return { kind: 'block', block: after(view.block), logs, nextBaseFee }
}

function sync(address: Address, reserve0: bigint, reserve1: bigint): Log {
  const data: Hex = `${toWord(reserve0)}${toWord(reserve1).slice(2) as Hex}`
  return { address, topics: uniswapV2.topics, data }
}

/** keccak256("PairCreated(address,address,address,uint256)") from the Uniswap V2 factory. */
function pairCreated(pair: Address): Log {
  const topic = '0x0d3648bd0f6ba80134a33ba9275ac585d9d315f0ad8355cddefde31afa28d0e9'
  const topics = [topic, ...[tokenA, tokenB].map((token) => toWord(BigInt(token)))] as const
  return {
    address: mainnet.uniswapV2Factory,
    topics,
    data: `${toWord(BigInt(pair))}${toWord(1n).slice(2) as Hex}`,
  }
}

const read = (block: BlockRef, ...pools: UniswapV2State[]) => ({
  block,
  pools,
  tokens: [],
  asked: [],
})

const reservesOf = (view: MarketView, id: PoolId) => {
  const state = view.pools.get(id)
  return state?.kind === 'uniswapV2' ? state.reserves : undefined
}

describe('market.apply', () => {
  it('takes all logs of a block, in order, and says which pools they touched', () => {
    const market = createMarket(aView())
    const event = blockOf(
      market.view(),
      [sync(first, 2n, 3n), sync(second, 4n, 5n), sync(first, 6n, 7n)],
      9n,
    )
    assert.deepEqual(market.apply(event), { touched: [first, second], wanted: [] })
    assert.deepEqual(reservesOf(market.view(), first), [6n, 7n])
    assert.deepEqual(reservesOf(market.view(), second), [4n, 5n])
    assert.equal(market.view().block, event.block)
    assert.equal(market.view().gasPrice, 9n)
  })

  it('adds the tip that a settlement pays to the base fee of the next block', () => {
    const market = createMarket(aView(), 1_000n)
    market.apply(blockOf(market.view(), [], 9n))
    assert.equal(market.view().gasPrice, 1_009n)
  })

  it('names the blocks that it can go back to, oldest first', () => {
    const market = createMarket(aView())
    const blocks = [aView().block]
    for (let n = 0; n < 3; n++) {
      const event = blockOf(market.view(), [])
      market.apply(event)
      blocks.push(event.block)
    }
    assert.deepEqual(market.past(), blocks.slice(0, 3))
    market.apply({ kind: 'reorg', depth: 2, ancestor: blocks[1] ?? aView().block })
    assert.deepEqual(market.past(), blocks.slice(0, 1))
  })

  it('leaves every earlier view as it was', () => {
    const market = createMarket(aView())
    const before = market.view()
    market.apply(blockOf(before, [sync(first, 2n, 3n)]))
    assert.deepEqual(before, aView())
  })

  it('ignores logs of contracts that are no pools, whatever they look like', () => {
    const market = createMarket(aView())
    const stranger = sync('0x00000000000000000000000000000000000000dd', 2n, 3n)
    const pretender = { ...stranger, topics: [...stranger.topics, first] }
    assert.deepEqual(market.apply(blockOf(market.view(), [stranger, pretender])).touched, [])
  })

  it('refuses a block that does not stand on the view, and changes nothing', () => {
    const market = createMarket(aView())
    const before = market.view()
    const far = blockOf({ ...before, block: after(after(before.block ?? aView().block)) }, [
      sync(first, 2n, 3n),
    ])
    assert.throws(() => market.apply(far), { code: 'market.gap', retryable: true })
    assert.equal(market.view(), before)
  })

  it('is, after any blocks and reorgs, the market that the chain alone leads to', () => {
    const block = fc.array(fc.tuple(fc.nat(2), fc.bigInt({ min: 1n, max: 9n })), { maxLength: 4 })
    const step = fc.oneof(block, fc.integer({ min: 1, max: 7 }))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const market = createMarket(aView())
        const chain: MarketView[] = [market.view()]
        for (const each of steps) {
          if (typeof each === 'number') {
            const depth = Math.min(each, chain.length - 1)
            if (depth === 0) continue
            chain.length -= depth
            const ancestor = chain.at(-1)?.block ?? aView().block
            market.apply({ kind: 'reorg', depth, ancestor })
          } else {
            const logs = each.map(([pool, reserve]) => sync(ids[pool] ?? first, reserve, reserve))
            market.apply(blockOf(market.view(), logs, BigInt(chain.length)))
            chain.push(market.view())
          }
          assert.deepEqual(market.view(), chain.at(-1))
        }
      }),
    )
  })

  it('goes back 64 blocks and no further', () => {
    const market = createMarket(aView())
    const views = [market.view()]
    for (let index = 1; index <= 70; index++) {
      market.apply(blockOf(market.view(), [sync(first, BigInt(index), 1n)]))
      views.push(market.view())
    }
    const ancestor = (index: number) => views[index]?.block ?? aView().block
    assert.throws(() => market.apply({ kind: 'reorg', depth: 65, ancestor: ancestor(5) }), {
      code: 'market.reorg-too-deep',
    })
    market.apply({ kind: 'reorg', depth: 64, ancestor: ancestor(6) })
    assert.deepEqual(market.view(), views[6])
  })

  it('refuses a reorg to a block that it was not on', () => {
    const market = createMarket(aView())
    market.apply(blockOf(market.view(), []))
    const ancestor = { ...aView().block, hash: hashOf(77) }
    assert.throws(() => market.apply({ kind: 'reorg', depth: 1, ancestor }), { code: 'market.gap' })
  })

  it('forgets the way back to what is final, and only that', () => {
    const market = createMarket(aView())
    const blocks = Array.from({ length: 5 }, (_, index) => {
      market.apply(blockOf(market.view(), [sync(first, BigInt(index + 2), 1n)]))
      return market.view().block ?? aView().block
    })
    const [, final = aView().block] = blocks
    market.apply({ kind: 'finalize', block: final })
    assert.throws(() => market.apply({ kind: 'reorg', depth: 4, ancestor: final }), {
      code: 'market.reorg-too-deep',
    })
    market.apply({ kind: 'reorg', depth: 3, ancestor: final })
    assert.deepEqual(reservesOf(market.view(), first), [3n, 1n])
  })
})

describe('market.add', () => {
  const born = toPoolId(`0x${'9'.repeat(40)}`)

  it('takes in a pool that a block created, once its state was read', () => {
    const market = createMarket(aView())
    const { wanted } = market.apply(blockOf(market.view(), [pairCreated(born)]))
    assert.deepEqual(
      wanted.map(({ id, tokens }) => ({ id, tokens })),
      [{ id: born, tokens: [tokenA, tokenB] }],
    )
    const block = market.view().block ?? aView().block
    const tokens = [{ address: tokenB, symbol: 'B', decimals: 1 }] as const
    market.add({ block, pools: [aPair([5n, 5n], { id: born })], tokens, asked: wanted })
    assert.deepEqual(reservesOf(market.view(), born), [5n, 5n])
    assert.equal(market.view().tokens.get(tokenB)?.symbol, 'B')
    market.apply(blockOf(market.view(), [sync(born, 6n, 6n)]))
    assert.deepEqual(reservesOf(market.view(), born), [6n, 6n])
  })

  it('takes no created pool of tokens that nothing prices: anybody can make those', () => {
    const market = createMarket({ ...aView(), tokens: new Map() })
    assert.deepEqual(market.apply(blockOf(market.view(), [pairCreated(born)])).wanted, [])
  })

  it('does not name a created pool again that it already holds', () => {
    const market = createMarket(aView())
    assert.deepEqual(market.apply(blockOf(market.view(), [pairCreated(first)])).wanted, [])
  })

  it('refuses states of another block', () => {
    const market = createMarket(aView())
    market.apply(blockOf(market.view(), []))
    assert.throws(() => market.add(read(aView().block, aPair([5n, 5n], { id: born }))), {
      code: 'market.gap',
    })
  })

  it('gives a pool out again when a reorg takes out the block at which it was read', () => {
    const market = createMarket(aView())
    const { block } = aView()
    market.apply(blockOf(market.view(), [sync(first, 2n, 2n)]))
    market.add(read(market.view().block ?? block, aPair([5n, 5n], { id: born })))
    market.apply(blockOf(market.view(), [sync(born, 6n, 6n)]))
    const { wanted } = market.apply({ kind: 'reorg', depth: 2, ancestor: block })
    assert.deepEqual(wanted, [
      { kind: 'uniswapV2', id: born, tokens: [tokenA, tokenB], feePips: 3_000 },
    ])
    assert.deepEqual(market.view(), aView())
  })

  it('keeps a pool at its read state when a reorg goes back to that block only', () => {
    const market = createMarket(aView())
    market.apply(blockOf(market.view(), []))
    const block = market.view().block ?? aView().block
    market.add(read(block, aPair([5n, 5n], { id: born })))
    market.apply(blockOf(market.view(), [sync(born, 6n, 6n)]))
    market.apply({ kind: 'reorg', depth: 1, ancestor: block })
    assert.deepEqual(reservesOf(market.view(), born), [5n, 5n])
  })

  it('leaves a pool that it already holds as it is', () => {
    const market = createMarket(aView())
    market.apply(blockOf(market.view(), [sync(first, 2n, 2n)]))
    market.add(read(market.view().block ?? aView().block, aPair([9n, 9n], { id: first })))
    assert.deepEqual(reservesOf(market.view(), first), [2n, 2n])
  })
})

describe('market.apply on pools that logs do not tell of', () => {
  const wrapped = toPoolId('0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2')

  it('keeps asking for a pool until it was read, found or not', () => {
    const market = createMarket(aView())
    const born = toPoolId(`0x${'9'.repeat(40)}`)
    const { wanted } = market.apply(blockOf(market.view(), [pairCreated(born)]))
    assert.equal(market.apply(blockOf(market.view(), [])).wanted.length, 1)
    const block = market.view().block ?? aView().block
    market.add({ block, pools: [], tokens: [], asked: wanted })
    for (let n = 0; n < 7; n++)
      assert.deepEqual(market.apply(blockOf(market.view(), [])).wanted, [])
    // Not for good: a node may have answered nothing.
    assert.equal(market.apply(blockOf(market.view(), [])).wanted.length, 1)
    assert.equal(market.view().pools.has(wrapped), false)
  })
})

describe('market.quarantine', () => {
  const rest = 50
  const held = (market: ReturnType<typeof createMarket>) => market.view().pools.has(first)

  it('takes a pool out until its rest is over, then wants it again', () => {
    const market = createMarket(aView())
    assert.equal(market.quarantine(first), true)
    assert.equal(held(market), false)
    assert.deepEqual(
      market.quarantined().map(({ ref: { id }, untilBlock }) => [id, untilBlock]),
      [[first, 150n]],
    )
    for (let block = 1; block < rest; block++)
      assert.deepEqual(market.apply(blockOf(market.view(), [sync(first, 2n, 2n)])).wanted, [])
    const { wanted } = market.apply(blockOf(market.view(), []))
    assert.deepEqual(
      wanted.map(({ id }) => id),
      [first],
    )
    assert.deepEqual(market.quarantined(), [])
  })

  it('waits twice as long each further time', () => {
    const market = createMarket(aView())
    market.quarantine(first)
    for (let block = 0; block < rest; block++) market.apply(blockOf(market.view(), []))
    market.add(read(market.view().block ?? aView().block, aPair([1n, 1n], { id: first })))
    market.quarantine(first)
    assert.deepEqual(
      market.quarantined().map(({ untilBlock, times }) => [untilBlock, times]),
      [[250n, 2]],
    )
  })

  it('holds against a reorg that would bring the pool back', () => {
    const market = createMarket(aView())
    const { block } = aView()
    market.apply(blockOf(market.view(), [sync(first, 2n, 2n)]))
    market.quarantine(first)
    const { wanted } = market.apply({ kind: 'reorg', depth: 1, ancestor: block })
    assert.equal(held(market), false)
    assert.deepEqual(wanted, [])
  })

  it('takes no reading of a pool that rests, and knows no pool that it does not hold', () => {
    const market = createMarket(aView())
    market.quarantine(first)
    market.add(read(aView().block, aPair([1n, 1n], { id: first })))
    assert.equal(held(market), false)
    assert.equal(market.quarantine(first), false)
  })
})

describe('market.apply on a pool that was read in part', () => {
  const id = toPoolId(`0x${'5'.repeat(40)}`)
  const positions = [{ lower: -6_000, upper: 6_000, liquidity: 10n ** 20n }]
  const held = aTickPool(positions, 2n ** 96n, { id, ticks: [], tickRange: [-1_000, 1_000] })
  const swapTo = (tick: number): Log => {
    const words = [1n, -1n, getSqrtRatioAtTick(tick), 10n ** 20n, BigInt(tick)]
    const data = words.map((word) => toWord(BigInt.asUintN(256, word)).slice(2)).join('')
    const [topic] = uniswapV3.topics.filter((each) => each.startsWith('0xc42079'))
    return { address: id, topics: topic === undefined ? [] : [topic], data: `0x${data}` }
  }

  it('wants it again once its price leaves what was read, and not before', () => {
    const market = createMarket({ ...aView([]), pools: new Map([[id, held]]) })
    assert.deepEqual(market.apply(blockOf(market.view(), [swapTo(900)])).wanted, [])
    const { wanted } = market.apply(blockOf(market.view(), [swapTo(1_200)]))
    assert.deepEqual(
      wanted.map((ref) => ref.id),
      [id],
    )
    assert.equal(market.view().pools.has(id), false)
  })
})

describe('market.apply on what contracts and factories may say', () => {
  const born = toPoolId(`0x${'9'.repeat(40)}`)

  it('wants a pool again that was not there when it was read, once it logs something', () => {
    const market = createMarket(aView())
    const { wanted } = market.apply(blockOf(market.view(), [pairCreated(born)]))
    const block = market.view().block ?? aView().block
    market.add({ block, pools: [], tokens: [], asked: wanted })
    assert.deepEqual(market.apply(blockOf(market.view(), [])).wanted, [])
    const again = market.apply(blockOf(market.view(), [sync(born, 1n, 1n)])).wanted
    assert.deepEqual(
      again.map(({ id }) => id),
      [born],
    )
  })

  it('takes in no more created pools than a block can honestly bring', () => {
    const market = createMarket(aView())
    const ids = Array.from({ length: 1_000 }, (_, n) =>
      pairCreated(toPoolId(toWord(BigInt(n + 1)))),
    )
    assert.equal(market.apply(blockOf(market.view(), ids)).wanted.length, 256)
  })

  it('reads a pool again whose log says what no such pool can hold', () => {
    const market = createMarket(aView())
    const { wanted } = market.apply(blockOf(market.view(), [sync(first, 2n ** 112n, 1n)]))
    assert.deepEqual(
      wanted.map(({ id }) => id),
      [first],
    )
    assert.equal(market.view().pools.has(first), false)
  })
})
