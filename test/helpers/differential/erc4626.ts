/** ERC-4626 vaults against OpenZeppelin's real bytecode: seeded swaps, each made by the vault's own function. */
import { createRng, type Rng } from '../../../solver/core/rng.ts'
import type { SwapResult } from '../../../solver/pools/pool.ts'
import { erc4626, type Erc4626State } from '../../../solver/pools/erc4626.ts'
import { createErc4626Bench, type Erc4626Bench } from '../erc4626/bench.ts'

/** What a comparison saw. */
export type Erc4626Comparison = {
  /** Seeded swaps; `exactIn + exactOut`. */
  readonly swaps: number
  readonly exactIn: number
  readonly exactOut: number
  /** Swaps after which both totals were compared. */
  readonly statesCompared: number
  /** Swaps that asked for more than the vault had or takes. */
  readonly partial: number
  /** Median gas of the function, with a cold vault and asset. */
  readonly gas: bigint
  /** One line for each swap that came out otherwise. */
  readonly differences: readonly string[]
}

type Asked = { readonly wraps: boolean; readonly isExactIn: boolean; readonly amount: bigint }
type Answer = {
  readonly ok: boolean
  readonly other: bigint
  readonly totalAssets: bigint
  readonly totalSupply: bigint
  readonly gasUsed: bigint
}
type Sample = {
  readonly asked: Asked
  readonly isPartial: boolean
  readonly result: SwapResult<Erc4626State>
}

/** Probes of one `eth_call`: some 250,000 gas each. */
const probesPerCall = 40

/**
 * Compares `count` swaps of `seed`, spread over vaults of several offsets, decimals, prices and limits.
 *
 * @param alter - Changes the state that our maths works on: a control that must lead to differences.
 */
export async function compare(
  count: number,
  seed: number,
  alter: (state: Erc4626State) => Erc4626State = (state) => state,
): Promise<Erc4626Comparison> {
  const bench = await createErc4626Bench()
  try {
    return await compareOn(bench, { count, seed, alter })
  } finally {
    await bench.chain.close()
  }
}

async function compareOn(
  bench: Erc4626Bench,
  asked: { count: number; seed: number; alter: (state: Erc4626State) => Erc4626State },
): Promise<Erc4626Comparison> {
  const total = { swaps: 0, exactIn: 0, exactOut: 0, statesCompared: 0, partial: 0 }
  const differences: string[] = []
  const gases: bigint[] = []
  if (bench.withFee !== undefined) differences.push('a vault with a fee is read')
  for (const [at, real] of bench.states.entries()) {
    const state = asked.alter(real)
    const share = Math.floor(((at + 1) * asked.count) / bench.states.length) - total.swaps
    const rng = createRng(asked.seed + at)
    const samples = Array.from({ length: share }, () => drawSample(state, rng))
    const probes = samples.map((sample) => probesOf(sample))
    const answers = await askAll(bench, real, probes.flat())
    for (const [nth, sample] of samples.entries()) {
      const seen = answers.splice(0, probes[nth]?.length ?? 0)
      const wrong = judge(sample, seen)
      if (wrong !== undefined) differences.push(`${real.id}: ${wrong}`)
      if (seen[0]?.ok === true) gases.push(seen[0].gasUsed)
      if (sample.result.amountOut > 0n) total.statesCompared += 1
      if (sample.isPartial) total.partial += 1
      if (sample.asked.isExactIn) total.exactIn += 1
      else total.exactOut += 1
    }
    total.swaps += share
  }
  gases.sort((left, right) => (left < right ? -1 : 1))
  return { ...total, gas: gases[gases.length >> 1] ?? 0n, differences }
}

function drawSample(state: Erc4626State, rng: Rng): Sample {
  const wraps = rng.next() < 0.5
  const isExactIn = rng.next() < 0.5
  const scale = (wraps === isExactIn ? state.totalAssets : state.totalSupply) + 1n
  const amount = rng.logUniform(1n, rng.next() < 0.1 ? 2n ** 120n : 4n * scale)
  const indices = wraps ? { indexIn: 0, indexOut: 1 } : { indexIn: 1, indexOut: 0 }
  const result = isExactIn
    ? erc4626.swapExactIn(state, { ...indices, amountIn: amount })
    : erc4626.swapExactOut(state, { ...indices, amountOut: amount })
  const filled = isExactIn ? result.amountIn : result.amountOut
  return { asked: { wraps, isExactIn, amount }, isPartial: filled < amount, result }
}

/** The swap that ours made; for exact-out also exact-in with one unit less; the whole where ours filled a part. */
function probesOf({ asked, isPartial, result }: Sample): Asked[] {
  const { amountIn, amountOut } = result
  if (amountOut === 0n) return [asked]
  const made = { ...asked, amount: asked.isExactIn ? amountIn : amountOut }
  const stingy = { ...asked, isExactIn: true, amount: amountIn - 1n }
  return [made, ...(asked.isExactIn ? [] : [stingy]), ...(isPartial ? [asked] : [])]
}

async function askAll(
  { chain, asker, artifacts }: Erc4626Bench,
  { id }: Erc4626State,
  asked: readonly Asked[],
): Promise<Answer[]> {
  const answers: Answer[] = []
  for (let start = 0; start < asked.length; start += probesPerCall) {
    const args = [id, asked.slice(start, start + probesPerCall)]
    const some = await chain.ask({ to: asker, abi: artifacts.Bench.abi, name: 'tryAll', args })
    answers.push(...(some as Answer[])) // the shape that the bench's interface declares
  }
  return answers
}

/** What is wrong about `sample`, or `undefined`. */
function judge({ asked, isPartial, result }: Sample, seen: readonly Answer[]): string | undefined {
  const { amountIn, amountOut, next } = result
  const what = `${asked.wraps ? 'wrap' : 'unwrap'} exact-${asked.isExactIn ? 'in' : 'out'} ${asked.amount}`
  const [made, ...rest] = seen
  // A vault takes dust for nothing, or refuses; exact-out of nothing there is is refused.
  if (amountOut === 0n)
    return made?.ok === true && (!asked.isExactIn || made.other > 0n)
      ? `${what} is made`
      : undefined
  if (made?.ok !== true) return `${what} is refused, ours ${amountIn} for ${amountOut}`
  const other = asked.isExactIn ? amountOut : amountIn
  if (made.other !== other) return `${what}: ours ${other}, its ${made.other}`
  if (made.totalAssets !== next.totalAssets || made.totalSupply !== next.totalSupply)
    return `${what} leads to ${made.totalAssets}, ${made.totalSupply}`
  const stingy = asked.isExactIn ? undefined : rest[0]
  if (stingy?.ok === true && stingy.other >= amountOut) return `${what}: one unit less would do`
  const whole = isPartial ? rest.at(-1) : undefined
  return whole?.ok === true ? `${what}: the vault fills it all` : undefined
}
