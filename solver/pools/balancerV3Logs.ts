/**
 * The logs of Balancer V3's vault: which pool they create, and what they do to a pool's balances and fees.
 *
 * Source: npm @balancer-labs/v3-interfaces 1.0.0, contracts/vault/IVaultEvents.sol
 */
import type { Log } from '../chain/block.ts'
import type { Hex } from '../core/hex.ts'
import type { BalancerV3State } from './balancerV3State.ts'
import { abiList } from './balancerV3Words.ts'
import { type BalancerV3Factory, balancerV3Vault } from './balancerV3Deployments.ts'
import { addressOf, topicAt, wordAt } from './logWords.ts'
import { wadMulDown } from './math/fixedPoint.ts'
import { type CreationLogs, type PoolRef, toPoolId } from './pool.ts'

/** keccak256 of PoolRegistered(address,address,(address,uint8,address,bool)[],uint256,uint32,(…),(…),(…)) */
const poolRegisteredTopic = '0xbc1561eeab9f40962e2fb827a7ff9c7cdb47a9d7c84caeefa4ed90e043842dad'
/** keccak256("Swap(address,address,address,uint256,uint256,uint256,uint256)") */
const swapTopic = '0x0874b2d545cb271cdbda4e093020c452328b24af12382ed62c4d00f5c26709db'
/** keccak256("LiquidityAdded(address,address,uint8,uint256,uint256[],uint256[])") */
const addedTopic = '0xa26a52d8d53702bba7f137907b8e1f99ff87f6d450144270ca25e72481cca871'
/** keccak256("LiquidityRemoved(address,address,uint8,uint256,uint256[],uint256[])") */
const removedTopic = '0xfbe5b0d79fb94f1e81c0a92bf86ae9d3a19e9d1bf6202c0d3e75120f65d5d8a5'
/** keccak256("SwapFeePercentageChanged(address,uint256)") */
const swapFeeTopic = '0x89d41522342fabac1471ca6073a5623e5caf367b03ca6e9a001478d0cf8be4a1'

/** First topics of the vault's logs that change a pool. */
export const vaultTopics: readonly Hex[] = [
  swapTopic,
  addedTopic,
  removedTopic,
  swapFeeTopic,
  // PoolPausedStateChanged(address,bool): a pause of the whole vault may hide behind a pool's
  '0x57e20448028297190122571be7cb6c1b1ef85730c673f7c72f533c8662419aa7',
  // PoolRecoveryModeStateChanged(address,bool): which fees are in force
  '0xc2354cc2f78ea57777e55ddd43a7f22b112ce98868596880edaeb22b4f9c73a9',
  // AggregateSwapFeePercentageChanged(address,uint256)
  '0xe4d371097beea42453a37406e2aef4c04f3c548f84ac50e72578662c0dcd7354',
  // AggregateYieldFeePercentageChanged(address,uint256)
  '0x606eb97d83164bd6b200d638cd49c14c65d94d4f2c674cfd85e24e0e202c3ca5',
]

/** The logs that {@link discoverIn} reads. */
export const vaultCreation: CreationLogs = {
  addresses: [balancerV3Vault],
  topics: [poolRegisteredTopic],
}

/** The pool that the vault's `log` registers, where one of `factories` made it. */
export function discoverIn(
  log: Log,
  kind: string,
  factories: readonly BalancerV3Factory[],
): PoolRef | undefined {
  if (log.address !== balancerV3Vault || log.topics[0] !== poolRegisteredTopic) return undefined
  const factory = addressOf(topicAt(log, 2))
  const deployment = factories.find((each) => each.factory === factory)
  if (deployment === undefined) return undefined
  const tokens = abiList(log.data, 0, 4).map(([token = 0n]) => addressOf(token))
  const id = toPoolId(addressOf(topicAt(log, 1)))
  return { kind, id, tokens, exchange: deployment.exchange }
}

/**
 * The state after a log of the vault; the same reference when it is about another pool, `undefined` when the pool must
 * be read again: after changes of modes and shared fees, and after every touch of a pool whose tokens pay yield fees,
 * because no log says those.
 */
export function applyVaultLog<state extends BalancerV3State>(
  state: state,
  log: Log,
): state | undefined {
  const [topic] = log.topics
  if (topic === undefined || !vaultTopics.includes(topic)) return state
  if (log.address !== balancerV3Vault || addressOf(topicAt(log, 1)) !== state.id) return state
  if (topic === swapFeeTopic) return { ...state, swapFee: wordAt(log.data, 0) }
  if (state.tokenKinds.includes('yield')) return undefined
  if (topic === swapTopic) return withChange(state, swapChange(state, log))
  if (topic === addedTopic) return withChange(state, liquidityChange(state, log, 1n))
  if (topic === removedTopic) return withChange(state, liquidityChange(state, log, -1n))
  return undefined
}

function swapChange(state: BalancerV3State, log: Log): readonly bigint[] {
  const [tokenIn, tokenOut] = [addressOf(topicAt(log, 2)), addressOf(topicAt(log, 3))]
  const leaving = wadMulDown(wordAt(log.data, 3), state.aggregateSwapFee)
  return state.tokens.map((token) => {
    if (token === tokenIn) return wordAt(log.data, 0) - leaving
    return token === tokenOut ? -wordAt(log.data, 1) : 0n
  })
}

function liquidityChange(state: BalancerV3State, log: Log, sign: bigint): readonly bigint[] {
  const amounts = abiList(log.data, 1, 1)
  const fees = abiList(log.data, 2, 1)
  return state.tokens.map((_, at) => {
    const leaving = wadMulDown(fees[at]?.[0] ?? 0n, state.aggregateSwapFee)
    return sign * (amounts[at]?.[0] ?? 0n) - leaving
  })
}

/** A balance that would fall below 0 shows that a log was missed. */
function withChange<state extends BalancerV3State>(
  state: state,
  change: readonly bigint[],
): state | undefined {
  const balances = state.balances.map((held, at) => held + (change[at] ?? 0n))
  return balances.some((held) => held < 0n) ? undefined : { ...state, balances }
}
