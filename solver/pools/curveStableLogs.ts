/** What a StableSwap pool's logs say of its next state, and which log and which calls name pools. */
import type { Log } from '../chain/block.ts'
import type { Hex } from '../core/hex.ts'
import { mulDivDown } from '../core/rounding.ts'
import { type CurveStableFactory, curveRegistry } from './curveStableDeployments.ts'
import { adminFeeOf, type CurveStableState } from './curveStableState.ts'
import { swapExactIn } from './curveStableSwap.ts'
import { addressOf, topicAt, toWord, wordAt } from './logWords.ts'
import { feeUnit } from './math/stable.ts'
import { type PoolRef, type SnapshotReader, toPoolId } from './pool.ts'

/** keccak256("TokenExchange(address,int128,uint256,int128,uint256)") */
const exchangeTopic = '0x8b3e96f2b889fa771c53c981b40daf005f63f637f1869f707052d15a3dd97140'

/** First topics of the events with amounts for each coin, by the number of coins; 0 for lists of any length. */
type BySize = Readonly<Record<Hex, number>>

/** AddLiquidity(address provider, amounts, fees, uint256 invariant, uint256 supply) */
const addTopics: BySize = {
  '0x26f55a85081d24974e85c6c00045d0f0453991e95873f52bff0d21af4079a768': 2,
  '0x423f6495a08fc652425cf4ed0d1f9e37e571d9b9529b1c1c23cce780b2e7df0d': 3,
  '0x3f1915775e0c9a38a57a7bb7f1f9005f486fb904e1f84aa215364d567319a58d': 4,
  '0x189c623b666b1b45b83d7178f39b8c087cb09774317ca2f53c2d3c3726f222a2': 0,
}
/** RemoveLiquidity(address provider, amounts, fees, uint256 supply) */
const removeTopics: BySize = {
  '0x7c363854ccf79623411f8995b362bce5eddff18c927edc6f5dbbb5e05819a82c': 2,
  '0xa49d4cf02656aebf8c771f5a8585638a2a15ee6c97cf7205d4208ed7c1df252d': 3,
  '0x9878ca375e106f2a43c3b599fc624568131c4c9a4ba66a14563715763be9d59d': 4,
  '0x347ad828e58cbe534d8f6b67985d791360756b18f0d95fd9f197a66cc46480ea': 0,
}
/** RemoveLiquidityImbalance(address provider, amounts, fees, uint256 invariant, uint256 supply) */
const imbalanceTopics: BySize = {
  '0x2b5508378d7e19e0d5fa338419034731416c4f5b219a10379956f764317fd47e': 2,
  '0x173599dbf9c6ca6f7c3b590df07ae98a45d74ff54065505141e7de6c46a624c2': 3,
  '0xb964b72f73f5ef5bf0fdc559b2fab9a7b12a39e47817a547f1f0aee47febd602': 4,
  '0x3631c28b1f9dd213e0319fb167b554d76b6c283a41143eb400a0d1adb1af1755': 0,
}
/** Events that change the pool and do not say enough. */
const otherTopics: readonly Hex[] = [
  // TokenExchangeUnderlying(address,int128,uint256,int128,uint256)
  '0xd013ca23e77a65003c2c659c5442c00c805371b7fc1ebd4c206c41d1536bd90b',
  // RemoveLiquidityOne in its three forms: none says what the fee left behind
  '0x9e96dd3b997a2a257eec4df9bb6eaf626e206df5f543bd963682d143300be310',
  '0x5ad056f2e28a8cec232015406b843668c1e36cda598127ec3b8c59b8c72773a0',
  '0x6f48129db1f37ccb9cc5dd7e119cb32750cabdf75b48375d730d26ce3659bbe1',
  // RampA(uint256,uint256,uint256,uint256) and StopRampA(uint256,uint256)
  '0xa2b71ec6df949300b59aab36b55e189697b750119dd349fcfa8c0f779e83c254',
  '0x46e22fb3709ad289f62ce63d469248536dbc78d82b84a3d7e74ad606dc201938',
  // NewFee(uint256,uint256), NewParameters(uint256,uint256,uint256), ApplyNewFee(uint256[,uint256])
  '0xbe12859b636aed607d5230b2cc2711f68d70e51060e6cca1f575ef5d2fcc95d1',
  '0x752a27d1853eb7af3ee4ff764f2c4a51619386af721573dd3809e929c39db99e',
  '0xa8715770654f54603947addf38c689adbd7182e21673b28bcf306a957aaba215',
  '0x750d10a7f37466ce785ee6bcb604aac543358db42afbcc332a3c12a49c80bf6d',
]

