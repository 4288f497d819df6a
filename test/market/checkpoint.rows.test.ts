/** Checkpoints in the database: what was saved comes back, whole, and only on the chain that it is of. */
import assert from 'node:assert/strict'
import { after, before, beforeEach, it } from 'mocha'
import type { ChainNode } from '../../solver/chain/client.ts'
import { toQuantity } from '../../solver/chain/quantity.ts'
import type { Hex } from '../../solver/core/hex.ts'
import type { CheckpointChanges } from '../../solver/market/checkpoint.ts'
import { createMarketRows, loadCheckpoint } from '../../solver/market/marketRows.ts'
import type { KnownPool, MarketHead } from '../../solver/market/shadow.ts'
import type { MarketView } from '../../solver/market/view.ts'
import { createMetrics } from '../../solver/observe/metrics.ts'
import { moduleOf, type PoolState } from '../../solver/pools/index.ts'
import type { PoolId, PoolRef } from '../../solver/pools/pool.ts'
import { type Database, openDatabase } from '../../solver/store/database.ts'
import { hashOf } from '../helpers/fakeNode.ts'
import { idOf } from '../helpers/checkpointWorld.ts'
import { aPair, tokenA } from '../helpers/pools.ts'
import { describeStores } from '../helpers/stores.ts'
import { createUniverse } from '../helpers/universe.ts'

const { view: universe } = createUniverse({
  seed: 5,
  pools: 60,
  tokens: 12,
  v4Share: 0.3,
  gasPrice: 10n ** 9n,
})
const block = { number: 2n ** 40n, hash: hashOf(9), parentHash: hashOf(8), timestamp: 1_700n }

function headOf({ pools: _pools, ...rest }: MarketView, at = block): MarketHead {
  return { ...rest, block: at }
}

function known(states: Iterable<PoolState>): Map<PoolId, KnownPool> {
  return new Map([...states].map((state) => [state.id, { kind: 'state', state }]))
}

const whole: CheckpointChanges = {
  head: headOf(universe),
  pools: known(universe.pools.values()),
}

/** A node of chain `chainId` whose block at the checkpoint's number is `hash`, or absent. */
function aNode(hash: Hex | undefined, chainId = 1): ChainNode {
  const header = {
    number: toQuantity(block.number),
    hash,
    parentHash: block.parentHash,
    timestamp: '0x1',
  }
  return {
    request: ({ method }) =>
      Promise.resolve(
        method === 'eth_chainId' ? toQuantity(chainId) : hash === undefined ? null : header,
      ),
  }
}

