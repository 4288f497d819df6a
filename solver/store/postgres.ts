/** A Postgres server: `postgres://user:password@host:port/name`. */
import pg from 'pg'
import { type Dialect, PostgresDialect } from 'kysely'
import { BaseError } from '../core/errors.ts'
import { exactTypes, whyOf } from './store.ts'

/** Connections of one process: enough that a checkpoint does not wait for an order, few enough for many workers. */
const connectionsMax = 8
/** Patience with a server that does not answer, in milliseconds. */
const connectTimeoutMs = 5_000

/** Integers as they are: the driver's own readers give text for both types. */
const types = {
  getTypeParser: ((oid: number, format?: 'text') =>
    oid === exactTypes.int8 || oid === exactTypes.numeric
      ? BigInt
      : // The driver has one overload for each format, and the same answer for both here.
        pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
}

/**
 * Connects to the server of `url` and checks that it answers.
 *
 * @throws {StoreUnreachableError} `store.unreachable`, retryable.
 */
export async function openPostgres(url: string): Promise<Dialect> {
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    connectionTimeoutMillis: connectTimeoutMs,
    types,
  })
  // A connection that dies while idle is replaced at the next query; without a listener it would end the process.
  pool.on('error', () => undefined)
  try {
    await pool.query('select 1')
  } catch (cause) {
    await pool.end()
    throw new StoreUnreachableError({ url, cause })
  }
  return new PostgresDialect({ pool })
}

/** The database server does not answer, or refuses us. */
export class StoreUnreachableError extends BaseError {
  override readonly code = 'store.unreachable'

  constructor({ url, cause }: { url: string; cause: unknown }) {
    super('The database cannot be reached.', {
      cause,
      facts: { host: URL.canParse(url) ? new URL(url).host : '(not a URL)', why: whyOf(cause) },
      hint: 'Check that the server runs, and the host, the name and the password of the URL.',
      retryable: true,
    })
  }
}
