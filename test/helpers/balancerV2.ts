/** Balancer V2 pools, logs and a stand-in for the node that their readers ask. */
import { encodeAbiParameters } from 'viem/utils'
import type { Log } from '../../solver/chain/block.ts'
import { type Address, type Hex, zeroAddress } from '../../solver/core/hex.ts'
import type { BalancerStableState } from '../../solver/pools/balancerStable.ts'
import type { BalancerWeightedState } from '../../solver/pools/balancerWeighted.ts'
import { balancerV2Vault } from '../../solver/pools/deployments.ts'
import { toPoolId } from '../../solver/pools/pool.ts'
import type { Answer } from './fakePoolNode.ts'
import { tokenA, tokenB } from './pools.ts'

/** The address of every pool here. */
export const pool = toPoolId('0x5c6ee304399dbdb9c8ef030ab642b10820db8f56')
/** Its name in the vault. */
export const vaultId: Hex = `0x${pool.slice(2)}000200000000000000000014`
const wad = 10n ** 18n

/** 80 % token A, 20 % token B, 1 %. */
export const weighted: BalancerWeightedState = {
  kind: 'balancerWeighted',
  id: pool,
  tokens: [tokenA, tokenB],
  balances: [29n * 10n ** 24n, 605n * wad],
  swapFee: 10n ** 16n,
  vaultId,
  weights: [8n * 10n ** 17n, 2n * 10n ** 17n],
  version: 'v0',
}

/** Token A with a rate of 1.1 and token B. */
export const stable: BalancerStableState = {
  kind: 'balancerStable',
  id: pool,
  tokens: [tokenA, tokenB],
  balances: [1_000n * wad, 1_200n * wad],
  swapFee: 4n * 10n ** 14n,
  vaultId,
  amp: 50_000n,
  scalingFactors: [11n * 10n ** 17n, wad],
  version: 'v2',
  drifting: true,
}

/** One ABI word without 0x. */
export function word(value: bigint | Address): string {
  return BigInt.asUintN(256, BigInt(value)).toString(16).padStart(64, '0')
}

/** A log of the vault about the pool. */
export function vaultLog(
  topic: Hex,
  data: Hex,
  indexed: readonly Address[] = [],
  id: Hex = vaultId,
): Log {
  const topics = [topic, id, ...indexed.map((each): Hex => `0x${word(each)}`)]
  return { address: balancerV2Vault, topics, data }
}

/** The data of `PoolBalanceChanged`. */
export function joinData(
  tokens: readonly Address[],
  deltas: readonly bigint[],
  fees: readonly bigint[],
): Hex {
  const types = ['address[]', 'int256[]', 'uint256[]'].map((type) => ({ type }))
  return encodeAbiParameters(types, [tokens, deltas, fees])
}

/** What a pool says of itself beside what the vault does: selector with arguments to return data. */
export type OwnAnswers = Readonly<Record<string, Hex>>

/** The tokens and balances that the vault tells of a pool. */
export type Listed = {
  readonly tokens: readonly Address[]
  readonly balances: readonly bigint[]
}

/** A node with one pool: `listed` are the vault's tokens and balances, `own` the pool's and others' answers. */
export function poolNode(
  listed: Listed,
  own: OwnAnswers,
  { managed = 0n, vaultPaused = false } = {},
): Answer {
  const poolTokens = encodeAbiParameters(
    ['address[]', 'uint256[]', 'uint256'].map((type) => ({ type })),
    [listed.tokens, listed.balances, 7n],
  )
  return ({ target, data }) => {
    if (target !== balancerV2Vault) return own[`${target} ${data}`] ?? own[data]
    if (data === '0x1c0de051') return `0x${word(vaultPaused ? 1n : 0n)}${word(0n).repeat(2)}`
    if (data === `0xf94d4668${vaultId.slice(2)}`) return poolTokens
    if (data.startsWith(`0xb05f8e48${vaultId.slice(2)}`))
      return `0x${word(1n)}${word(managed)}${word(7n)}${word(zeroAddress)}`
    return undefined
  }
}

/** What every pool answers: its name in the vault, fee, and that it is open. */
export const open: OwnAnswers = {
  '0x38fff2d0': vaultId,
  '0x55c67628': `0x${word(10n ** 16n)}`,
  '0x1c0de051': `0x${word(0n).repeat(3)}`,
}

/** A list as return data. */
export function listOf(values: readonly (bigint | Address)[]): Hex {
  return `0x${word(32n)}${word(BigInt(values.length))}${values.map(word).join('')}`
}
