/** A small market with its checkpointer and a table in memory, for tests of checkpoints. */
import type { BlockRef, Log } from '../../solver/chain/block.ts'
import { mainnet } from '../../solver/chain/chains/mainnet.ts'
import type { ChainEvent } from '../../solver/chain/head.ts'
import { toWord } from '../../solver/chain/quantity.ts'
import type { Hex } from '../../solver/core/hex.ts'
import { type CheckpointChanges, createCheckpointer } from '../../solver/market/checkpoint.ts'
import { createMarket } from '../../solver/market/market.ts'
import type { KnownPool } from '../../solver/market/shadow.ts'
import type { MarketView } from '../../solver/market/view.ts'
import { moduleOf } from '../../solver/pools/index.ts'
import { type PoolId, toPoolId } from '../../solver/pools/pool.ts'
import { uniswapV2 } from '../../solver/pools/uniswapV2.ts'
import { hashOf } from './fakeNode.ts'
import { aPair, tokenA, tokenB } from './pools.ts'

/** The id of pool `index`. */
export const idOf = (index: number): PoolId =>
  toPoolId(`0x${(index + 1).toString(16).padStart(40, '0')}`)
/** The block at which every world begins. */
export const start: BlockRef = {
  number: 100n,
  hash: hashOf(1),
  parentHash: hashOf(0),
  timestamp: 1_200n,
}
/** Blocks from a block to its finality here: fewer than on a chain, so that a short run sees many. */
export const finality = 8

/** The market at {@link start}: V2 pairs alone. */
export function aView(pools: number): MarketView & { readonly block: BlockRef } {
  const states = Array.from({ length: pools }, (_, index) => aPair([1n, 1n], { id: idOf(index) }))
  return {
    chainId: 1,
    block: start,
    // Created pools are taken in when one of their tokens has a price.
    tokens: new Map([
      [tokenA, { address: tokenA, symbol: 'A', decimals: 18, priceWei: 10n ** 18n }],
    ]),
    pools: new Map(states.map((state) => [state.id, state])),
  }
}

/** A pair's reserves are both `reserve` now. */
export function sync(id: PoolId, reserve: bigint): Log {
  const data: Hex = `${toWord(reserve)}${toWord(reserve).slice(2) as Hex}`
  return { address: id, topics: uniswapV2.topics, data }
}

/** The Uniswap V2 factory made the pair `id`. */
export function created(id: PoolId): Log {
  // keccak256("PairCreated(address,address,address,uint256)")
  const topic = '0x0d3648bd0f6ba80134a33ba9275ac585d9d315f0ad8355cddefde31afa28d0e9'
  const topics = [topic, ...[tokenA, tokenB].map((token) => toWord(BigInt(token)))] as const
  const data: Hex = `${toWord(BigInt(id))}${toWord(1n).slice(2) as Hex}`
  return { address: mainnet.uniswapV2Factory, topics, data }
}

/** A table that keeps what it is given, and refuses on demand. */
export function createTable() {
  const rows = new Map<PoolId, KnownPool>()
  const table = {
    rows,
    block: undefined as BlockRef | undefined,
    saves: [] as CheckpointChanges[],
    /** Changes that were not since the checkpoint that was there. */
    misfits: 0,
    failsNext: false,
    /** It fails after its commit. */
    commitsFirst: false,
    async save(changes: CheckpointChanges) {
      await new Promise((resolve) => setImmediate(resolve))
      const fails = table.failsNext
      table.failsNext = false
      if (fails && !table.commitsFirst) throw new TypeError('the database is gone')
      table.saves.push(changes)
      const isOnTop = changes.since?.some(({ hash }) => hash === table.block?.hash)
      if (isOnTop === false) table.misfits += 1
      if (changes.since === undefined) rows.clear()
      for (const [id, pool] of changes.pools)
        if (pool.kind === 'forgotten') rows.delete(id)
        else rows.set(id, pool)
      table.block = changes.head.block
      if (fails) throw new TypeError('the database is gone, and nobody heard the answer')
    },
  }
  return table
}

/** A market with its checkpointer, a table, and every view that it had, by the block's hash. */
export function aWorld(pools: number, everyBlocks = 1) {
  const market = createMarket(aView(pools))
  const table = createTable()
  const failures: unknown[] = []
  const checkpointer = createCheckpointer({
    market,
    rows: table,
    everyBlocks,
    isResumed: false,
    onFailure: (error) => failures.push(error),
  })
  const views = new Map<Hex, MarketView>([[start.hash, market.view()]])
  const chain: BlockRef[] = [start]
  let made = 1
  let finalNumber = 99n
  const remember = () => views.set(chain.at(-1)?.hash ?? '0x', market.view())
  const tell = (event: ChainEvent) => {
    checkpointer.applied(event, market.apply(event))
    remember()
  }
  return {
    market,
    table,
    checkpointer,
    failures,
    views,
    chain,
    mine(logs: readonly Log[] = []) {
      const { number, hash, timestamp } = chain.at(-1) ?? start
      const next = { number: number + 1n, hash: hashOf(++made), parentHash: hash }
      const block = { ...next, timestamp: timestamp + 12n }
      chain.push(block)
      tell({ kind: 'block', block, logs })
      const final = chain.at(-1 - finality)
      if (final === undefined || final.number <= finalNumber) return
      finalNumber = final.number
      tell({ kind: 'finalize', block: final })
    },
    /** Blocks that may still be taken back. */
    loose: () => chain.length - 1 - chain.findIndex(({ number }) => number >= finalNumber),
    reorg(depth: number) {
      chain.length -= depth
      tell({ kind: 'reorg', depth, ancestor: chain.at(-1) ?? start })
    },
    /** Reads `ids` at the head, and finds those of `found`. */
    read(ids: readonly PoolId[], found: readonly PoolId[], reserve: bigint) {
      const asked = ids.map((id) => moduleOf(aPair([1n, 1n])).refOf(aPair([1n, 1n], { id })))
      const pools = found.map((id) => aPair([reserve, reserve], { id }))
      const block = chain.at(-1) ?? start
      const reading = { block, pools, tokens: [], asked }
      market.add(reading)
      checkpointer.added(reading)
      remember()
    },
    quarantine(id: PoolId) {
      const state = market.view().pools.get(id)
      if (state === undefined || !market.quarantine(id)) return
      checkpointer.distrust([moduleOf(state).refOf(state)])
      remember()
    },
  }
}
