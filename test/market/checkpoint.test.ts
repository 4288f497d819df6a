/** Checkpoints: what is saved is the market at the final block, whatever happened above it since. */
import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { describe, it } from 'mocha'
import type { ChainEvent } from '../../solver/chain/head.ts'
import { createRng, type Rng } from '../../solver/core/rng.ts'
import { createCheckpointer } from '../../solver/market/checkpoint.ts'
import { createMarket } from '../../solver/market/market.ts'
import type { KnownPool } from '../../solver/market/shadow.ts'
import type { PoolId } from '../../solver/pools/pool.ts'
import {
  aView,
  aWorld,
  created,
  createTable,
  finality,
  idOf,
  start,
  sync,
} from '../helpers/checkpointWorld.ts'
import { hashOf } from '../helpers/fakeNode.ts'

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
        table.failsNext = rng.next() < 0.1
        table.commitsFirst = rng.next() < 0.5
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
      assert.equal(table.misfits, 0)
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
    const sizes = world.table.saves.map(({ since, pools }) => [since?.[0]?.number, pools.size])
    assert.deepEqual(sizes, [
      [undefined, 3],
      [100n, 1],
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

  it('goes on after a save that failed although it was written', async () => {
    const world = aWorld(2)
    world.table.commitsFirst = true
    for (let block = 0; block < finality + 4; block++) {
      world.table.failsNext = block === finality || block === finality + 1
      world.mine([sync(idOf(0), BigInt(block + 2))])
      await world.checkpointer.idle()
    }
    assert.equal(world.failures.length, 2)
    assert.equal(world.table.misfits, 0)
    assert.equal(world.checkpointer.savedBlock(), 104n)
  })

  it('believes no state that a failed save gives back, once it was quarantined meanwhile', async () => {
    const world = aWorld(2)
    for (let block = 0; block < finality; block++) world.mine([sync(idOf(0), BigInt(block + 2))])
    await world.checkpointer.idle()
    world.table.failsNext = true
    world.mine()
    world.quarantine(idOf(0))
    await world.checkpointer.idle()
    assert.equal(world.failures.length, 1)
    world.mine()
    await world.checkpointer.idle()
    assert.deepEqual(kindsOf(world.table.rows), { [idOf(0)]: 'unread', [idOf(1)]: 'state' })
  })

  it('gives nothing back to a market that was read anew while its save failed', async () => {
    const world = aWorld(2)
    for (let block = 0; block < finality; block++) world.mine([sync(idOf(1), 5n)])
    await world.checkpointer.idle()
    world.table.failsNext = true
    world.mine([sync(idOf(1), 6n)])
    const { block } = world.market.view()
    world.market.restart({ ...aView(1), block })
    world.checkpointer.restarted()
    await world.checkpointer.idle()
    assert.equal(world.failures.length, 1)
    for (let mined = 0; mined < finality; mined++) {
      world.mine()
      await world.checkpointer.idle()
    }
    assert.equal(world.table.saves.at(-1)?.since, undefined)
    assert.deepEqual(kindsOf(world.table.rows), { [idOf(0)]: 'state' })
  })

  it('remembers a pool whose only reading a reorg took back', async () => {
    const world = aWorld(1)
    world.mine()
    world.mine()
    world.read([idOf(5)], [idOf(5)], 9n)
    world.reorg(1)
    for (let block = 0; block <= finality; block++) {
      world.mine()
      await world.checkpointer.idle()
    }
    assert.deepEqual(kindsOf(world.table.rows), { [idOf(0)]: 'state', [idOf(5)]: 'unread' })
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
      world.table.saves.map(({ since, head }) => [since, head.block.number]),
      [
        [undefined, 100n],
        [undefined, 108n],
      ],
    )
    assert.deepEqual(kindsOf(world.table.rows), { [idOf(0)]: 'state' })
  })

  it('saves only changes when it goes on from a checkpoint', async () => {
    const market = createMarket(aView(2))
    const table = createTable()
    table.block = start
    const options = { market, rows: table, everyBlocks: 1, isResumed: true }
    const checkpointer = createCheckpointer(options)
    const block = { ...start, number: 101n, hash: hashOf(2), parentHash: start.hash }
    const event: ChainEvent = { kind: 'block', block, logs: [sync(idOf(1), 5n)] }
    checkpointer.applied(event, market.apply(event))
    for (const final of [start, block])
      checkpointer.applied({ kind: 'finalize', block: final }, { touched: [], wanted: [] })
    await checkpointer.idle()
    assert.deepEqual(
      table.saves.map(({ since, pools }) => [since, [...pools.keys()]]),
      [[[start], [idOf(1)]]],
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
