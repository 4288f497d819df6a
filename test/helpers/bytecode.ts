/**
 * Our pool maths against the venues' real bytecode: seeded swaps on every pool of a kind, each asked of the
 * pool itself.
 */
import { createRng, type Rng } from '../../solver/core/rng.ts'
import { moduleOf, type PoolKind } from '../../solver/pools/index.ts'
import { getSqrtRatioAtTick, maxTick, minTick } from '../../solver/pools/math/tickMath.ts'
import type { SwapResult } from '../../solver/pools/pool.ts'
import type { TickState, UniswapV2State } from '../../solver/pools/states.ts'
import type { RoutedState } from '../../solver/route/routed.ts'
import {
  type Answer,
  askerOf,
  type AskSome,
  type Probe,
  type ProbedChain,
  probeInTurn,
} from './prober.ts'

const reserveMax = 2n ** 112n - 1n

/** What a comparison saw. */
export type Comparison = {
  /** Seeded swaps, each compared in its amounts. */
  readonly swaps: number
  /** How many of them named the input, and how many the output. */
  readonly exactIn: number
  readonly exactOut: number
  /** How many also had the state after them compared. */
  readonly statesCompared: number
  /** How many asked for more than the pool had. */
  readonly partial: number
  /** How many crossed at least one initialised tick, so that liquidity changed. */
  readonly crossed: number
  /** One line for each swap that came out otherwise. */
  readonly differences: readonly string[]
}

/**
 * Compares `count` swaps of `seed`, spread evenly over all pools of `kind`, exact-in and exact-out both ways.
 *
 * @param alter - Changes the state that our maths works on: a control that must lead to differences.
 */
export async function compareWithBytecode(
  chain: ProbedChain,
  kind: PoolKind,
  count: number,
  seed: number,
  alter: (state: RoutedState) => RoutedState = (state) => state,
): Promise<Comparison> {
  const states: RoutedState[] = []
  for (const ref of chain.pools.filter((pool) => pool.kind === kind))
    states.push(alter(await chain.stateOf(ref)))
  return compareStates(states, (state) => askerOf(chain, state), { count, seed })
}

/** The same over any pools, each asked through what `askerFor` gives. */
export async function compareStates(
  states: readonly RoutedState[],
  askerFor: (state: RoutedState) => AskSome,
  { count, seed }: { readonly count: number; readonly seed: number },
): Promise<Comparison> {
  const total = { swaps: 0, exactIn: 0, exactOut: 0, statesCompared: 0, partial: 0, crossed: 0 }
  const differences: string[] = []
  for (const [at, state] of states.entries()) {
    const share = Math.floor(((at + 1) * count) / states.length) - total.swaps
    const rng = createRng(seed + at)
    const samples = Array.from({ length: share }, () => drawSample(state, rng))
    const probes = samples.flatMap((sample) => sample.probes)
    const answers = await probeInTurn(askerFor(state), probes)
    for (const [nth, { asked, expected }] of probes.entries())
      if (!agrees(expected, answers[nth]))
        differences.push(
          `${state.id} ${show(asked)}: ours ${show(expected)}, its ${show(answers[nth])}`,
        )
    total.swaps += share
    total.exactIn += samples.filter(({ isExactIn }) => isExactIn).length
    total.exactOut += samples.filter(({ isExactIn }) => !isExactIn).length
    total.partial += samples.filter(({ isPartial }) => isPartial).length
    total.crossed += samples.filter(({ hasCrossed }) => hasCrossed).length
    total.statesCompared += samples.filter(({ probes }) => probes.some(namesState)).length
  }
  return { ...total, differences }
}

type Sample = {
  readonly probes: readonly Probe[]
  readonly isExactIn: boolean
  readonly isPartial: boolean
  readonly hasCrossed: boolean
}

const refused = { ok: false } as const

function agrees(expected: Partial<Answer>, answer: Answer | undefined): boolean {
  const fields = Object.keys(expected) as (keyof Answer)[] // a plain literal's own keys
  return answer !== undefined && fields.every((field) => expected[field] === answer[field])
}

