/**
 * Curve CryptoSwap pools of two and three coins: the v2 factory's, tricrypto and tricrypto2, Twocrypto-NG and
 * Tricrypto-NG.
 *
 * The contracts are told inputs only, so `swapExactOut` takes the least input for which the contract pays at least
 * `amountOut`, and says what it then pays, which may be a little more. (Their solvers stop some 10^-14 of the pool
 * short of the root, so payouts jitter by as much: "least" means that one unit less would not do.) A swap reverts
 * where a balance would leave a hundredth to a hundredfold of the invariant: that is where pools here run dry.
 *
 * No log says enough: the moving average and the profit enter every exchange with the block's time. So `apply`
 * asks for a new reading after every log of the pool.
 */
import type { Log } from '../chain/block.ts'
import { divDown, divUp, max, min, mulDivDown } from '../core/rounding.ts'
import { curveCryptoCodec } from './curveCryptoCodec.ts'
import { curveOf, priceOf } from './curveCryptoCurve.ts'
import { exchange, isTradable, quoteOf } from './curveCryptoExchange.ts'
import { creation, curveCryptoTopics, discover, snapshot } from './curveCryptoReader.ts'
import { type CurveCryptoState, invariantOf, isSane, unscaleOf } from './curveCryptoState.ts'
import { gasOfSwap } from './gas.ts'
import {
  baseRefOf,
  type PoolModule,
  type SwapExactIn,
  type SwapExactOut,
  type SwapResult,
} from './pool.ts'

/** The CryptoSwap module. Shapes, units and laws are {@link PoolModule}'s; it throws nothing. */
export const curveCrypto = {
  kind: 'curveCrypto',
  about: "CryptoSwap of two and three coins; exact against recorded pools' own bytecode",
  topics: curveCryptoTopics,
  discover,
  creation,
  snapshot,
  refOf: (state) => ({ ...baseRefOf(state), variant: state.variant }),
  apply,
  drifts: ({ isRamping }) => isRamping === true,
  swapExactIn,
  swapExactOut,
  price: (state, indexIn, indexOut) => {
    const D = tradedInvariant(state)
    return D === undefined ? 0 : priceOf(state, D, indexIn, indexOut)
  },
  curve: (state) => {
    const D = tradedInvariant(state)
    if (D === undefined) return undefined
    return curveOf(state, D, (indexIn, indexOut) => mostIn(state, { indexIn, indexOut }, D))
  },
  codec: curveCryptoCodec,
} satisfies PoolModule<CurveCryptoState>

type Direction = { readonly indexIn: number; readonly indexOut: number }

function apply(state: CurveCryptoState, log: Log): CurveCryptoState | undefined {
  const [topic] = log.topics
  const isOurs = log.address === state.id && curveCryptoTopics.some((known) => known === topic)
  return isOurs ? undefined : state
}

/** The invariant that a swap starts from, `undefined` where the pool makes none. */
function tradedInvariant(state: CurveCryptoState): bigint | undefined {
  if (!isTradable(state) || !isSane(state)) return undefined
  const D = invariantOf(state)
  return D === undefined || D === 0n ? undefined : D
}

function swapExactIn(
  state: CurveCryptoState,
  { indexIn, indexOut, amountIn }: SwapExactIn,
): SwapResult<CurveCryptoState> {
  const D = amountIn > 0n ? tradedInvariant(state) : undefined
  if (D === undefined) return untouched(state)
  const direction = { indexIn, indexOut }
  const whole = trade(state, direction, amountIn, D)
  if (whole !== undefined) return whole
  const most = mostIn(state, direction, D)
  if (amountIn <= most) return untouched(state)
  return trade(state, direction, most, D) ?? untouched(state)
}

function swapExactOut(
  state: CurveCryptoState,
  { indexIn, indexOut, amountOut }: SwapExactOut,
): SwapResult<CurveCryptoState> {
  const D = amountOut > 0n ? tradedInvariant(state) : undefined
  if (D === undefined) return untouched(state)
  const direction = { indexIn, indexOut }
  const pays = (amountIn: bigint) => quoteOf(state, { ...direction, amountIn }, D)?.amountOut ?? 0n
  const enough = leastPaying(pays, amountOut, firstGuess(state, direction, amountOut))
  const bought = enough === undefined ? undefined : trade(state, direction, enough, D)
  if (bought !== undefined) return bought
  const most = mostIn(state, direction, D)
  const all = trade(state, direction, most, D)
  if (all === undefined) return untouched(state)
  // The least that is accepted, where what pays enough is refused for what comes after it, or all that there is.
  const accepted = (amountIn: bigint) => trade(state, direction, amountIn, D)?.amountOut ?? 0n
  const wanted = min(amountOut, all.amountOut)
  const start = min(enough ?? 0n, most - 1n)
  const low = accepted(start) < wanted ? start : 0n
  const least = nextPaying(accepted, wanted, low, most)
  return trade(state, direction, least, D) ?? untouched(state)
}

/** The exchange as a result; `undefined` where the contract reverts, or takes and pays nothing. */
function trade(
  state: CurveCryptoState,
  direction: Direction,
  amountIn: bigint,
  D: bigint,
): SwapResult<CurveCryptoState> | undefined {
  if (amountIn <= 0n) return undefined
  const made = exchange(state, { ...direction, amountIn }, D)
  if (made === undefined || made.amountOut === 0n) return undefined
  return { amountIn, amountOut: made.amountOut, gas: gasOf(state), next: made.next }
}

