/**
 * Kysely's door to an embedded PGlite: one user at a time, and a session that is opened anew after a fault.
 *
 * A full disk leaves PGlite's session unable to do anything more ("cannot drop active portal"), also when there is
 * space again; only a new one goes on. Kysely's own driver would moreover leave a rejection that nobody handles,
 * which ends the process.
 */
import type { PGlite } from '@electric-sql/pglite'
import {
  AbortedTransactionError,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PGliteAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  type TransactionSettings,
} from 'kysely'
import { BaseError } from '../core/errors.ts'
import { whyOf } from './store.ts'

/** Where sessions come from. */
export type PgliteSource = {
  /** For people: the folder, or `memory`. */
  readonly folder: string
  /** False when a new session would know nothing of the one before. */
  readonly isLasting: boolean
  open(): Promise<PGlite>
  /** Gives the folder to others. */
  release(): void
}

/** Classes of SQLSTATE that blame the statement or its data; any other blames the session or the disk. */
const ordinary = /^(0A|22|23|25|40|42|55|P0)[0-9A-Z]{3}$/
/** Patience with a session that is to end, in milliseconds: one that is broken may never answer. */
const closeMs = 5_000

/** A dialect over `first` and, after a fault, over sessions that `source` opens. What is open, its `destroy` closes. */
export function createPgliteDialect(source: PgliteSource, first: PGlite): Dialect {
  return {
    createAdapter: () => new PGliteAdapter(),
    createDriver: () => createDriver(source, first),
    createIntrospector: (database) => new PostgresIntrospector(database),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  }
}

function createDriver(source: PgliteSource, first: PGlite): Driver {
  const session = createSession(source, first)
  const connection = connectionTo(session)
  return {
    init: async () => undefined,
    // Kysely lets in one user at a time, and would let in no more after an error here: a fault shows at the first use.
    acquireConnection: async () => connection,
    beginTransaction: (_, { isolationLevel }: TransactionSettings) => session.begin(isolationLevel),
    commitTransaction: () => session.commit(),
    rollbackTransaction: () => session.rollback(),
    releaseConnection: async () => undefined,
    destroy: () => session.close(),
  }
}

type Session = ReturnType<typeof createSession>

/** One session at a time. A fault that is not the statement's makes it broken, and the next use opens another. */
function createSession(source: PgliteSource, first: PGlite) {
  const keeper = createKeeper(source, first)
  /** What stands of a transaction. */
  let transaction: 'none' | 'sound' | 'failed' = 'none'

  const run = async (text: string, parameters: readonly unknown[] = []) => {
    const pglite = await keeper.session(transaction === 'none')
    try {
      return await pglite.query<unknown>(text, [...parameters], { rowMode: 'object' })
    } catch (cause) {
      if (transaction !== 'none') transaction = 'failed'
      if (isOrdinary(cause)) throw cause
      keeper.broke()
      throw new StoreUnusableError({ folder: source.folder, cause })
    }
  }
  /** A session that cannot even take back is worth nothing; its data are as before, as after a killed process. */
  const rollback = async (): Promise<void> => {
    await run('rollback').catch(() => keeper.broke())
    transaction = 'none'
  }
  return {
    run,
    rollback,
    async begin(level: string | undefined): Promise<void> {
      await run(level === undefined ? 'begin' : `begin isolation level ${level}`)
      transaction = 'sound'
    },
    async commit(): Promise<void> {
      if (transaction === 'failed') {
        await rollback()
        // Postgres answers such a commit with a rollback, and no error.
        throw new AbortedTransactionError()
      }
      await run('commit')
      transaction = 'none'
    },
    close: () => keeper.close(),
  }
}

/** Holds the session, or opens the next. */
function createKeeper({ folder, isLasting, open, release }: PgliteSource, first: PGlite) {
  let pglite: PGlite | undefined = first
  let isBroken = false
  let isClosed = false
  const end = async (): Promise<void> => {
    const ending = pglite
    pglite = undefined
    if (ending !== undefined && !ending.closed) await closeQuietly(ending)
  }
  const unusable = (cause: string) => new StoreUnusableError({ folder, cause })
  return {
    /** @throws {StoreUnusableError} `store.unusable`; the next call tries again. */
    async session(mayOpen: boolean): Promise<PGlite> {
      if (isBroken && !mayOpen) throw unusable('the session broke in this transaction')
      if (isBroken && !isClosed) {
        await end()
        pglite = await open()
        isBroken = false
        // Nobody would end it any more.
        if (isClosed) await end()
      }
      if (isClosed || pglite === undefined) throw unusable('it is closed')
      return pglite
    },
    broke: (): void => void (isBroken = isLasting),
    async close(): Promise<void> {
      isClosed = true
      await end()
      release()
    },
  }
}

function connectionTo(session: Session): DatabaseConnection {
  const ask = async <row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<row>> => {
    const { rows, affectedRows } = await session.run(sql, parameters)
    // Whoever wrote the statement says what its rows are.
    const result = { rows: rows as row[] }
    return affectedRows === undefined
      ? result
      : { ...result, numAffectedRows: BigInt(affectedRows) }
  }
  return {
    executeQuery: ask,
    // PGlite has all rows at once.
    async *streamQuery<row>(query: CompiledQuery) {
      yield await ask<row>(query)
    },
  }
}

function isOrdinary(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ordinary.test(String(error.code))
}

/** Ends a session. One that fails at it has nothing more to give. */
async function closeQuietly(pglite: PGlite): Promise<void> {
  const { promise: patience, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, closeMs)
  await Promise.race([pglite.close().catch(() => undefined), patience])
  clearTimeout(timer)
}

/** The folder holds no database that can be used, or the disk refuses. */
export class StoreUnusableError extends BaseError {
  override readonly code = 'store.unusable'

  constructor({ folder, cause }: { folder: string; cause: unknown }) {
    super('The embedded database cannot be used.', {
      cause,
      facts: { folder, why: whyOf(cause) },
      hint: 'Check the space and the rights on the disk; a broken folder is moved away, or another one chosen, and the market is read anew.',
    })
  }
}
