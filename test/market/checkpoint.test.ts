/** Checkpoints: what is saved is the market at the final block, whatever happened above it since. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import type { BlockRef, Log } from '../../solver/chain/block.ts'
import { mainnet } from '../../solver/chain/chains/mainnet.ts'
import type { ChainEvent } from '../../solver/chain/head.ts'
import { toWord } from '../../solver/chain/quantity.ts'
import type { Hex } from '../../solver/core/hex.ts'
import { createRng, type Rng } from '../../solver/core/rng.ts'
import { type CheckpointChanges, createCheckpointer } from '../../solver/market/checkpoint.ts'
import { createMarket } from '../../solver/market/market.ts'
import type { KnownPool } from '../../solver/market/shadow.ts'
import type { MarketView } from '../../solver/market/view.ts'
import { moduleOf } from '../../solver/pools/index.ts'
import { type PoolId, toPoolId } from '../../solver/pools/pool.ts'
import { uniswapV2 } from '../../solver/pools/uniswapV2.ts'
import { hashOf } from '../helpers/fakeNode.ts'
import { aPair, tokenA, tokenB } from '../helpers/pools.ts'

const idOf = (index: number): PoolId => toPoolId(`0x${(index + 1).toString(16).padStart(40, '0')}`)
const start: BlockRef = { number: 100n, hash: hashOf(1), parentHash: hashOf(0), timestamp: 1_200n }
/** Blocks from a block to its finality here: fewer than on a chain, so that a short run sees many. */
const finality = 8

function aView(pools: number): MarketView & { readonly block: BlockRef } {
  const states = Array.from({ length: pools }, (_, index) => aPair([1n, 1n], { id: idOf(index) }))
  return {
    chainId: 1,
    block: start,
    tokens: new Map(),
    pools: new Map(states.map((state) => [state.id, state])),
  }
}

function sync(id: PoolId, reserve: bigint): Log {
  const data: Hex = `${toWord(reserve)}${toWord(reserve).slice(2) as Hex}`
  return { address: id, topics: uniswapV2.topics, data }
}

/** keccak256("PairCreated(address,address,address,uint256)") from the Uniswap V2 factory. */
function created(id: PoolId): Log {
  const topic = '0x0d3648bd0f6ba80134a33ba9275ac585d9d315f0ad8355cddefde31afa28d0e9'
  const topics = [topic, ...[tokenA, tokenB].map((token) => toWord(BigInt(token)))] as const
  const data: Hex = `${toWord(BigInt(id))}${toWord(1n).slice(2) as Hex}`
  return { address: mainnet.uniswapV2Factory, topics, data }
}

/** A table that keeps what it is given, and refuses on demand. */
function createTable() {
  const rows = new Map<PoolId, KnownPool>()
  const table = {
    rows,
    block: undefined as BlockRef | undefined,
    saves: [] as CheckpointChanges[],
    failsNext: false,
    async save(changes: CheckpointChanges) {
      await Promise.resolve()
      if (table.failsNext) {
        table.failsNext = false
        throw new TypeError('the database is gone')
      }
      table.saves.push(changes)
      if (changes.isWhole) rows.clear()
      for (const [id, pool] of changes.pools)
        if (pool.kind === 'forgotten') rows.delete(id)
        else rows.set(id, pool)
      table.block = changes.head.block
    },
  }
  return table
}

/** A market with its checkpointer, a table, and every view that it had, by the block's hash. */
function aWorld(pools: number, everyBlocks = 1) {
  const market = createMarket(aView(pools))
  const table = createTable()
  const failures: unknown[] = []
  const checkpointer = createCheckpointer({
    market,
    rows: table,
    everyBlocks,
    isResumed: false,
    onFailure: (error) => failures.push(error),
  })
  const views = new Map<Hex, MarketView>([[start.hash, market.view()]])
  const chain: BlockRef[] = [start]
  let made = 1
  let finalNumber = 99n
  const remember = () => views.set(chain.at(-1)?.hash ?? '0x', market.view())
  const tell = (event: ChainEvent) => {
    checkpointer.applied(event, market.apply(event))
    remember()
  }
  return {
    market,
    table,
    checkpointer,
    failures,
    views,
    chain,
    mine(logs: readonly Log[] = []) {
      const { number, hash, timestamp } = chain.at(-1) ?? start
      const next = { number: number + 1n, hash: hashOf(++made), parentHash: hash }
      const block = { ...next, timestamp: timestamp + 12n }
      chain.push(block)
      tell({ kind: 'block', block, logs })
      const final = chain.at(-1 - finality)
      if (final === undefined || final.number <= finalNumber) return
      finalNumber = final.number
      tell({ kind: 'finalize', block: final })
    },
    /** Blocks that may still be taken back. */
    loose: () => chain.length - 1 - chain.findIndex(({ number }) => number >= finalNumber),
    reorg(depth: number) {
      chain.length -= depth
      tell({ kind: 'reorg', depth, ancestor: chain.at(-1) ?? start })
    },
    /** Reads `ids` at the head, and finds those of `found`. */
    read(ids: readonly PoolId[], found: readonly PoolId[], reserve: bigint) {
      const asked = ids.map((id) => moduleOf(aPair([1n, 1n])).refOf(aPair([1n, 1n], { id })))
      const pools = found.map((id) => aPair([reserve, reserve], { id }))
      const block = chain.at(-1) ?? start
      const reading = { block, pools, tokens: [], asked }
      market.add(reading)
      checkpointer.added(reading)
      remember()
    },
    quarantine(id: PoolId) {
      const state = market.view().pools.get(id)
      if (state === undefined || !market.quarantine(id)) return
      checkpointer.distrust([moduleOf(state).refOf(state)])
      remember()
    },
  }
}

