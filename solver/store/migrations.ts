/**
 * The schema, step by step. Each step runs once, in one transaction under a lock that all processes share: a
 * process that dies in the middle leaves the schema as it was.
 */
import { type Kysely, sql, type Transaction } from 'kysely'
import { BaseError } from '../core/errors.ts'
import type { Tables } from './tables.ts'

/** One step. Its version is its place in the list, from 1. */
export type Migration = {
  readonly name: string
  /** Statements, in order. */
  readonly statements: readonly string[]
}

/** In order. A step that has been released is never changed: add another. */
export const migrations: readonly Migration[] = [
  {
    name: 'market checkpoints',
    statements: [
      `create table market_checkpoint (
        chain_id integer primary key,
        block_number bigint not null,
        block_hash text not null,
        parent_hash text not null,
        block_timestamp bigint not null,
        gas_price numeric(78, 0)
      )`,
      `create table market_pool (
        chain_id integer not null,
        id text collate "C" not null,
        state text,
        ref text,
        block_number bigint not null,
        block_hash text not null,
        primary key (chain_id, id),
        check ((state is null) <> (ref is null))
      )`,
      `create table market_token (
        chain_id integer not null,
        address text collate "C" not null,
        token text not null,
        block_number bigint not null,
        block_hash text not null,
        primary key (chain_id, address)
      )`,
    ],
  },
]

/** Names the lock of migrations among a server's advisory locks; any number that nobody else uses. */
const lockKey = 7_311_957_064_001n

/**
 * Runs the steps of `steps` that `database` has not seen, in order.
 *
 * @returns How many ran.
 * @throws {SchemaNewerError} `store.schema-newer`, when the database has seen more steps than there are.
 */
export async function migrate(
  database: Kysely<Tables>,
  steps: readonly Migration[] = migrations,
): Promise<number> {
  let ran = 0
  for (;;) {
    const isDone = await database.transaction().execute((transaction) => next(transaction, steps))
    if (isDone) return ran
    ran += 1
  }
}

/** Runs one step; true when there was none left. */
async function next(
  transaction: Transaction<Tables>,
  steps: readonly Migration[],
): Promise<boolean> {
  await sql`select pg_advisory_xact_lock(${lockKey})`.execute(transaction)
  await sql`create table if not exists schema_version (
    version integer primary key,
    name text not null,
    applied_at timestamptz not null default now()
  )`.execute(transaction)
  const seen = await versionOf(transaction)
  if (seen > steps.length) throw new SchemaNewerError({ seen, known: steps.length })
  const step = steps[seen]
  if (step === undefined) return true
  for (const statement of step.statements) await sql.raw(statement).execute(transaction)
  const row = { version: seen + 1, name: step.name }
  await transaction.insertInto('schema_version').values(row).execute()
  return false
}

async function versionOf(transaction: Transaction<Tables>): Promise<number> {
  const { version } = await transaction
    .selectFrom('schema_version')
    .select(({ fn }) => fn.max('version').as('version'))
    .executeTakeFirstOrThrow()
  // Of no rows the maximum is null.
  return version ?? 0
}

/** A newer isoprice has changed the schema. */
export class SchemaNewerError extends BaseError {
  override readonly code = 'store.schema-newer'

  constructor({ seen, known }: { seen: number; known: number }) {
    super('The database was made by a newer version of isoprice.', {
      facts: { schemaVersion: seen, known },
      hint: 'Start the newer version, or use another database.',
    })
  }
}
