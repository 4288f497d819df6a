/**
 * Uniswap V2 constant-product pair, and forks that differ only in their fee, which some keep in a variable.
 *
 * The authority is the pair, not the router library: a swap is whatever
 * `UniswapV2Pair.swap` accepts. So `amountOut` is the most the pair would pay
 * and `amountIn` the least it would take, to the wei.
 *
 * Source: https://github.com/Uniswap/v2-core/blob/v1.0.1/contracts/UniswapV2Pair.sol
 */
import type { Log } from '../chain/block.ts'
import { min, mulDivDown, mulDivUp } from '../core/rounding.ts'
import { v2Factories } from './deployments.ts'
import { gasOfSwap } from './gas.ts'
import { addressOf, pipsOf, topicAt, wordAt } from './logWords.ts'
import {
  baseRefOf,
  type PoolCodec,
  type PoolModule,
  type PoolRef,
  type SegmentCurve,
  type SnapshotReader,
  type SwapExactIn,
  type SwapExactOut,
  type SwapResult,
  toPoolId,
} from './pool.ts'
import type { UniswapV2State } from './states.ts'
import { requireSortedPair } from './tickCodec.ts'

/** keccak256("Sync(uint112,uint112)") */
const syncTopic = '0x1c411e9a96e071241c2f21f7726b17ae89e3cab4c78be50e062b03a9fffbbad1'
/** keccak256("PairCreated(address,address,address,uint256)") */
const pairCreatedTopic = '0x0d3648bd0f6ba80134a33ba9275ac585d9d315f0ad8355cddefde31afa28d0e9'
/** Selector of `getReserves()`. */
const getReserves = '0x0902f1ac'

const pips = 1_000_000n
/** The pair keeps reserves in uint112 and reverts with `OVERFLOW` above it. */
const reserveMax = 2n ** 112n - 1n

const codec: PoolCodec<UniswapV2State> = {
  idDigits: 40,
  fields: ['reserves', 'feePips'],
  decode(base, fields) {
    requireSortedPair(base.tokens, fields)
    const [reserve0 = 0n, reserve1 = 0n] = fields.naturals('reserves', {
      length: 2,
      max: reserveMax,
    })
    const feePips = fields.small('feePips', { high: 999_999, rule: 5 })
    return { kind: 'uniswapV2', ...base, reserves: [reserve0, reserve1], feePips }
  },
  encode: ({ reserves, feePips }) => ({ reserves: reserves.map(String), feePips: String(feePips) }),
}

/** The Uniswap V2 module. Shapes, units and laws are {@link PoolModule}'s; it throws nothing. */
export const uniswapV2 = {
  kind: 'uniswapV2',
  about: "constant-product pairs of Uniswap V2 and forks; exact against the pair's bytecode",
  topics: [syncTopic],
  discover,
  creation: {
    addresses: v2Factories.map(({ factory }) => factory),
    topics: [pairCreatedTopic],
  },
  snapshot,
  refOf: (state) => ({ ...baseRefOf(state), feePips: state.feePips }),
  apply,
  drifts: ({ exchange }) => feeCallOf(exchange) !== undefined,
  swapExactIn,
  swapExactOut,
  price,
  curve,
  codec,
} satisfies PoolModule<UniswapV2State>

/** What Uniswap's own pairs charge; a fork's `PoolRef` says its own. */
const defaultFeePips = 3_000

function discover(log: Log): PoolRef | undefined {
  const deployment = v2Factories.find(({ factory }) => factory === log.address)
  if (deployment === undefined || log.topics[0] !== pairCreatedTopic) return undefined
  return {
    kind: 'uniswapV2',
    id: toPoolId(addressOf(wordAt(log.data, 0))),
    tokens: [addressOf(topicAt(log, 1)), addressOf(topicAt(log, 2))],
    exchange: deployment.exchange,
    feePips: deployment.feePips,
  }
}

function* snapshot(ref: PoolRef): SnapshotReader<UniswapV2State> {
  const fee = feeCallOf(ref.exchange)
  const [reserves, feeAnswer] = yield [
    { target: ref.id, value: 0n, data: getReserves },
    ...(fee === undefined ? [] : [{ target: fee.target ?? ref.id, value: 0n, data: fee.selector }]),
  ]
  if (reserves === undefined || reserves === '0x') return undefined
  if (fee !== undefined && feeAnswer === undefined) return undefined
  return {
    kind: 'uniswapV2',
    id: ref.id,
    tokens: ref.tokens,
    ...(ref.exchange === undefined ? {} : { exchange: ref.exchange }),
    reserves: [wordAt(reserves, 0), wordAt(reserves, 1)],
    feePips:
      fee === undefined
        ? (ref.feePips ?? defaultFeePips)
        : pipsOf(wordAt(feeAnswer ?? '0x', 0)) * fee.pipsPerUnit,
  }
}

