/** Kills a market that follows a chain, again and again, and compares what comes back with the chain's truth. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Hex } from '../../solver/core/hex.ts'
import { createRng, type Rng } from '../../solver/core/rng.ts'
import { encodePool } from '../../solver/market/poolCodec.ts'
import { toSnapshot } from '../../solver/market/snapshot.ts'
import { saveSnapshot } from '../../solver/market/snapshotFile.ts'
import type { PoolState } from '../../solver/pools/index.ts'
import type { PoolId } from '../../solver/pools/pool.ts'
import { createMovingChain, type MovingChain } from './movingChain.ts'
import { type ChildLine, type ChildOptions, digestOf } from './restartChild.ts'

/** How to torment. */
export type RestartOptions = {
  readonly seed: number
  readonly pools: number
  readonly kills: number
  /** True for the control, which writes without a transaction; it stops at the first torn restart. */
  readonly isNaive?: boolean
  readonly say?: (line: string) => void
}

/** What was seen. Times are milliseconds, one for each restart that got so far. */
export type RestartResult = {
  readonly kills: number
  /** Kills while a checkpoint was being written. */
  readonly killsInSave: number
  /** Restarts that found a checkpoint. */
  readonly resumed: number
  /** Restarts whose first view was not the chain's state at its block, or that did not start at all. */
  readonly torn: number
  /** Pools that differ from the chain at the end; -1 when the last process did not get there. */
  readonly different: number
  /** From the start of the process to a view from the checkpoint. */
  readonly readyMs: readonly number[]
  /** The same without Node's own start. */
  readonly readyAfterBootMs: readonly number[]
  /** What this took of processors: the time that a machine with nothing else to do needs at most. */
  readonly readyCpuMs: readonly number[]
  /** From there to the head, and blocks that this took. */
  readonly catchUpMs: readonly number[]
  readonly catchUpBlocks: readonly number[]
}

const program = fileURLToPath(new URL('restartChild.ts', import.meta.url))
/** Pause between two blocks of the chain, in milliseconds, and how many pools each changes. */
const blockMs = 60
const changesPerBlock = 60
/** Blocks that come while one process lives, at most: a busy machine must not leave it behind for good. */
const blocksPerLife = 60
/** Blocks before the first process starts: enough that some are final. */
const blocksBefore = 80
/** A process that caught up and then does not save for so long, in milliseconds, will not: no blocks are left. */
const quietMs = 3_000
/** A process that has not reached the head by then never will. */
const patienceMs = 120_000

/** Runs the torment of `options` in a folder of its own. */
export async function runRestarts(options: RestartOptions): Promise<RestartResult> {
  const { seed, pools, kills, isNaive = false, say = () => undefined } = options
  const folder = mkdtempSync(join(tmpdir(), 'isoprice-restart-'))
  const rng = createRng(seed)
  const chain = createMovingChain({ seed, pools, changes: changesPerBlock })
  const start = join(folder, 'start.json')
  await saveSnapshot(start, toSnapshot(chain.start))
  for (let block = 0; block < blocksBefore; block++) chain.mine()
  const server = await chain.serve()
  const world: ChildOptions = {
    node: server.url,
    database: `pglite:${join(folder, 'data')}`,
    start,
    isNaive,
  }
  const lives: Life[] = []
  let blocksLeft = blocksPerLife
  const timer = setInterval(() => {
    if (blocksLeft-- > 0) step(chain, rng)
  }, blockMs)
  try {
    for (let kill = 1; kill <= kills; kill++) {
      const life = await live(world, chain, (child) => killLater(child, rng, kill))
      lives.push(life)
      blocksLeft = blocksPerLife
      say(`kill ${kill} of ${kills}: ${describe(life)}`)
      if (isNaive && life.isTorn) break
    }
    clearInterval(timer)
    const dump = join(folder, 'end.json')
    const last = await live({ ...world, until: chain.head().hash, dump }, chain, giveUpLater)
    lives.push(last)
    const different = last.isWhole ? differencesAt(chain, dump) : -1
    return { ...sumUp(lives, kills), different }
  } finally {
    clearInterval(timer)
    await server.close()
    rmSync(folder, { recursive: true })
  }
}

/** One moment of the chain: a block, and now and then a reorg of 1 to 7 before it. */
function step(chain: MovingChain, rng: Rng): void {
  if (rng.next() < 0.05) chain.drop(rng.int(1, 7))
  chain.mine()
}

/** One process, from its start to its end. */
type Life = {
  readonly ready: (ChildLine & { readonly say: 'ready' }) | undefined
  readonly caughtUp: (ChildLine & { readonly say: 'caught up' }) | undefined
  /** What it wrote on stderr. */
  readonly complaint: string
  readonly isTorn: boolean
  readonly diedSaving: boolean
  /** It ended by itself and in order. */
  readonly isWhole: boolean
}

