/**
 * Finds CryptoSwap pools and reads them: two rounds of views, on any node at any block.
 *
 * Source: the views of the contracts that curveCryptoExchange.ts names. Those of the v2 factory name their share
 * token but not their pool in the factory's log, so they are read from a configured list.
 */
import type { Call, Log } from '../chain/block.ts'
import type { Address, Hex } from '../core/hex.ts'
import { divDown } from '../core/rounding.ts'
import {
  coinsOf,
  type CryptoRebalance,
  type CryptoVariant,
  type CurveCryptoState,
} from './curveCryptoState.ts'
import { curveCryptoFactories } from './deployments.ts'
import { addressOf, toWord, wordAt } from './logWords.ts'
import { one } from './math/cryptoNewton.ts'
import { halfPower } from './math/cryptoRoots.ts'
import { type CreationLogs, type PoolRef, type SnapshotReader, toPoolId } from './pool.ts'

/** Every log with which a CryptoSwap pool says that something changed; signatures in their order. */
export const curveCryptoTopics: readonly Hex[] = [
  // TokenExchange with four and with six values
  '0xb2e76ae99761dc136e598d4a629bb347eccb9532a5f8bbd72e18467c3c34cc98',
  '0x143f1f8e861fbdeddd5b46e844b7d3ac7b86a122f36e8c463859ee6811b1f29c',
  // AddLiquidity of two and three coins, without and with the price scale
  '0x540ab385f9b5d450a27404172caade516b3ba3f4be88239ac56a2ad1de2a1f5a',
  '0x7196cbf63df1f2ec20638e683ebe51d18260be510592ee1e2efe3f3cfd4c33e9',
  '0x96b486485420b963edd3fdec0b0195730035600feb7de6f544383d7950fa97ee',
  '0xe1b60455bd9e33720b547f60e4e0cfbf1252d0f2ee0147d53029945f39fe3c1a',
  // RemoveLiquidity of two and three coins
  '0xdd3c0336a16f1b64f172b7bb0dad5b2b3c7c76f91e8c4aafd6aae60dce800153',
  '0xd6cc314a0b1e3b2579f8e64248e82434072e8271290eef8ad0886709304195f5',
  // RemoveLiquidityOne without and with fee and price scale
  '0x5ad056f2e28a8cec232015406b843668c1e36cda598127ec3b8c59b8c72773a0',
  '0xe200e24d4a4c7cd367dd9befe394dc8a14e6d58c88ff5e2f512d65a9e0aa9c5c',
  // ClaimAdminFee of share tokens and of coins
  '0x6059a38198b1dc42b3791087d1ff0fbd72b3179553c25f678cd246f52ffaaf59',
  '0x3bbd5f2f4711532d6e9ee88dfdf2f1468e9a4c3ae5e14d2e1a67bf4242d008d0',
  // RampAgamma, that of the first tricrypto, StopRampA
  '0xe35f0559b0642164e286b30df2077ec3a05426617a25db7578fd20ba39a6cd05',
  '0x7dce008c7221b9d42f26174f7435e50f9cc8f502c57019724c090b546415a029',
  '0x5f0e7fba3d100c9e19446e1c92fe436f0a9a22fe99669360e4fdd6d3de2fc284',
  // NewParameters: Tricrypto-NG, the others
  '0xa32137411fc7c20db359079cd84af0e2cad58cd7a182a8a5e23e08e554e88bf0',
  '0x1c65bbdc939f346e5d6f0bde1f072819947438d4fc7b182cc59c2f6dc5504087',
]

/** TricryptoPoolDeployed and TwocryptoPoolDeployed, and the word of their first coin. */
const deployed: Readonly<Record<Hex, { readonly firstCoin: number }>> = {
  '0xa307f5d0802489baddec443058a63ce115756de9020e2b07d3e2cd2f21269e2a': { firstCoin: 4 },
  '0x8152a3037e3dc54154ad0d2cadb1cf7e1d1b9e2b625faa3dfb4fe03d609102ca': { firstCoin: 3 },
}

/** The logs that {@link discover} reads. */
export const creation: CreationLogs = {
  addresses: curveCryptoFactories.map(({ factory }) => factory),
  topics: Object.keys(deployed) as Hex[], // keys of a record by Hex
}

/** The pool that an NG factory's log creates, or `undefined` for any other log. */
export function discover(log: Log): PoolRef | undefined {
  const factory = curveCryptoFactories.find((known) => known.factory === log.address)
  const [topic] = log.topics
  const form = topic === undefined ? undefined : deployed[topic]
  if (factory === undefined || form === undefined) return undefined
  const { exchange, variant } = factory
  const coins = Array.from({ length: coinsOf(variant) }, (_, at) =>
    addressOf(wordAt(log.data, form.firstCoin + at)),
  )
  const id = toPoolId(addressOf(wordAt(log.data, 0)))
  return { kind: 'curveCrypto', id, tokens: coins, exchange, variant }
}

