/**
 * Embedded Postgres in this process: `pglite:<folder>`, or `memory:` for nothing that lasts.
 *
 * It survives a killed process, since its writes are in the operating system's hands, but it never calls fsync,
 * so it does not survive a loss of power.
 */
import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { PGlite, type PGliteOptions } from '@electric-sql/pglite'
import { type Dialect, PGliteDialect } from 'kysely'
import { takeLock } from './lockFile.ts'
import { exactTypes, StoreUrlError } from './store.ts'

const parsers: NonNullable<PGliteOptions['parsers']> = {
  [exactTypes.int8]: BigInt,
  // Every numeric column has scale 0.
  [exactTypes.numeric]: BigInt,
}

/**
 * Opens the folder of `url`, made when absent, or a database in memory. PGlite has no lock of its own and two
 * processes would ruin the data, so the lock file `<folder>.lock` stands beside it while it is open.
 *
 * @throws {StoreUrlError} `store.url`, when it names no folder.
 * @throws {StoreLockedError} `store.locked`.
 */
export async function openPglite(url: string): Promise<Dialect> {
  if (url.startsWith('memory:')) return dialectOf(await PGlite.create({ parsers }))
  const folder = url.replace(/^[a-z]+:(\/\/)?/, '')
  if (folder === '') throw new StoreUrlError(url)
  const dataDir = resolve(folder)
  mkdirSync(dirname(dataDir), { recursive: true })
  const release = takeLock(`${dataDir}.lock`)
  try {
    return dialectOf(await PGlite.create({ dataDir, parsers }), release)
  } catch (error) {
    release()
    throw error
  }
}

function dialectOf(pglite: PGlite, release: () => void = () => undefined): Dialect {
  return new PGliteDialect({
    pglite: {
      waitReady: pglite.waitReady,
      get ready() {
        return pglite.ready
      },
      get closed() {
        return pglite.closed
      },
      query: (text, values, options) => pglite.query(text, values, options),
      transaction: (run) => pglite.transaction(run),
      async close() {
        await pglite.close()
        release()
      },
    },
  })
}
