/** The store: what went in comes out, on every backend; and the guards before it. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { after, before, describe, it } from 'mocha'
import { type Database, openDatabase, requireDurable } from '../../solver/store/database.ts'
import { describeStores } from '../helpers/stores.ts'

const uint256Max = 2n ** 256n - 1n

describeStores('database.openDatabase', (urlOf, backend) => {
  let database: Database
  before(async () => {
    database = await openDatabase(urlOf())
  })
  after(() => database.destroy())

  const back = async (value: bigint, type: string): Promise<unknown> => {
    const { rows } = await sql<{ value: unknown }>`
      select ${value}::${sql.raw(type)} as value`.execute(database)
    return rows[0]?.value
  }

  it('brings integers of up to 256 bits back as they were', async () => {
    for (const value of [0n, 1n, -1n, 2n ** 53n + 1n, uint256Max, -uint256Max])
      assert.equal(await back(value, 'numeric(78, 0)'), value)
  })

  it('brings block numbers back as bigint', async () => {
    for (const value of [0n, 2n ** 53n + 1n, 2n ** 63n - 1n])
      assert.equal(await back(value, 'bigint'), value)
  })

  it('keeps what was written before it was opened again', async () => {
    const row = {
      chain_id: 7,
      block_number: 2n ** 53n + 1n,
      block_hash: '0x1',
      parent_hash: '0x0',
      block_timestamp: 5n,
      gas_price: uint256Max,
    }
    await database.insertInto('market_checkpoint').values(row).execute()
    if (urlOf() !== 'memory:') {
      await database.destroy()
      database = await openDatabase(urlOf())
    }
    assert.deepEqual(await database.selectFrom('market_checkpoint').selectAll().execute(), [row])
  })

  it('undoes all of a transaction that fails', async () => {
    await assert.rejects(
      database.transaction().execute(async (transaction) => {
        await transaction.deleteFrom('market_checkpoint').execute()
        await sql`select 1 / 0`.execute(transaction)
      }),
    )
    const rows = await database.selectFrom('market_checkpoint').select('chain_id').execute()
    assert.equal(rows.length, 1)
  })

  it('guards real money: embedded storage is refused, durable Postgres is not', async () => {
    const url = urlOf()
    const guard = requireDurable(database, { url, isLocal: false, allowEmbedded: false })
    if (url.startsWith('postgres')) await guard
    else await assert.rejects(guard, { code: 'store.embedded' })
    await requireDurable(database, { url, isLocal: true })
    await requireDurable(database, { url, isLocal: false, allowEmbedded: true })
  })

  if (backend === 'postgres')
    it('refuses a Postgres that may forget what it acknowledged', async () => {
      await sql`alter system set synchronous_commit = off`.execute(database)
      await sql`select pg_reload_conf()`.execute(database)
      const durability = { url: urlOf(), isLocal: false, allowEmbedded: true }
      // The server rereads its settings in its own time.
      const refused = async (tries: number): Promise<unknown> => {
        try {
          await requireDurable(database, durability)
        } catch (error) {
          return error
        }
        await new Promise((resolve) => setTimeout(resolve, 20))
        return tries === 0 ? undefined : refused(tries - 1)
      }
      const failure = await refused(100)
      assert.ok(failure instanceof Error && 'code' in failure && 'facts' in failure)
      assert.equal(failure.code, 'store.unsafe-settings')
      assert.deepEqual(failure.facts, { unsafe: 'synchronous_commit' })
    })
})

describe('database.openDatabase', () => {
  it('refuses what names no backend, and keeps passwords out of the error', async () => {
    for (const url of ['', 'sqlite:x', 'mysql://me:hunter2@host/db', 'pglite:', 'C:\\data'])
      await assert.rejects(openDatabase(url), (error: Error & { code?: string }) => {
        assert.equal(error.code, 'store.url')
        assert.ok(!error.message.includes('hunter2'))
        return true
      })
  })

  it('says so when no server answers, without the password', async () => {
    await assert.rejects(
      openDatabase('postgres://me:hunter2@127.0.0.1:1/x'),
      (error: Error & { code?: string; retryable?: boolean }) => {
        assert.equal(error.code, 'store.unreachable')
        assert.equal(error.retryable, true)
        assert.ok(!error.message.includes('hunter2'))
        return true
      },
    )
  })

  it('refuses a folder that is open already, and takes it when it is closed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'isoprice-store-'))
    const url = `pglite:${join(folder, 'data')}`
    const first = await openDatabase(url)
    await assert.rejects(openDatabase(url), {
      code: 'store.locked',
      facts: { pid: process.pid, lock: join(folder, 'data.lock') },
    })
    await first.destroy()
    assert.ok(!existsSync(join(folder, 'data.lock')))
    await (await openDatabase(url)).destroy()
    rmSync(folder, { recursive: true })
  })
})

describe('database.requireDurable', () => {
  it('asks the environment when nobody says what is allowed', async () => {
    const database = await openDatabase('memory:')
    const guard = () => requireDurable(database, { url: 'memory:', isLocal: false })
    await assert.rejects(guard(), { code: 'store.embedded' })
    process.env['ISOPRICE_ALLOW_EMBEDDED'] = '1'
    try {
      await guard()
    } finally {
      delete process.env['ISOPRICE_ALLOW_EMBEDDED']
      await database.destroy()
    }
  })

  it('says which folder cannot be used, and why, whatever broke it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'isoprice-store-'))
    const unusable = async (name: string) => {
      const data = join(folder, name)
      const failing = openDatabase(`pglite:${data}`)
      await assert.rejects(failing, (error: Error & { code?: string; facts?: object }) => {
        assert.equal(error.code, 'store.unusable')
        assert.equal(error.facts && Reflect.get(error.facts, 'folder'), data)
        return true
      })
      assert.ok(!existsSync(`${data}.lock`))
    }
    writeFileSync(join(folder, 'file'), 'no folder')
    await unusable('file')
    await unusable('file/below')
    await (await openDatabase(`pglite:${join(folder, 'data')}`)).destroy()
    truncateSync(join(folder, 'data', 'global', 'pg_control'))
    await unusable('data')
    rmSync(folder, { recursive: true })
  })
})
