/**
 * Uniswap V3 pool, and forks with the same arithmetic: concentrated liquidity over ticks.
 *
 * Unlike a V2 pair the contract takes an input that is too small to buy anything; so does this module.
 *
 * Source: https://github.com/Uniswap/v3-core/blob/v1.0.0/contracts/UniswapV3Pool.sol
 */
import type { Log } from '../chain/block.ts'
import type { Address, Hex } from '../core/hex.ts'
import { v3Factories } from './deployments.ts'
import { addressOf, pipsOf, signed, tickOf, topicAt, toWord, wordAt } from './logWords.ts'
import { curveOfTicks, priceOfTicks } from './math/tickCurve.ts'
import {
  baseRefOf,
  type PoolCodec,
  type PoolModule,
  type PoolRef,
  type SnapshotOptions,
  type SnapshotReader,
  toPoolId,
} from './pool.ts'
import {
  type Tick,
  type UniswapV3State,
  type UniswapV3Variant,
  uniswapV3Variants,
} from './states.ts'
import { decodeTicks, encodeTicks, requireSortedPair, tickFields } from './tickCodec.ts'
import { readByLens } from './tickLens.ts'
import {
  hasLeftRange,
  keptOf,
  ticksInWord,
  tickSwapExactIn,
  tickSwapExactOut,
  withLiquidity,
  wordsToRead,
} from './tickPool.ts'

/** keccak256("PoolCreated(address,address,uint24,int24,address)") */
const poolCreatedTopic = '0x783cca1c0412dd0d695e784568c96da2e9c22ff989357a2e8b1d9b2b4e6b7118'
const topics = {
  /** keccak256("Initialize(uint160,int24)") */
  initialize: '0x98636036cb66a9c19a37435efc1e90142190214e8abeb821bdba3f2990dd4c95',
  /** keccak256("Swap(address,address,int256,int256,uint160,uint128,int24)") */
  swap: '0xc42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67',
  /** keccak256("Swap(address,address,int256,int256,uint160,uint128,int24,uint128,uint128)"), of Pancake V3 */
  pancakeSwap: '0x19b47279256b2a23a1665c810c8d55a1758940ee09377d4f8d26497a3577dc83',
  /** keccak256("Mint(address,address,int24,int24,uint128,uint256,uint256)") */
  mint: '0x7a53080ba414158be7ec69b987b5fb7d07dee101fe85488f0853ae16239d0bde',
  /** keccak256("Burn(address,int24,int24,uint128,uint256,uint256)") */
  burn: '0x0c396cd989a39f4459b5fa1aed6a9a8dcdbc45908acfd67e028cd568da98982c',
  /** keccak256("SetFee(uint24,uint24)"), of Solidly V3 */
  setFee: '0x0eb63f4a36d6bdeee05aa00020a97d80c3e84f1b5b3ebf345fb67262e62b0f33',
} as const
const selectors = {
  slot0: '0x3850c7bd',
  liquidity: '0x1a686502',
  fee: '0xddca3f43',
  tickSpacing: '0xd0c93a7c',
  tickBitmap: '0x5339c296',
  ticks: '0xf30dba93',
} as const

/** Storage slot of `liquidity` where a lens may look: PancakeSwap's slot0 does not fit one slot. */
const liquiditySlots: Readonly<Record<string, number | undefined>> = { uniswap: 4, pancake: 5 }

/** Amounts are int256 in the contract. */
const amountMax = 2n ** 255n - 1n

const codec: PoolCodec<UniswapV3State> = {
  idDigits: 40,
  fields: [...tickFields, 'variant'],
  decode(base, fields) {
    requireSortedPair(base.tokens, fields)
    const named = variantOf(fields.has('variant') ? fields.text('variant') : undefined)
    const variant =
      named === 'unknown' ? fields.refuse(1, 'variant names no fork of V3', named) : named
    return { kind: 'uniswapV3', ...base, ...decodeTicks(fields), ...withVariant(variant) }
  },
  encode: (state) => ({ ...encodeTicks(state), ...withVariant(state.variant) }),
}

/** The Uniswap V3 module. Shapes, units and laws are {@link PoolModule}'s; it throws nothing. */
export const uniswapV3 = {
  kind: 'uniswapV3',
  about: 'ticks of Uniswap V3 and forks; exact against the bytecode of Uniswap and Pancake',
  topics: Object.values(topics),
  discover,
  creation: {
    addresses: v3Factories.map(({ factory }) => factory),
    topics: [poolCreatedTopic],
  },
  snapshot,
  refOf: (state) => ({
    ...baseRefOf(state),
    feePips: state.feePips,
    tickSpacing: state.tickSpacing,
    ...withVariant(state.variant),
  }),
  apply,
  drifts: (state) => state.variant === 'slipstream' || hasLeftRange(state),
  swapExactIn: (state, swap) => tickSwapExactIn(state, swap, { feePips: state.feePips, amountMax }),
  swapExactOut: (state, swap) =>
    tickSwapExactOut(state, swap, { feePips: state.feePips, amountMax }),
  price: (state, indexIn, _indexOut: number) => priceOfTicks(state, indexIn === 0, state.feePips),
  curve: (state) => curveOfTicks(state, [keptOf(state.feePips), keptOf(state.feePips)]),
  codec,
} satisfies PoolModule<UniswapV3State>

