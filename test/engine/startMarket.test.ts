/** A line that is stopped and started again: from its checkpoint where that holds, else read anew, and says which. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'mocha'
import { sql } from 'kysely'
import { mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import {
  connectLine,
  type Line,
  type LineOptions,
  type LineStore,
} from '../../solver/engine/connect.ts'
import { differenceOf } from '../../solver/market/difference.ts'
import { readMarket } from '../../solver/market/reader.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import { openDatabase } from '../../solver/store/database.ts'
import { startLine, type TestLine, until } from '../helpers/line.ts'

const weth = mainnetTokens.WETH.address

let line: TestLine
let folder: string
let theStore: LineStore
let nonce = 0n

before(async function () {
  this.timeout(60_000)
  line = await startLine('manual')
  await line.fund(0, weth, 100n * 10n ** 18n)
  folder = mkdtempSync(join(tmpdir(), 'isoprice-line-'))
  theStore = { url: `pglite:${join(folder, 'data')}`, isLocal: true, everyBlocks: 1 }
})

after(async () => {
  await line.close()
  rmSync(folder, { recursive: true })
})

/** Starts a line on the store, gives it to `use`, and closes it; returns what it said. */
async function withLine(
  over: Partial<LineOptions>,
  use: (fresh: Line) => Promise<void>,
): Promise<readonly string[]> {
  const said: string[] = []
  const fresh = await connectLine({
    ...line.options,
    pollMs: 20,
    store: theStore,
    say: (text) => said.push(text),
    ...over,
  })
  const stop = new AbortController()
  const running = fresh.engine.run(stop.signal)
  try {
    await use(fresh)
  } finally {
    stop.abort()
    await running
    await fresh.close()
  }
  return said
}

/** Quotes are of the newest block again. */
async function isUpToDate({ engine, client }: Line): Promise<void> {
  const head = await client.viem.getBlockNumber({ cacheTime: 0 })
  const isThere = () => {
    try {
      return engine.view().block?.number === head
    } catch {
      return false
    }
  }
  await until(isThere, 20, `block ${head}`)
}

async function seal(count: number): Promise<void> {
  for (let sealed = 0; sealed < count; sealed++) await line.net.served.seal()
}

/** Fills an order, so that the pools stand otherwise than at the start. */
async function trade({ engine }: Line): Promise<void> {
  nonce += 1n
  const signed = await line.sign(0, { nonce })
  await engine.accept(signed)
  const isFilled = () => engine.book.get(signed.digest)?.status === 'filled'
  for (let tries = 0; !isFilled() && tries < 20; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    await line.net.served.seal()
  }
  assert.ok(isFilled(), 'the order was not filled')
}

/** Every pool of the line is what the chain says now. */
async function requireTrue({ engine, client }: Line): Promise<void> {
  const view = engine.view()
  const refs = line.options.pools
  const { view: chain } = await readMarket(client, refs, { blockNumber: view.block?.number })
  for (const held of view.pools.values()) {
    const there = chain.pools.get(held.id)
    assert.ok(there !== undefined)
    assert.equal(differenceOf(held, there), undefined)
  }
}

/** Seals blocks until a checkpoint is saved. */
async function waitForCheckpoint(fresh: Line): Promise<void> {
  await seal(70)
  await isUpToDate(fresh)
  const saved = /checkpoint_seconds_count [1-9]/
  for (let tries = 0; !saved.test(await fresh.telemetry.render()); tries++) {
    assert.ok(tries < 200, 'no checkpoint was saved')
    await new Promise((resolve) => setTimeout(resolve, 50))
    await line.net.served.seal()
  }
}

