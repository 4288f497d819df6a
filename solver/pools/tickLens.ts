/**
 * Ticks of a Uniswap V3 pool through a lens: code that a node runs in place of the pool's own, so that a whole
 * range of ticks costs one call and one slot a tick. A node without state overrides answers nothing; then the
 * pool's own functions are asked.
 *
 * Source: `contracts/lens/TickLens.sol`; storage layout of UniswapV3Pool v1.0.0.
 */
import type { Call } from '../chain/block.ts'
import type { Address, Hex } from '../core/hex.ts'
import { tickOf, toWord, wordAt } from './logWords.ts'
import type { SnapshotReader } from './pool.ts'
import type { Tick } from './states.ts'
import { tickLensCode } from './tickLensCode.ts'

/** Bitmap words to read, both ends included. */
export type WordRange = { readonly first: number; readonly last: number }

/** What the lens saw. */
export type LensAnswer = {
  /** Slot 0 of the pool: the price in the low 160 bits, then the tick. */
  readonly slot0: bigint
  readonly liquidity: bigint
  /** The first word that was not read any more: gas or room ran short below the end of the range. */
  readonly nextWord: number
  readonly ticks: readonly Tick[]
}

/** Bytes of one tick in the answer. */
const tickBytes = 35
const headBytes = 96
/** Words that one call surely reads with the gas of a batched call, if no tick is in them. */
const wordsPerCall = 800

/**
 * The call that reads `range` of the pool at `target`.
 *
 * @param liquiditySlot - Storage slot of `liquidity`; `ticks` and `tickBitmap` follow it.
 */
export function lensCall(
  target: Address,
  range: WordRange,
  pool: { readonly tickSpacing: number; readonly liquiditySlot: number },
): Call {
  const words = [pool.liquiditySlot, range.first, range.last, pool.tickSpacing]
  const data = words.map((word) => toWord(BigInt(word))).join('')
  return { target, value: 0n, data: `0x${data}`, lens: tickLensCode }
}

/**
 * Reads all ticks of `range` in as few rounds as gas allows; `undefined` where there is no lens, or where it sees
 * another price or liquidity than the pool's own functions said: then the storage is laid out otherwise.
 */
export function* readByLens(
  target: Address,
  range: WordRange,
  pool: {
    readonly tickSpacing: number
    readonly liquiditySlot: number
    readonly sqrtPriceX96: bigint
    readonly liquidity: bigint
  },
): SnapshotReader<readonly Tick[]> {
  const ticks: Tick[] = []
  let open = lensPieces(range)
  while (open.length > 0) {
    const answers = yield open.map((piece) => lensCall(target, piece, pool))
    const next: WordRange[] = []
    for (const [at, { first, last }] of open.entries()) {
      const answer = lensAnswer(answers[at])
      if (answer === undefined || answer.nextWord <= first) return undefined
      const { slot0, liquidity, nextWord } = answer
      if (BigInt.asUintN(160, slot0) !== pool.sqrtPriceX96 || liquidity !== pool.liquidity)
        return undefined
      ticks.push(...answer.ticks)
      if (nextWord <= last) next.push({ first: nextWord, last })
    }
    open = next
  }
  return ticks.sort((one, other) => one.index - other.index)
}

/** `range` in pieces that one call reads to the end, unless it is full of ticks. */
function lensPieces({ first, last }: WordRange): WordRange[] {
  const pieces: WordRange[] = []
  for (let at = first; at <= last; at += wordsPerCall)
    pieces.push({ first: at, last: Math.min(last, at + wordsPerCall - 1) })
  return pieces
}

/** What {@link lensCall} was answered, or `undefined` when that is not a lens's answer. */
export function lensAnswer(data: Hex | undefined): LensAnswer | undefined {
  const bytes = data === undefined ? 0 : (data.length - 2) >> 1
  if (data === undefined || bytes < headBytes || (bytes - headBytes) % tickBytes !== 0)
    return undefined
  const ticks: Tick[] = []
  for (let at = 2 + 2 * headBytes; at < data.length; at += 2 * tickBytes) {
    const index = tickOf(BigInt(`0x${data.slice(at, at + 6)}`))
    const slot = BigInt(`0x${data.slice(at + 6, at + 2 * tickBytes)}`)
    const liquidityGross = BigInt.asUintN(128, slot)
    ticks.push({ index, liquidityNet: BigInt.asIntN(128, slot >> 128n), liquidityGross })
  }
  return {
    slot0: wordAt(data, 0),
    liquidity: wordAt(data, 1),
    // A word of the bitmap has at most 16 bits.
    nextWord: tickOf(wordAt(data, 2)),
    ticks,
  }
}
