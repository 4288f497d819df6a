/** Builders of Balancer V3 states, and what the vault answers about them. */
import { type Address, type Hex, zeroAddress } from '../../../solver/core/hex.ts'
import type { BalancerV3StableState } from '../../../solver/pools/balancerV3Stable.ts'
import type { BalancerV3State } from '../../../solver/pools/balancerV3State.ts'
import type { BalancerV3WeightedState } from '../../../solver/pools/balancerV3Weighted.ts'
import { toWord } from '../../../solver/pools/logWords.ts'
import { toPoolId } from '../../../solver/pools/pool.ts'
import type { Answer } from '../fakePoolNode.ts'

const wad = 10n ** 18n
const id = toPoolId('0xe100000000000000000000000000000000000000')
const tokenIds: readonly Address[] = [
  '0xa000000000000000000000000000000000000000',
  '0xb000000000000000000000000000000000000000',
  '0xc000000000000000000000000000000000000000',
]

const vaultPart = {
  id,
  tokens: tokenIds.slice(0, 2),
  balances: [1_000n * wad, 1_000n * wad],
  scalingFactors: [1n, 1n],
  tokenKinds: ['plain', 'plain'],
  rates: [wad, wad],
  lastLive: [0n, 0n],
  swapFee: 10n ** 15n,
  aggregateSwapFee: 0n,
  aggregateYieldFee: 0n,
  paused: false,
} as const

/** Half and half of two tokens of 18 decimals, of the second version. */
export function aWeightedPool(
  over: Partial<BalancerV3WeightedState> = {},
): BalancerV3WeightedState {
  const own = { weights: [wad / 2n, wad / 2n], minBalances: [10n ** 6n, 10n ** 6n] }
  return { kind: 'balancerV3Weighted', ...vaultPart, ...own, ...over }
}

/** Two tokens of 18 decimals in balance, of the third version. */
export function aStablePool(over: Partial<BalancerV3StableState> = {}): BalancerV3StableState {
  const own = { amp: 200_000n, ampUpdating: false, imbalanceMax: 10_000n }
  return { kind: 'balancerV3Stable', ...vaultPart, ...own, ...over }
}

/** How the vault and the pool answer for `state`; `own` has what the pool's own views say, by selector. */
export function answersOf(state: BalancerV3State, own: Readonly<Record<string, Hex>>): Answer {
  const { balances, lastLive, rates, scalingFactors, tokens, tokenKinds, hooks } = state
  const infos = tokenKinds.map((kind) => [
    kind === 'plain' ? 0n : 1n,
    0n,
    kind === 'yield' ? 1n : 0n,
  ])
  const decimals = scalingFactors.reduce(
    (packed, factor, at) => packed | (BigInt(String(factor).length - 1) << BigInt(5 * at)),
    0n,
  )
  const flags = [0n, 0n, 0n, hooks === undefined ? 0n : 1n, ...Array<bigint>(6).fill(0n)]
  const views: Readonly<Record<string, Hex>> = {
    '0x67e0e076': abiLists([tokens.map(BigInt), infos.flat(), balances, lastLive], [1, 3, 1, 1]),
    '0x7e361bde': abiLists([scalingFactors, rates], [1, 1]),
    '0xf29486a1': abiWords([
      ...Array<bigint>(4).fill(0n),
      state.swapFee,
      state.aggregateSwapFee,
      state.aggregateYieldFee,
      decimals,
      0n,
      1n,
      1n,
      0n,
      0n,
    ]),
    '0xce8630d4': abiWords([...flags, BigInt(hooks ?? zeroAddress)]),
    '0x6c9bc732': abiWords([state.paused ? 1n : 0n]),
    '0x098401f5': abiWords([0n]),
    ...own,
  }
  return ({ data }) => views[data.slice(0, 10)]
}

/** Words one after the other. */
export function abiWords(words: readonly bigint[]): Hex {
  return `0x${words.map(toWord).join('')}`
}

/** Dynamic arrays, of entries of so many words each. */
export function abiLists(lists: readonly (readonly bigint[])[], widths: readonly number[]): Hex {
  const heads: bigint[] = []
  const tails: bigint[] = []
  for (const [at, list] of lists.entries()) {
    heads.push(BigInt(32 * (lists.length + tails.length)))
    tails.push(BigInt(list.length / (widths[at] ?? 1)), ...list)
  }
  return abiWords([...heads, ...tails])
}
