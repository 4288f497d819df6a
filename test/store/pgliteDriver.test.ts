/** The embedded store's door: one user at a time, and on from a fault that PGlite's session does not survive. */
import assert from 'node:assert/strict'
import { PGlite } from '@electric-sql/pglite'
import { Kysely, sql } from 'kysely'
import { after, before, beforeEach, describe, it } from 'mocha'
import { createPgliteDialect } from '../../solver/store/pgliteDriver.ts'
import type { Tables } from '../../solver/store/tables.ts'

let real: PGlite
let database: Kysely<Tables>
let opened = 0
let cannotOpen = false
let session = aSession()

/** A session on the real database that a full disk breaks at will, as it breaks PGlite: for good. */
function aSession() {
  const state = { isFull: false, isBroken: false }
  const pglite = new Proxy({} as PGlite, {
    get: (_, name) => {
      if (name === 'query') return query
      return name === 'close' ? close : Reflect.get(real, name)
    },
  })
  const query: PGlite['query'] = async (text, values, options) => {
    if (state.isBroken) throw withCode('cannot drop active portal', '24000')
    if (state.isFull && text.startsWith('insert')) {
      state.isBroken = true
      throw withCode('could not write to file "pg_wal/xlogtemp.42"', '53100')
    }
    return real.query(text, values, options)
  }
  // The data stay; what was begun is taken back, as when a process dies.
  const close = async () => void (await real.query('rollback'))
  return { pglite, state }
}

function withCode(message: string, code: string): Error {
  return Object.assign(new TypeError(message), { code })
}

before(async () => {
  real = await PGlite.create()
  await real.query('create table schema_version (version integer primary key)')
})

beforeEach(async () => {
  await real.query('delete from schema_version')
  ;[opened, cannotOpen, session] = [0, false, aSession()]
  const source = {
    folder: 'somewhere',
    isLasting: true,
    release: () => undefined,
    open: async () => {
      if (cannotOpen) throw new TypeError('no space left on device')
      opened += 1
      session = aSession()
      return session.pglite
    },
  }
  database = new Kysely<Tables>({ dialect: createPgliteDialect(source, session.pglite) })
})

after(() => real.close())

const insert = (version: number) =>
  database.transaction().execute(async (transaction) => {
    await sql`insert into schema_version values (${version})`.execute(transaction)
  })

async function versions(): Promise<unknown[]> {
  const { rows } = await sql<{ version: number }>`
    select version from schema_version order by version`.execute(database)
  return rows.map(({ version }) => version)
}

describe('pgliteDriver.createPgliteDialect', () => {
  it('opens a new session after a full disk, with all that was there and nothing of what failed', async () => {
    const unhandled: unknown[] = []
    const note = (error: unknown) => void unhandled.push(error)
    process.on('unhandledRejection', note)
    await insert(1)
    session.state.isFull = true
    await assert.rejects(insert(2), { code: 'store.unusable' })
    await insert(3)
    assert.deepEqual([await versions(), opened], [[1, 3], 1])
    await new Promise((resolve) => setTimeout(resolve, 10))
    process.off('unhandledRejection', note)
    assert.deepEqual(unhandled, [])
  })

  it('says so each time while there is no new session, and goes on when there is', async () => {
    session.state.isFull = true
    await assert.rejects(insert(1))
    cannotOpen = true
    for (const version of [2, 3]) await assert.rejects(insert(version))
    cannotOpen = false
    await insert(4)
    assert.deepEqual(await versions(), [4])
  })

  it('keeps its session where the statement is at fault', async () => {
    await insert(1)
    await assert.rejects(insert(1), { code: '23505' })
    await assert.rejects(sql`select nothing`.execute(database), { code: '42703' })
    assert.deepEqual([await versions(), opened], [[1], 0])
  })

  it('lets one transaction end before the next begins', async () => {
    const steps: string[] = []
    const slow = (name: string) =>
      database.transaction().execute(async (transaction) => {
        steps.push(`${name} begins`)
        await sql`select 1`.execute(transaction)
        await new Promise((resolve) => setTimeout(resolve, 5))
        steps.push(`${name} ends`)
      })
    await Promise.all([slow('a'), slow('b')])
    assert.deepEqual(steps, ['a begins', 'a ends', 'b begins', 'b ends'])
  })

  it('reads one snapshot where that is asked for', async () => {
    const level = await database
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute((transaction) => sql<object>`show transaction_isolation`.execute(transaction))
    assert.deepEqual(level.rows, [{ transaction_isolation: 'repeatable read' }])
  })

  it('refuses to commit what has failed, also when nobody minded', async () => {
    const careless = database.transaction().execute(async (transaction) => {
      await sql`insert into schema_version values (7)`.execute(transaction)
      await sql`select 1 / 0`.execute(transaction).catch(() => undefined)
    })
    await assert.rejects(careless)
    assert.deepEqual(await versions(), [])
  })
})