/** First topics of all logs that change a StableSwap pool. */
export const curveStableTopics: readonly Hex[] = [
  exchangeTopic,
  ...[addTopics, removeTopics, imbalanceTopics].flatMap((topics) => Object.keys(topics) as Hex[]), // keys of BySize
  ...otherTopics,
]

/**
 * The state after `log`; see {@link PoolModule}. A swap is made again and believed when it pays what the log says;
 * deposits and withdrawals say each coin's amount and fee.
 */
export function applyLog(state: CurveStableState, log: Log): CurveStableState | undefined {
  const [topic] = log.topics
  if (log.address !== state.id || topic === undefined) return state
  if (topic === exchangeTopic) return applyExchange(state, log)
  const isAdd = topic in addTopics
  const isImbalance = topic in imbalanceTopics
  const size = addTopics[topic] ?? removeTopics[topic] ?? imbalanceTopics[topic]
  if (size === undefined) return otherTopics.includes(topic) ? undefined : state
  const count = state.tokens.length
  if (state.rebasing === true || (size !== 0 && size !== count)) return undefined
  const amounts = amountsOf(log.data, 0, size, count)
  const fees = isAdd || isImbalance ? amountsOf(log.data, 1, size, count) : []
  if (amounts.length < count) return undefined
  const kept = fees.map((fee) => mulDivDown(fee, adminFeeOf(state), feeUnit))
  const balances = state.balances.map((balance, at) => {
    const amount = amounts[at] ?? 0n
    return balance + (isAdd ? amount : -amount) - (kept[at] ?? 0n)
  })
  return balances.some((balance) => balance < 0n) ? undefined : { ...state, balances }
}

function applyExchange(state: CurveStableState, { data }: Log): CurveStableState | undefined {
  const [indexIn, indexOut] = [toIndex(wordAt(data, 0)), toIndex(wordAt(data, 2))]
  const [amountIn, amountOut] = [wordAt(data, 1), wordAt(data, 3)]
  const done = swapExactIn(state, { indexIn, indexOut, amountIn })
  // A rate that moved, a token that kept a part: the pool knows.
  return done.amountIn === amountIn && done.amountOut === amountOut ? done.next : undefined
}

/** A small integer of a log; what is no index names no coin. */
function toIndex(word: bigint): number {
  return Number(word)
}

/** Argument `place` of a log: an array of `size` words, or a list where that is 0; empty when it is shorter. */
function amountsOf(data: Hex, place: number, size: number, count: number): readonly bigint[] {
  const words = Array.from({ length: count }, (_, at) => at)
  if (size !== 0) return words.map((at) => wordAt(data, place * size + at))
  const start = toIndex(wordAt(data, place) >> 5n)
  return wordAt(data, start) < BigInt(count) ? [] : words.map((at) => wordAt(data, start + 1 + at))
}

/**
 * The pool that Curve's registry adds; its reader asks for its coins. The factories' logs do not name their pools:
 * see {@link listCurveStable}.
 */
export function discoverCurveStable(log: Log): PoolRef | undefined {
  const { factory, exchange, poolAddedTopic } = curveRegistry
  if (log.address !== factory || log.topics[0] !== poolAddedTopic) return undefined
  return { kind: 'curveStable', id: toPoolId(addressOf(topicAt(log, 1))), tokens: [], exchange }
}

/** Selectors of `pool_count()` and `pool_list(uint256)`. */
const [poolCount, poolList] = ['0x956aae3a', '0x3a1d5d8e'] as const
/** Pools that one factory may name: several times as many as any has. */
const listedMax = 10_000n

/**
 * Every pool of a factory, in rounds of calls like a snapshot reader: refs without tokens, which the pools' own
 * reader asks for.
 *
 * @returns `undefined` when the factory does not answer.
 */
export function* listCurveStable({
  factory,
  exchange,
}: CurveStableFactory): SnapshotReader<readonly PoolRef[]> {
  const [count] = yield [{ target: factory, value: 0n, data: poolCount }]
  if (count === undefined || wordAt(count, 0) > listedMax) return undefined
  const places = Array.from({ length: toIndex(wordAt(count, 0)) }, (_, at) => BigInt(at))
  const got = yield places.map((at) => ({
    target: factory,
    value: 0n,
    data: `${poolList}${toWord(at)}` as const,
  }))
  return got.flatMap((answer) =>
    answer === undefined
      ? []
      : [{ kind: 'curveStable', id: toPoolId(addressOf(wordAt(answer, 0))), tokens: [], exchange }],
  )
}
