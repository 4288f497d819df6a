/**
 * `pools.blocks`: the recorded mainnet blocks once more, with the swaps of Curve and Balancer, and fed to a market
 * block by block.
 */
import { existsSync } from 'node:fs'
import { loadRecordedCodes } from '../../solver/chain/recordedBlock.ts'
import type { Log } from '../../solver/chain/block.ts'
import {
  type BlockReplay,
  recordedNumbers,
  recordedSwapRows,
  replayBlock,
} from '../../test/helpers/blockReplay.ts'
import { recordedBlocks } from '../../test/helpers/recordedBlocks.ts'
import type { AcceptCheck } from './check.ts'
import mainBlocks from './main.blocks.ts'

/** Kinds whose swaps stand in the blocks' receipts, by the file that runs them again. */
const otherKinds = ['curveStableBlocks', 'curveCryptoBlocks', 'balancerBlocks'] as const

/** What such a file says of its swaps. */
type Recorded = {
  /** All of them, by either name. */
  readonly entries?: number
  readonly swaps?: number
  readonly exact: number
  readonly misses: readonly { readonly name: string; readonly cause: string }[]
}

/** Pools that the 34 blocks touch: a run that held fewer has not read all. */
const recordedPools = 320
/** A block for the control, with pools of every kind. */
const controlBlock = 24_647_140

const check: AcceptCheck = {
  id: 'pools.blocks',
  threshold:
    "main.blocks; every swap of Curve and Balancer exact or its miss named; the state after each block is its logs' own for 100 % of the pools touched",
  needsSharedData: true,
  async run(say) {
    const uniswap = await mainBlocks.run(say)
    const others = []
    for (const name of otherKinds) others.push(await runOther(name, say))
    const market = await feedAll(say)
    const figures = [uniswap.figure, ...others.map(({ figure }) => figure), market.figure]
    return {
      ok: uniswap.ok && market.ok && others.every(({ ok }) => ok),
      figure: figures.join('; '),
    }
  },
}

export default check

/** Runs the recorded swaps of one of {@link otherKinds}; a kind without its file fails. */
async function runOther(name: (typeof otherKinds)[number], say: (line: string) => void) {
  const file = new URL(`../../test/helpers/vectors/${name}.ts`, import.meta.url)
  if (!existsSync(file)) return { ok: false, figure: `${name}: not built` }
  // The three files share one form; they are loaded late so that one that is broken spoils no other check.
  const { runRecorded } = (await import(file.href)) as { runRecorded(): Promise<Recorded> }
  const { entries, swaps, exact, misses } = await runRecorded()
  const all = entries ?? swaps ?? 0
  for (const miss of misses) say(`${name} ${miss.name}: ${miss.cause}`)
  const isWhole = all > 0 && exact + misses.length === all
  const isNamed = misses.every(({ cause }) => cause !== '')
  return { ok: isWhole && isNamed, figure: `${name} ${exact} of ${all} exact` }
}

/** Feeds every recorded block to a market, and one of them without a log, which must be noticed. */
async function feedAll(say: (line: string) => void) {
  const codes = await loadRecordedCodes(recordedBlocks)
  const rows = await recordedSwapRows()
  const replays: BlockReplay[] = []
  for (const number of await recordedNumbers()) {
    const replay = await replayBlock(number, codes, rows)
    replays.push(replay)
    for (const difference of replay.differences) say(`block ${number}: ${difference}`)
    for (const { pool, cause } of replay.notHeld) say(`block ${number}: ${pool} ${cause}`)
  }
  const control = await replayBlock(controlBlock, codes, rows, withoutEveryOther)
  const add = (of: (replay: BlockReplay) => number) =>
    replays.reduce((sum, replay) => sum + of(replay), 0)
  const [touched, equal] = [add((each) => each.touched), add((each) => each.equal)]
  const [compared, same] = [
    add(({ midBlock }) => midBlock.compared),
    add(({ midBlock }) => midBlock.equal),
  ]
  const isSeeing = control.equal < control.touched
  return {
    ok: touched === recordedPools && equal === touched && same === compared && isSeeing,
    figure:
      `market: ${equal} of ${touched} pools as their logs say after ${replays.length} blocks ` +
      `(${add((each) => each.readAgain)} of them read again for a fee that drifts), ` +
      `${same} of ${compared} states amid the blocks as another program recorded them, ` +
      `${add(({ notHeld }) => notHeld.length)} emitter not ours; ` +
      `control without half of the logs: ${control.equal} of ${control.touched}`,
  }
}

function withoutEveryOther(logs: readonly Log[]): readonly Log[] {
  return logs.filter((_, at) => at % 2 === 0)
}