function discover(log: Log): PoolRef | undefined {
  const deployment = v3Factories.find(({ factory }) => factory === log.address)
  if (deployment === undefined || log.topics[0] !== poolCreatedTopic) return undefined
  return {
    kind: 'uniswapV3',
    id: toPoolId(addressOf(wordAt(log.data, 1))),
    tokens: [addressOf(topicAt(log, 1)), addressOf(topicAt(log, 2))],
    exchange: deployment.exchange,
    feePips: pipsOf(topicAt(log, 3)),
    tickSpacing: tickOf(wordAt(log.data, 0)),
    ...withVariant(deployment.variant),
  }
}

/** `text` as a variant; `undefined` where there is none. */
function variantOf(text: string | undefined): UniswapV3Variant | 'unknown' | undefined {
  if (text === undefined) return undefined
  return uniswapV3Variants.find((variant) => variant === text) ?? 'unknown'
}

function withVariant(variant: UniswapV3Variant | undefined) {
  return variant === undefined ? {} : { variant }
}

/**
 * Three rounds: the price, the bitmap words around it, the ticks that they name. Every fork's slot0 begins with
 * price and tick and its ticks with the gross and the net liquidity; what follows differs and is not needed.
 */
function* snapshot(ref: PoolRef, options?: SnapshotOptions): SnapshotReader<UniswapV3State> {
  const variant = variantOf(ref.variant)
  if (variant === 'unknown') return undefined
  const call = (data: Hex) => ({ target: ref.id, value: 0n, data })
  const head = yield [
    call(selectors.slot0),
    call(selectors.liquidity),
    call(selectors.tickSpacing),
    ...(variant === 'solidly' ? [] : [call(selectors.fee)]),
  ]
  const [slot0, liquidity, spacing, feeAnswer] = head
  const fee = variant === 'solidly' ? slot0 && wordAt(slot0, 2) : feeAnswer && wordAt(feeAnswer, 0)
  if (!slot0 || !liquidity || !spacing || typeof fee !== 'bigint') return undefined
  const tickSpacing = tickOf(wordAt(spacing, 0))
  const tick = tickOf(wordAt(slot0, 1))
  // A pool without a price is not initialised: no swap, no ticks.
  if (wordAt(slot0, 0) === 0n || tickSpacing <= 0) return undefined

  const { words, tickRange } = wordsToRead(tick, tickSpacing, options)
  const liquiditySlot = liquiditySlots[variant ?? 'uniswap']
  const range = { first: words[0] ?? 0, last: words.at(-1) ?? -1 }
  const pool = { tickSpacing, sqrtPriceX96: wordAt(slot0, 0), liquidity: wordAt(liquidity, 0) }
  const lensed =
    liquiditySlot === undefined
      ? undefined
      : yield* readByLens(ref.id, range, { ...pool, liquiditySlot })
  const ticks = lensed ?? (yield* readTicks(ref.id, words, tickSpacing))
  if (ticks === undefined) return undefined
  return {
    kind: 'uniswapV3',
    id: ref.id,
    tokens: ref.tokens,
    ...(ref.exchange === undefined ? {} : { exchange: ref.exchange }),
    ...withVariant(variant),
    feePips: pipsOf(fee),
    ...pool,
    tick,
    ticks,
    ...(tickRange === undefined ? {} : { tickRange }),
  }
}

/** Two rounds of the pool's own functions: the bitmap words, then the ticks that they name. */
function* readTicks(
  id: Address,
  words: readonly number[],
  tickSpacing: number,
): SnapshotReader<readonly Tick[]> {
  const call = (data: Hex) => ({ target: id, value: 0n, data })
  const bitmaps = yield words.map((word) => call(`${selectors.tickBitmap}${toWord(BigInt(word))}`))
  if (bitmaps.some((bitmap) => bitmap === undefined)) return undefined
  const indices = words.flatMap((word, at) =>
    ticksInWord(word, wordAt(bitmaps[at] ?? '0x', 0), tickSpacing),
  )

  const infos = yield indices.map((index) => call(`${selectors.ticks}${toWord(BigInt(index))}`))
  if (infos.some((info) => info === undefined)) return undefined
  return indices.map((index, at) => toTick(index, infos[at] ?? '0x'))
}

/** From the return data of `ticks(int24)`, which begins with the gross and the net liquidity. */
function toTick(index: number, info: Hex): Tick {
  return {
    index,
    liquidityNet: signed(wordAt(info, 1)),
    liquidityGross: wordAt(info, 0),
  }
}

function apply(state: UniswapV3State, log: Log): UniswapV3State {
  if (log.address !== state.id) return state
  const word = (index: number) => wordAt(log.data, index)
  switch (log.topics[0]) {
    case topics.initialize:
      return { ...state, sqrtPriceX96: word(0), tick: tickOf(word(1)) }
    case topics.swap:
    case topics.pancakeSwap:
      return { ...state, sqrtPriceX96: word(2), liquidity: word(3), tick: tickOf(word(4)) }
    case topics.mint:
      return withLiquidity(state, tickOf(topicAt(log, 2)), tickOf(topicAt(log, 3)), word(1))
    case topics.burn:
      return withLiquidity(state, tickOf(topicAt(log, 2)), tickOf(topicAt(log, 3)), -word(0))
    case topics.setFee:
      return { ...state, feePips: pipsOf(word(1)) }
    default:
      return state
  }
}
