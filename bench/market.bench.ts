/**
 * The market at 5,000 pools: how it is read from a node, what a block costs, and what it weighs.
 * `npm run bench:market [-- --json]`.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Call } from '../solver/chain/block.ts'
import { type ChainNode, connect } from '../solver/chain/client.ts'
import type { Hex } from '../solver/core/hex.ts'
import { createLocalChain } from '../solver/localnet/chain.ts'
import { serveNode } from '../solver/localnet/serve/serve.ts'
import { differenceOf } from '../solver/market/difference.ts'
import { createMarket } from '../solver/market/market.ts'
import { readMarket } from '../solver/market/reader.ts'
import { toSnapshot } from '../solver/market/snapshot.ts'
import { saveSnapshot } from '../solver/market/snapshotFile.ts'
import type { MarketView } from '../solver/market/view.ts'
import { isPoolKind, poolModules } from '../solver/pools/index.ts'
import type { PoolRef } from '../solver/pools/pool.ts'
import { placePools } from '../test/helpers/placedPools.ts'
import { blocksOf, firstBlock } from '../test/helpers/swapBlocks.ts'
import { createUniverse } from '../test/helpers/universe.ts'

/** Figures of one run. Times are CPU milliseconds of node and reader together; the read is over HTTP on loopback. */
export type MarketBench = {
  readonly pools: number
  readonly ticks: number
  readonly read: {
    readonly requests: number
    readonly ms: number
    /** Pools that came out otherwise than they stand on the chain. */
    readonly differ: number
    /** One pool after the other by its own functions, a request a call: a sample, and all pools at its pace. */
    readonly sample: number
    readonly sampleRequests: number
    readonly oneByOneMs: number
    readonly ratio: number
  }
  readonly apply: {
    readonly blocks: number
    readonly touched: number
    readonly p50: number
    readonly p99: number
  }
  readonly memory: { readonly rssMb: number; readonly emptyRssMb: number }
}

const size = { seed: 11, pools: 5_000, tokens: 600, tickShare: 0.5, v4Share: 0.2 } as const
/** A factor of 16 in price either way, as the service reads. */
const reachTicks = 27_728
const sampleSize = 200
const blockCount = 400
const touchedPerBlock = 100

/** Runs all three parts; `say` takes progress. */
export async function benchMarket(say: (line: string) => void): Promise<MarketBench> {
  const { view } = createUniverse({ ...size, gasPrice: 10n ** 9n })
  const ticks = [...view.pools.values()].reduce(
    (sum, state) => sum + ('ticks' in state ? state.ticks.length : 0),
    0,
  )
  say(`${view.pools.size} pools with ${ticks} ticks`)
  const read = await benchRead(view, say)
  say(`read in ${read.requests} requests, ${read.ms.toFixed(0)} ms`)
  const apply = benchApply(view)
  say(`a block: ${apply.p50.toFixed(3)} ms`)
  const memory = await benchMemory(view)
  return { pools: view.pools.size, ticks, read, apply, memory }
}

async function benchRead(
  view: MarketView,
  say: (line: string) => void,
): Promise<MarketBench['read']> {
  const chain = await createLocalChain()
  const refs = await placePools(chain, view)
  say('pools placed on the local chain')
  const served = await serveNode(chain.provider, { port: 0 })
  try {
    const client = await connect({ urls: [served.url] })
    const start = cpuMs()
    const { view: seen, requests } = await readMarket(client, refs, { reachTicks, say })
    const ms = cpuMs() - start
    const differ = [...view.pools.values()].filter((state) => {
      const read = seen.pools.get(state.id)
      return read === undefined || differenceOf(state, read) !== undefined
    })
    const sample = refs.filter((_, at) => at % Math.floor(refs.length / sampleSize) === 0)
    const one = await readOneByOne(client, sample)
    const oneByOneMs = (one.ms * refs.length) / sample.length
    return {
      requests,
      ms,
      differ: differ.length,
      sample: sample.length,
      sampleRequests: one.requests,
      oneByOneMs,
      ratio: oneByOneMs / ms,
    }
  } finally {
    await served.close()
    await chain.close()
  }
}

