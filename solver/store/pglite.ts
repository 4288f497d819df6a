/**
 * Embedded Postgres in this process: `pglite:<folder>`, or `memory:` for nothing that lasts.
 *
 * It survives a killed process, since its writes are in the operating system's hands, but it never calls fsync,
 * so it does not survive a loss of power.
 */
import { mkdirSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { PGlite, type PGliteOptions } from '@electric-sql/pglite'
import type { Dialect } from 'kysely'
import { BaseError } from '../core/errors.ts'
import { takeLock } from './lockFile.ts'
import { createPgliteDialect, StoreUnusableError } from './pgliteDriver.ts'
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
 * @throws {StoreUnusableError} `store.unusable`, when the folder is broken or the disk refuses.
 */
export async function openPglite(url: string): Promise<Dialect> {
  const isLasting = !url.startsWith('memory:')
  const dataDir = isLasting ? folderOf(url) : undefined
  const folder = dataDir ?? 'memory'
  const open = () => blame(folder, () => PGlite.create({ ...(dataDir && { dataDir }), parsers }))
  const release = await blame(folder, () =>
    dataDir === undefined ? () => undefined : take(dataDir),
  )
  try {
    return createPgliteDialect({ folder, isLasting, open, release }, await open())
  } catch (error) {
    release()
    throw error
  }
}

/** @throws {StoreUrlError} `store.url`. */
function folderOf(url: string): string {
  const folder = url.replace(/^[a-z]+:(\/\/)?/, '')
  if (folder === '') throw new StoreUrlError(url)
  return resolve(folder)
}

function take(dataDir: string): () => void {
  mkdirSync(dirname(dataDir), { recursive: true })
  return takeLock(`${dataDir}.lock`)
}

/** What file systems and PGlite throw, with the folder and what to do. */
async function blame<value>(folder: string, open: () => Promise<value> | value): Promise<value> {
  try {
    return await open()
  } catch (cause) {
    throw cause instanceof BaseError ? cause : new StoreUnusableError({ folder, cause })
  }
}
