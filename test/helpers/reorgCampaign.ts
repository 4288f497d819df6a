/** Reorgs at random moments against a market that follows, and quotes in between: what went wrong is counted. */
import type { ChainClient } from '../../solver/chain/client.ts'
import { connect } from '../../solver/chain/client.ts'
import { type ChainEvent, followHead } from '../../solver/chain/head.ts'
import type { BlockRef } from '../../solver/chain/block.ts'
import { mainnetTokens } from '../../solver/chain/chains/mainnet.ts'
import { createRng } from '../../solver/core/rng.ts'
import type { Hex } from '../../solver/core/hex.ts'
import { differenceOf } from '../../solver/market/difference.ts'
import { createMarket, type Market, marketTopics } from '../../solver/market/market.ts'
import { readMarket } from '../../solver/market/reader.ts'
import { findQuote } from '../../solver/route/quote.ts'
import { createReorgWorld, type ReorgWorld } from './reorgWorld.ts'
import { byOdds, startWsProxy, type WsProxy } from './wsProxy.ts'

/** Counts of one campaign. */
export type ReorgCounts = {
  readonly reorgs: number
  readonly deepest: number
  /** Reorg events that the market saw: fewer than reorgs where one came before the other was noticed. */
  readonly seen: number
  /** Comparisons of the whole market with a fresh reading, and pools that differed in them. */
  readonly compared: number
  readonly differing: number
  readonly quotes: number
  /** Quotes refused because the line had been silent. */
  readonly refused: number
  /** Quotes on a block that had left the chain longer than {@link noticeMs} before. */
  readonly stale: number
  /** Blocks and logs on the final chain since the start, and how many of the logs never came. */
  readonly blocks: number
  readonly logs: number
  readonly missed: number
  readonly line: ReturnType<WsProxy['counts']>
  readonly trades: Readonly<Record<string, number>>
}

/** What the campaign does. */
export type Campaign = {
  readonly seed: number
  readonly reorgs: number
  readonly depthMax: number
  /** Follows as the naive do, for the control. */
  readonly follow?: typeof followHead
  /** A market that is not at the head by then never comes there; 20,000 ms when absent. */
  readonly settleMs?: number
  /** The WebSocket line falls silent for so long, once, while blocks go on. */
  readonly gapMs?: number
  readonly say?: (line: string) => void
}

/** Time within which a market that looks at the head has to notice a reorg, in milliseconds. */
const noticeMs = 3_000
/** Longest time since the last look at which quotes are given. */
const lookMs = 2_000
const pollMs = 250
const settleMsDefault = 20_000
const { WETH, USDC } = mainnetTokens
const request = { tokenIn: WETH.address, tokenOut: USDC.address, amountIn: 10n ** 18n }

/** Runs `campaign` on a chain of its own. */
export async function runReorgs(campaign: Campaign): Promise<ReorgCounts> {
  const { seed, say = () => undefined } = campaign
  const world = await createReorgWorld(seed)
  const proxy = await startWsProxy(world.served.wsUrl)
  proxy.treat(byOdds(createRng(seed), { drop: 0.1, duplicate: 0.1, delay: 0.1, delayMsMax: 400 }))
  const client = await connect({ urls: [proxy.url], timeoutMs: 2_000 })
  // The truth comes over another line than what is tested.
  const truth = await connect({ urls: [world.served.url] })
  const over = new AbortController()
  try {
    const { view } = await readMarket(truth, world.chain.pools)
    const market = createMarket(view)
    const seen: ChainEvent[] = []
    const looks = { at: performance.now() }
    const following = follow(campaign, client, { market, seen, looks, signal: over.signal })
    const counts = await drive(campaign, { world, market, truth, proxy, looks, say })
    over.abort()
    await following
    const missed = await missedLogs(truth, view.block, seen)
    return {
      ...counts,
      ...missed,
      seen: seen.filter(({ kind }) => kind === 'reorg').length,
      line: proxy.counts(),
      trades: Object.fromEntries(world.sent),
    }
  } finally {
    over.abort()
    client.close()
    truth.close()
    await proxy.close()
    await world.close()
  }
}