/** True where a probe compares the pool's state after the swap. */
function namesState({ asked, expected }: Probe): boolean {
  return expected.sqrtPriceX96 !== undefined || (expected.ok === true && 'amountOut' in asked)
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}` : each))
}

function drawSample(state: RoutedState, rng: Rng): Sample {
  const indexIn = rng.int(0, 1)
  const indexOut = 1 - indexIn
  const module = moduleOf(state)
  const isExactIn = rng.next() < 0.5
  const amount = drawAmount(scaleOf(state, isExactIn ? indexIn : indexOut), rng)
  const result = isExactIn
    ? module.swapExactIn(state, { indexIn, indexOut, amountIn: amount })
    : module.swapExactOut(state, { indexIn, indexOut, amountOut: amount })
  const isPartial = (isExactIn ? result.amountIn : result.amountOut) < amount
  const swap = { zeroForOne: indexIn === 0, isExactIn, amount, isPartial }
  if (state.kind === 'uniswapV2') {
    const probes = probesOfPair(state, swap, result as SwapResult<UniswapV2State>) // by its kind
    return { probes, isExactIn, isPartial, hasCrossed: false }
  }
  const ticks = result as SwapResult<TickState> // the other two kinds have ticks
  const probes = probesOfTicks(state, swap, ticks, rng.next() < 0.03)
  return { probes, isExactIn, isPartial, hasCrossed: ticks.next.liquidity !== state.liquidity }
}

/** Dust, ordinary sizes and sizes beyond what any pool holds. */
function drawAmount(scale: bigint, rng: Rng): bigint {
  const choice = rng.next()
  if (choice < 0.25) return rng.logUniform(1n, scale)
  if (choice < 0.92) return rng.logUniform(scale / 100_000n + 1n, 2n * scale)
  return rng.logUniform(scale, 2n ** 112n)
}

/** The pool's reserve of a token, or the reserve that a constant product of its liquidity would have. */
function scaleOf(state: RoutedState, index: number): bigint {
  if (state.kind === 'uniswapV2') return state.reserves[index] ?? 1n
  const { liquidity, sqrtPriceX96 } = state
  return 1n + (index === 0 ? (liquidity << 96n) / sqrtPriceX96 : (liquidity * sqrtPriceX96) >> 96n)
}

type Swap = {
  readonly zeroForOne: boolean
  readonly isExactIn: boolean
  readonly amount: bigint
  readonly isPartial: boolean
}

/** The pair takes ours and, from both sides, not one wei better. */
function probesOfPair(
  state: UniswapV2State,
  swap: Swap,
  { amountIn, amountOut, next }: SwapResult<UniswapV2State>,
): Probe[] {
  const { zeroForOne, isExactIn, amount, isPartial } = swap
  const mostIn = reserveMax - state.reserves[zeroForOne ? 0 : 1]
  const ask = (amountIn: bigint, amountOut: bigint, expected: Partial<Answer>): Probe => ({
    asked: { zeroForOne, amountIn, amountOut },
    expected,
  })
  if (amountOut === 0n) return [ask(isExactIn && amount < mostIn ? amount : mostIn, 1n, refused)]
  const [amount0, amount1] = next.reserves
  const taken = ask(amountIn, amountOut, { ok: true, amount0, amount1 })
  if (isExactIn) {
    const greedy = ask(amountIn, amountOut + 1n, refused)
    return isPartial ? [taken, greedy, ask(amountIn + 1n, 1n, refused)] : [taken, greedy]
  }
  const stingy = ask(amountIn - 1n, amountOut, refused)
  return isPartial ? [taken, stingy, ask(mostIn, amountOut + 1n, refused)] : [taken, stingy]
}

/** Ticks beyond the last liquidity that a swap is let run on, to see that nothing is traded there. */
const ticksBeyond = 5_000

/**
 * The pool moves what ours moves and ends where ours ends. Ours stops where liquidity ends, the pool runs on to
 * the caller's limit: so a swap that asks too much is asked twice, with a limit far beyond and with ours.
 */
function probesOfTicks(
  state: TickState,
  swap: Swap,
  { amountIn, amountOut, next }: SwapResult<TickState>,
  toTheEnd: boolean,
): Probe[] {
  const { zeroForOne, isExactIn, isPartial } = swap
  const amount = isExactIn ? swap.amount : -swap.amount
  const ask = (sqrtPriceLimitX96: bigint, expected: Partial<Answer>): Probe => ({
    asked: { zeroForOne, amount, sqrtPriceLimitX96 },
    expected,
  })
  const end = zeroForOne ? getSqrtRatioAtTick(minTick) + 1n : getSqrtRatioAtTick(maxTick) - 1n
  if (amountIn === 0n) return [ask(end, refused)]
  const moved = zeroForOne
    ? { ok: true, amount0: amountIn, amount1: -amountOut }
    : { ok: true, amount0: -amountOut, amount1: amountIn }
  const { sqrtPriceX96, tick, liquidity } = next
  const stopped = { ...moved, sqrtPriceX96, tick, liquidity }
  if (!isPartial) return [ask(end, stopped)]
  // At a spacing of 1 the walk to the very end costs more gas than a block has.
  const beyond = toTheEnd && state.tickSpacing > 1 ? end : beyondLiquidity(state, zeroForOne)
  return [ask(beyond, moved), ask(sqrtPriceX96, stopped)]
}

function beyondLiquidity({ ticks }: TickState, zeroForOne: boolean): bigint {
  const last = (zeroForOne ? ticks[0] : ticks.at(-1))?.index ?? 0
  return zeroForOne
    ? getSqrtRatioAtTick(Math.max(minTick, last - ticksBeyond)) + 1n
    : getSqrtRatioAtTick(Math.min(maxTick, last + ticksBeyond)) - 1n
}

/** A control for {@link compareWithBytecode}: the state with a fee that is one millionth higher. */
export function withDearerFee(state: RoutedState): RoutedState {
  return { ...state, feePips: state.feePips + 1 }
}