describe('engine.connectLine with a store', () => {
  it('reads the market where there is no checkpoint, and saves one when its block is final', async () => {
    const over = { pools: line.options.pools.slice(0, -5) }
    const said = await withLine(over, async (fresh) => {
      await trade(fresh)
      await waitForCheckpoint(fresh)
    })
    assert.match(said.join('\n'), /read anew: the store holds no checkpoint.*\nmarket: .* read in/)
  })

  it('goes on from there, quotes when it has caught up, and reads what the checkpoint lacks', async () => {
    let pools = 0
    const said = await withLine({}, async (fresh) => {
      await isUpToDate(fresh)
      await seal(1)
      await isUpToDate(fresh)
      pools = fresh.engine.view().pools.size
      await requireTrue(fresh)
      await trade(fresh)
      await isUpToDate(fresh)
      await requireTrue(fresh)
    })
    const [how = ''] = said
    assert.match(how, /from the checkpoint at block \d+, [1-9]\d* blocks behind, in \d+ ms, 5 conf/)
    assert.ok(Number(/market: (\d+) pools/.exec(how)?.[1]) < pools)
  })

  it('serves no quote from the view of the checkpoint', async () => {
    const fresh = await connectLine({ ...line.options, store: theStore })
    assert.throws(() => fresh.engine.view(), { code: 'market.stale' })
    await fresh.close()
  })

  it('reads anew when the checkpoint lacks most of the pools', async () => {
    const others = Array.from({ length: 90 }, (_, index) => ({
      kind: 'uniswapV2' as const,
      id: toPoolId(`0x${String(index + 1).padStart(40, '0')}`),
      tokens: [],
    }))
    const pools = [...line.options.pools, ...others]
    const said = await withLine({ pools }, async () => undefined)
    assert.match(said[0] ?? '', /^read anew: the checkpoint lacks 95 of the 128 configured pools/)
  })

  it('drops the pools that are configured no more, and saves a checkpoint without them', async () => {
    const pools = line.options.pools.slice(0, -8)
    const dropped = line.options.pools.slice(-8).map(({ id }) => id)
    const said = await withLine({ pools }, async (fresh) => {
      await isUpToDate(fresh)
      const held = fresh.engine.view().pools
      assert.deepEqual(
        dropped.filter((id) => held.has(id)),
        [],
      )
      await waitForCheckpoint(fresh)
    })
    assert.match(said[1] ?? '', /^dropped: [1-9] pools of the checkpoint/)
    const again = await withLine({}, async (fresh) => {
      await isUpToDate(fresh)
      await requireTrue(fresh)
    })
    assert.match(again[0] ?? '', /from the checkpoint .*, 8 configured pools to be read/)
  })

  it('reads anew when a row of the checkpoint is broken', async () => {
    const broken = { state: null, ref: '{"kind":' }
    const database = await openDatabase(theStore.url)
    const { id } = line.options.pools[0] ?? assert.fail()
    const before = await database
      .selectFrom('market_pool')
      .select(['state', 'ref'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    const write = (store: typeof database, row: typeof before) =>
      store.updateTable('market_pool').set(row).where('id', '=', id).execute()
    await write(database, broken)
    await database.destroy()
    const said = await withLine({}, async () => undefined)
    assert.match(said[0] ?? '', /^read anew: .*market\.snapshot-corrupt/)
    const mended = await openDatabase(theStore.url)
    await write(mended, before)
    await mended.destroy()
  })

  it('reads anew when the block of the checkpoint is not on the chain', async () => {
    const database = await openDatabase(theStore.url)
    const hash = `0x${'ab'.repeat(32)}`
    await sql`update market_checkpoint set block_hash = ${hash}`.execute(database)
    await database.destroy()
    const said = await withLine({}, async () => undefined)
    assert.match(said[0] ?? '', /^read anew: .*market\.checkpoint-forked/)
  })

  it('gives the store back when it cannot start, and leaves it to whoever has it', async () => {
    const nobody = `0x${'ab'.repeat(20)}` as const
    const failing = connectLine({ ...line.options, store: theStore, settlement: nobody })
    await assert.rejects(failing, { code: 'engine.no-settlement' })
    const holder = await openDatabase(theStore.url)
    const held = connectLine({ ...line.options, store: theStore })
    await assert.rejects(held, { code: 'store.locked' })
    await holder.destroy()
  })

  it('is refused an embedded store where money is at stake', async () => {
    const unsafe = connectLine({ ...line.options, store: { url: 'memory:', isLocal: false } })
    await assert.rejects(unsafe, { code: 'store.embedded' })
  })
})
