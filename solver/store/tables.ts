/** The shapes of all tables; the statements that make them are in `migrations.ts`. */
import type { ColumnType } from 'kysely'

/** A market at a final block, one row per chain. */
type MarketCheckpointTable = {
  readonly chain_id: number
  readonly block_number: bigint
  readonly block_hash: string
  readonly parent_hash: string
  /** Unix seconds. */
  readonly block_timestamp: bigint
  /** Wei per gas unit; null when unknown. */
  readonly gas_price: bigint | null
}

/** A pool of a checkpoint: either its state, or what is needed to read it again. */
type MarketPoolTable = {
  readonly chain_id: number
  readonly id: string
  /** The pool as `isoprice-market/1` writes it; null when its state is not known. */
  readonly state: string | null
  /** How to read the pool again, JSON; null when its state is known. */
  readonly ref: string | null
  /** The checkpoint that wrote the row; the pool stands unchanged since. */
  readonly block_number: bigint
  readonly block_hash: string
}

/** A token of a checkpoint. */
type MarketTokenTable = {
  readonly chain_id: number
  readonly address: string
  /** The token as `isoprice-market/1` writes it. */
  readonly token: string
  readonly block_number: bigint
  readonly block_hash: string
}

/** What has been done to the schema. */
type SchemaVersionTable = {
  readonly version: number
  readonly name: string
  readonly applied_at: ColumnType<Date, never, never>
}

/** Every table, by name. `numeric` and `int8` columns are `bigint` on both backends. */
export type Tables = {
  readonly schema_version: SchemaVersionTable
  readonly market_checkpoint: MarketCheckpointTable
  readonly market_pool: MarketPoolTable
  readonly market_token: MarketTokenTable
}
