/**
 * Uniswap V4 pool: the arithmetic of V3 inside one singleton, with a protocol fee on top and hooks.
 *
 * A hook that acts on swaps can change their amounts, so a pool with one is left alone: its swaps take
 * nothing and it has no curve. A dynamic fee set outside a swap leaves no log, so a pool that has one is read every block.
 *
 * Source: https://github.com/Uniswap/v4-core/blob/v4.0.0/src/libraries/Pool.sol
 */
import type { Log } from '../chain/block.ts'
import { type Address, zeroAddress } from '../core/hex.ts'
import { v4PoolManager } from './deployments.ts'
import { addressOf, pipsOf, signed, tickOf, topicAt, wordAt } from './logWords.ts'
import { curveOfTicks, priceOfTicks } from './math/tickCurve.ts'
import {
  baseRefOf,
  type PoolCodec,
  type PoolModule,
  type PoolRef,
  type SegmentCurve,
  type SnapshotOptions,
  type SnapshotReader,
  toPoolId,
} from './pool.ts'
import type { Tick, UniswapV4State } from './states.ts'
import { decodeTicks, encodeTicks, requireSortedPair, tickFields } from './tickCodec.ts'
import {
  hasLeftRange,
  keptOf,
  ticksInWord,
  tickSwapExactIn,
  tickSwapExactOut,
  untouched,
  withLiquidity,
  wordsToRead,
} from './tickPool.ts'
import { hasDynamicFee, lpFeeOf, swapFeePips } from './v4Fee.ts'
import {
  bitmapSlotOf,
  liquiditySlotOf,
  readSlots,
  slot0Of,
  slotValues,
  tickSlotOf,
} from './v4Storage.ts'

const topics = {
  /** keccak256("Initialize(bytes32,address,address,uint24,int24,address,uint160,int24)") */
  initialize: '0xdd466e674ea557f56295e2d0218a125ea4b4f0f6f3307b95f85e6110838d6438',
  /** keccak256("Swap(bytes32,address,int128,int128,uint160,uint128,int24,uint24)") */
  swap: '0x40e9cecb9f5f1f1c5b9c97dec2917b7ee92e57ba5563708daca94dd84ad7112f',
  /** keccak256("ModifyLiquidity(bytes32,address,int24,int24,int256,bytes32)") */
  modifyLiquidity: '0xf208f4912782fd25c7f114ca3723a2d5dd6f3bcc3ac8db5af63baa85f711d5ec',
  /** keccak256("ProtocolFeeUpdated(bytes32,uint24)") */
  protocolFeeUpdated: '0xe9c42593e71f84403b84352cd168d693e2c9fcd1fdbcc3feb21d92b43e6696f9',
} as const

/** Amounts are int128 in the PoolManager, which reverts above. */
const amountMax = 2n ** 127n - 1n
/** Address bits of the permissions beforeSwap, afterSwap, and of both to return amounts. */
const swapHookBits = 0xccn

/** True when a hook at `hooks` acts on swaps, so that the pool's own maths does not decide the amounts. */
export function hookActsOnSwaps(hooks: Address): boolean {
  return (BigInt(hooks) & swapHookBits) !== 0n
}

const codec: PoolCodec<UniswapV4State> = {
  idDigits: 64,
  fields: [...tickFields, 'poolKey', 'hooks', 'protocolFee'],
  decode(base, fields) {
    requireSortedPair(base.tokens, fields)
    const key = fields.object('poolKey')
    const hooks = fields.address('hooks')
    const poolKey = {
      currency0: key.address('currency0'),
      currency1: key.address('currency1'),
      fee: key.small('fee', { high: 2 ** 24 - 1 }),
      tickSpacing: key.small('tickSpacing', { low: 1 }),
      hooks: key.address('hooks'),
    }
    if (poolKey.hooks !== hooks) fields.refuse(4, 'hooks differ from poolKey.hooks', hooks)
    if (poolKey.currency0 !== base.tokens[0] || poolKey.currency1 !== base.tokens[1])
      fields.refuse(4, 'the currencies of poolKey are not the tokens', poolKey.currency0)
    const protocolFee = fields.small('protocolFee', { high: 2 ** 24 - 1 })
    return {
      kind: 'uniswapV4',
      ...base,
      // A static fee of the whole input is legal there, and buys nothing.
      ...decodeTicks(fields, 1_000_000),
      poolKey,
      hooks,
      protocolFee,
    }
  },
  encode(state) {
    const { currency0, currency1, fee, tickSpacing, hooks } = state.poolKey
    return {
      ...encodeTicks(state),
      poolKey: { currency0, currency1, fee: String(fee), tickSpacing: String(tickSpacing), hooks },
      hooks: state.hooks,
      protocolFee: String(state.protocolFee),
    }
  },
}

