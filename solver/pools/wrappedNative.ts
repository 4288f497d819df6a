/**
 * The wrapped native currency as a pool: one to one both ways, without a fee, no deeper than the ether it holds.
 *
 * Source: WETH9, https://etherscan.io/address/0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2#code
 */
import type { Log } from '../chain/block.ts'
import { min } from '../core/rounding.ts'
import { gasOfSwap } from './gas.ts'
import { wordAt } from './logWords.ts'
import {
  baseRefOf,
  type PoolModule,
  type PoolRef,
  type PoolStateBase,
  type SmoothCurve,
  type SnapshotReader,
  type SwapResult,
} from './pool.ts'
import { requireSortedPair } from './tickCodec.ts'

/** The zero address (token 0) and the ERC-20 that wraps it (token 1), whose address is the pool's id. */
export type WrappedNativeState = PoolStateBase<'wrappedNative'> & {
  /** Wei that the contract holds: the most that can be unwrapped. */
  readonly held: bigint
}

/** keccak256("Deposit(address,uint256)") */
const depositTopic = '0xe1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c'
/** keccak256("Withdrawal(address,uint256)") */
const withdrawalTopic = '0x7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65'
/** Selector of `totalSupply()`, which in WETH9 is the contract's own balance of ether. */
const totalSupply = '0x18160ddd'
/** More ether than there will be; also bounds what a swap may name. */
const heldMax = 2n ** 112n - 1n

/** The module of the wrapped native currency. Shapes, units and laws are {@link PoolModule}'s; it throws nothing. */
export const wrappedNative: PoolModule<WrappedNativeState> = {
  kind: 'wrappedNative',
  about: 'the native currency and its wrapped token, one to one',
  topics: [depositTopic, withdrawalTopic],
  discover: () => undefined,
  snapshot,
  refOf: baseRefOf,
  apply,
  swapExactIn: (state, { indexIn, amountIn }) => swap(state, indexIn, amountIn),
  swapExactOut: (state, { indexIn, amountOut }) => swap(state, indexIn, amountOut),
  price: () => 1,
  curve,
  codec: {
    idDigits: 40,
    fields: ['held'],
    decode(base, fields) {
      requireSortedPair(base.tokens, fields)
      return { kind: 'wrappedNative', ...base, held: fields.natural('held', { max: heldMax }) }
    },
    encode: ({ held }) => ({ held: String(held) }),
  },
}

function* snapshot(ref: PoolRef): SnapshotReader<WrappedNativeState> {
  const [held] = yield [{ target: ref.id, value: 0n, data: totalSupply }]
  if (held === undefined || held === '0x') return undefined
  const { id, tokens, exchange } = ref
  return {
    kind: 'wrappedNative',
    id,
    tokens,
    ...(exchange === undefined ? {} : { exchange }),
    held: wordAt(held, 0),
  }
}

function apply(state: WrappedNativeState, log: Log): WrappedNativeState {
  if (log.address !== state.id) return state
  const [topic] = log.topics
  if (topic === depositTopic) return { ...state, held: state.held + wordAt(log.data, 0) }
  if (topic === withdrawalTopic) return { ...state, held: state.held - wordAt(log.data, 0) }
  return state
}

function curve({ held }: WrappedNativeState): SmoothCurve {
  const depth = Number(held)
  return {
    shape: 'smooth',
    out: (indexIn, _, size) => (indexIn === 0 ? size : Math.min(size, depth)),
    slope: (indexIn, _, size) => (indexIn === 0 || size < depth ? 1 : 0),
    mostIn: (indexIn) => (indexIn === 0 ? Number(heldMax - held) : depth),
  }
}

function swap(
  state: WrappedNativeState,
  indexIn: number,
  wanted: bigint,
): SwapResult<WrappedNativeState> {
  const amount = min(wanted, indexIn === 0 ? heldMax - state.held : state.held)
  const held = indexIn === 0 ? state.held + amount : state.held - amount
  const gas = amount === 0n ? 0n : gasOfSwap(state)
  return { amountIn: amount, amountOut: amount, gas, next: { ...state, held } }
}