async function live(
  options: ChildOptions,
  chain: MovingChain,
  /** Decides when the process ends: told of each line, and once before the first. Returns how to call it off. */
  end: (child: ChildProcess) => { hear(line: ChildLine): void; cancel(): void },
): Promise<Life> {
  const child = spawn(process.execPath, [program, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text))
  const lines: ChildLine[] = []
  let truth: string | undefined
  const { hear, cancel } = end(child)
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as ChildLine
    lines.push(line)
    hear(line)
    if (line.say !== 'ready') return
    // A block below finality stays; taken now, so that the chain has not moved on too far.
    const pools = chain.truthAt(line.hash as Hex)
    truth = pools && digestOf(pools.values())
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  cancel()
  const find = <name extends ChildLine['say']>(name: name) =>
    lines.find((line): line is ChildLine & { readonly say: name } => line.say === name)
  const loaded = find('loaded')
  const failedAlone = code !== null && code !== 0
  const saves = lines.filter((line) => line.say === 'saving' || line.say === 'saved')
  return {
    ready: find('ready'),
    caughtUp: find('caught up'),
    complaint,
    isTorn: failedAlone || (loaded !== undefined && loaded.digest !== truth),
    diedSaving: code === null && saves.at(-1)?.say === 'saving',
    isWhole: code === 0,
  }
}

/**
 * One process in three dies while it starts, one at some time after it was ready, and one within a few
 * milliseconds of the beginning of one of its saves, or some time later where it saves no more.
 */
function killLater(child: ChildProcess, rng: Rng, kill: number) {
  const when = (['start', 'ready', 'saving'] as const)[kill % 3]
  const afterMs = rng.int(0, { start: 1_000, ready: 2_000, saving: 25 }[when ?? 'start'])
  // The first save may be the whole market, which takes longer.
  let left = when === 'saving' ? rng.int(1, 3) : 1
  let timer: NodeJS.Timeout | undefined
  const arm = (ms = afterMs) => {
    clearTimeout(timer)
    timer = setTimeout(() => child.kill('SIGKILL'), ms)
  }
  if (when === 'start') arm()
  return {
    hear(line: ChildLine) {
      if (line.say === when && --left === 0) arm()
      else if (when === 'saving' && line.say === 'caught up' && left > 0) arm(quietMs)
    },
    cancel: () => clearTimeout(timer),
  }
}

function giveUpLater(child: ChildProcess) {
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  return { hear: () => undefined, cancel: () => clearTimeout(timer) }
}

/** Pools of `dump` that are not as the chain has them at its head, or missing there or here. */
function differencesAt(chain: MovingChain, dump: string): number {
  const truth = chain.truthAt(chain.head().hash) ?? new Map<PoolId, PoolState>()
  const expected = new Map([...truth].map(([id, state]) => [id, JSON.stringify(encodePool(state))]))
  // Not through the reader of snapshots: it refuses a market that is torn badly enough.
  const file = JSON.parse(readFileSync(dump, 'utf8')) as { pools: { id: PoolId }[] }
  const found = new Map(file.pools.map((pool) => [pool.id, JSON.stringify(pool)]))
  const ids = new Set([...expected.keys(), ...found.keys()])
  return [...ids].filter((id) => expected.get(id) !== found.get(id)).length
}

function sumUp(lives: readonly Life[], kills: number): Omit<RestartResult, 'different'> {
  const resumed = lives.flatMap(({ ready }) => (ready?.isResumed === true ? [ready] : []))
  const caughtUp = lives.flatMap(({ ready, caughtUp }) =>
    ready?.isResumed === true && caughtUp !== undefined ? [caughtUp] : [],
  )
  return {
    kills: Math.min(kills, lives.length - 1),
    killsInSave: lives.filter(({ diedSaving }) => diedSaving).length,
    resumed: resumed.length,
    torn: lives.filter(({ isTorn }) => isTorn).length,
    readyMs: resumed.map(({ readyMs }) => readyMs),
    readyAfterBootMs: resumed.map(({ readyMs, bootMs }) => readyMs - bootMs),
    readyCpuMs: resumed.map(({ cpuMs }) => cpuMs),
    catchUpMs: caughtUp.map(({ ms }) => ms),
    catchUpBlocks: caughtUp.map(({ blocks }) => blocks),
  }
}

function describe({ ready, caughtUp, isTorn, diedSaving, complaint }: Life): string {
  if (ready === undefined) return isTorn ? `TORN: ${complaint.slice(0, 400)}` : 'while starting'
  const from = ready.isResumed ? 'a checkpoint' : 'the beginning'
  const until = caughtUp === undefined ? '' : `, caught up in ${Math.round(caughtUp.ms)} ms`
  const where = diedSaving ? ', in a save' : ''
  return `from ${from} in ${Math.round(ready.readyMs)} ms${until}${where}${isTorn ? ', TORN' : ''}`
}
