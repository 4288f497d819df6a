/** Our swaps of one kind against the real vault: seeded fillings, rates, fees and amounts. */
import { createRng, type Rng } from '../../../solver/core/rng.ts'
import type { BalancerV3State } from '../../../solver/pools/balancerV3State.ts'
import { type PoolModule, type SwapResult, toPoolId } from '../../../solver/pools/pool.ts'
import {
  type Ask,
  type BenchChain,
  type BenchPool,
  probe,
  type SwapAnswer,
  type SwapAsk,
} from './chain.ts'

/** What a comparison saw. */
export type Differential = {
  /** Seeded swaps that were compared. */
  readonly swaps: number
  readonly exactIn: number
  readonly exactOut: number
  /** How many had the pool after them compared: all that the vault takes. */
  readonly statesCompared: number
  /** How many asked for more than the pool takes or pays, so that it filled a part. */
  readonly partial: number
  /** One line for each swap that came out otherwise. */
  readonly differences: readonly string[]
}

/** Wide draws: what a state is made of beside the pool's own data. */
export type Filling = Omit<Ask, 'pool' | 'swaps'>

const wad = 10n ** 18n
/** The vault keeps fees to 10^-7. */
const feeStep = 10n ** 11n
/** Swaps tried on one filling, one after the other. */
const swapsPerAsk = 8
/** Fillings of one call: some 2,000,000 gas each. */
const asksPerCall = 3

/** One kind, and how its state is made from what the chain was told. */
export type Kind<state extends BalancerV3State> = {
  readonly module: PoolModule<state>
  readonly stateOf: (pool: BenchPool, filling: Filling) => state
  readonly draw: (pool: BenchPool, rng: Rng) => Filling
}

/**
 * Compares `count` swaps of `seed`, spread over the chain's pools in turn.
 *
 * @param alter - Changes the state that our maths works on: a control that must lead to differences.
 */
export async function compareKind<state extends BalancerV3State>(
  chain: BenchChain,
  { module, stateOf, draw }: Kind<state>,
  {
    count,
    seed,
    alter = (state) => state,
  }: { count: number; seed: number; alter?: (state: state) => state },
): Promise<Differential> {
  const rng = createRng(seed)
  const total = { swaps: 0, exactIn: 0, exactOut: 0, statesCompared: 0, partial: 0 }
  const differences: string[] = []
  for (let round = 0; total.swaps < count; round++) {
    const pool = chain.pools[round % chain.pools.length]
    if (pool === undefined) break
    const drawn = Array.from({ length: asksPerCall }, () => {
      const filling = draw(pool, rng)
      const samples = drawSamples(module, alter(stateOf(pool, filling)), rng)
      return { filling, samples }
    })
    const asks = drawn.map(({ filling, samples }) => ({
      ...filling,
      pool: pool.address,
      swaps: samples.flatMap(({ tries }) => tries.map(({ ask }) => ask)),
    }))
    const answers = await probe(chain, asks)
    for (const [nth, { filling, samples }] of drawn.entries()) {
      const told = answers[nth]
      // The vault does not take such a filling: there is nothing to compare.
      if (told === undefined) continue
      const wanted = samples.slice(0, count - total.swaps)
      add(total, wanted)
      differences.push(...differencesOf(pool, filling, wanted, told))
    }
  }
  return { ...total, differences }
}

type Total = {
  swaps: number
  exactIn: number
  exactOut: number
  statesCompared: number
  partial: number
}

function add(total: Total, samples: readonly Sample[]): void {
  for (const { isExactIn, isPartial, tries } of samples) {
    total.swaps += 1
    total[isExactIn ? 'exactIn' : 'exactOut'] += 1
    if (isPartial) total.partial += 1
    if (tries.some(({ expected }) => expected !== undefined)) total.statesCompared += 1
  }
}

/** One call of the vault, and what it must do: nothing where `expected` is absent, for then it must refuse. */
type Try = { readonly ask: SwapAsk; readonly expected: Expected | undefined }
type Expected = Pick<SwapAnswer, 'amountIn' | 'amountOut' | 'balances'> & {
  /** `undefined` for tokens of which the state keeps none. */
  readonly lastLive: readonly (bigint | undefined)[]
}

/** One seeded swap. */
type Sample = {
  readonly isExactIn: boolean
  readonly isPartial: boolean
  readonly tries: readonly Try[]
}

/** Swaps one after the other, each on the state that the one before left. */
function drawSamples<state extends BalancerV3State>(
  module: PoolModule<state>,
  start: state,
  rng: Rng,
): Sample[] {
  let state = start
  return Array.from({ length: swapsPerAsk }, () => {
    const indexIn = rng.int(0, state.tokens.length - 1)
    const indexOut = (indexIn + rng.int(1, state.tokens.length - 1)) % state.tokens.length
    const isExactIn = rng.next() < 0.5
    const amount = drawAmount(state.balances[isExactIn ? indexIn : indexOut] ?? 0n, rng)
    const swap = { indexIn, indexOut }
    const result = isExactIn
      ? module.swapExactIn(state, { ...swap, amountIn: amount })
      : module.swapExactOut(state, { ...swap, amountOut: amount })
    state = result.next
    const ask = {
      kind: isExactIn ? 0 : 1,
      indexIn: BigInt(indexIn),
      indexOut: BigInt(indexOut),
    } as const
    return { isExactIn, ...triesOf(ask, amount, result) }
  })
}

