/**
 * The market at rest in the database: one row for the block, one for each pool and token.
 *
 * Rows hold the lines of `isoprice-market/1`, so what is loaded passes every rule of that format.
 */
import { sql, type Transaction } from 'kysely'
import type { ChainNode } from '../chain/client.ts'
import { readBlockRef, readQuantity, toQuantity } from '../chain/quantity.ts'
import type { BlockRef } from '../chain/block.ts'
import { BaseError } from '../core/errors.ts'
import type { Hex } from '../core/hex.ts'
import type { Token } from '../core/token.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { PoolId, PoolRef } from '../pools/pool.ts'
import type { Database } from '../store/database.ts'
import type { Tables } from '../store/tables.ts'
import type { CheckpointChanges, CheckpointRows } from './checkpoint.ts'
import { formatSnapshot, marketFormat, parseSnapshot } from './codec.ts'
import { encodePool } from './poolCodec.ts'
import { parsePoolRef } from './poolRefCodec.ts'
import type { KnownPool, MarketHead } from './shadow.ts'
import { toSnapshot } from './snapshot.ts'
import type { MarketView } from './view.ts'

/**
 * Saves checkpoints into `database`. Its `save` throws what the database throws, and:
 *
 * @throws {CheckpointTakenError} `market.checkpoint-taken`: another process keeps the checkpoints of this chain.
 */
export function createMarketRows(
  database: Database,
  metrics?: Pick<Metrics, 'checkpoint'>,
): CheckpointRows {
  let known: ReadonlyMap<string, Token> = new Map()
  return {
    async save(changes) {
      const startedMs = performance.now()
      // Tokens change when prices do, every few blocks: only those whose object is another one are written.
      const tokens = [...changes.head.tokens.values()].filter(
        (token) => changes.since === undefined || known.get(token.address) !== token,
      )
      await database.transaction().execute((transaction) => write(transaction, changes, tokens))
      known = changes.head.tokens
      metrics?.checkpoint.observe((performance.now() - startedMs) / 1_000)
    },
  }
}

/** A market as its checkpoint left it. */
export type StoredMarket = {
  /** At the checkpoint's block. */
  readonly view: MarketView & { readonly block: BlockRef }
  /** Pools that the market should hold and whose state must be read, at the head. */
  readonly unread: readonly PoolRef[]
}

/**
 * The last checkpoint of the chain that `node` serves, checked against it: its block must still be on the chain.
 *
 * @returns `undefined` when there is none.
 * @throws {CheckpointForkedError} `market.checkpoint-forked`: read the market again, as if there were none.
 * @throws {SnapshotInvalidError} `market.snapshot-invalid`, when a row breaks a rule of the format, or
 *   {@link SnapshotCorruptError} `market.snapshot-corrupt`, when one is no JSON; the same holds.
 * @throws {ChainUnreachableError} `chain.unreachable`, retryable.
 */
export async function loadCheckpoint(
  database: Database,
  node: ChainNode,
): Promise<StoredMarket | undefined> {
  const chainId = Number(readQuantity(await node.request({ method: 'eth_chainId' }), 'chain id'))
  // One snapshot of the database for all tables, so that no other process's checkpoint comes in between.
  const stored = await database
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute((transaction) => read(transaction, chainId))
  if (stored === undefined) return undefined
  await requireCanonical(stored.view.block, node)
  return stored
}

async function requireCanonical(block: BlockRef, node: ChainNode): Promise<void> {
  const params = [toQuantity(block.number), false]
  const answer = await node.request({ method: 'eth_getBlockByNumber', params })
  const found = answer === null ? undefined : readBlockRef(answer).hash
  if (found !== block.hash) throw new CheckpointForkedError({ block, found })
}

async function read(
  transaction: Transaction<Tables>,
  chainId: number,
): Promise<StoredMarket | undefined> {
  const head = await transaction
    .selectFrom('market_checkpoint')
    .selectAll()
    .where('chain_id', '=', chainId)
    .executeTakeFirst()
  if (head === undefined) return undefined
  const pools = await transaction
    .selectFrom('market_pool')
    .select(['state', 'ref'])
    .where('chain_id', '=', chainId)
    .orderBy('id')
    .execute()
  const tokens = await transaction
    .selectFrom('market_token')
    .select('token')
    .where('chain_id', '=', chainId)
    .orderBy('address')
    .execute()
  const states = pools.flatMap(({ state }) => (state === null ? [] : [state]))
  const block = {
    number: String(head.block_number),
    hash: head.block_hash,
    parentHash: head.parent_hash,
    timestamp: String(head.block_timestamp),
  }
  const gasPrice = head.gas_price === null ? 'null' : `"${head.gas_price}"`
  const { view } = parseSnapshot(
    `{"format":"${marketFormat}","chainId":"${chainId}","block":${JSON.stringify(block)},` +
      `"gasPrice":${gasPrice},"tokens":[${tokens.map(({ token }) => token).join(',')}],` +
      `"pools":[${states.join(',')}]}`,
  )
  if (view.block === undefined) return undefined
  const unread = pools.flatMap(({ ref }) => (ref === null ? [] : [parsePoolRef(ref)]))
  return { view: { ...view, block: view.block }, unread }
}

