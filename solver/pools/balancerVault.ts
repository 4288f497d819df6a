/**
 * What every pool of Balancer V2 shares: its balances in the vault, its swap fee, and the logs of both.
 *
 * Source: https://github.com/balancer/balancer-v2-monorepo, pkg/vault/contracts
 */
import type { Log } from '../chain/block.ts'
import type { Hex } from '../core/hex.ts'
import type { JsonObject } from '../core/json.ts'
import { balancerV2Vault } from './deployments.ts'
import { gasOfSwap } from './gas.ts'
import { addressOf, signed, topicAt, wordAt } from './logWords.ts'
import { wad } from './math/fixedPoint.ts'
import type { PoolBase, PoolFields, PoolStateBase, SwapResult } from './pool.ts'

/** The part of a pool's state that the vault keeps, and the fee. Lists are in the order of `tokens`. */
export type VaultPool = {
  /** Base units, each below 2^112, what an asset manager holds included. */
  readonly balances: readonly bigint[]
  /** The part of `balances` that an asset manager holds and no swap can pay; absent: nothing. */
  readonly managed?: readonly bigint[] | undefined
  /** Fee on the input, in 10^-18. */
  readonly swapFee: bigint
  /** True while the pool or the vault refuses every swap; absent: it does not. */
  readonly paused?: boolean | undefined
  /** The vault's 32-byte name of the pool; absent when unknown. */
  readonly vaultId?: Hex | undefined
}

/** The vault keeps balances in uint112 and reverts above. */
export const balanceMax = 2n ** 112n - 1n

/** First topics of the vault's and the pools' logs that change a state. */
export const vaultTopics = {
  /** keccak256("Swap(bytes32,address,address,uint256,uint256)") */
  swap: '0x2170c741c41531aec20e7c107c24eecfdd15e69c9bb0a8dd37b1840b9e0b207b',
  /** keccak256("PoolBalanceChanged(bytes32,address,address[],int256[],uint256[])") */
  balanceChanged: '0xe5ce249087ce04f05a957192435400fd97868dba0e6a4b4c049abf8af80dae78',
  /** keccak256("PoolBalanceManaged(bytes32,address,address,int256,int256)") */
  balanceManaged: '0x6edcaf6241105b4c94c2efdbf3a6b12458eb3d07be3a0e81d24b13c44045fe7a',
  /** keccak256("SwapFeePercentageChanged(uint256)") */
  feeChanged: '0xa9ba3ffe0b6c366b81232caab38605a0699ad5398d6cce76f91ee809e322dafc',
  /** keccak256("PausedStateChanged(bool)") */
  pausedChanged: '0x9e3a5e37224532dea67b89face185703738a228a6e8a23dee546960180d3be64',
} as const

/** The state after a log that {@link vaultTopics} names; see `apply` of the port. */
export function applyVaultLog<state extends PoolStateBase & VaultPool>(
  state: state,
  log: Log,
): state | undefined {
  if (log.address === state.id) {
    if (log.topics[0] === vaultTopics.feeChanged) return { ...state, swapFee: wordAt(log.data, 0) }
    if (log.topics[0] === vaultTopics.pausedChanged)
      return { ...state, paused: wordAt(log.data, 0) !== 0n }
    return state
  }
  // A pool's name in the vault starts with the pool's address.
  if (log.address !== balancerV2Vault || log.topics[1]?.slice(0, 42) !== state.id) return state
  switch (log.topics[0]) {
    case vaultTopics.swap:
      return withBalances(state, [
        [topicAt(log, 2), wordAt(log.data, 0)],
        [topicAt(log, 3), -wordAt(log.data, 1)],
      ])
    case vaultTopics.balanceChanged:
      return withBalances(state, joinDeltas(log.data))
    case vaultTopics.balanceManaged:
      return undefined
    default:
      return state
  }
}

/** Token and change of its balance. */
type Delta = readonly [token: bigint, change: bigint]

/** The pool's own share is no token of the state, so its deltas fall through. */
function withBalances<state extends PoolStateBase & VaultPool>(
  state: state,
  deltas: readonly Delta[],
): state {
  const balances = [...state.balances]
  for (const [token, change] of deltas) {
    const at = state.tokens.indexOf(addressOf(token))
    if (at >= 0) balances[at] = (balances[at] ?? 0n) + change
  }
  return { ...state, balances }
}

