/** Every backend of the store, for tests that must hold on each. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'mocha'
import { findPostgres, type PostgresServer, startPostgres } from './postgres.ts'

/**
 * Declares the tests of `body` once for each backend. `urlOf` gives the URL of an empty database of that backend
 * while a test runs; Postgres is left out, by name, on a machine without its programs.
 */
export function describeStores(
  title: string,
  body: (urlOf: () => string, backend: 'pglite' | 'postgres') => void,
): void {
  describe(`${title} on PGlite in memory`, () => body(() => 'memory:', 'pglite'))

  describe(`${title} on PGlite in a folder`, () => {
    let folder = ''
    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'isoprice-store-'))
    })
    body(() => `pglite:${join(folder, 'data')}`, 'pglite')
    // Hooks run in their order: the tests close the database first.
    after(() => rmSync(folder, { recursive: true }))
  })

  describe(`${title} on Postgres`, () => {
    let server: PostgresServer | undefined
    before(async function () {
      const programs = findPostgres()
      if (programs === undefined) this.skip()
      else server = await startPostgres(programs)
    })
    body(() => server?.url ?? '', 'postgres')
    after(() => server?.stop())
  })
}
