/** Seeded swaps of a StableSwap pool, ours against what the contract does. */
import { limits } from '../../../solver/core/limits.ts'
import type { Rng } from '../../../solver/core/rng.ts'
import { curveStable, type CurveStableState } from '../../../solver/pools/curveStable.ts'
import type { StableProbe } from './curveStableProbe.ts'

/** What a comparison saw. */
export type StableComparison = {
  /** Seeded swaps, `exactIn + exactOut`. */
  readonly swaps: number
  readonly exactIn: number
  readonly exactOut: number
  /** Swaps of which the balances after were compared. */
  readonly statesCompared: number
  /** Swaps that asked for more than the pool had or took. */
  readonly partial: number
  /** One line for each swap that came out otherwise. */
  readonly differences: readonly string[]
}

/** A comparison of nothing. */
export const nothingCompared: StableComparison = {
  swaps: 0,
  exactIn: 0,
  exactOut: 0,
  statesCompared: 0,
  partial: 0,
  differences: [],
}

/** Both comparisons in one. */
export function addComparisons(one: StableComparison, other: StableComparison): StableComparison {
  return {
    swaps: one.swaps + other.swaps,
    exactIn: one.exactIn + other.exactIn,
    exactOut: one.exactOut + other.exactOut,
    statesCompared: one.statesCompared + other.statesCompared,
    partial: one.partial + other.partial,
    differences: [...one.differences, ...other.differences],
  }
}

/** Dust, ordinary sizes and sizes beyond what any pool holds. */
function drawAmount(scale: bigint, rng: Rng): bigint {
  const choice = rng.next()
  if (choice < 0.2) return rng.logUniform(1n, scale + 1n)
  if (choice < 0.92) return rng.logUniform(scale / 100_000n + 1n, 2n * scale + 1n)
  return rng.logUniform(scale + 1n, 2n ** 127n)
}

/** `count` swaps of `rng` on a pool whose state is `state`, each between two of `indices`. */
export async function compareOn(
  probe: StableProbe,
  state: CurveStableState,
  indices: readonly number[],
  count: number,
  rng: Rng,
): Promise<StableComparison> {
  let total = nothingCompared
  for (let each = 0; each < count; each += 1) {
    const from = rng.int(0, indices.length - 1)
    const to = (from + rng.int(1, indices.length - 1)) % indices.length
    const pair = { indexIn: indices[from] ?? 0, indexOut: indices[to] ?? 1 }
    const isExactIn = rng.next() < 0.5
    const amount = drawAmount(state.balances[isExactIn ? pair.indexIn : pair.indexOut] ?? 1n, rng)
    const compare = isExactIn ? compareExactIn : compareExactOut
    total = addComparisons(total, await compare(probe, state, { ...pair, amount }))
  }
  return total
}

type Asked = { readonly indexIn: number; readonly indexOut: number; readonly amount: bigint }

async function compareExactIn(
  probe: StableProbe,
  state: CurveStableState,
  { indexIn, indexOut, amount }: Asked,
): Promise<StableComparison> {
  const ours = curveStable.swapExactIn(state, { indexIn, indexOut, amountIn: amount })
  const differences: string[] = []
  const say = (what: string) =>
    differences.push(`${state.id} in ${indexIn}->${indexOut} ${amount}: ${what}`)
  const taken = ours.amountIn === 0n ? amount : ours.amountIn
  const theirs = await probe.exchange(indexIn, indexOut, taken)
  if ((theirs?.paid ?? 0n) !== ours.amountOut) say(`${ours.amountOut}, not ${theirs?.paid}`)
  const isCompared = ours.amountIn > 0n && theirs !== undefined
  if (isCompared && String(theirs.balances) !== String(ours.next.balances))
    say(`balances ${String(ours.next.balances)}, not ${String(theirs.balances)}`)
  const isPartial = ours.amountIn > 0n && ours.amountIn < amount
  if (isPartial && ours.amountIn < limits.amountMax) {
    const more = await probe.exchange(indexIn, indexOut, ours.amountIn + 1n)
    if (more !== undefined) say(`takes more than ${ours.amountIn}`)
  }
  return {
    ...nothingCompared,
    swaps: 1,
    exactIn: 1,
    statesCompared: isCompared ? 1 : 0,
    partial: isPartial ? 1 : 0,
    differences,
  }
}

async function compareExactOut(
  probe: StableProbe,
  state: CurveStableState,
  { indexIn, indexOut, amount }: Asked,
): Promise<StableComparison> {
  const ours = curveStable.swapExactOut(state, { indexIn, indexOut, amountOut: amount })
  const differences: string[] = []
  const say = (what: string) =>
    differences.push(`${state.id} out ${indexIn}->${indexOut} ${amount}: ${what}`)
  const theirs = await probe.exchange(indexIn, indexOut, ours.amountIn || amount)
  const isPartial = ours.amountOut < amount
  if (ours.amountIn > 0n) {
    if (theirs?.paid !== ours.amountOut) say(`${ours.amountOut}, not ${theirs?.paid}`)
    if (String(theirs?.balances) !== String(ours.next.balances))
      say(`balances ${String(ours.next.balances)}, not ${String(theirs?.balances)}`)
    const wanted = isPartial ? ours.amountOut : amount
    // The oldest contract may pay a unit of rounding for nothing; nothing is no swap.
    const less =
      ours.amountIn === 1n ? undefined : await probe.exchange(indexIn, indexOut, ours.amountIn - 1n)
    if ((less?.paid ?? 0n) >= wanted) say(`one unit less than ${ours.amountIn} would do`)
  }
  if (isPartial) {
    const most = await probe.exchange(indexIn, indexOut, limits.amountMax)
    if ((most?.paid ?? 0n) > ours.amountOut) say(`pays ${most?.paid}, not just ${ours.amountOut}`)
  }
  return {
    ...nothingCompared,
    swaps: 1,
    exactOut: 1,
    statesCompared: ours.amountIn > 0n ? 1 : 0,
    partial: isPartial ? 1 : 0,
    differences,
  }
}