/** From a millionth of a millionth of what is there to three times as much, at times about what a swap may move. */
function drawAmount(held: bigint, rng: Rng): bigint {
  if (rng.next() < 0.15) return (held * BigInt(rng.int(20, 150))) / 100n
  return 1n + (held * rng.logUniform(1n, 3n * 10n ** 12n)) / 10n ** 12n
}

/** The swap itself; where it is filled in part, that it is refused, that the part is taken, and no unit more. */
function triesOf(
  ask: Pick<SwapAsk, 'kind' | 'indexIn' | 'indexOut'>,
  amount: bigint,
  { amountIn, amountOut, next }: SwapResult<BalancerV3State>,
): Pick<Sample, 'isPartial' | 'tries'> {
  const isExactIn = ask.kind === 0
  const filled = isExactIn ? amountIn : amountOut
  const refused = (asked: bigint): Try => ({
    ask: { ...ask, amount: asked, limit: 0n },
    expected: undefined,
  })
  if (filled === 0n) return { isPartial: false, tries: [refused(amount)] }
  const limit = isExactIn ? amountOut + 1n : amountIn - 1n
  const lastLive = next.lastLive.map((live, at) =>
    next.tokenKinds[at] === 'yield' ? live : undefined,
  )
  const taken: Try = {
    ask: { ...ask, amount: filled, limit },
    expected: { amountIn, amountOut, balances: next.balances, lastLive },
  }
  if (filled === amount) return { isPartial: false, tries: [taken] }
  return { isPartial: true, tries: [refused(amount), refused(filled + 1n), taken] }
}

function differencesOf(
  pool: BenchPool,
  filling: Filling,
  samples: readonly Sample[],
  told: readonly SwapAnswer[],
): string[] {
  const tries = samples.flatMap((sample) => sample.tries)
  return tries.flatMap(({ ask, expected }, at) => {
    const answer = told[at]
    if (answer !== undefined && agrees(ask, expected, answer)) return []
    return [`${show({ pool, filling })} ${show(ask)}: ours ${show(expected)}, its ${show(answer)}`]
  })
}

function agrees({ amount }: SwapAsk, expected: Expected | undefined, answer: SwapAnswer): boolean {
  if (expected === undefined) return !answer.ok
  return (
    answer.ok &&
    !answer.okBeyondLimit &&
    amount > 0n &&
    answer.amountIn === expected.amountIn &&
    answer.amountOut === expected.amountOut &&
    expected.balances.every((held, at) => held === answer.balances[at]) &&
    expected.lastLive.every((live, at) => live === undefined || live === answer.lastLive[at])
  )
}

function show(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}` : each))
}

/** The part of a state that the vault keeps, after a filling: it charges no yield fee before the rates have moved. */
export function vaultStateOf<kind extends string>(
  kind: kind,
  { address, tokens, decimals, tokenKinds }: BenchPool,
  { balances, ratesBefore, ratesAfter, swapFee, aggregateSwapFee, aggregateYieldFee }: Filling,
): BalancerV3State<kind> {
  const scalingFactors = decimals.map((each) => 10n ** BigInt(18 - each))
  const lastLive = tokens.map((_, at) =>
    tokenKinds[at] === 'yield'
      ? ((balances[at] ?? 0n) * (scalingFactors[at] ?? 1n) * (ratesBefore[at] ?? wad)) / wad
      : 0n,
  )
  return {
    kind,
    id: toPoolId(address),
    tokens,
    balances,
    scalingFactors,
    tokenKinds,
    rates: ratesAfter,
    lastLive,
    swapFee,
    aggregateSwapFee,
    aggregateYieldFee,
    paused: false,
  }
}

/** Rates, fees, and balances around one size, up to `spread` apart from each other. */
export function drawFilling(
  { decimals, tokenKinds }: BenchPool,
  rng: Rng,
  { feeMin, spread }: { readonly feeMin: bigint; readonly spread: bigint },
): Filling {
  const ratesBefore = tokenKinds.map((kind) => (kind === 'plain' ? wad : drawRate(rng)))
  const ratesAfter = ratesBefore.map((rate, at) =>
    tokenKinds[at] === 'plain' ? rate : moved(rate, rng),
  )
  const size = rng.logUniform(10n ** 8n, 10n ** 33n)
  const balances = decimals.map((each, at) => {
    const scaled = (size * rng.logUniform(1n, spread) * wad) / (ratesBefore[at] ?? wad)
    return 1n + scaled / 10n ** BigInt(18 - each)
  })
  const share = (least: bigint, most: bigint) => (rng.logUniform(least, most) / feeStep) * feeStep
  return {
    balances,
    ratesBefore,
    ratesAfter,
    swapFee: rng.next() < 0.2 ? feeMin : share(feeMin, wad / 10n),
    aggregateSwapFee: rng.next() < 0.2 ? 0n : share(feeStep, wad / 2n),
    aggregateYieldFee: rng.next() < 0.2 ? 0n : share(feeStep, wad / 2n),
  }
}

function drawRate(rng: Rng): bigint {
  if (rng.next() < 0.2) return wad * BigInt(rng.int(1, 2))
  return rng.logUniform(wad / 100n, 100n * wad)
}

/** A rate as it was, a little lower, or up to a tenth higher. */
function moved(rate: bigint, rng: Rng): bigint {
  const draw = rng.next()
  if (draw < 0.2) return rate
  const step = (rate * rng.logUniform(1n, wad / 10n)) / wad
  return draw < 0.3 ? rate - step : rate + step
}