/** How the fee is asked where the pairs' code does not fix it; without a target, of the pair itself. */
function feeCallOf(exchange: string | undefined) {
  const deployment = v2Factories.find((each) => each.exchange === exchange)
  if (deployment?.feeCall === undefined) return undefined
  const { of, selector, pipsPerUnit } = deployment.feeCall
  return { target: of === 'factory' ? deployment.factory : undefined, selector, pipsPerUnit }
}

function apply(state: UniswapV2State, log: Log): UniswapV2State {
  if (log.address !== state.id || log.topics[0] !== syncTopic) return state
  return { ...state, reserves: [wordAt(log.data, 0), wordAt(log.data, 1)] }
}

function swapExactIn(state: UniswapV2State, swap: SwapExactIn): SwapResult<UniswapV2State> {
  const { reserveIn, reserveOut } = orient(state, swap.indexIn)
  if (reserveIn === 0n) return untouched(state)
  const amountIn = min(swap.amountIn, reserveMax - reserveIn)
  const inAfterFee = amountIn * keptPips(state)
  const amountOut = mulDivDown(reserveOut, inAfterFee, reserveIn * pips + inAfterFee)
  // The pair reverts rather than take tokens for nothing.
  return amountOut === 0n ? untouched(state) : trade(state, swap.indexIn, amountIn, amountOut)
}

function swapExactOut(state: UniswapV2State, swap: SwapExactOut): SwapResult<UniswapV2State> {
  const { reserveIn, reserveOut } = orient(state, swap.indexIn)
  const amountOutMax = swapExactIn(state, { ...swap, amountIn: reserveMax }).amountOut
  const amountOut = min(swap.amountOut, amountOutMax)
  if (amountOut === 0n) return untouched(state)
  const amountIn = mulDivUp(reserveIn * pips, amountOut, (reserveOut - amountOut) * keptPips(state))
  return trade(state, swap.indexIn, amountIn, amountOut)
}

function price(state: UniswapV2State, indexIn: number, _indexOut: number): number {
  const { reserveIn, reserveOut } = orient(state, indexIn)
  if (reserveIn === 0n || reserveOut === 0n) return 0
  return (Number(reserveOut) / Number(reserveIn)) * (1 - state.feePips / Number(pips))
}

function curve(state: UniswapV2State): SegmentCurve | undefined {
  const [reserve0, reserve1] = state.reserves.map(Number)
  if (!reserve0 || !reserve1) return undefined
  const kept = 1 - state.feePips / Number(pips)
  return {
    shape: 'segments',
    sqrtPrice: Math.sqrt(reserve1 / reserve0),
    bounds: Float64Array.of(0, Infinity),
    liquidity: Float64Array.of(Math.sqrt(reserve0) * Math.sqrt(reserve1)),
    current: 0,
    kept: [kept, kept],
  }
}

/** The share of the input that buys anything, in millionths. */
function keptPips(state: UniswapV2State): bigint {
  return pips - BigInt(state.feePips)
}

function orient(state: UniswapV2State, indexIn: number) {
  const [reserve0, reserve1] = state.reserves
  return indexIn === 0
    ? { reserveIn: reserve0, reserveOut: reserve1 }
    : { reserveIn: reserve1, reserveOut: reserve0 }
}

function trade(
  state: UniswapV2State,
  indexIn: number,
  amountIn: bigint,
  amountOut: bigint,
): SwapResult<UniswapV2State> {
  const [reserve0, reserve1] = state.reserves
  const reserves: UniswapV2State['reserves'] =
    indexIn === 0
      ? [reserve0 + amountIn, reserve1 - amountOut]
      : [reserve0 - amountOut, reserve1 + amountIn]
  return { amountIn, amountOut, gas: gasOfSwap(state), next: { ...state, reserves } }
}

function untouched(state: UniswapV2State): SwapResult<UniswapV2State> {
  return { amountIn: 0n, amountOut: 0n, gas: 0n, next: state }
}
