/** Solidly pairs against the real bytecode of Aerodrome: seeded swaps, each asked of the pair itself. */
import { createRng, type Rng } from '../../../solver/core/rng.ts'
import type { SwapResult } from '../../../solver/pools/pool.ts'
import { getAmountOut, solidly, type SolidlyState } from '../../../solver/pools/solidly.ts'
import { createSolidlyBench, type SolidlyBench } from '../solidly/bench.ts'

/** What a comparison saw. */
export type SolidlyComparison = {
  /** Seeded swaps; `exactIn + exactOut`. */
  readonly swaps: number
  readonly exactIn: number
  readonly exactOut: number
  /** Swaps whose reserves after were compared. */
  readonly statesCompared: number
  /** Swaps that asked for more than the pair had. */
  readonly partial: number
  /** Exact-in swaps of which the pair's own view said something else than its `swap` accepts. */
  readonly viewDiffers: number
  /** Median gas of the transfer in and the swap. */
  readonly gas: bigint
  /** One line for each swap that came out otherwise. */
  readonly differences: readonly string[]
}

type Asked = { readonly zeroForOne: boolean; readonly amountIn: bigint; readonly amountOut: bigint }
type Answer = {
  readonly ok: boolean
  readonly reserve0: bigint
  readonly reserve1: bigint
  readonly quoted: bigint
  readonly gasUsed: bigint
}
type Sample = {
  readonly isExactIn: boolean
  readonly isPartial: boolean
  readonly result: SwapResult<SolidlyState>
  readonly probes: readonly { readonly asked: Asked; readonly accepted: boolean }[]
  /** What our `getAmountOut` says for the first probe's input. */
  readonly quoted: bigint | undefined
}

/** Probes of one `eth_call`: some 250,000 gas each. */
const probesPerCall = 40

/**
 * Compares `count` swaps of `seed`, spread over pairs of many sizes, decimals and fees.
 *
 * @param alter - Changes the state that our maths works on: a control that must lead to differences.
 */
export async function compare(
  count: number,
  seed: number,
  alter: (state: SolidlyState) => SolidlyState = (state) => state,
): Promise<SolidlyComparison> {
  const bench = await createSolidlyBench()
  try {
    return await compareOn(bench, { count, seed, alter })
  } finally {
    await bench.chain.close()
  }
}

async function compareOn(
  bench: SolidlyBench,
  asked: { count: number; seed: number; alter: (state: SolidlyState) => SolidlyState },
): Promise<SolidlyComparison> {
  const total = { swaps: 0, exactIn: 0, exactOut: 0, statesCompared: 0, partial: 0, viewDiffers: 0 }
  const differences: string[] = []
  const gases: bigint[] = []
  for (const [at, real] of bench.states.entries()) {
    const state = asked.alter(real)
    const share = Math.floor(((at + 1) * asked.count) / bench.states.length) - total.swaps
    const rng = createRng(asked.seed + at)
    const samples = Array.from({ length: share }, () => drawSample(state, rng))
    const answers = await askAll(bench, state, samples)
    for (const [nth, sample] of samples.entries()) {
      const seen = answers[nth] ?? []
      const [first] = seen
      const wrong = judge(sample, seen)
      if (wrong !== undefined) differences.push(`${real.id}: ${wrong}`)
      if (first?.ok === true) gases.push(first.gasUsed)
      if (first?.ok === true) total.statesCompared += 1
      if (sample.isPartial) total.partial += 1
      if (sample.isExactIn) total.exactIn += 1
      else total.exactOut += 1
      if (sample.isExactIn && first?.ok === true && first.quoted !== sample.result.amountOut)
        total.viewDiffers += 1
    }
    total.swaps += share
  }
  gases.sort((left, right) => (left < right ? -1 : 1))
  return { ...total, gas: gases[gases.length >> 1] ?? 0n, differences }
}

function drawSample(state: SolidlyState, rng: Rng): Sample {
  const indexIn = rng.int(0, 1)
  const indices = { indexIn, indexOut: 1 - indexIn }
  const isExactIn = rng.next() < 0.5
  const reserve = state.reserves[isExactIn ? indexIn : 1 - indexIn] ?? 1n
  const amount = drawAmount(reserve, rng)
  const result = isExactIn
    ? solidly.swapExactIn(state, { ...indices, amountIn: amount })
    : solidly.swapExactOut(state, { ...indices, amountOut: amount })
  const { amountIn, amountOut } = result
  const ask = (amountIn: bigint, amountOut: bigint, accepted: boolean) => ({
    asked: { zeroForOne: indexIn === 0, amountIn, amountOut },
    accepted,
  })
  const isPartial = (isExactIn ? amountIn : amountOut) < amount
  const probes =
    amountOut === 0n
      ? [ask(amount, 1n, false)]
      : [
          ask(amountIn, amountOut, true),
          isExactIn ? ask(amountIn, amountOut + 1n, false) : ask(amountIn - 1n, amountOut, false),
        ]
  const quoted = isExactIn
    ? getAmountOut(state, { ...indices, amountIn: probes[0]?.asked.amountIn ?? 0n })
    : undefined
  return { isExactIn, isPartial, result, probes, quoted }
}

/** Dust, ordinary sizes and sizes beyond what any pair holds. */
function drawAmount(reserve: bigint, rng: Rng): bigint {
  const choice = rng.next()
  if (choice < 0.25) return rng.logUniform(1n, reserve + 1n)
  if (choice < 0.93) return rng.logUniform(reserve / 100_000n + 1n, 3n * reserve)
  return rng.logUniform(reserve, 2n ** 150n)
}

async function askAll(
  { chain, asker, artifacts }: SolidlyBench,
  { id }: SolidlyState,
  samples: readonly Sample[],
): Promise<Answer[][]> {
  const asked = samples.flatMap(({ probes }) => probes.map((probe) => probe.asked))
  const answers: Answer[] = []
  for (let start = 0; start < asked.length; start += probesPerCall) {
    const args = [id, asked.slice(start, start + probesPerCall)]
    const some = await chain.ask({ to: asker, abi: artifacts.Bench.abi, name: 'tryAll', args })
    answers.push(...(some as Answer[])) // the shape that the bench's interface declares
  }
  return samples.map(({ probes }) => answers.splice(0, probes.length))
}

/** What is wrong about `sample`, or `undefined`. */
function judge(
  { result, probes, quoted, isExactIn }: Sample,
  answers: readonly Answer[],
): string | undefined {
  for (const [nth, { asked, accepted }] of probes.entries()) {
    const answer = answers[nth]
    const what = `${asked.amountIn} for ${asked.amountOut} ${asked.zeroForOne ? 'down' : 'up'}`
    if (answer?.ok !== accepted) return `${what} is ${accepted ? 'refused' : 'accepted'}`
    const [reserve0, reserve1] = result.next.reserves
    if (accepted && (answer.reserve0 !== reserve0 || answer.reserve1 !== reserve1))
      return `${what} leads to ${answer.reserve0}, ${answer.reserve1}`
  }
  // The bench says 0 where the view reverts.
  if (isExactIn && (quoted ?? 0n) !== answers[0]?.quoted)
    return `getAmountOut says ${answers[0]?.quoted} and not ${quoted}`
  return undefined
}