/** Reads `refs` pool by pool through the venues' own functions, a request a call, as without batches. */
async function readOneByOne(node: ChainNode, refs: readonly PoolRef[]) {
  const start = cpuMs()
  let requests = 0
  const ask = async ({ target, data, lens }: Call): Promise<Hex | undefined> => {
    if (lens !== undefined) return undefined
    requests += 1
    const answer = await node.request({
      method: 'eth_call',
      params: [{ to: target, data }, 'latest'],
    })
    return answer as Hex // bytes by the method
  }
  for (const ref of refs) {
    if (!isPoolKind(ref.kind)) continue
    const reader = poolModules[ref.kind].snapshot(ref, { reachTicks })
    let step = reader.next([])
    while (step.done !== true) {
      const answers: (Hex | undefined)[] = []
      for (const call of step.value) answers.push(await ask(call))
      step = reader.next(answers)
    }
  }
  return { ms: cpuMs() - start, requests }
}

/** CPU of this process so far, in milliseconds: node and reader both run in it, and nobody else's work counts. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

/** CPU of one block after another, each with a swap in `touchedPerBlock` pools. */
function benchApply(view: MarketView): MarketBench['apply'] {
  const market = createMarket({ ...view, block: firstBlock })
  const events = blocksOf(view, { count: blockCount, touched: touchedPerBlock, seed: 5 })
  const times = events.map((event) => {
    const start = cpuMs()
    const { touched } = market.apply(event)
    const ms = cpuMs() - start
    if (touched.length !== touchedPerBlock) throw new TypeError(`${touched.length} pools touched`)
    return ms
  })
  const sorted = times.toSorted((a, b) => a - b)
  const pick = (part: number) => sorted[Math.floor(part * (sorted.length - 1))] ?? NaN
  return { blocks: blockCount, touched: touchedPerBlock, p50: pick(0.5), p99: pick(0.99) }
}

/** Resident memory of a process of its own that holds the market and 64 blocks of its past. */
async function benchMemory(view: MarketView): Promise<MarketBench['memory']> {
  const folder = mkdtempSync(join(tmpdir(), 'isoprice-bench-'))
  try {
    const path = join(folder, 'market.json.gz')
    await saveSnapshot(path, toSnapshot(view))
    const script = fileURLToPath(new URL('marketMemory.ts', import.meta.url))
    const run = (...args: string[]) =>
      Number(execFileSync(process.execPath, ['--expose-gc', script, ...args], { encoding: 'utf8' }))
    return { rssMb: run(path), emptyRssMb: run() }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

if (import.meta.main) {
  const bench = await benchMarket((line) => console.error(`  ${line}`))
  if (process.argv.includes('--json')) console.log(JSON.stringify(bench))
  else {
    const { read, apply, memory } = bench
    console.log(`${bench.pools} pools, ${bench.ticks} ticks`)
    console.log(
      `read: ${read.requests} requests, ${read.ms.toFixed(0)} ms, ${read.differ} pools differ`,
    )
    console.log(
      `  a request a call: ${((read.sampleRequests * bench.pools) / read.sample).toFixed(0)} requests, ${read.oneByOneMs.toFixed(0)} ms at the pace of ${read.sample} pools  ratio ${read.ratio.toFixed(1)}x`,
    )
    console.log(
      `a block that touches ${apply.touched}: CPU p50 ${apply.p50.toFixed(3)} ms  p99 ${apply.p99.toFixed(3)} ms`,
    )
    console.log(
      `resident: ${memory.rssMb.toFixed(0)} MB, without a market ${memory.emptyRssMb.toFixed(0)} MB`,
    )
  }
}
