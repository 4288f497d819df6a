/** The port of a storage backend. */
import type { Dialect } from 'kysely'
import { BaseError } from '../core/errors.ts'

/**
 * Opens a backend: one file each, and a line in `database.ts`. Whatever it holds open, the dialect's `destroy`
 * gives back.
 */
export type OpenStore = (url: string) => Promise<Dialect>

/** Postgres' ids of types that no driver reads exactly by itself. */
export const exactTypes = { int8: 20, numeric: 1_700 } as const

/** What `cause` says in one line. A refused connection has no message of its own where several addresses were tried. */
export function whyOf(cause: unknown): string {
  // Emscripten's file system throws what is no error, with the system's number.
  if (typeof cause === 'object' && cause !== null && 'errno' in cause && !('message' in cause))
    return `system error ${String(cause.errno)}`
  if (!(cause instanceof Error)) return String(cause)
  return cause.message || ('code' in cause ? String(cause.code) : cause.name)
}

/** A URL that names no database. */
export class StoreUrlError extends BaseError {
  override readonly code = 'store.url'

  constructor(url: string) {
    super('The URL of the database names no known backend, or no folder.', {
      // The rest of the URL may hold a password.
      facts: { scheme: /^([a-z]+):/.exec(url)?.[1] ?? '(none)' },
      hint: 'Use `pglite:<folder>`, `memory:` or `postgres://user:password@host:port/name`.',
    })
  }
}