/** What joins and exits change: the deltas, less the protocol's fees. */
function joinDeltas(data: Hex): readonly Delta[] {
  const [tokens, deltas, fees] = [0, 1, 2].map((index) => listAt(data, index))
  return (tokens ?? []).map((token, at) => [token, signed(deltas?.[at] ?? 0n) - (fees?.[at] ?? 0n)])
}

/** Words that one list may have: the vault's pools have at most 50 tokens. */
const listMax = 64

/** The words of the list that argument `index` of ABI-encoded `data` points to. */
export function listAt(data: Hex, index: number): readonly bigint[] {
  const start = countOf(wordAt(data, index) >> 5n)
  const length = countOf(wordAt(data, start))
  if (length > listMax) return []
  return Array.from({ length }, (_, at) => wordAt(data, start + 1 + at))
}

function countOf(word: bigint): number {
  return Number(word)
}

/** Base units of token `index` that the pool can pay. */
export function payableOf(state: VaultPool, index: number): bigint {
  return (state.balances[index] ?? 0n) - (state.managed?.[index] ?? 0n)
}

/** True when every swap is refused: paused, or the fee is not below 100 %. */
export function isClosed(state: VaultPool): boolean {
  return state.paused === true || state.swapFee >= wad
}

/** The result of a swap that the vault accepts. */
export function trade<state extends PoolStateBase & VaultPool>(
  state: state,
  { indexIn, indexOut }: { readonly indexIn: number; readonly indexOut: number },
  amountIn: bigint,
  amountOut: bigint,
): SwapResult<state> {
  const balances = [...state.balances]
  balances[indexIn] = (balances[indexIn] ?? 0n) + amountIn
  balances[indexOut] = (balances[indexOut] ?? 0n) - amountOut
  return { amountIn, amountOut, gas: gasOfSwap(state), next: { ...state, balances } }
}

/** The result of a swap that takes nothing. */
export function untouched<state extends PoolStateBase>(state: state): SwapResult<state> {
  return { amountIn: 0n, amountOut: 0n, gas: 0n, next: state }
}

/** Names of the snapshot's fields that {@link decodeVaultPool} reads. */
export const vaultFields = ['balances', 'managed', 'swapFee', 'paused', 'vaultId'] as const

/** Reads and checks the vault's part of a pool in a snapshot. */
export function decodeVaultPool(base: PoolBase, fields: PoolFields): VaultPool {
  const { length } = base.tokens
  const balances = fields.naturals('balances', { length, max: balanceMax })
  const swapFee = fields.natural('swapFee', { max: wad - 1n, rule: 5 })
  const managed = fields.has('managed') ? fields.naturals('managed', { length }) : undefined
  if (managed?.some((amount, at) => amount > (balances[at] ?? 0n)) === true)
    fields.refuse(5, 'managed is above the balance', managed)
  const vaultId = fields.has('vaultId') ? fields.text('vaultId') : undefined
  return {
    balances,
    swapFee,
    ...(managed === undefined ? {} : { managed }),
    ...(fields.has('paused') ? { paused: fields.boolean('paused') } : {}),
    ...(vaultId === undefined ? {} : { vaultId: checkVaultId(vaultId, base, fields) }),
  }
}

function checkVaultId(text: string, { id }: PoolBase, fields: PoolFields): Hex {
  if (/^0x[0-9a-f]{64}$/.test(text) && text.startsWith(id)) return `0x${text.slice(2)}`
  return fields.refuse(4, 'vaultId is not 32 bytes that start with the id', text)
}

/** The inverse of {@link decodeVaultPool}. */
export function encodeVaultPool(state: VaultPool): JsonObject {
  const { balances, managed, swapFee, paused, vaultId } = state
  return {
    balances: balances.map(String),
    ...(managed === undefined ? {} : { managed: managed.map(String) }),
    swapFee: String(swapFee),
    ...(paused === undefined ? {} : { paused }),
    ...(vaultId === undefined ? {} : { vaultId }),
  }
}
