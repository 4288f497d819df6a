/**
 * `pools.blocks`: the recorded mainnet blocks once more, with the swaps of Curve and Balancer, and fed to a market
 * block by block.
 */
import { loadRecordedCodes } from '../../solver/chain/recordedBlock.ts'
import type { Log } from '../../solver/chain/block.ts'
import {
  type BlockReplay,
  recordedNumbers,
  recordedSwapRows,
  replayBlock,
} from '../../test/helpers/blockReplay.ts'
import { recordedBlocks } from '../../test/helpers/recordedBlocks.ts'
import * as balancer from '../../test/helpers/vectors/balancerBlocks.ts'
import * as curveCrypto from '../../test/helpers/vectors/curveCryptoBlocks.ts'
import * as curveStable from '../../test/helpers/vectors/curveStableBlocks.ts'
import type { VectorResult } from '../../test/helpers/vectors/result.ts'
import type { AcceptCheck } from './check.ts'
import mainBlocks from './main.blocks.ts'

/** Swaps of one venue in the blocks' receipts, made again. */
type Recorded = {
  readonly swaps: number
  readonly misses: readonly { readonly name: string; readonly cause: string }[]
}

/** By venue, with the number that the receipts hold. */
const otherVenues: Readonly<
  Record<string, { readonly swaps: number; readonly run: () => Promise<Recorded> }>
> = {
  'Curve StableSwap': { swaps: 6, run: async () => ofExchanges(await curveStable.runRecorded()) },
  'Curve CryptoSwap': { swaps: 7, run: async () => ofVectors(await curveCrypto.runRecorded()) },
  'Balancer V2': { swaps: 3, run: async () => ofExchanges(await balancer.runRecorded()) },
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
    for (const venue of Object.keys(otherVenues)) others.push(await runOther(venue, say))
    const market = await feedAll(say)
    const figures = [uniswap.figure, ...others.map(({ figure }) => figure), market.figure]
    return {
      ok: uniswap.ok && market.ok && others.every(({ ok }) => ok),
      figure: figures.join('; '),
    }
  },
}

export default check

async function runOther(venue: string, say: (line: string) => void) {
  const other = otherVenues[venue]
  if (other === undefined) return { ok: false, figure: `${venue}: not built` }
  const { swaps, misses } = await other.run()
  for (const miss of misses) say(`${venue} ${miss.name}: ${miss.cause}`)
  const isNamed = misses.every(({ cause }) => cause !== '')
  return {
    ok: swaps === other.swaps && isNamed,
    figure: `${venue} ${swaps - misses.length} of ${swaps} exact`,
  }
}

/** Both the amount and the state that the log leads to must be right. */
function ofExchanges(
  exchanges: readonly {
    readonly name: string
    readonly expected: bigint
    readonly ours: bigint
    readonly applied: boolean
  }[],
): Recorded {
  const wrong = exchanges.filter(({ expected, ours, applied }) => expected !== ours || !applied)
  return {
    swaps: exchanges.length,
    misses: wrong.map(({ name, expected, ours, applied }) => ({
      name,
      cause: `paid ${expected}, ours ${ours}, the state after ${applied ? 'equal' : 'differs'}`,
    })),
  }
}

function ofVectors({ entries, exact, misses }: VectorResult): Recorded {
  const lost = entries - exact - misses.length
  const unnamed = Array.from({ length: lost }, () => ({ name: 'a swap', cause: '' }))
  return { swaps: entries, misses: [...misses, ...unnamed] }
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