/** What the solvers of the older contracts take more than those of the NG pools: medians on the real bytecode. */
const olderGas = 190_000n

function gasOf(state: CurveCryptoState): bigint {
  const isOlder = state.variant === 'two' || state.variant === 'tri'
  return gasOfSwap(state) + (isOlder && state.gasHint === undefined ? olderGas : 0n)
}

function untouched(state: CurveCryptoState): SwapResult<CurveCryptoState> {
  return { amountIn: 0n, amountOut: 0n, gas: 0n, next: state }
}

/** Shares of a balance, as powers of two, of which the first that the contract accepts starts the search for the most. */
const seedShifts = [4n, 10n, 16n, 2n, 22n, 30n, 40n, 0n] as const

/** The largest input that the contract accepts and pays for; 0 when there is none. */
function mostIn(state: CurveCryptoState, direction: Direction, D: bigint): bigint {
  const accepts = (amountIn: bigint) => trade(state, direction, amountIn, D)?.amountOut ?? 0n
  const quotes = (amountIn: bigint) =>
    quoteOf(state, { ...direction, amountIn }, D)?.amountOut ?? 0n
  const balance = state.balances[direction.indexIn] ?? 0n
  const seed = seedShifts
    .map((shift) => max(1n, balance >> shift))
    .find((amountIn) => accepts(amountIn) > 0n)
  if (seed === undefined) return 0n
  // No balance may be more than a hundredfold of D.
  const ceiling = 2n + unscaleOf(state, direction.indexIn, 101n * D)
  const quoted = lastPaying(quotes, seed, max(ceiling, seed + 1n))
  return accepts(quoted) > 0n ? quoted : lastPaying(accepts, seed, quoted)
}

/** The largest of `good` to below `bad` that is paid for, if all below it are; `good` is. */
function lastPaying(pays: (amountIn: bigint) => bigint, good: bigint, bad: bigint): bigint {
  let [low, high] = [good, bad]
  while (high - low > 1n) {
    const middle = (low + high) >> 1n
    if (pays(middle) > 0n) low = middle
    else high = middle
  }
  return low
}

/** The least of above `low` to `most` that pays `amountOut`, looked for in steps that double; `most` does. */
function nextPaying(
  pays: (amountIn: bigint) => bigint,
  amountOut: bigint,
  low: bigint,
  most: bigint,
): bigint {
  let below = low
  for (let step = 1n; below + step < most; step *= 2n) {
    if (pays(below + step) >= amountOut) return bisect(pays, amountOut, below, below + step)
    below += step
  }
  return bisect(pays, amountOut, below, most)
}

/** Doublings of a guess before it is given up. */
const doublingsMax = 256

/** The least input that pays `amountOut`, or `undefined`; `guess` is at least 1. */
function leastPaying(
  pays: (amountIn: bigint) => bigint,
  amountOut: bigint,
  guess: bigint,
): bigint | undefined {
  let [low, paidLow, high] = [0n, 0n, guess]
  for (let step = 0; step < doublingsMax; step++) {
    const paid = pays(high)
    if (paid >= amountOut) return bisect(pays, amountOut, low, high)
    // Nothing is paid for dust, and nothing beyond the pool's limits: what was paid before tells which it is.
    if (paid === 0n && paidLow > 0n) {
      if (high - low <= 1n) return undefined
      high = (low + high) >> 1n
    } else {
      const isNarrowing = paidLow > 0n && high < 2n * low
      const reach = isNarrowing ? max(1n, (high - low) >> 1n) : high
      ;[low, paidLow, high] = [high, paid, high + reach]
    }
  }
  return undefined
}

/** The least of above `low` to `high` that pays `amountOut`; `high` does, `low` does not. */
function bisect(
  pays: (amountIn: bigint) => bigint,
  amountOut: bigint,
  low: bigint,
  high: bigint,
): bigint {
  let [below, above] = [low, high]
  let [paidBelow, paidAbove] = [pays(low), pays(high)]
  for (let step = 0; above - below > 1n; step++) {
    const width = above - below
    const rise = paidAbove - paidBelow
    // The straight line between both ends, and a little more on the side that it errs to; each third step halves,
    // and so does each step on the level on which a coin of few decimals pays the same.
    const isLevel = rise <= 0n || paidAbove === amountOut || step % 3 === 2
    const line = isLevel ? width >> 1n : mulDivDown(width, amountOut - paidBelow, rise)
    const aim = isLevel || step % 3 === 0 ? line : line + divUp(line, 1n << 20n)
    const middle = below + min(max(aim, 1n), width - 1n)
    const paid = pays(middle)
    if (paid >= amountOut) [above, paidAbove] = [middle, paid]
    else [below, paidBelow] = [middle, paid]
  }
  return above
}

/** What would pay `amountOut` at the price scale. */
function firstGuess(
  { priceScale, precisions }: CurveCryptoState,
  { indexIn, indexOut }: Direction,
  amountOut: bigint,
): bigint {
  const priceIn = indexIn === 0 ? 10n ** 18n : (priceScale[indexIn - 1] ?? 1n)
  const priceOut = indexOut === 0 ? 10n ** 18n : (priceScale[indexOut - 1] ?? 1n)
  const worth = divDown(amountOut * (precisions[indexOut] ?? 1n) * priceOut, priceIn)
  return max(1n, divDown(worth, precisions[indexIn] ?? 1n))
}
