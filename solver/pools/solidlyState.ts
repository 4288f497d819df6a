/** What a Solidly pair's swaps depend on, how it stands in a snapshot, and how it is found and read on chain. */
import type { Log } from '../chain/block.ts'
import { solidlyFactories } from './deployments.ts'
import { addressOf, topicAt, toWord, wordAt } from './logWords.ts'
import type { SolidlyVariant } from './math/solidly.ts'
import {
  type CreationLogs,
  type PoolCodec,
  type PoolFields,
  type PoolRef,
  type PoolStateBase,
  type SnapshotReader,
  toPoolId,
} from './pool.ts'
import { requireSortedPair } from './tickCodec.ts'

/** A Solidly pair at one block. */
export type SolidlyState = PoolStateBase<'solidly'> & {
  /** True for `x³y + y³x`, false for the constant product. */
  readonly stable: boolean
  /** Base units of token 0 and token 1; fees are not in them. */
  readonly reserves: readonly [bigint, bigint]
  /** Fee on the input, in millionths; the contracts count hundreds of them. */
  readonly feePips: number
  /** Decimals of both tokens, at most 36; a stable pair without them cannot trade, a volatile one needs none. */
  readonly decimals?: readonly [number, number] | undefined
  /** `v1`: Solidly and Velodrome V1; `v2`: Velodrome V2 and Aerodrome; absent when unknown. */
  readonly variant?: SolidlyVariant | undefined
}

/** keccak256("Sync(uint256,uint256)") */
export const syncTopic = '0xcf2aa50876cdfbb541206f89af0ee78d44a2abf8d328e37fa4917f982149848a'
/** keccak256("PoolCreated(address,address,bool,address,uint256)") */
const poolCreatedTopic = '0x2128d88d14c80cb081c1252a5acff7a264671bf199ce226b53788fb26065005e'

/** Selectors of the views that the reader asks. */
const views = {
  metadata: '0x392f37e9',
  factory: '0xc45a0155',
  isPaused: '0xb187bd26',
  /** `getFee(address,bool)`, hundredths of a percent. */
  getFeeOfPool: '0xcc56b2c5',
  /** `getFee(bool)` of Velodrome V1. */
  getFeeOfType: '0x512b45ea',
} as const

/** What Solidly's own pairs charge, which have no factory to ask: 0.01 %. */
const solidlyFeePips = 100
const pipsPerBps = 100n
/** More digits than any token has; a scale must fit the contract's integers. */
const decimalsMax = 36
const reserveMax = 2n ** 256n - 1n

/** How a Solidly pair stands in a snapshot. */
export const solidlyCodec: PoolCodec<SolidlyState> = {
  idDigits: 40,
  fields: ['stable', 'reserves', 'feePips', 'decimals', 'variant'],
  decode(base, fields) {
    requireSortedPair(base.tokens, fields)
    const [reserve0 = 0n, reserve1 = 0n] = fields.naturals('reserves', {
      length: 2,
      max: reserveMax,
    })
    return {
      kind: 'solidly',
      ...base,
      stable: fields.boolean('stable'),
      reserves: [reserve0, reserve1],
      feePips: fields.small('feePips', { high: 999_999, rule: 5 }),
      ...(fields.has('decimals') ? { decimals: decodeDecimals(fields) } : {}),
      ...(fields.has('variant') ? { variant: decodeVariant(fields) } : {}),
    }
  },
  encode: ({ stable, reserves, feePips, decimals, variant }) => ({
    stable,
    reserves: reserves.map(String),
    feePips: String(feePips),
    ...(decimals === undefined ? {} : { decimals: decimals.map(String) }),
    ...(variant === undefined ? {} : { variant }),
  }),
}

function decodeDecimals(fields: PoolFields): readonly [number, number] {
  const bounds = { length: 2, max: BigInt(decimalsMax) }
  const [decimals0 = 0, decimals1 = 0] = fields.naturals('decimals', bounds).map(toSmall)
  return [decimals0, decimals1]
}

function toSmall(value: bigint): number {
  return Number(value)
}

