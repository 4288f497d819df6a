/** The screen held against what intents on forks of recorded blocks met: fees where they were paid too little. */
import { readFileSync } from 'node:fs'
import { loadRecordedCodes, type RecordedCodes } from '../../solver/chain/recordedBlock.ts'
import type { TokenTraits } from '../../solver/market/traits.ts'
import { type RecordedTry, screenLikeBlock, settleLikeBlock } from './recordedForks.ts'
import { recordedBlocks } from './recordedBlocks.ts'

/** What became of the intents of some blocks, and what the screen says of their tokens. */
export type ForkScreens = {
  /** Intents that bought a token and were paid too little, and those of them whose token the screen found a fee of. */
  readonly short: number
  readonly shortFound: number
  /** Intents whose pool refused, and those whose sold token the screen found a fee of or could not sell. */
  readonly refused: number
  readonly refusedFound: number
  /** Those of the rest whose token could not even be bought, so that its sale was not tried. */
  readonly refusedUntried: number
  /** Settled intents. */
  readonly settled: number
  /**
   * Of those, how many trade a token that the screen could not buy or sell in the direction that the block did not
   * trade: a record holds only what its block touched, and switches that were not read are off.
   */
  readonly otherWay: number
  /** Settled intents that the screen contradicts, each with its pool. */
  readonly contradictions: readonly string[]
}

/** The recorded blocks with the most V2 and V3 swaps, as `main.mainnet-fork` takes them. */
export function busiestBlocks(count: number): number[] {
  const index = JSON.parse(readFileSync(`${recordedBlocks}/index.json`, 'utf8')) as {
    readonly number: number
    readonly v2: number
    readonly v3: number
  }[]
  const busy = index.toSorted((a, b) => b.v2 + b.v3 - (a.v2 + a.v3))
  return busy.slice(0, count).map(({ number }) => number)
}

/** Settles and screens each of `blocks`, on forks of their own. */
export async function screenForks(
  blocks: readonly number[],
  say: (line: string) => void = () => undefined,
): Promise<ForkScreens> {
  const codes = await loadRecordedCodes(recordedBlocks)
  const all = {
    short: 0,
    shortFound: 0,
    refused: 0,
    refusedFound: 0,
    refusedUntried: 0,
    settled: 0,
    otherWay: 0,
  }
  const contradictions: string[] = []
  for (const number of blocks) {
    for (const { tried, bought, sold } of await screenBlock(number, codes)) {
      const { pool, result } = tried
      if ('received' in result) {
        all.settled += 1
        if (isRefuted(bought, 'buy') || isRefuted(sold, 'sell'))
          contradictions.push(`block ${number} pool ${pool}`)
        else if (bought?.sellable === false || sold?.sellable === false) all.otherWay += 1
      } else if (result.skipped === 'settle.paid-too-little') {
        all.short += 1
        if ((bought?.buyFeePips ?? 0) > 0) all.shortFound += 1
      } else if (result.skipped === 'settle.pool-refused') {
        all.refused += 1
        if (isRefuted(sold, 'sell')) all.refusedFound += 1
        else if (isRefuted(sold, 'buy')) all.refusedUntried += 1
      }
    }
    say(`block ${number} screened`)
  }
  return { ...all, contradictions }
}

type Screened = {
  readonly tried: RecordedTry
  readonly bought: TokenTraits | undefined
  readonly sold: TokenTraits | undefined
}

async function screenBlock(number: number, codes: RecordedCodes): Promise<Screened[]> {
  const tries = await settleLikeBlock(recordedBlocks, number, codes)
  const screens = new Map(
    (await screenLikeBlock(recordedBlocks, number, codes)).map((each) => [each.pool, each]),
  )
  return tries.map((tried) => {
    const { trade, traits } = screens.get(tried.pool) ?? {}
    return {
      tried,
      bought: trade && traits?.get(trade.buyToken),
      sold: trade && traits?.get(trade.sellToken),
    }
  })
}

/** True when the screen says that what settled could not: a fee on that side, or the step refused. */
function isRefuted(traits: TokenTraits | undefined, side: 'buy' | 'sell'): boolean {
  if (traits === undefined) return false
  const fee = side === 'buy' ? traits.buyFeePips : traits.sellFeePips
  return fee > 0 || (!traits.sellable && traits.why?.startsWith(side) === true)
}