/** The Uniswap V4 module. Shapes, units and laws are {@link PoolModule}'s; it throws nothing. */
export const uniswapV4 = {
  kind: 'uniswapV4',
  about: 'ticks in one PoolManager, hooks on swaps refused; exact against its bytecode',
  topics: Object.values(topics),
  discover,
  creation: {
    addresses: [v4PoolManager.factory],
    topics: [topics.initialize],
  },
  snapshot,
  refOf: (state) => ({
    ...baseRefOf(state),
    // A pool is named by its key's fee, not by today's.
    feePips: state.poolKey.fee,
    tickSpacing: state.tickSpacing,
    hooks: state.hooks,
  }),
  apply,
  // The hook of such a pool may set its fee at any time, and no log tells. A pool that is left alone need not be read.
  drifts: (state) =>
    !hookActsOnSwaps(state.hooks) && (hasDynamicFee(state.poolKey) || hasLeftRange(state)),
  swapExactIn: (state, swap) =>
    hookActsOnSwaps(state.hooks)
      ? untouched(state)
      : tickSwapExactIn(state, swap, { feePips: swapFeePips(state, swap.indexIn), amountMax }),
  swapExactOut: (state, swap) =>
    hookActsOnSwaps(state.hooks)
      ? untouched(state)
      : tickSwapExactOut(state, swap, { feePips: swapFeePips(state, swap.indexIn), amountMax }),
  price: (state, indexIn, _indexOut: number) =>
    hookActsOnSwaps(state.hooks)
      ? 0
      : priceOfTicks(state, indexIn === 0, swapFeePips(state, indexIn)),
  curve,
  codec,
} satisfies PoolModule<UniswapV4State>

function curve(state: UniswapV4State): SegmentCurve | undefined {
  if (hookActsOnSwaps(state.hooks)) return undefined
  const kept = [keptOf(swapFeePips(state, 0)), keptOf(swapFeePips(state, 1))] as const
  // A fee of 100 % is legal in V4 and buys nothing.
  return kept.includes(0) ? undefined : curveOfTicks(state, kept)
}

function discover(log: Log): PoolRef | undefined {
  if (log.address !== v4PoolManager.factory || log.topics[0] !== topics.initialize) return undefined
  return {
    kind: 'uniswapV4',
    id: toPoolId(log.topics[1] ?? '0x'),
    tokens: [addressOf(topicAt(log, 2)), addressOf(topicAt(log, 3))],
    exchange: v4PoolManager.exchange,
    feePips: pipsOf(wordAt(log.data, 0)),
    tickSpacing: tickOf(wordAt(log.data, 1)),
    hooks: addressOf(wordAt(log.data, 2)),
  }
}

/** Three rounds, as for V3, read from the PoolManager's storage. `ref.feePips` is the key's fee field. */
function* snapshot(ref: PoolRef, options?: SnapshotOptions): SnapshotReader<UniswapV4State> {
  const { feePips: fee, tickSpacing, hooks = zeroAddress } = ref
  const [currency0, currency1] = ref.tokens
  if (fee === undefined || tickSpacing === undefined || !currency0 || !currency1) return undefined
  const poolSlot = slot0Of(ref.id)
  const head = slotValues(2, yield readSlots([poolSlot, liquiditySlotOf(ref.id)]))
  const [slot0 = 0n, liquidity = 0n] = head ?? []
  const sqrtPriceX96 = BigInt.asUintN(160, slot0)
  const tick = tickOf(slot0 >> 160n)
  // The PoolManager has no such pool.
  if (sqrtPriceX96 === 0n) return undefined

  const { words, tickRange } = wordsToRead(tick, tickSpacing, options)
  const wordSlots = words.map((word) => bitmapSlotOf(poolSlot, word))
  const bitmaps = slotValues(words.length, yield readSlots(wordSlots))
  if (bitmaps === undefined) return undefined
  const indices = words.flatMap((word, at) => ticksInWord(word, bitmaps[at] ?? 0n, tickSpacing))

  const tickSlots = indices.map((index) => tickSlotOf(poolSlot, index))
  const packed = slotValues(indices.length, yield readSlots(tickSlots))
  if (packed === undefined) return undefined
  return {
    kind: 'uniswapV4',
    id: ref.id,
    tokens: ref.tokens,
    ...(ref.exchange === undefined ? {} : { exchange: ref.exchange }),
    poolKey: { currency0, currency1, fee, tickSpacing, hooks },
    hooks,
    protocolFee: pipsOf(slot0 >> 184n),
    feePips: pipsOf(slot0 >> 208n),
    tickSpacing,
    sqrtPriceX96,
    tick,
    liquidity: BigInt.asUintN(128, liquidity),
    ticks: indices.map((index, at) => unpackTick(index, packed[at] ?? 0n)),
    ...(tickRange === undefined ? {} : { tickRange }),
  }
}

function unpackTick(index: number, packed: bigint): Tick {
  return {
    index,
    liquidityNet: signed(packed >> 128n, 128),
    liquidityGross: BigInt.asUintN(128, packed),
  }
}

function apply(state: UniswapV4State, log: Log): UniswapV4State {
  if (log.address !== v4PoolManager.factory || log.topics[1] !== state.id) return state
  const word = (index: number) => wordAt(log.data, index)
  switch (log.topics[0]) {
    case topics.initialize:
      return { ...state, sqrtPriceX96: word(3), tick: tickOf(word(4)) }
    case topics.swap:
      return {
        ...state,
        sqrtPriceX96: word(2),
        liquidity: word(3),
        tick: tickOf(word(4)),
        // The pool's delta is the swapper's: token 0 came in where the swapper's is negative.
        feePips: lpFeeOf(state, signed(word(0)) < 0n ? 0 : 1, pipsOf(word(5))),
      }
    case topics.modifyLiquidity:
      return withLiquidity(state, tickOf(word(0)), tickOf(word(1)), signed(word(2)))
    case topics.protocolFeeUpdated:
      return { ...state, protocolFee: pipsOf(word(0)) }
    default:
      return state
  }
}
