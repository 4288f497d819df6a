/** Reads from the chain what every pool of Balancer V2 has: its tokens and balances in the vault, and its fee. */
import type { Call, Log } from '../chain/block.ts'
import type { Address, Hex } from '../core/hex.ts'
import { listAt, type VaultPool } from './balancerVault.ts'
import { balancerV2Factories, balancerV2Vault } from './deployments.ts'
import { addressOf, topicAt, wordAt } from './logWords.ts'
import {
  type CreationLogs,
  type PoolBase,
  type PoolRef,
  type SnapshotReader,
  toPoolId,
} from './pool.ts'

const selectors = {
  /** `getPoolId()` */
  poolId: '0x38fff2d0',
  /** `getSwapFeePercentage()` */
  swapFee: '0x55c67628',
  /** `getPausedState()` of the pool and of the vault */
  pausedState: '0x1c0de051',
  /** `getPoolTokens(bytes32)` of the vault */
  poolTokens: '0xf94d4668',
  /** `getPoolTokenInfo(bytes32,address)` of the vault */
  tokenInfo: '0xb05f8e48',
} as const

/** More tokens than any pool of these kinds has: a bound on what an answer may ask for. */
const tokensMax = 50

/** What {@link readVaultPool} gives. */
export type VaultReading = {
  /** Names and tokens; the pool's own share is left out. */
  readonly base: PoolBase
  readonly pool: VaultPool
  /** For each of `base.tokens` its index among all that the vault has of the pool, the share included. */
  readonly registered: readonly number[]
  /** The answers to `ofPool`, in its order. */
  readonly answers: readonly (Hex | undefined)[]
  /** The answers to `ofToken` of each of `base.tokens`. */
  readonly tokenAnswers: readonly (readonly (Hex | undefined)[])[]
}

/**
 * Reads the vault's part of a pool in three rounds.
 *
 * @param ofPool - Selectors of the pool's own views without arguments, asked in the first round.
 * @param ofToken - Calls about one token, asked in the third.
 * @returns `undefined` when `ref` names no pool of the vault.
 */
export function* readVaultPool(
  ref: PoolRef,
  ofPool: readonly Hex[],
  ofToken: (token: Address) => readonly Call[] = () => [],
): SnapshotReader<VaultReading> {
  const own = [selectors.poolId, selectors.swapFee, selectors.pausedState, ...ofPool]
  const [vaultPaused, poolId, swapFee, paused, ...answers] = yield [
    call(balancerV2Vault, selectors.pausedState),
    ...own.map((data) => call(ref.id, data)),
  ]
  // A name in the vault starts with the pool's address; a stranger may answer anything.
  if (poolId?.length !== 66 || !poolId.startsWith(ref.id) || swapFee === undefined) return undefined

  const [held] = yield [call(balancerV2Vault, concat(selectors.poolTokens, poolId))]
  const all = held === undefined ? [] : listAt(held, 0).map(addressOf)
  const registered = all.flatMap((token, at) => (token === ref.id ? [] : [at]))
  if (held === undefined || registered.length < 2 || all.length > tokensMax) return undefined
  const tokens = registered.map((at) => all[at] ?? ref.id)
  const totals = listAt(held, 1)

  const calls = tokens.map((token) => [
    call(balancerV2Vault, concat(selectors.tokenInfo, poolId, wordOf(token))),
    ...ofToken(token),
  ])
  const flat = yield calls.flat()
  const width = calls[0]?.length ?? 1
  const perToken = tokens.map((_, at) => flat.slice(at * width, (at + 1) * width))
  // (cash, managed, lastChangeBlock, assetManager)
  const managed = perToken.map(([info]) => (info === undefined ? 0n : wordAt(info, 1)))
  return {
    base: { id: ref.id, tokens, ...(ref.exchange === undefined ? {} : { exchange: ref.exchange }) },
    pool: {
      balances: registered.map((at) => totals[at] ?? 0n),
      ...(managed.some((amount) => amount > 0n) ? { managed } : {}),
      swapFee: wordAt(swapFee, 0),
      ...(isTrue(paused) || isTrue(vaultPaused) ? { paused: true } : {}),
      vaultId: poolId,
    },
    registered,
    answers,
    tokenAnswers: perToken.map(([, ...rest]) => rest),
  }
}

/** keccak256("PoolCreated(address)") of every factory. */
const poolCreatedTopic = '0x83a48fbcfc991335314e74d0496aab6a1987e992ddc85dddbcc4d6dd6ef2e9fc'

/** The pool of `kind` that `log` creates. Its tokens are not in the log: reading the pool tells them. */
export function discoverVaultPool(log: Log, kind: string): PoolRef | undefined {
  const deployment = balancerV2Factories.find(({ factory }) => factory === log.address)
  if (deployment?.kind !== kind || log.topics[0] !== poolCreatedTopic) return undefined
  const { exchange, variant } = deployment
  return { kind, id: toPoolId(addressOf(topicAt(log, 1))), tokens: [], exchange, variant }
}

/** The logs that {@link discoverVaultPool} reads for `kind`. */
export function creationOf(kind: string): CreationLogs {
  const factories = balancerV2Factories.filter((each) => each.kind === kind)
  return { addresses: factories.map(({ factory }) => factory), topics: [poolCreatedTopic] }
}

/** A view's call. */
export function call(target: Address, data: Hex): Call {
  return { target, value: 0n, data }
}

/** A selector and its arguments, each one word. */
export function concat(selector: Hex, ...words: readonly Hex[]): Hex {
  return `${selector}${words.map((word) => word.slice(2)).join('')}`
}

/** An address as one word. */
export function wordOf(address: Address): Hex {
  return `0x${address.slice(2).padStart(64, '0')}`
}

function isTrue(answer: Hex | undefined): boolean {
  return answer !== undefined && wordAt(answer, 0) !== 0n
}