const kindsOf = (rows: ReadonlyMap<PoolId, KnownPool>) =>
  Object.fromEntries([...rows].map(([id, { kind }]) => [id, kind]))

/** One random thing that happens. */
function happen(world: ReturnType<typeof aWorld>, rng: Rng, doubted: Map<PoolId, bigint>): void {
  const anyPool = () => idOf(rng.int(0, 11))
  const roll = rng.next()
  const height = world.chain.at(-1)?.number ?? 0n
  if (roll < 0.6) {
    const logs = Array.from({ length: rng.int(0, 3) }, () =>
      sync(anyPool(), rng.logUniform(1n, 2n ** 100n)),
    )
    world.mine(rng.next() < 0.2 ? [...logs, created(anyPool())] : logs)
  } else if (roll < 0.8) {
    const most = Math.min(finality - 1, world.loose())
    if (most > 0) world.reorg(rng.int(1, most))
  } else if (roll < 0.95) {
    const id = anyPool()
    world.read([id], rng.next() < 0.8 ? [id] : [], rng.logUniform(1n, 2n ** 100n))
  } else {
    const id = anyPool()
    if (world.market.view().pools.has(id)) doubted.set(id, height)
    world.quarantine(id)
  }
}

describe('checkpoint.createCheckpointer', () => {
  it('saves the market as it was at the final block, after any history', async () => {
    const run = async (seed: number) => {
      const rng = createRng(seed)
      const world = aWorld(6, rng.int(1, 4))
      const { table, views } = world
      const doubted = new Map<PoolId, bigint>()
      let checked = 0
      for (let step = 0; step < 60; step++) {
        const before = table.saves.length
        table.failsNext = rng.next() < 0.05
        happen(world, rng, doubted)
        await world.checkpointer.idle()
        if (table.saves.length === before) continue
        const truth = table.block && views.get(table.block.hash)
        assert.ok(truth)
        checked += 1
        for (const [id, pool] of table.rows) {
          // What was doubted after that block is not believed at it either.
          if (pool.kind === 'state') assert.deepEqual(pool.state, truth.pools.get(id))
          else assert.ok(!truth.pools.has(id) || doubted.has(id))
        }
        for (const id of truth.pools.keys()) assert.ok(table.rows.has(id), `${id} is lost`)
      }
      return checked
    }
    let checked = 0
    await fc.assert(
      fc.asyncProperty(fc.nat(), async (seed) => {
        checked += await run(seed)
      }),
      { numRuns: Math.min(300, fc.readConfigureGlobal().numRuns ?? 300) },
    )
    assert.ok(checked > 100, `${checked} checkpoints`)
  })

  it('saves everything first, and then only what changed', async () => {
    const world = aWorld(3)
    world.mine([sync(idOf(0), 7n)])
    for (let block = 0; block < finality; block++) {
      world.mine()
      await world.checkpointer.idle()
    }
    const sizes = world.table.saves.map(({ isWhole, pools }) => [isWhole, pools.size])
    assert.deepEqual(sizes, [
      [true, 3],
      [false, 1],
    ])
    assert.equal(world.checkpointer.savedBlock(), 101n)
  })

  it('writes nothing of blocks that a reorg took back', async () => {
    const world = aWorld(2)
    world.mine([sync(idOf(0), 7n)])
    world.reorg(1)
    world.mine([sync(idOf(1), 8n)])
    for (let block = 0; block < finality; block++) {
      world.mine()
      await world.checkpointer.idle()
    }
    assert.deepEqual([...(world.table.saves.at(-1)?.pools.keys() ?? [])], [idOf(1)])
  })

  it('keeps the distance between checkpoints that it was told', async () => {
    const world = aWorld(1, 3)
    for (let block = 0; block < finality + 7; block++) {
      world.mine()
      await world.checkpointer.idle()
    }
    assert.deepEqual(
      world.table.saves.map(({ head }) => head.block.number),
      [100n, 103n, 106n],
    )
  })

  it('remembers a created pool that nobody has read yet', async () => {
    const world = aWorld(1)
    world.mine([created(idOf(5))])
    for (let block = 0; block < finality; block++) {
      world.mine()
      await world.checkpointer.idle()
    }
    assert.deepEqual(kindsOf(world.table.rows), { [idOf(0)]: 'state', [idOf(5)]: 'unread' })
    world.read([idOf(5)], [idOf(5)], 9n)
    for (let block = 0; block <= finality; block++) {
      world.mine()
      await world.checkpointer.idle()
    }
    assert.deepEqual(kindsOf(world.table.rows), { [idOf(0)]: 'state', [idOf(5)]: 'state' })
  })

  it('forgets a pool that was looked for and is not there', async () => {
    const world = aWorld(1)
    world.mine([created(idOf(5))])
    for (let block = 0; block < finality; block++) {
      world.mine()
      await world.checkpointer.idle()
    }
    world.read([idOf(5)], [], 0n)
    for (let block = 0; block <= finality; block++) {
      world.mine()
      await world.checkpointer.idle()
    }
    assert.deepEqual(kindsOf(world.table.rows), { [idOf(0)]: 'state' })
  })

  it('believes no older state of a pool that was quarantined', async () => {
    const world = aWorld(2)
    for (let block = 0; block < finality; block++) world.mine([sync(idOf(0), BigInt(block + 2))])
    world.quarantine(idOf(0))
    for (let block = 0; block < 3; block++) {
      await world.checkpointer.idle()
      world.mine()
    }
    await world.checkpointer.idle()
    assert.deepEqual(kindsOf(world.table.rows), { [idOf(0)]: 'unread', [idOf(1)]: 'state' })
  })

  it('loses nothing when a save fails, and says so', async () => {
    const world = aWorld(2)
    world.mine([sync(idOf(0), 7n)])
    for (let block = 0; block < finality - 1; block++) world.mine()
    await world.checkpointer.idle()
    world.table.failsNext = true
    world.mine()
    await world.checkpointer.idle()
    assert.equal(world.failures.length, 1)
    assert.equal(world.checkpointer.savedBlock(), 100n)
    world.mine([])
    await world.checkpointer.idle()
    assert.equal(world.checkpointer.savedBlock(), 102n)
    const saved = world.table.rows.get(idOf(0))
    assert.ok(saved?.kind === 'state' && saved.state.kind === 'uniswapV2')
    assert.deepEqual(saved.state.reserves, [7n, 7n])
  })

  it('starts whole again when the market was read anew', async () => {
    const world = aWorld(2)
    for (let block = 0; block < finality; block++) world.mine()
    await world.checkpointer.idle()
    const { block } = world.market.view()
    world.market.restart({ ...aView(1), block })
    world.checkpointer.restarted()
    world.views.set(block?.hash ?? '0x', world.market.view())
    for (let mined = 0; mined < finality; mined++) {
      world.mine()
      await world.checkpointer.idle()
    }
    assert.deepEqual(
      world.table.saves.map(({ isWhole, head }) => [isWhole, head.block.number]),
      [
        [true, 100n],
        [true, 108n],
      ],
    )
    assert.deepEqual(kindsOf(world.table.rows), { [idOf(0)]: 'state' })
  })

  it('saves only changes when it goes on from a checkpoint', async () => {
    const market = createMarket(aView(2))
    const table = createTable()
    const options = { market, rows: table, everyBlocks: 1, isResumed: true }
    const checkpointer = createCheckpointer(options)
    const block = { ...start, number: 101n, hash: hashOf(2), parentHash: start.hash }
    const event: ChainEvent = { kind: 'block', block, logs: [sync(idOf(1), 5n)] }
    checkpointer.applied(event, market.apply(event))
    for (const final of [start, block])
      checkpointer.applied({ kind: 'finalize', block: final }, { touched: [], wanted: [] })
    await checkpointer.idle()
    assert.deepEqual(
      table.saves.map(({ isWhole, pools }) => [isWhole, [...pools.keys()]]),
      [[false, [idOf(1)]]],
    )
  })

  it('never starts a save while one is under way', async () => {
    const market = createMarket(aView(1))
    let [running, most, saves] = [0, 0, 0]
    const save = async () => {
      most = Math.max(most, ++running)
      saves += 1
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
    }
    const options = { market, rows: { save }, everyBlocks: 1, isResumed: false }
    const checkpointer = createCheckpointer(options)
    for (let number = 100n; number < 110n; number++)
      checkpointer.applied(
        { kind: 'finalize', block: { ...start, number } },
        { touched: [], wanted: [] },
      )
    await checkpointer.idle()
    assert.deepEqual([most, saves], [1, 1])
  })
})
