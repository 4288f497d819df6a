/**
 * The part of a pool's state that Balancer V3's vault keeps, read from it in one round.
 *
 * Source: npm @balancer-labs/v3-interfaces 1.0.0, contracts/vault/IVaultExtension.sol, IVaultAdmin.sol and VaultTypes.sol
 */
import type { Call } from '../chain/block.ts'
import type { Hex } from '../core/hex.ts'
import type { BalancerV3State, BalancerV3TokenKind } from './balancerV3State.ts'
import { abiList } from './balancerV3Words.ts'
import { balancerV3Vault } from './balancerV3Deployments.ts'
import { addressOf, toWord, wordAt } from './logWords.ts'
import { wad } from './math/fixedPoint.ts'
import type { PoolRef } from './pool.ts'

/** Selectors, each followed by the pool's address: `getPoolTokenInfo`, `getPoolConfig`, … */
const poolViews = {
  tokenInfo: '0x67e0e076',
  tokenRates: '0x7e361bde',
  config: '0xf29486a1',
  hooksConfig: '0xce8630d4',
  isPaused: '0x6c9bc732',
} as const
/** Selector of `isVaultPaused()`. */
const isVaultPaused = '0x098401f5'

/** Words of `PoolConfig`, in which its four flags of liquidity come first. */
const configWord = {
  swapFee: 4,
  aggregateSwapFee: 5,
  aggregateYieldFee: 6,
  decimals: 7,
  recovery: 12,
}
/** Words of `HooksConfig`: what acts on swaps, and the contract. */
const hooksWord = { dynamicFee: 3, beforeSwap: 4, afterSwap: 5, contract: 10 }

/** The calls of {@link decodeVaultAnswers}, in its order. */
export function vaultCalls(ref: PoolRef): readonly Call[] {
  const argument = toWord(BigInt(ref.id))
  const data: readonly Hex[] = [
    ...Object.values(poolViews).map((view): Hex => `${view}${argument}`),
    isVaultPaused,
  ]
  return data.map((each) => ({ target: balancerV3Vault, value: 0n, data: each }))
}

/** How many calls {@link vaultCalls} makes. */
export const vaultCallCount = Object.keys(poolViews).length + 1

/**
 * What the vault answered to {@link vaultCalls}; `undefined` where the vault has no such pool or its tokens are others.
 * A rate provider that fails makes the pool unusable until it answers again: its rates are 0.
 */
export function decodeVaultAnswers<kind extends string>(
  kind: kind,
  ref: PoolRef,
  answers: readonly (Hex | undefined)[],
): BalancerV3State<kind> | undefined {
  const [info, rates, config, hooks, paused, vaultPaused] = answers.map(nonEmpty)
  if (info === undefined || config === undefined || hooks === undefined) return undefined
  const tokens = abiList(info, 0, 1).map(([token = 0n]) => addressOf(token))
  if (tokens.length < 2 || tokens.join() !== ref.tokens.join()) return undefined
  const tokenKinds = abiList(info, 1, 3).map(([type = 0n, , pays = 0n]): BalancerV3TokenKind =>
    type === 0n ? 'plain' : pays === 1n ? 'yield' : 'rate',
  )
  const lastLive = singles(info, 3)
  const isRecovering = wordAt(config, configWord.recovery) !== 0n
  const { id, exchange } = ref
  return {
    kind,
    id,
    tokens,
    ...(exchange === undefined ? {} : { exchange }),
    balances: singles(info, 2),
    scalingFactors: scalingFactorsOf(wordAt(config, configWord.decimals), tokens.length),
    tokenKinds,
    rates:
      rates === undefined
        ? tokenKinds.map((each) => (each === 'plain' ? wad : 0n))
        : singles(rates, 1),
    lastLive: tokenKinds.map((each, at) => (each === 'yield' ? (lastLive[at] ?? 0n) : 0n)),
    swapFee: wordAt(config, configWord.swapFee),
    aggregateSwapFee: isRecovering ? 0n : wordAt(config, configWord.aggregateSwapFee),
    aggregateYieldFee: isRecovering ? 0n : wordAt(config, configWord.aggregateYieldFee),
    paused: isSet(paused) || isSet(vaultPaused),
    ...hooksOf(hooks),
  }
}

/** An answer of a contract without such a function, or of no contract, is empty. */
function nonEmpty(answer: Hex | undefined): Hex | undefined {
  return answer === '0x' ? undefined : answer
}

function isSet(answer: Hex | undefined): boolean {
  return answer === undefined || wordAt(answer, 0) !== 0n
}

/** The array of single words whose offset is the word at `head`. */
export function singles(data: Hex, head: number): readonly bigint[] {
  return abiList(data, head, 1).map(([word = 0n]) => word)
}

/** The vault packs 18 - decimals of each token into five bits. */
function scalingFactorsOf(packed: bigint, count: number): readonly bigint[] {
  return Array.from({ length: count }, (_, at) => 10n ** ((packed >> BigInt(5 * at)) & 31n))
}

function hooksOf(config: Hex): Pick<BalancerV3State, 'hooks'> {
  const { dynamicFee, beforeSwap, afterSwap, contract } = hooksWord
  const acts = [dynamicFee, beforeSwap, afterSwap].some((word) => wordAt(config, word) !== 0n)
  return acts ? { hooks: addressOf(wordAt(config, contract)) } : {}
}