describeStores('marketRows', (urlOf) => {
  let database: Database
  before(async () => {
    database = await openDatabase(urlOf())
  })
  after(() => database.destroy())
  beforeEach(async () => {
    for (const table of ['market_checkpoint', 'market_pool', 'market_token'] as const)
      await database.deleteFrom(table).execute()
  })

  it('gives back the market that was saved', async () => {
    await createMarketRows(database).save(whole)
    const stored = await loadCheckpoint(database, aNode(block.hash))
    assert.deepEqual(stored?.view.pools, universe.pools)
    assert.deepEqual(stored?.view.tokens, universe.tokens)
    assert.deepEqual(stored?.view.block, block)
    assert.equal(stored?.view.gasPrice, universe.gasPrice)
    assert.deepEqual(stored?.unread, [])
  })

  it('has nothing of a chain of which nothing was saved', async () => {
    assert.equal(await loadCheckpoint(database, aNode(block.hash)), undefined)
    await createMarketRows(database).save(whole)
    assert.equal(await loadCheckpoint(database, aNode(block.hash, 8_453)), undefined)
  })

  it('changes only the pools that it is given', async () => {
    const rows = createMarketRows(database)
    await rows.save(whole)
    const [first, second, third] = [...universe.pools.values()]
    assert.ok(first && second && third)
    const changed = { ...aPair([5n, 6n]), id: first.id, tokens: first.tokens }
    const ref = moduleOf(second).refOf(second)
    const next = { ...block, number: block.number + 1n, hash: hashOf(10), parentHash: block.hash }
    const changes: [PoolId, KnownPool][] = [
      [first.id, { kind: 'state', state: changed }],
      [second.id, { kind: 'unread', ref }],
      [third.id, { kind: 'forgotten' }],
    ]
    const head = { ...headOf(universe, next), gasPrice: undefined }
    await rows.save({ head, pools: new Map(changes), since: [block] })
    const stored = await loadCheckpoint(database, aNode(next.hash))
    const expected = new Map<PoolId, PoolState>(universe.pools).set(first.id, changed)
    expected.delete(second.id)
    expected.delete(third.id)
    assert.deepEqual(stored?.view.pools, expected)
    assert.deepEqual(stored?.unread, [ref])
    assert.equal(stored?.view.gasPrice, undefined)
    const written = await database
      .selectFrom('market_pool')
      .select('id')
      .where('block_number', '=', next.number)
      .execute()
    assert.deepEqual(new Set(written.map(({ id }) => id)), new Set([first.id, second.id]))
  })

  it('knows the state of a pool again when it was read', async () => {
    const rows = createMarketRows(database)
    const [first] = [...universe.pools.values()]
    assert.ok(first)
    const unread: KnownPool = { kind: 'unread', ref: moduleOf(first).refOf(first) }
    await rows.save({ ...whole, pools: new Map([[first.id, unread]]) })
    await rows.save({ ...whole, since: [block], pools: known([first]) })
    const stored = await loadCheckpoint(database, aNode(block.hash))
    assert.deepEqual([stored?.view.pools.get(first.id), stored?.unread], [first, []])
  })

  it('takes back everything that was saved before when it saves the whole market', async () => {
    const rows = createMarketRows(database)
    await rows.save(whole)
    const [first] = [...universe.pools.values()]
    assert.ok(first)
    await rows.save({ ...whole, pools: known([first]) })
    const stored = await loadCheckpoint(database, aNode(block.hash))
    assert.deepEqual([...(stored?.view.pools.keys() ?? [])], [first.id])
  })

  it('keeps what is there when a save fails in the middle', async () => {
    const rows = createMarketRows(database)
    await rows.save(whole)
    // Beyond int8: the last statement of the save is refused.
    const head = headOf(universe, { ...block, number: 2n ** 63n })
    await assert.rejects(rows.save({ head, pools: new Map() }))
    assert.deepEqual(
      (await loadCheckpoint(database, aNode(block.hash)))?.view.pools,
      universe.pools,
    )
  })

  it('refuses changes since another checkpoint than the last', async () => {
    const rows = createMarketRows(database)
    const next = headOf(universe, { ...block, number: block.number + 1n, hash: hashOf(10) })
    const changes = { head: next, pools: new Map(), since: [block] }
    await assert.rejects(rows.save(changes), { code: 'market.checkpoint-taken' })
    await rows.save(whole)
    await rows.save(changes)
    await assert.rejects(rows.save(changes), { code: 'market.checkpoint-taken' })
  })

  it('refuses a checkpoint whose block is not on the chain', async () => {
    await createMarketRows(database).save(whole)
    for (const hash of [hashOf(99), undefined])
      await assert.rejects(loadCheckpoint(database, aNode(hash)), {
        code: 'market.checkpoint-forked',
      })
  })

  it('refuses a row that breaks a rule of the format', async () => {
    await createMarketRows(database).save(whole)
    const [id] = universe.pools.keys()
    const broken = { state: `{"kind":"uniswapV2","id":"${id}"}` }
    await database
      .updateTable('market_pool')
      .set(broken)
      .where('id', '=', id ?? '')
      .execute()
    await assert.rejects(loadCheckpoint(database, aNode(block.hash)), {
      code: 'market.snapshot-invalid',
    })
  })

  it('refuses a reference to a pool that is not what it should be', async () => {
    const rows = createMarketRows(database)
    const [first] = [...universe.pools.values()]
    assert.ok(first)
    const ref = moduleOf(first).refOf(first)
    await rows.save({ ...whole, pools: new Map([[first.id, { kind: 'unread', ref }]]) })
    const refused = async (text: string, code: string) => {
      await database.updateTable('market_pool').set({ ref: text }).execute()
      await assert.rejects(loadCheckpoint(database, aNode(block.hash)), { code })
    }
    const good = JSON.stringify(ref)
    for (const text of [good.slice(0, -1), '', 'null', '[]', '7'])
      await refused(text, 'market.snapshot-corrupt')
    const bad: Readonly<Record<string, unknown>>[] = [
      { kind: 'noSuchKind' },
      { kind: 'constructor' },
      { id: ref.id.slice(0, -2) },
      { id: 7 },
      { tokens: undefined },
      { tokens: ['0x1'] },
      { exchange: {} },
      { feePips: 0.5 },
      { tickSpacing: -1 },
      { hooks: null },
      { variant: 1 },
      { vaultId: ref.id },
      { basePool: 'pool' },
    ]
    for (const over of bad)
      await refused(JSON.stringify({ ...ref, ...over }), 'market.snapshot-invalid')
    await refused('{}', 'market.snapshot-invalid')
    await database.updateTable('market_pool').set({ ref: good }).execute()
    assert.deepEqual((await loadCheckpoint(database, aNode(block.hash)))?.unread, [ref])
  })

  it('knows a reference of every kind again', async () => {
    const refs = [...universe.pools.values()].map((state) => moduleOf(state).refOf(state))
    const full = { feePips: 0x800000, tickSpacing: 60, variant: 'x', exchange: 'somewhere' }
    const more = refs.map((ref): PoolRef => ({ ...ref, ...full, hooks: tokenA, basePool: idOf(1) }))
    for (const list of [refs, more]) {
      const unread = list.map((ref): [PoolId, KnownPool] => [ref.id, { kind: 'unread', ref }])
      await createMarketRows(database).save({ ...whole, pools: new Map(unread) })
      const stored = await loadCheckpoint(database, aNode(block.hash))
      const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
      assert.deepEqual(stored?.unread, list.toSorted(byId))
    }
  })

  it('keeps symbols of tokens as they came, whatever strangers put there', async () => {
    const [token] = universe.tokens.values()
    assert.ok(token)
    const odd = { ...token, symbol: 'a\u0000b\u202e"\\\ud800' }
    const tokens = new Map(universe.tokens).set(token.address, odd)
    await createMarketRows(database).save({ ...whole, head: { ...whole.head, tokens } })
    const stored = await loadCheckpoint(database, aNode(block.hash))
    assert.deepEqual(stored?.view.tokens.get(token.address), odd)
  })

  it('writes a token again when its price is another one', async () => {
    const rows = createMarketRows(database)
    await rows.save(whole)
    const [token] = universe.tokens.values()
    assert.ok(token)
    const dearer = { ...token, priceWei: 77n }
    const tokens = new Map(universe.tokens).set(token.address, dearer)
    const head = { ...whole.head, tokens }
    await rows.save({ head, pools: new Map(), since: [block] })
    const stored = await loadCheckpoint(database, aNode(block.hash))
    assert.deepEqual(stored?.view.tokens, tokens)
  })

  it('says how long each save took', async () => {
    const metrics = createMetrics()
    const rows = createMarketRows(database, metrics)
    await rows.save(whole)
    await rows.save(whole)
    assert.match(await metrics.render(), /^isoprice_checkpoint_seconds_count 2$/m)
  })
})
