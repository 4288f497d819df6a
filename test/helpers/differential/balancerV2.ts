/** Seeded swaps of Balancer V2 pools, each made by the real vault and by the module, one after the other. */
import type { Address } from '../../../solver/core/hex.ts'
import { createRng, type Rng } from '../../../solver/core/rng.ts'
import { listAt, type VaultPool } from '../../../solver/pools/balancerVault.ts'
import type { PoolModule, PoolStateBase, SwapResult } from '../../../solver/pools/pool.ts'
import { addressOf } from '../../../solver/pools/logWords.ts'
import {
  balancesStep,
  firstWord,
  type Outcome,
  type Step,
  swapStep,
  type VaultChain,
} from './balancerV2Chain.ts'

/** What a comparison with real bytecode saw. */
export type Differential = {
  readonly swaps: number
  readonly exactIn: number
  readonly exactOut: number
  readonly statesCompared: number
  /** Swaps that asked for more than the pool accepts. */
  readonly partial: number
  /** One line for each swap that came out otherwise. */
  readonly differences: readonly string[]
}

/** A pool's state as any Balancer V2 module has it. */
export type VaultState = PoolStateBase & VaultPool

/** Swaps of one `eth_call`, one after the other. */
const chainLength = 16
const limitMax = 2n ** 255n

/** A step and what the vault must answer: a number, a refusal, or balances. */
type Expected = {
  readonly step: Step
  readonly says: string
  readonly agrees: (outcome: Outcome) => boolean
}

/**
 * Makes `count` swaps of `seed`, spread over `states`, in chains that start at each state.
 *
 * @param alter - Changes the states that the module works on: a control that must lead to differences.
 */
export async function compareWithVault<state extends VaultState>(
  chain: VaultChain,
  module: PoolModule<state>,
  states: readonly state[],
  {
    count,
    seed,
    alter = (state) => state,
  }: { count: number; seed: number; alter?: ((state: state) => state) | undefined },
): Promise<Differential> {
  const rng = createRng(seed)
  const total = { swaps: 0, exactIn: 0, exactOut: 0, statesCompared: 0, partial: 0 }
  const differences: string[] = []
  for (let turn = 0; total.swaps < count; turn++) {
    const start = states[turn % states.length]
    if (start === undefined) break
    let state = alter(start)
    const expected: Expected[] = []
    for (let nth = 0; nth < chainLength && total.swaps < count; nth++) {
      const sample = drawSwap(chain, module, state, rng)
      expected.push(...sample.expected)
      state = sample.result.next
      total.swaps += 1
      total[sample.isGivenIn ? 'exactIn' : 'exactOut'] += 1
      total.statesCompared += sample.result.amountIn > 0n ? 1 : 0
      total.partial += sample.isPartial ? 1 : 0
    }
    const outcomes = await chain.run(expected.map(({ step }) => step))
    for (const [at, { says, agrees }] of expected.entries()) {
      const outcome = outcomes[at]
      if (outcome === undefined || !agrees(outcome))
        differences.push(`${start.kind} ${start.id} ${says}; it says ${outcome?.returnData}`)
    }
  }
  return { ...total, differences }
}

/** One swap and all that the vault is asked about it, in the order in which it is asked. */
type Sample<state> = {
  readonly isGivenIn: boolean
  readonly isPartial: boolean
  readonly result: SwapResult<state>
  readonly expected: readonly Expected[]
}

function drawSwap<state extends VaultState>(
  chain: VaultChain,
  module: PoolModule<state>,
  state: state,
  rng: Rng,
): Sample<state> {
  const count = state.tokens.length
  const indexIn = rng.int(0, count - 1)
  const indexOut = (indexIn + rng.int(1, count - 1)) % count
  const isGivenIn = rng.int(0, 1) === 0
  const most = state.balances[isGivenIn ? indexIn : indexOut] ?? 0n
  const asked = drawAmount(most, rng)
  const pair = { indexIn, indexOut }
  const result = isGivenIn
    ? module.swapExactIn(state, { ...pair, amountIn: asked })
    : module.swapExactOut(state, { ...pair, amountOut: asked })
  const [told, said] = isGivenIn
    ? [result.amountIn, result.amountOut]
    : [result.amountOut, result.amountIn]
  const at = (amount: bigint, limit: bigint) =>
    swapStep(chain, {
      poolId: state.vaultId ?? '0x',
      isGivenIn,
      assetIn: state.tokens[indexIn] as Address, // both indices are below the count of tokens
      assetOut: state.tokens[indexOut] as Address,
      amount,
      limit,
    })
  const text = `${isGivenIn ? 'in' : 'out'} ${indexIn}->${indexOut} ${asked}: ours ${said} for ${told}`
  const refusal = (what: string, step: Step): Expected => ({
    step,
    says: `${text}, ${what} refused`,
    agrees: ({ success }) => !success,
  })
  const expected: Expected[] = []
  const anyLimit = isGivenIn ? 0n : limitMax
  if (told < asked) expected.push(refusal('all of it', at(asked, anyLimit)))
  if (told < asked && told > 0n) expected.push(refusal('a unit more', at(told + 1n, anyLimit)))
  if (told > 0n) {
    // One unit more out, or less in, than the module says is not to be had.
    expected.push(refusal('a better price', at(told, isGivenIn ? said + 1n : said - 1n)))
    const agrees = (outcome: Outcome) => outcome.success && firstWord(outcome) === said
    expected.push({ step: at(told, said), says: text, agrees })
    expected.push(booksOf(chain, result.next, text))
  }
  return { isGivenIn, isPartial: told < asked, result, expected }
}

function booksOf(chain: VaultChain, next: VaultState, text: string): Expected {
  const agrees = ({ success, returnData }: Outcome) => {
    const [tokens, balances] = [listAt(returnData, 0).map(addressOf), listAt(returnData, 1)]
    return (
      success &&
      next.tokens.every((token, at) => balances[tokens.indexOf(token)] === next.balances[at])
    )
  }
  return { step: balancesStep(chain, next.vaultId ?? '0x'), says: `${text}, books`, agrees }
}

/** One unit to twice `most`, every order of magnitude alike; now and then far beyond. */
function drawAmount(most: bigint, rng: Rng): bigint {
  return rng.logUniform(1n, rng.int(0, 39) === 0 ? 2n ** 119n : 2n * most + 2n)
}