async function follow(
  { follow: followBy = followHead }: Campaign,
  client: ChainClient,
  {
    market,
    seen,
    looks,
    signal,
  }: { market: Market; seen: ChainEvent[]; looks: Looks; signal: AbortSignal },
): Promise<void> {
  let from = market.view().block
  while (!signal.aborted && from !== undefined) {
    try {
      const before = market.past()
      const onLook = () => {
        looks.at = performance.now()
      }
      const options = { from, before, topics: marketTopics, pollMs, signal, onLook }
      for await (const event of followBy(client, options)) {
        market.apply(event)
        seen.push(event)
      }
    } catch (error) {
      // A node that does not answer is what the line is for: go on from the last block.
      if ((error as { retryable?: unknown }).retryable !== true) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    from = market.view().block
  }
}

/** When the follower last saw that its last block is the head. */
type Looks = { at: number }

type Stage = {
  readonly world: ReorgWorld
  readonly market: Market
  readonly truth: ChainClient
  readonly proxy: WsProxy
  readonly looks: Looks
  readonly say: (line: string) => void
}

async function drive(
  campaign: Campaign,
  { world, market, truth, proxy, looks, say }: Stage,
): Promise<
  Pick<
    ReorgCounts,
    'reorgs' | 'deepest' | 'compared' | 'differing' | 'quotes' | 'refused' | 'stale'
  >
> {
  const rng = createRng(campaign.seed + 1)
  const orphanedAt = new Map<Hex, number>()
  const counts = {
    reorgs: 0,
    deepest: 0,
    compared: 0,
    differing: 0,
    quotes: 0,
    refused: 0,
    stale: 0,
  }
  const quote = () => {
    const now = performance.now()
    const { block } = market.view()
    const since = block === undefined ? undefined : orphanedAt.get(block.hash)
    // As the engine: no quote on a head that nobody has looked at for a while.
    if (now - looks.at > lookMs) counts.refused += 1
    else if (findQuote(market.view(), request) !== undefined) {
      counts.quotes += 1
      if (since !== undefined && now - since > noticeMs) counts.stale += 1
    }
  }
  const compare = async () => {
    const isThere = await settled(world, market, quote, campaign.settleMs ?? settleMsDefault)
    const fresh = await readMarket(truth, world.chain.pools)
    counts.compared += 1
    for (const [id, state] of fresh.view.pools) {
      const held = market.view().pools.get(id)
      if (!isThere || held === undefined || differenceOf(held, state) !== undefined)
        counts.differing += 1
    }
  }
  const gapAt = campaign.gapMs === undefined ? -1 : Math.floor(campaign.reorgs / 2)
  // A reorg below the block at which the market was read would only be read again.
  for (let block = 0; block < campaign.depthMax; block++) await world.mine()
  await compare()
  for (let nth = 0; nth < campaign.reorgs; nth++) {
    for (let blocks = rng.int(0, 3); blocks > 0; blocks--) {
      await world.mine()
      quote()
    }
    // Any phase of the follower: sometimes it is at the head, mostly it is on its way.
    await new Promise((resolve) => setTimeout(resolve, rng.int(0, 40)))
    const depth = rng.int(1, campaign.depthMax)
    const { orphans } = await world.reorg(depth, rng.next() < 0.5)
    const now = performance.now()
    for (const hash of orphans) orphanedAt.set(hash, now)
    counts.reorgs += 1
    counts.deepest = Math.max(counts.deepest, depth)
    quote()
    if (nth === gapAt) await silentLine(campaign.gapMs ?? 0, { world, proxy }, quote)
    await compare()
    if ((nth + 1) % 20 === 0)
      say(`${nth + 1} reorgs, ${counts.differing} pools differed, ${counts.stale} stale quotes`)
  }
  return counts
}

/** Blocks go on while nothing passes the line. */
async function silentLine(
  gapMs: number,
  { world, proxy }: Pick<Stage, 'world' | 'proxy'>,
  tick: () => void,
): Promise<void> {
  proxy.silence(true)
  const end = performance.now() + gapMs
  while (performance.now() < end) {
    await world.mine()
    tick()
    await new Promise((resolve) => setTimeout(resolve, Math.min(1_000, gapMs / 5)))
  }
  proxy.silence(false)
}

/** Waits until the market stands on the head; false when it never comes there. */
async function settled(
  world: ReorgWorld,
  market: Market,
  tick: () => void,
  settleMs: number,
): Promise<boolean> {
  const head = await world.head()
  const end = performance.now() + settleMs
  while (market.view().block?.hash !== head.hash) {
    if (performance.now() > end) return false
    await new Promise((resolve) => setTimeout(resolve, 5))
    tick()
  }
  return true
}

/** Logs of the final chain since `start` against those that events brought and no reorg took back. */
async function missedLogs(truth: ChainClient, start: BlockRef, seen: readonly ChainEvent[]) {
  const kept: (ChainEvent & { kind: 'block' })[] = []
  for (const event of seen) {
    if (event.kind === 'block') kept.push(event)
    if (event.kind === 'reorg') kept.length = Math.max(0, kept.length - event.depth)
  }
  const fromBlock = `0x${(start.number + 1n).toString(16)}`
  const logs = (await truth.request({
    method: 'eth_getLogs',
    params: [{ fromBlock, toBlock: 'latest', topics: [marketTopics] }],
  })) as readonly unknown[]
  const came = kept.reduce((sum, event) => sum + event.logs.length, 0)
  return { blocks: kept.length, logs: logs.length, missed: logs.length - came }
}
