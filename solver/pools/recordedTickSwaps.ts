/** A recorded swap over ticks: its state as far as the record knows it, and our walk over that. */
import { maxTick, minTick } from './math/tickMath.ts'
import { type TickSwap, swapTicks } from './math/tickSwap.ts'
import type { TickState } from './states.ts'
import { ticksInWord } from './tickPool.ts'
import { swapFeePips } from './v4Fee.ts'

/** The fields that V3 and V4 records share; integers wider than 48 bits are decimal texts. */
export type RecordedTickSwap = {
  readonly kind: 'v3' | 'v4'
  readonly zeroForOne: boolean
  /** V3: above 0 is an input; V4: below 0 is an input. The other sign is an output. */
  readonly amountSpecified: string
  readonly sqrtPriceLimitX96: string
  readonly sqrtPriceX96Before: string
  readonly tickBefore: number
  readonly liquidityBefore: string
  /** V3: the pool's gain; V4: the swapper's. */
  readonly amount0: string
  readonly amount1: string
  readonly sqrtPriceX96After: string
  readonly tickAfter: number
  readonly liquidityAfter: string
  readonly tickSpacing: number | null
  /** The bitmap words that the block touched, in hex. */
  readonly tickBitmap: Readonly<Record<string, string>>
  /** Net liquidity of the ticks that the block touched. */
  readonly ticks: Readonly<Record<string, string>>
  /** V3: the pool's fee in pips, null when it could not be read. */
  readonly fee?: number | null
  /** V4: the fee of the liquidity providers, and the packed protocol fee. */
  readonly lpFee?: number
  readonly protocolFee?: number
}

/** Whether our walk equals the record, and what each paid out; `lacks` says what the record is missing. */
export type TickRerun = {
  readonly isExact: boolean
  readonly expected: bigint
  readonly got: bigint
  readonly lacks?: 'fee-not-in-code' | 'no-liquidity'
}

/** Runs one recorded swap, with its own price limit, from the recorded state. */
export function rerunTickSwap(row: RecordedTickSwap): TickRerun {
  const poolSign = row.kind === 'v3' ? 1n : -1n
  const [gain0, gain1] = [BigInt(row.amount0) * poolSign, BigInt(row.amount1) * poolSign]
  const [taken, expected] = row.zeroForOne ? [gain0, -gain1] : [gain1, -gain0]
  const feePips = feeOf(row)
  const state = stateOf(row)
  if (feePips === undefined || state === undefined)
    return { isExact: false, expected, got: 0n, lacks: 'fee-not-in-code' }
  if (state.sqrtPriceX96 === 0n) return { isExact: false, expected, got: 0n, lacks: 'no-liquidity' }
  const specified = BigInt(row.amountSpecified) * poolSign
  const done = swapTicks(state, {
    zeroForOne: row.zeroForOne,
    exact: specified > 0n ? 'in' : 'out',
    amount: specified > 0n ? specified : -specified,
    feePips,
    limitX96: BigInt(row.sqrtPriceLimitX96),
  })
  const isExact = done.amountIn === taken && done.amountOut === expected && endsAs(done, row)
  return { isExact, expected, got: done.amountOut }
}

function endsAs(done: TickSwap, row: RecordedTickSwap): boolean {
  return (
    done.sqrtPriceX96 === BigInt(row.sqrtPriceX96After) &&
    done.liquidity === BigInt(row.liquidityAfter) &&
    done.tick === row.tickAfter
  )
}

function feeOf(row: RecordedTickSwap): number | undefined {
  if (row.kind === 'v3') return row.fee ?? undefined
  const { lpFee, protocolFee = 0 } = row
  if (lpFee === undefined) return undefined
  return swapFeePips({ protocolFee, feePips: lpFee }, row.zeroForOne ? 0 : 1)
}

function stateOf(row: RecordedTickSwap): TickState | undefined {
  if (row.tickSpacing === null) return undefined
  return {
    feePips: 0,
    tickSpacing: row.tickSpacing,
    sqrtPriceX96: BigInt(row.sqrtPriceX96Before),
    tick: row.tickBefore,
    liquidity: BigInt(row.liquidityBefore),
    ticks: Object.entries(row.ticks)
      .map(([index, net]) => ({ index: integer(index), liquidityNet: BigInt(net) }))
      .sort((left, right) => left.index - right.index),
    tickRange: knownRange(row, row.tickSpacing),
  }
}

/**
 * The range that the record knows: up to the nearest tick that a word names and whose liquidity the block
 * never needed. A word that the record lacks is zero as far as the swap went: it touched every word it passed.
 */
function knownRange(row: RecordedTickSwap, spacing: number): readonly [number, number] {
  const unknown = Object.entries(row.tickBitmap)
    .flatMap(([word, bits]) => ticksInWord(integer(word), BigInt(bits), spacing))
    .filter((tick) => row.ticks[tick] === undefined)
  return [
    Math.max(minTick, ...unknown.filter((tick) => tick <= row.tickBefore)),
    Math.min(maxTick, ...unknown.filter((tick) => tick > row.tickBefore)),
  ]
}

function integer(text: string): number {
  return Number(text)
}
