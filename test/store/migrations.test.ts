/** The schema: each step once, in order, whole or not at all. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { after, before, describe, it } from 'mocha'
import { createRng } from '../../solver/core/rng.ts'
import { type Database, openDatabase } from '../../solver/store/database.ts'
import { type Migration, migrate, migrations } from '../../solver/store/migrations.ts'
import { describeStores } from '../helpers/stores.ts'

const step = (name: string, ...statements: string[]): Migration => ({ name, statements })
const versions = (database: Database) =>
  database.selectFrom('schema_version').select(['version', 'name']).orderBy('version').execute()

async function hasTable(database: Database, name: string): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`
    select to_regclass(${name}) is not null as found`.execute(database)
  return rows[0]?.found === true
}

describeStores('migrations.migrate', (urlOf) => {
  let database: Database
  before(async () => {
    database = await openDatabase(urlOf())
  })
  after(() => database.destroy())

  it('has run every step of ours once, in order', async () => {
    assert.deepEqual(
      await versions(database),
      migrations.map(({ name }, index) => ({ version: index + 1, name })),
    )
    assert.equal(await migrate(database), 0)
  })

  it('runs what is new, each step once, also when two processes start together', async () => {
    const steps = [
      ...migrations,
      step('one', 'create table one (x integer)', 'insert into one values (1)'),
      step('two', 'insert into one values (2)'),
    ]
    const ran = await Promise.all([migrate(database, steps), migrate(database, steps)])
    assert.equal(ran[0] + ran[1], 2)
    const { rows } = await sql`select x from one order by x`.execute(database)
    assert.deepEqual(rows, [{ x: 1 }, { x: 2 }])
  })

  it('leaves everything as it was when a step fails, and runs it when it is mended', async () => {
    const seen = await versions(database)
    const steps = [...migrations, step('one'), step('two')]
    const broken = step('three', 'create table three (x integer)', 'select 1 / 0')
    await assert.rejects(migrate(database, [...steps, broken]))
    assert.deepEqual(await versions(database), seen)
    assert.ok(!(await hasTable(database, 'three')))
    assert.equal(
      await migrate(database, [...steps, step('three', 'create table three (x int)')]),
      1,
    )
    assert.ok(await hasTable(database, 'three'))
  })

  it('refuses a database that a newer version has changed', async () => {
    await assert.rejects(migrate(database), { code: 'store.schema-newer' })
  })
})

/** A program that runs a step of many statements on the folder, and says when it begins. */
function migrator(url: string): string[] {
  const at = (file: string) =>
    JSON.stringify(new URL(`../../solver/store/${file}`, import.meta.url))
  const program = `
    import { openDatabase } from ${at('database.ts')}
    import { migrate, migrations } from ${at('migrations.ts')}
    const database = await openDatabase(${JSON.stringify(url)})
    console.log('begins')
    const statements = Array.from({ length: 200 }, (_, index) => 'create table t' + index + ' (x integer)')
    await migrate(database, [...migrations, { name: 'many', statements }])
    console.log('done')`
  return ['--input-type=module', '-e', program]
}

async function killDuring(url: string, afterMs: number): Promise<void> {
  const child = spawn(process.execPath, migrator(url), { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise((resolve) => child.stdout.once('data', resolve))
  await new Promise((resolve) => setTimeout(resolve, afterMs))
  child.kill('SIGKILL')
  await new Promise((resolve) => child.once('close', resolve))
}

describe('migrations.migrate in a process that is killed', () => {
  const kills = process.env['ISOPRICE_LONG'] === '1' ? 100 : 4

  it(`leaves the schema old or new, never between, in ${kills} kills`, async () => {
    const rng = createRng(5)
    const folder = mkdtempSync(join(tmpdir(), 'isoprice-migrate-'))
    let [old, whole] = [0, 0]
    for (let kill = 0; kill < kills; kill++) {
      // A step that was done is done: the next kill needs a fresh folder.
      const url = `pglite:${join(folder, String(whole))}`
      await killDuring(url, rng.int(0, 150))
      const database = await openDatabase(url).catch((error: unknown) => {
        assert.equal((error as { code?: string }).code, 'store.schema-newer')
        whole += 1
      })
      if (database === undefined) continue
      old += 1
      assert.ok(!(await hasTable(database, 't0')))
      assert.ok(!(await hasTable(database, 't199')))
      await database.destroy()
    }
    rmSync(folder, { recursive: true })
    assert.equal(old + whole, kills)
    assert.ok(old > 0, 'no kill was in time')
  })
})
