/** The database behind one URL: Postgres for money at stake, embedded PGlite for everything local; one dialect. */
import { Kysely, sql } from 'kysely'
import { BaseError } from '../core/errors.ts'
import { migrate } from './migrations.ts'
import { openPglite } from './pglite.ts'
import { openPostgres } from './postgres.ts'
import { type OpenStore, StoreUrlError } from './store.ts'
import type { Tables } from './tables.ts'

/** A migrated database. `destroy()` closes it and gives its lock back. */
export type Database = Kysely<Tables>

/** Backends by the scheme of the URL. A new one is a file and a line here. */
const openers: Readonly<Record<string, OpenStore>> = {
  memory: openPglite,
  pglite: openPglite,
  postgres: openPostgres,
  postgresql: openPostgres,
}
/** Schemes whose data live in this process and are not safe against a loss of power. */
const embedded = new Set(['memory', 'pglite'])
/** Settings of Postgres without which a commit that was acknowledged can be lost. */
const durableSettings = ['fsync', 'full_page_writes', 'synchronous_commit'] as const

/**
 * Opens the database that `url` names and brings its schema up to date.
 *
 * @param url - `pglite:<folder>`, `memory:`, or `postgres://user:password@host:port/name`.
 * @throws {StoreUrlError} `store.url`.
 * @throws {StoreLockedError} `store.locked`, when another process has the folder open.
 * @throws {StoreUnusableError} `store.unusable`, when an embedded database is broken or the disk refuses.
 * @throws {StoreUnreachableError} `store.unreachable`, retryable.
 * @throws {SchemaNewerError} `store.schema-newer`.
 */
export async function openDatabase(url: string): Promise<Database> {
  const open = openers[schemeOf(url)]
  if (open === undefined) throw new StoreUrlError(url)
  const database = new Kysely<Tables>({ dialect: await open(url) })
  try {
    await migrate(database)
  } catch (error) {
    await database.destroy()
    throw error
  }
  return database
}

/** What {@link requireDurable} must know. */
export type Durability = {
  readonly url: string
  /** True for a chain whose money is play money. */
  readonly isLocal: boolean
  /** The operator takes the risk; absent asks the environment: `ISOPRICE_ALLOW_EMBEDDED=1`. */
  readonly allowEmbedded?: boolean | undefined
}

/**
 * Guards real money against a store that may lose what it acknowledged: embedded storage never calls fsync, and
 * a Postgres may be told not to. On a local chain everything is good enough.
 *
 * @throws {EmbeddedStoreError} `store.embedded`.
 * @throws {UnsafeSettingsError} `store.unsafe-settings`.
 */
export async function requireDurable(database: Database, durability: Durability): Promise<void> {
  const {
    url,
    isLocal,
    allowEmbedded = process.env['ISOPRICE_ALLOW_EMBEDDED'] === '1',
  } = durability
  if (isLocal) return
  if (embedded.has(schemeOf(url))) {
    if (allowEmbedded) return
    throw new EmbeddedStoreError({ scheme: schemeOf(url) })
  }
  const { rows } = await sql<{ name: string; setting: string }>`
    select name, setting from pg_settings where name in (${sql.join([...durableSettings])})
  `.execute(database)
  const unsafe = rows.filter(({ setting }) => setting !== 'on').map(({ name }) => name)
  if (unsafe.length > 0) throw new UnsafeSettingsError({ unsafe })
}

function schemeOf(url: string): string {
  return /^([a-z]+):/.exec(url)?.[1] ?? ''
}

/** Embedded storage on a chain where money is at stake: it survives a killed process, but not a loss of power. */
export class EmbeddedStoreError extends BaseError {
  override readonly code = 'store.embedded'

  constructor({ scheme }: { scheme: string }) {
    super('Embedded storage never flushes to disk, and this chain is not a local one.', {
      facts: { scheme },
      hint: 'Use Postgres, or set ISOPRICE_ALLOW_EMBEDDED=1 to take the risk of a power loss.',
    })
  }
}

/** A Postgres that may forget what it acknowledged. */
export class UnsafeSettingsError extends BaseError {
  override readonly code = 'store.unsafe-settings'

  constructor({ unsafe }: { unsafe: readonly string[] }) {
    super('Postgres is set up so that a crash can lose acknowledged commits.', {
      facts: { unsafe: unsafe.join(' ') },
      hint: 'Set fsync, full_page_writes and synchronous_commit to on.',
    })
  }
}