function decodeVariant(fields: PoolFields): SolidlyVariant {
  const variant = fields.text('variant')
  return variant === 'v1' || variant === 'v2'
    ? variant
    : fields.refuse(1, 'variant is neither v1 nor v2', variant)
}

/** The logs that {@link discoverSolidly} reads. */
export const solidlyCreation: CreationLogs = {
  addresses: solidlyFactories.map(({ factory }) => factory),
  topics: [poolCreatedTopic],
}

/** The pair that a trusted factory's log creates. */
export function discoverSolidly(log: Log): PoolRef | undefined {
  const deployment = solidlyFactories.find(({ factory }) => factory === log.address)
  if (deployment === undefined || log.topics[0] !== poolCreatedTopic) return undefined
  return {
    kind: 'solidly',
    id: toPoolId(addressOf(wordAt(log.data, 0))),
    tokens: [addressOf(topicAt(log, 1)), addressOf(topicAt(log, 2))],
    exchange: deployment.exchange,
    variant: 'v2',
  }
}

/**
 * Reads a pair in two rounds: its metadata and factory, then the fee that the factory says. A `v1` pair without a
 * factory to ask charges `ref.feePips`, or Solidly's fee. No state for a paused factory, whose pairs refuse every swap.
 */
export function* snapshotSolidly(ref: PoolRef): SnapshotReader<SolidlyState> {
  const ask = (data: `0x${string}`) => ({ target: ref.id, value: 0n, data })
  const [metadata, factoryWord] = yield [ask(views.metadata), ask(views.factory)]
  if (metadata === undefined || metadata.length < 2 + 64 * 7) return undefined
  const stable = wordAt(metadata, 4) === 1n
  const variant = ref.variant === 'v1' || ref.variant === 'v2' ? ref.variant : undefined
  const factory = factoryWord === undefined || factoryWord === '0x' ? 0n : wordAt(factoryWord, 0)
  const feePips = yield* readFee(ref, factory, stable)
  const decimals = [digitsOf(wordAt(metadata, 0)), digitsOf(wordAt(metadata, 1))] as const
  if (feePips === undefined || decimals[0] === undefined || decimals[1] === undefined)
    return undefined
  return {
    kind: 'solidly',
    id: ref.id,
    tokens: [addressOf(wordAt(metadata, 5)), addressOf(wordAt(metadata, 6))],
    ...(ref.exchange === undefined ? {} : { exchange: ref.exchange }),
    stable,
    reserves: [wordAt(metadata, 2), wordAt(metadata, 3)],
    feePips,
    decimals: [decimals[0], decimals[1]],
    ...(variant === undefined ? {} : { variant }),
  }
}

/** The fee in millionths, or `undefined` where nobody says it or the factory is paused. */
function* readFee(ref: PoolRef, factory: bigint, stable: boolean): SnapshotReader<number> {
  const fixed = ref.variant === 'v1' ? (ref.feePips ?? solidlyFeePips) : undefined
  if (factory === 0n) return fixed
  const target = addressOf(factory)
  const type = toWord(stable ? 1n : 0n)
  const answers = yield [
    { target, value: 0n, data: `${views.getFeeOfPool}${toWord(BigInt(ref.id))}${type}` },
    { target, value: 0n, data: `${views.getFeeOfType}${type}` },
    { target, value: 0n, data: views.isPaused },
  ]
  const [ofPool, ofType, paused] = answers.map((answer) =>
    answer === undefined || answer === '0x' ? undefined : wordAt(answer, 0),
  )
  if (paused === 1n) return undefined
  const bps = ofPool ?? ofType
  if (bps === undefined) return fixed
  return bps < 10_000n ? toSmall(bps * pipsPerBps) : undefined
}

/** How many digits `unit` has after its first, or `undefined` when it is no power of ten within reason. */
function digitsOf(unit: bigint): number | undefined {
  const digits = String(unit).length - 1
  return unit === 10n ** BigInt(digits) && digits <= decimalsMax ? digits : undefined
}
