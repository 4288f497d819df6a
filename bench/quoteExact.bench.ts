/** One exact V3 quote: ours against `@uniswap/v3-sdk`, on the same pools and swaps in the same run. */
import { createRng } from '../solver/core/rng.ts'
import { swapTicks } from '../solver/pools/math/tickSwap.ts'
import type { UniswapV3State } from '../solver/pools/states.ts'
import { uniswapV3 } from '../solver/pools/uniswapV3.ts'
import { randomTickPool } from '../test/helpers/pools.ts'
import { sdkExactIn, toSdkPool } from '../test/helpers/uniswapSdk.ts'

/** Times are CPU microseconds a quote; the ratio is theirs over ours. */
export type ExactQuoteBench = {
  readonly swaps: number
  readonly ticksCrossedMean: number
  readonly oursMicros: number
  readonly sdkMicros: number
  readonly ratio: number
  /** Swaps whose two outputs differ; anything but 0 makes the times worthless. */
  readonly differences: number
}

type Case = {
  readonly state: UniswapV3State
  readonly zeroForOne: boolean
  readonly amountIn: bigint
}

/** The first rounds compile both and fill what each keeps of a pool; they do not count. */
const warmUps = 2
const rounds = 9
/** Passes over all swaps in a round: long enough for the clock of CPU time. */
const passes = 5

/** Runs the comparison: 1,000 seeded swaps that both can fill, alternating rounds, the median of each. */
export async function benchExactQuote(): Promise<ExactQuoteBench> {
  const cases = seededCases(1_000)
  const pools = cases.map(({ state }) => toSdkPool(state))
  const [ours, theirs]: [number[], number[]] = [[], []]
  let differences = 0
  for (let round = 0; round < rounds; round += 1) {
    const paid = cases.map(quote)
    let before = process.cpuUsage()
    for (let pass = 0; pass < passes; pass += 1) cases.forEach(quote)
    ours.push(microsSince(before))
    const sdkPaid: bigint[] = []
    before = process.cpuUsage()
    for (let pass = 0; pass < passes; pass += 1)
      for (const [at, { zeroForOne, amountIn }] of cases.entries()) {
        const pool = pools[at]
        if (pool) sdkPaid[at] = (await sdkExactIn(pool, zeroForOne, amountIn)).amountOut
      }
    theirs.push(microsSince(before))
    differences = paid.filter((amount, at) => amount !== sdkPaid[at]).length
  }
  const oursMicros = median(ours.slice(warmUps)) / (cases.length * passes)
  const sdkMicros = median(theirs.slice(warmUps)) / (cases.length * passes)
  return {
    swaps: cases.length,
    ticksCrossedMean: mean(cases.map(ticksCrossed)),
    oursMicros,
    sdkMicros,
    ratio: sdkMicros / oursMicros,
    differences,
  }
}

function quote({ state, zeroForOne, amountIn }: Case): bigint {
  return swap({ state, zeroForOne, amountIn }).amountOut
}

function swap({ state, zeroForOne, amountIn }: Case) {
  const [indexIn, indexOut] = zeroForOne ? [0, 1] : [1, 0]
  return uniswapV3.swapExactIn(state, { indexIn, indexOut, amountIn })
}

function seededCases(count: number): Case[] {
  const rng = createRng(7)
  const cases: Case[] = []
  for (let seed = 0; cases.length < count; seed += 1) {
    const state = randomTickPool(seed)
    for (let each = 0; each < 4; each += 1) {
      const amountIn = rng.logUniform(10n ** 6n, 10n ** 24n)
      const made = { state, zeroForOne: rng.int(0, 1) === 0, amountIn }
      // The SDK throws where its ticks end; only swaps that both fill are compared.
      if (cases.length < count && swap(made).amountIn === amountIn) cases.push(made)
    }
  }
  return cases
}

function ticksCrossed({ state, zeroForOne, amountIn: amount }: Case): number {
  const { feePips } = state
  return swapTicks(state, { zeroForOne, exact: 'in', amount, feePips }).ticksCrossed
}

function microsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return user + system
}

function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? NaN
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

if (import.meta.main) {
  const result = await benchExactQuote()
  if (process.argv.includes('--json')) console.log(JSON.stringify(result))
  else
    console.log(
      `exact V3 quote, ${result.swaps} swaps, ${result.ticksCrossedMean.toFixed(1)} ticks crossed: ours ` +
        `${result.oursMicros.toFixed(2)} us, @uniswap/v3-sdk ${result.sdkMicros.toFixed(2)} us: ` +
        `${result.ratio.toFixed(1)}x, ${result.differences} differences`,
    )
}