async function write(
  transaction: Transaction<Tables>,
  { head, pools, since }: CheckpointChanges,
  tokens: readonly Token[],
): Promise<void> {
  await requireSince(transaction, head.chainId, since)
  if (since === undefined)
    for (const table of ['market_pool', 'market_token'] as const)
      await transaction.deleteFrom(table).where('chain_id', '=', head.chainId).execute()
  await writePools(transaction, head, pools)
  await writeTokens(transaction, head, tokens)
  const { number, hash, parentHash, timestamp } = head.block
  const row = {
    block_number: number,
    block_hash: hash,
    parent_hash: parentHash,
    block_timestamp: timestamp,
    gas_price: head.gasPrice ?? null,
  }
  await transaction
    .insertInto('market_checkpoint')
    .values({ chain_id: head.chainId, ...row })
    .onConflict((conflict) => conflict.column('chain_id').doUpdateSet(row))
    .execute()
}

/** Changes fit on one checkpoint only: two processes that write by turns would leave a market that never was. */
async function requireSince(
  transaction: Transaction<Tables>,
  chainId: number,
  since: readonly BlockRef[] | undefined,
): Promise<void> {
  if (since === undefined) return
  const found = await transaction
    .selectFrom('market_checkpoint')
    .select('block_hash')
    .where('chain_id', '=', chainId)
    .forUpdate()
    .executeTakeFirst()
  if (!since.some(({ hash }) => hash === found?.block_hash))
    throw new CheckpointTakenError({ since, found: found?.block_hash })
}

async function writePools(
  transaction: Transaction<Tables>,
  { chainId, block }: MarketHead,
  pools: ReadonlyMap<PoolId, KnownPool>,
): Promise<void> {
  const gone: PoolId[] = []
  const ids: PoolId[] = []
  const states: (string | null)[] = []
  const refs: (string | null)[] = []
  for (const [id, pool] of pools) {
    if (pool.kind === 'forgotten') gone.push(id)
    else {
      ids.push(id)
      states.push(pool.kind === 'state' ? JSON.stringify(encodePool(pool.state)) : null)
      refs.push(pool.kind === 'unread' ? JSON.stringify(pool.ref) : null)
    }
  }
  await sql`delete from market_pool where chain_id = ${chainId} and id = any(${gone}::text[])`.execute(
    transaction,
  )
  // One statement for any number of rows: lists of values would meet the limit of 65,535 parameters.
  await sql`
    insert into market_pool (chain_id, id, state, ref, block_number, block_hash)
    select ${chainId}::integer, id, state, ref, ${block.number}::bigint, ${block.hash}::text
    from unnest(${ids}::text[], ${states}::text[], ${refs}::text[]) as changed(id, state, ref)
    on conflict (chain_id, id) do update set state = excluded.state, ref = excluded.ref,
      block_number = excluded.block_number, block_hash = excluded.block_hash
  `.execute(transaction)
}

async function writeTokens(
  transaction: Transaction<Tables>,
  { chainId, block }: MarketHead,
  tokens: readonly Token[],
): Promise<void> {
  const lines = new Map(tokens.map((token) => [token.address, token]))
  const snapshot = toSnapshot({ chainId, tokens: lines, pools: new Map() })
  // The codec's own form of tokens, so that it is written down in one place.
  const file = JSON.parse(formatSnapshot(snapshot)) as { tokens: { address: string }[] }
  const addresses = file.tokens.map(({ address }) => address)
  const texts = file.tokens.map((token) => JSON.stringify(token))
  await sql`
    insert into market_token (chain_id, address, token, block_number, block_hash)
    select ${chainId}::integer, address, token, ${block.number}::bigint, ${block.hash}::text
    from unnest(${addresses}::text[], ${texts}::text[]) as changed(address, token)
    on conflict (chain_id, address) do update set token = excluded.token,
      block_number = excluded.block_number, block_hash = excluded.block_hash
  `.execute(transaction)
}

/** The checkpoint's block is not on the chain that the node serves. */
export class CheckpointForkedError extends BaseError {
  override readonly code = 'market.checkpoint-forked'

  constructor({ block, found }: { block: BlockRef; found: Hex | undefined }) {
    super(`The checkpoint's block ${block.number} is not on the node's chain.`, {
      facts: { blockNumber: block.number, blockHash: block.hash, found: found ?? 'no such block' },
      hint: 'Read the market again: the node is still syncing, or serves another chain of the same id.',
    })
  }
}

/** Another process has written a checkpoint in between. */
export class CheckpointTakenError extends BaseError {
  override readonly code = 'market.checkpoint-taken'

  constructor({ since, found }: { since: readonly BlockRef[]; found: string | undefined }) {
    super('The last checkpoint in the database is not the one that this process made.', {
      facts: { since: since.map(({ hash }) => hash).join(' '), found: found ?? 'none' },
      hint: 'Let one process alone keep the checkpoints of a chain in this database.',
    })
  }
}
