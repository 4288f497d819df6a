/** The control of the restart tests: writes pools one by one, each on its own. A kill leaves old beside new. */
import type { CheckpointChanges, CheckpointRows } from '../../solver/market/checkpoint.ts'
import { createMarketRows } from '../../solver/market/marketRows.ts'
import { encodePool } from '../../solver/market/poolCodec.ts'
import type { PoolState } from '../../solver/pools/index.ts'
import type { Database } from '../../solver/store/database.ts'

/** Rows as {@link createMarketRows} writes them, but for the transaction around them. */
export function createNaiveRows(database: Database): CheckpointRows {
  const rows = createMarketRows(database)
  return {
    async save(changes) {
      if (changes.since === undefined) return rows.save(changes)
      for (const [id, pool] of changes.pools)
        if (pool.kind === 'state') await saveOne(database, changes, id, pool.state)
      await rows.save({ ...changes, pools: new Map() })
    },
  }
}

async function saveOne(
  database: Database,
  { head }: CheckpointChanges,
  id: string,
  state: PoolState,
): Promise<void> {
  await database
    .updateTable('market_pool')
    .set({ state: JSON.stringify(encodePool(state)), block_number: head.block.number })
    .where('chain_id', '=', head.chainId)
    .where('id', '=', id)
    .execute()
}
