/**
 * What `contracts/lens/TokenProbe.sol` is asked and what its findings mean.
 *
 * A fee is what did not arrive of what was sent. Tokens that keep their balances in shares, stETH first, move up to
 * a few units less than they say; that is rounding and no fee, and shows that they rebase.
 */
import { decodeFunctionResult, encodeFunctionData, parseAbi } from 'viem/utils'
import type { Address, Hex } from '../core/hex.ts'
import type { Trial } from './probePlan.ts'
import type { TokenTraits } from './traits.ts'

/** An address without code or balance; its last bytes read "probe" in ASCII. */
export const probeAddress: Address = '0x00000000000000000000000000000070726f6265'
/** Who calls: nobody, but an account like any other to a token that asks who began the transaction. */
export const probeCaller: Address = '0x1507c1ce000000000000000000000000001507c1'

const abi = parseAbi([
  'struct ProbeHop { address pool; address tokenIn; address tokenOut; uint24 feePips; bool isV3; }',
  'struct Trial { ProbeHop[] hops; uint256 amountIn; }',
  'struct Finding { uint256 refused; uint256 bought; uint256 boughtArrived; uint256 moved; uint256 movedArrived; uint256 onward; uint256 onwardArrived; uint256 sold; uint256 soldArrived; uint256 proceeds; bytes reason; }',
  'function probe(Trial[] trials) returns (Finding[] findings)',
])

/** What one trial showed, in base units of the token; the contract says what each field is. */
export type Finding = {
  readonly refused: bigint
  readonly bought: bigint
  readonly boughtArrived: bigint
  readonly moved: bigint
  readonly movedArrived: bigint
  readonly onward: bigint
  readonly onwardArrived: bigint
  readonly sold: bigint
  readonly soldArrived: bigint
  readonly proceeds: bigint
  readonly reason: Hex
}

/** Call data that put `trials` to the probe. */
export function encodeTrials(trials: readonly Trial[]): Hex {
  // Only pools whose id is their address are planned.
  return encodeFunctionData({ abi, functionName: 'probe', args: [trials] })
}

/** The probe's findings, one for each trial that it came to; `undefined` when that is not its answer. */
export function decodeFindings(answer: Hex): readonly Finding[] | undefined {
  try {
    return decodeFunctionResult({ abi, functionName: 'probe', data: answer })
  } catch {
    return undefined
  }
}

/** True when the purchase was refused: a smaller one may still go through. */
export function isBuyRefused({ refused }: Finding): boolean {
  return (refused & 1n) !== 0n
}

/** Units that a transfer may be short without that being a fee, if they are at most a hundredth of it. */
const roundingUnits = 4n
const pips = 1_000_000n

/** What a finding says of the token, at block `checkedAt`. Pure. */
export function judge(found: Finding, checkedAt: bigint): TokenTraits {
  const moves = [
    [found.bought, found.boughtArrived],
    [found.sold, found.soldArrived],
    [found.moved, found.movedArrived],
    [found.onward, found.onwardArrived],
  ] as const
  const [buyFeePips = 0, sellFeePips = 0, ...transfers] = moves.map(([sent, arrived]) =>
    keptPips(sent, arrived),
  )
  const why = refusalOf(found)
  return {
    buyFeePips,
    sellFeePips,
    transferFeePips: Math.max(...transfers),
    // A refused transfer between two addresses stands in the way of no trade.
    sellable: (found.refused & ~6n) === 0n && found.proceeds > 0n,
    rebasing: moves.some(([sent, arrived]) => isRounded(sent, arrived)),
    checkedAt,
    ...(why === undefined ? {} : { why }),
  }
}

/** Millionths of `sent` that did not arrive, rounded up; 0 for a difference of rounding. */
function keptPips(sent: bigint, arrived: bigint): number {
  if (arrived >= sent || isRounded(sent, arrived)) return 0
  return Number(((sent - arrived) * pips + sent - 1n) / sent)
}

function isRounded(sent: bigint, arrived: bigint): boolean {
  const short = sent - arrived
  return short > 0n && short <= roundingUnits && short * 100n <= sent
}

const steps = [
  [16n, 'trial'],
  [1n, 'buy'],
  [8n, 'sell'],
  [2n, 'transfer'],
  [4n, 'transfer-on'],
] as const

function refusalOf({ refused, boughtArrived, reason }: Finding): string | undefined {
  if (refused === 0n) return boughtArrived === 0n ? 'nothing-arrived' : undefined
  const step = steps.find(([bit]) => (refused & bit) !== 0n)?.[1] ?? 'trial'
  const words = wordsOf(reason)
  return words === '' ? `${step}-refused` : `${step}-refused: ${words}`
}

/** Selector of `Error(string)`. */
const errorSelector = '0x08c379a0'
const wordsMax = 64

/** A refusal's words as printable ASCII, or its selector. Strangers wrote them. */
function wordsOf(reason: Hex): string {
  if (!reason.startsWith(errorSelector)) return reason.slice(0, 10).replace(/^0x$/, '')
  const bytes = reason.slice(10 + 128).match(/../g) ?? []
  const text = bytes.map((byte) => String.fromCharCode(Number.parseInt(byte, 16))).join('')
  return text.replace(/[^\x20-\x7e]/g, '').slice(0, wordsMax)
}