/** Answers the block's time where it is deployed: from March 2022 on mainnet. */
const multicall3: Address = '0xca11bde05977b3631167028862be2a173976ca11'

/** Selectors of the views that are read, by name. Those of lists take an index where the variant says so. */
const views = {
  A: '0xf446c1d0',
  preciseA: '0x76a2f0f0',
  gamma: '0xb1373929',
  D: '0x0f529ba2',
  balances: '0x4903b0d1',
  midFee: '0x92526c0c',
  outFee: '0xee8de675',
  feeGamma: '0x72d4f0e2',
  allowedExtraProfit: '0x49fe9e77',
  adjustmentStep: '0x083812e5',
  xcpProfit: '0x7ba1a74d',
  virtualPrice: '0x0c46b72a',
  rampEnd: '0xf9ed9597',
  priceScale: '0xb9e8c9fd',
  priceScales: '0xa3f7cdd5',
  priceOracle: '0x86fc88d3',
  priceOracles: '0x68727653',
  lastPrices: '0x59189017',
  lastPricesTime: '0x6112c747',
  maHalfTime: '0x662b6274',
  precisions: '0x3620604b',
  totalSupply: '0x18160ddd',
  version: '0x54fd4d50',
  token: '0xfc0c546a',
  decimals: '0x313ce567',
  isKilled: '0x9c868ac0',
  blockTime: '0x0f28c97d',
} as const satisfies Readonly<Record<string, Hex>>

/** Versions whose invariant is CryptoSwap's, as ABI-encoded text; other Twocrypto pools solve another one. */
const knownVersions: readonly string[] = ['v2.0.0', 'v2.1.0']

/**
 * Reads the pool of `ref`; its `variant` must be given. Killed pools, and Twocrypto pools of another invariant,
 * count as absent.
 */
export function* snapshot(ref: PoolRef): SnapshotReader<CurveCryptoState> {
  const variant = toVariant(ref.variant)
  if (variant === undefined || ref.tokens.length !== coinsOf(variant)) return undefined
  const calls = callsFor(ref, variant)
  const answers = yield calls.map(({ call }) => call)
  const words = new Map(
    calls.flatMap(({ name }, at) => {
      const data = answers[at]
      return data === undefined || data === '0x' ? [] : [[name, data] as const]
    }),
  )
  const read = (name: string, at = 0): bigint | undefined => {
    const data = words.get(name)
    return data === undefined ? undefined : wordAt(data, at)
  }
  if (read('isKilled') === 1n) return undefined
  if (variant === 'twoNg' && !knownVersions.includes(textOf(words.get('version')))) return undefined
  const token = read('token')
  if (token !== undefined) {
    const [supply] = yield [viewOf(addressOf(token), views.totalSupply)]
    if (supply !== undefined) words.set('totalSupply', supply)
  }
  return stateOf(ref, variant, read)
}

function toVariant(text: string | undefined): CryptoVariant | undefined {
  return text === 'two' || text === 'tri' || text === 'twoNg' || text === 'triNg' ? text : undefined
}

function viewOf(target: Address, selector: Hex, index?: number): Call {
  const data: Hex = index === undefined ? selector : `${selector}${toWord(BigInt(index))}`
  return { target, value: 0n, data }
}

type NamedCall = { readonly name: string; readonly call: Call }

function callsFor({ id, tokens }: PoolRef, variant: CryptoVariant): readonly NamedCall[] {
  const plain = (...names: readonly (keyof typeof views)[]): NamedCall[] =>
    names.map((name) => ({ name, call: viewOf(id, views[name]) }))
  const listed = (name: string, view: keyof typeof views, count: number): NamedCall[] =>
    Array.from({ length: count }, (_, at) => ({
      name: `${name}${at}`,
      call: viewOf(id, views[view], at),
    }))
  const n = tokens.length
  const prices =
    n === 2
      ? [
          { name: 'priceScale0', call: viewOf(id, views.priceScale) },
          { name: 'priceOracle0', call: viewOf(id, views.priceOracle) },
        ]
      : [...listed('priceScale', 'priceScales', 2), ...listed('priceOracle', 'priceOracles', 2)]
  const isNg = variant === 'twoNg' || variant === 'triNg'
  return [
    ...plain('A', 'gamma', 'D', 'midFee', 'outFee', 'feeGamma', 'rampEnd'),
    ...plain('allowedExtraProfit', 'adjustmentStep', 'xcpProfit', 'virtualPrice'),
    ...listed('balance', 'balances', n),
    ...prices,
    { name: 'blockTime', call: viewOf(multicall3, views.blockTime) },
    ...(isNg ? plain('precisions', 'totalSupply') : plain('token')),
    ...(isNg
      ? []
      : tokens.map((token, at) => ({
          name: `decimals${at}`,
          call: viewOf(token, views.decimals),
        }))),
    ...(variant === 'twoNg' ? plain('version') : []),
    ...(variant === 'tri'
      ? [
          ...plain('preciseA', 'isKilled', 'lastPricesTime', 'maHalfTime'),
          ...listed('lastPrices', 'lastPrices', 2),
        ]
      : []),
  ]
}

