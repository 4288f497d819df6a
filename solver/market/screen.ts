/**
 * Tries tokens as a buyer would: each is bought, moved, moved on and sold again within one `eth_call`, in a node's
 * simulation that leaves nothing behind (`contracts/lens/TokenProbe.sol`).
 */
import { readCalls } from '../chain/batch.ts'
import { type ChainNode, ChainUnreachableError } from '../chain/client.ts'
import { BadAnswerError, readHex, toQuantity } from '../chain/quantity.ts'
import { type Address, type Hex, zeroAddress } from '../core/hex.ts'
import { limits } from '../core/limits.ts'
import {
  decodeFindings,
  encodeTrials,
  type Finding,
  isBuyRefused,
  judge,
  probeAddress,
  probeCaller,
} from './probe.ts'
import { planTrials, type Trial } from './probePlan.ts'
import { isRebasing, rebasingCalls } from './rebasing.ts'
import { tokenProbeCode } from './tokenProbeCode.ts'
import type { TokenTraits, Unchecked } from './traits.ts'
import type { MarketView } from './view.ts'

/** What to screen. */
export type ScreenOptions = {
  /** Tokens to try; those of the view when absent, at most {@link limits.screenTokens}. */
  readonly tokens?: readonly Address[] | undefined
  /** Called once per request that carried trials, with the tokens tried so far and all of them. */
  readonly onProgress?: ((done: number, all: number) => void) | undefined
}

/** Gas of one request, tried from left to right; the reasons are those of `chain/batch.ts`. */
const requestGas = [48_000_000n, 16_000_000n] as const
/** Single trials refused in a row after which a node is asked no more: that is not the tokens' doing. */
const refusalsMax = 3
/** Ether lent to the probe: every trial buys for at most a hundredth of one. */
const lentWei = 10n ** 21n
/** What a refused purchase is tried again with: limits on trades are rarely below a thousandth of ours. */
const smallerBy = 1_000n

/**
 * Screens tokens of `view` in the state after its block, or after the newest block of a view without one. The
 * native currency and the wrapped native token are what the others are bought with; they are left out.
 *
 * @returns What was found of each token asked for, at most {@link limits.screenTokens} of them.
 * @throws {ChainUnreachableError} `chain.unreachable`, retryable.
 * @throws {NodeRefusedError} `chain.refused`, when the node does not even answer plain reads.
 */
export async function screenTokens(
  node: ChainNode,
  view: MarketView,
  options: ScreenOptions = {},
): Promise<ReadonlyMap<Address, TokenTraits>> {
  const { tokens = [...view.tokens.keys()], onProgress } = options
  const wanted = tokens
    .filter((token) => token !== zeroAddress && token !== view.wrappedNative)
    .slice(0, limits.screenTokens)
  const block = view.block?.number
  const plans = planTrials(view, wanted)
  const trials = [...plans.values()].filter((plan) => typeof plan !== 'string')
  const first = await runTrials(node, trials, { block, onProgress })
  const again = trials
    .filter(({ token }) => isRefusedBuy(first.get(token)))
    .map((trial) => ({ ...trial, amountIn: trial.amountIn / smallerBy }))
  const second = await runTrials(node, again, { block })
  const calls = wanted.flatMap(rebasingCalls)
  const answers = await readCalls(node, calls, { block })
  const each = wanted.length === 0 ? 0 : calls.length / wanted.length
  return new Map(
    wanted.map((token, at): [Address, TokenTraits] => {
      const plan = plans.get(token) ?? 'no-pool'
      const found = typeof plan === 'string' ? plan : (second.get(token) ?? first.get(token))
      const traits = traitsOf(found ?? 'node-refused', block ?? 0n)
      const isFlagged = isRebasing(answers.slice(at * each, (at + 1) * each))
      return [token, isFlagged ? { ...traits, rebasing: true } : traits]
    }),
  )
}

function isRefusedBuy(found: Finding | Unchecked | undefined): boolean {
  return typeof found === 'object' && isBuyRefused(found)
}

function traitsOf(found: Finding | Unchecked, checkedAt: bigint): TokenTraits {
  if (typeof found !== 'string') return judge(found, checkedAt)
  const fees = { buyFeePips: 0, sellFeePips: 0, transferFeePips: 0 }
  return { ...fees, sellable: true, rebasing: false, checkedAt, unchecked: found }
}

type RunOptions = Pick<ScreenOptions, 'onProgress'> & { readonly block?: bigint | undefined }

/** Runs all trials, as many in a request as its gas allows. */
async function runTrials(
  node: ChainNode,
  trials: readonly Trial[],
  { block, onProgress }: RunOptions,
): Promise<ReadonlyMap<Address, Finding | Unchecked>> {
  const found = new Map<Address, Finding | Unchecked>()
  let gasStep = 0
  let most: number = limits.screenBatch
  let refusals = 0
  // Each round answers trials, gives one up, lowers the gas or halves `most`: so the loop ends.
  for (let at = 0; at < trials.length;) {
    const chunk = trials.slice(at, at + most)
    const answer = await ask(node, chunk, { block, gas: requestGas[gasStep] ?? requestGas[1] })
    if (answer === 'node-refused' && gasStep + 1 < requestGas.length) {
      gasStep += 1
      continue
    }
    if (answer === 'node-refused' && chunk.length > 1) {
      most = Math.ceil(chunk.length / 2)
      continue
    }
    refusals = answer === 'node-refused' ? refusals + 1 : 0
    if (answer === 'no-overrides' || (answer === 'node-refused' && refusals >= refusalsMax)) {
      for (const { token } of trials.slice(at)) found.set(token, answer)
      return found
    }
    const findings = answer === 'node-refused' ? [answer] : answer
    if (answer !== 'node-refused') most = Math.min(limits.screenBatch, 2 * most)
    for (const [index, { token }] of chunk.slice(0, findings.length).entries())
      found.set(token, findings[index] ?? 'node-refused')
    at += findings.length
    onProgress?.(at, trials.length)
  }
  return found
}

type Answer = readonly Finding[] | 'no-overrides' | 'node-refused'

async function ask(
  node: ChainNode,
  trials: readonly Trial[],
  { block, gas }: { block: bigint | undefined; gas: bigint },
): Promise<Answer> {
  const tag = block === undefined ? 'latest' : toQuantity(block)
  const call = {
    from: probeCaller,
    to: probeAddress,
    data: encodeTrials(trials),
    gas: toQuantity(gas),
  }
  const lent = { [probeAddress]: { code: tokenProbeCode, balance: toQuantity(lentWei) } }
  let answer: Hex
  try {
    const result = await node.request({ method: 'eth_call', params: [call, tag, lent] })
    answer = readHex(result, 'result of eth_call')
  } catch (error) {
    if (error instanceof ChainUnreachableError || error instanceof BadAnswerError) throw error
    return 'node-refused'
  }
  // Without the override nobody stands at the address, and nobody's answer is empty.
  if (answer === '0x') return 'no-overrides'
  const findings = decodeFindings(answer)
  return findings === undefined || findings.length === 0 ? 'node-refused' : findings
}