type Read = (name: string, at?: number) => bigint | undefined

function stateOf(
  { id, tokens, exchange }: PoolRef,
  variant: CryptoVariant,
  read: Read,
): CurveCryptoState | undefined {
  const [preciseA, A, gamma, D] = [read('preciseA'), read('A'), read('gamma'), read('D')]
  const [midFee, outFee, feeGamma] = [read('midFee'), read('outFee'), read('feeGamma')]
  const balances = whole(tokens.map((_, at) => read(`balance${at}`)))
  const priceScale = whole(tokens.slice(1).map((_, at) => read(`priceScale${at}`)))
  const precisions = whole(tokens.map((_, at) => read('precisions', at) ?? precisionOf(read, at)))
  if (A === undefined || gamma === undefined || D === undefined) return undefined
  if (midFee === undefined || outFee === undefined || feeGamma === undefined) return undefined
  if (balances === undefined || priceScale === undefined || precisions === undefined)
    return undefined
  const rampEnd = read('rampEnd') ?? 0n
  const isNg = variant === 'twoNg' || variant === 'triNg'
  const isRamping = isNg ? rampEnd > (read('blockTime') ?? 0n) : rampEnd > 0n
  const rebalance = rebalanceOf(read, priceScale.length, variant)
  return {
    kind: 'curveCrypto',
    id,
    tokens,
    ...(exchange === undefined ? {} : { exchange }),
    variant,
    A: preciseA ?? A,
    gamma,
    D,
    balances,
    precisions,
    priceScale,
    midFee,
    outFee,
    feeGamma,
    ...(preciseA === undefined ? {} : { aMultiplier: 100n }),
    ...(isRamping ? { isRamping } : {}),
    ...(rebalance === undefined ? {} : { rebalance }),
  }
}

/** The old pools say no precisions: their tokens' decimals do. */
function precisionOf(read: Read, at: number): bigint | undefined {
  const decimals = read(`decimals${at}`)
  return decimals === undefined || decimals > 18n ? undefined : 10n ** (18n - decimals)
}

function rebalanceOf(
  read: Read,
  prices: number,
  variant: CryptoVariant,
): CryptoRebalance | undefined {
  const stored = whole(Array.from({ length: prices }, (_, at) => read(`priceOracle${at}`)))
  const [xcpProfit, virtualPrice] = [read('xcpProfit'), read('virtualPrice')]
  const [allowedExtraProfit, adjustmentStep] = [read('allowedExtraProfit'), read('adjustmentStep')]
  const totalSupply = read('totalSupply')
  if (stored === undefined || xcpProfit === undefined || virtualPrice === undefined)
    return undefined
  if (allowedExtraProfit === undefined || adjustmentStep === undefined || totalSupply === undefined)
    return undefined
  // All others answer the average as of the block; tricrypto2 answers what its last exchange stored.
  const priceOracle = variant === 'tri' ? averagedOf(read, stored) : stored
  return {
    priceOracle,
    xcpProfit,
    virtualPrice,
    totalSupply,
    allowedExtraProfit,
    adjustmentStep,
  }
}

function averagedOf(read: Read, stored: readonly bigint[]): readonly bigint[] {
  const [now, last, halfTime] = [read('blockTime'), read('lastPricesTime'), read('maHalfTime')]
  if (now === undefined || last === undefined || !halfTime || now <= last) return stored
  const alpha = halfPower(divDown((now - last) * one, halfTime))
  return stored.map((price, at) =>
    divDown((read(`lastPrices${at}`) ?? price) * (one - alpha) + price * alpha, one),
  )
}

/** The list, if nothing in it is missing. */
function whole(values: readonly (bigint | undefined)[]): readonly bigint[] | undefined {
  const known = values.filter((value) => value !== undefined)
  return known.length === values.length ? known : undefined
}

/** An ABI-encoded text of at most 32 bytes; empty for anything else. */
function textOf(data: Hex | undefined): string {
  if (data === undefined) return ''
  const length = Number.parseInt(toWord(wordAt(data, 1)), 16)
  if (length > 32) return ''
  const digits = toWord(wordAt(data, 2)).slice(0, 2 * length)
  return (digits.match(/../g) ?? [])
    .map((byte) => String.fromCharCode(Number.parseInt(byte, 16)))
    .join('')
}
